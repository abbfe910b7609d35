/** What is looked at: an hour, a day, a week, a month or a year of the browser's calendar, and the borders of its bars. */
import { formatClock } from "../../page/words.js";
import { formatMoment } from "./words.js";

export const rangeNames = ["hour", "day", "week", "month", "year"] as const;
export type RangeName = (typeof rangeNames)[number];

export interface Range {
	readonly name: RangeName;
	/** UTC in seconds. */
	readonly start: number;
	readonly end: number;
}

/** The range of this name that `time` (UTC in seconds) is in, `steps` further on. */
export function findRange(name: RangeName, time: number, steps = 0): Range {
	const date = new Date(time * 1000);
	const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()];
	const monday = day - ((date.getDay() + 6) % 7);
	const at = (count: number): Date => {
		switch (name) {
			case "hour":
				return new Date(Math.floor(time / 3_600) * 3_600_000 + count * 3_600_000);
			case "day":
				return new Date(year, month, day + count);
			case "week":
				return new Date(year, month, monday + 7 * count);
			case "month":
				return new Date(year, month + count, 1);
			default:
				return new Date(year + count, 0, 1);
		}
	};
	return { name, start: at(steps).getTime() / 1000, end: at(steps + 1).getTime() / 1000 };
}

/** A day in quarter hours, a week or month in days, a year in months. */
export function listBorders({ name, start, end }: Range): number[] {
	const borders = [start];
	while (borders.at(-1)! < end) {
		const last = borders.at(-1)!;
		if (name === "hour" || name === "day") borders.push(last + 900);
		else borders.push(findRange(name === "year" ? "month" : "day", last).end);
	}
	return borders;
}

export function nameRange({ name, start, end }: Range): string {
	const day = { day: "numeric", month: "long", year: "numeric" } as const;
	switch (name) {
		case "hour":
			return `${formatMoment(start, day)}, ${formatClock(start)} – ${formatClock(end)}`;
		case "day":
			return formatMoment(start, { weekday: "long", ...day });
		case "week":
			return `${formatMoment(start, day)} – ${formatMoment(end - 1, day)}`;
		case "month":
			return formatMoment(start, { month: "long", year: "numeric" });
		default:
			return formatMoment(start, { year: "numeric" });
	}
}
