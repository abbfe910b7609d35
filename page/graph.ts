/** Graphs as SVG, drawn at the size at which they are shown, so that their texts keep theirs. */

import { s } from "./dom.js";
import type { Bar, Point } from "./history.js";
import { formatClock, formatDay, formatNumber } from "./words.js";

const left = 40;
const right = 8;
const top = 8;
const bottom = 22;

interface Frame {
	readonly svg: SVGSVGElement;
	readonly width: number;
	/** Places of a value and of a share of the width. */
	readonly y: (value: number) => number;
	readonly x: (share: number) => number;
}

/** Room with a grid: `low` to `high` in the unit of the graph. `label`: what the graph says, for who cannot see it. */
function createFrame(width: number, height: number, low: number, high: number, label: string): Frame {
	const svg = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label });
	const step = findStep((high - low) / 4);
	const floor = Math.floor(low / step) * step;
	const ceiling = Math.max(Math.ceil(high / step) * step, floor + step);
	const y = (value: number) => top + ((ceiling - value) / (ceiling - floor)) * (height - top - bottom);
	const x = (share: number) => left + share * (width - left - right);
	for (let count = 0; count <= Math.round((ceiling - floor) / step); count += 1) {
		const value = floor + count * step;
		const isZero = Math.abs(value) < step / 2;
		svg.append(
			s("line", { class: isZero ? "zero" : "grid", x1: left, x2: width - right, y1: y(value), y2: y(value) }),
			s(
				"text",
				{ x: left - 6, y: y(value) + 4, "text-anchor": "end" },
				formatNumber(value, step < 1 ? (step < 0.1 ? 2 : 1) : 0),
			),
		);
	}
	return { svg, width, x, y };
}

/** 1, 2 or 5 with zeros, at least `least`. */
function findStep(least: number): number {
	const power = 10 ** Math.floor(Math.log10(Math.max(least, 0.02)));
	return power * ([1, 2, 5, 10].find(factor => factor * power >= least) ?? 10);
}

function mark({ svg, x }: Frame, share: number, text: string, height: number): void {
	svg.append(
		s(
			"text",
			{ x: x(share), y: height - 6, "text-anchor": share > 0.97 ? "end" : share < 0.03 ? "start" : "middle" },
			text,
		),
	);
}

/** Longer without a reading is a gap. */
const gapSeconds = 35;

/** Net power from `start` to `end` (UTC in seconds): from the grid above zero, into it below. */
export function drawPower(
	points: readonly Point[],
	start: number,
	end: number,
	width: number,
	label: string,
): SVGSVGElement {
	const height = 200;
	const shown = points.filter(({ time, net }) => time >= start && time <= end && net !== null);
	const values = shown.map(({ net }) => net! / 1000);
	const frame = createFrame(width, height, Math.min(0, ...values), Math.max(0.1, ...values), label);
	const { svg, x, y } = frame;
	const step = width < 560 ? 900 : 600;
	for (let time = Math.ceil(start / step) * step; time < end - step / 4; time += step) {
		mark(frame, (time - start) / (end - start), formatClock(time), height);
	}
	let line = "";
	let area = "";
	let run: [number, number][] = [];
	const finish = () => {
		if (run.length > 0) {
			const path = run.map(([across, up]) => `${across.toFixed(1)} ${up.toFixed(1)}`).join("L");
			line += `M${path}${run.length === 1 ? "h1" : ""}`;
			area += `M${run[0]![0].toFixed(1)} ${y(0)}L${path}L${run.at(-1)![0].toFixed(1)} ${y(0)}Z`;
		}
		run = [];
	};
	shown.forEach(({ time, net }, at) => {
		if (at > 0 && time - shown[at - 1]!.time > gapSeconds) finish();
		run.push([x((time - start) / (end - start)), y(net! / 1000)]);
	});
	finish();
	const clip = (id: string, from: number, to: number) =>
		s("clipPath", { id }, s("rect", { x: 0, width, y: from, height: Math.max(0, to - from) }));
	svg.append(clip("above", 0, y(0)), clip("below", y(0), height));
	for (const [name, id] of [
		["in", "above"],
		["out", "below"],
	]) {
		svg.append(s("path", { class: `area ${name}`, d: area, "clip-path": `url(#${id})` }));
		svg.append(s("path", { class: `line ${name}`, d: line, "clip-path": `url(#${id})` }));
	}
	return svg;
}

/** Bars from `start` to `end` in the unit that `scale` makes of Wh: from the grid upwards, into it downwards; `limit` is a line. */
export function drawBars(
	bars: readonly Bar[],
	[start, end]: readonly [number, number],
	scale: number,
	limit: number | null,
	width: number,
	height: number,
	label: string,
): SVGSVGElement {
	const ups = bars.map(({ imported }) => imported * scale);
	const downs = bars.map(({ exported }) => -exported * scale);
	const high = Math.max(0.1, limit === null ? 0 : limit * 1.1, ...ups);
	const frame = createFrame(width, height, Math.min(0, ...downs), high, label);
	const { svg, x, y } = frame;
	// Days, or else quarter hours of one.
	const isLong = bars.length > 0 && bars[0]!.end - bars[0]!.start > 43_200;
	const share = (time: number) => x((time - start) / (end - start));
	bars.forEach((bar, at) => {
		const room = share(bar.end) - share(bar.start);
		const edge = isLong ? room * 0.18 : Math.min(1, room * 0.12);
		const place = { x: share(bar.start) + edge, width: Math.max(0.5, room - 2 * edge) };
		const faint = bar.partial ? " partial" : "";
		const [up, down] = [ups[at]!, downs[at]!];
		const isOver = limit !== null && up > limit;
		if (up > 0) {
			const least = isOver ? limit : 0;
			if (isOver) svg.append(s("rect", { ...place, class: `bar in${faint}`, y: y(limit), height: y(0) - y(limit) }));
			svg.append(
				s("rect", { ...place, class: `bar ${isOver ? "over" : "in"}${faint}`, y: y(up), height: y(least) - y(up) }),
			);
		}
		if (down < 0) svg.append(s("rect", { ...place, class: `bar out${faint}`, y: y(0), height: y(down) - y(0) }));
	});
	if (limit !== null)
		svg.append(s("line", { class: "limit", x1: left, x2: width - right, y1: y(limit), y2: y(limit) }));
	if (isLong) markDays(frame, bars, share, height);
	else {
		const hours = width < 560 ? 6 : 3;
		for (let hour = 0; hour <= 24; hour += hours) mark(frame, hour / 24, `${hour}:00`, height);
	}
	return svg;
}

function markDays(frame: Frame, bars: readonly Bar[], share: (time: number) => number, height: number): void {
	const every = Math.ceil((bars.length * 44) / frame.width);
	bars.forEach((bar, at) => {
		if ((bars.length - 1 - at) % every !== 0) return;
		const middle = (share(bar.start) + share(bar.end)) / 2;
		frame.svg.append(s("text", { x: middle, y: height - 6, "text-anchor": "middle" }, formatDay(bar.start)));
	});
}

/** Tells `onTime` which time the pointer is at, null when it has left. */
export function followPointer(
	svg: SVGSVGElement,
	start: number,
	end: number,
	onTime: (time: number | null) => void,
): void {
	const width = svg.viewBox.baseVal.width;
	svg.addEventListener("pointermove", event => {
		const { left: edge, width: shown } = svg.getBoundingClientRect();
		const across = ((event.clientX - edge) / shown) * width;
		const share = (across - left) / (width - left - right);
		onTime(share < 0 || share > 1 ? null : start + share * (end - start));
	});
	svg.addEventListener("pointerleave", () => onTime(null));
}
