/** The reader's history as numbers: the last hour, and a reading of each quarter hour. Decoded by the firmware's own modules. */

import { openArchive } from "../modules/history/archive.js";
import type { BlockHead } from "../modules/history/blocks.js";
import { eachSample } from "../modules/history/quarter-entries.js";
import { countNumbers, decodeSample, numberAt, registerSignature, type Sample } from "../modules/history/sample.js";
import { registerIndex } from "../modules/p1/obis.js";
import type { Flash } from "../modules/ports/ports.js";

/** A reading: UTC in seconds, power in W (below zero: into the grid), both registers in Wh. Null where the meter has none. */
export interface Point {
	time: number;
	net: number | null;
	imported: number | null;
	exported: number | null;
}

const places = ["active_power_import", "active_power_export", "active_energy_import", "active_energy_export"].map(
	registerIndex,
);
const sectorSize = 4_096;

function toPoint(sample: Sample): Point | null {
	const { time } = sample;
	if (time === null) return null;
	const [bought, sold, imported, exported] = places.map(place => numberAt(sample, place));
	return {
		time,
		net: bought == null && sold == null ? null : (bought ?? 0) - (sold ?? 0),
		imported: imported!,
		exported: exported!,
	};
}

/** What `/recent` answers: lines of JSON, each with its samples behind it. Blocks of another build are passed over. */
export function decodeRecent(bytes: Uint8Array): Point[] {
	const points: Point[] = [];
	for (let at = 0; at < bytes.length; ) {
		const end = bytes.indexOf(10, at);
		if (end < 0) break;
		const { registers, length, shape }: BlockHead = JSON.parse(new TextDecoder().decode(bytes.subarray(at, end)));
		const cursor = { bytes, at: end + 1, end: end + 1 + length };
		at = cursor.end;
		if (registers !== registerSignature()) continue;
		let sample: Sample | null = null;
		while (cursor.at < cursor.end) {
			sample = decodeSample(cursor, countNumbers(shape), sample);
			if (sample === null) break;
			const point = toPoint(sample);
			if (point !== null) points.push(point);
		}
	}
	return sortPoints(points);
}

/** One sector of `/quarters`: its readings by the meter's name. */
export function decodeSector(bytes: Uint8Array): [meter: string, point: Point][] {
	const flash: Flash = {
		sectorCount: 1,
		sectorSize,
		read: (offset, into) => into.set(bytes.subarray(offset, offset + into.length)),
		write() {},
		erase() {},
	};
	const found: [string, Point][] = [];
	const archive = openArchive(flash);
	if (archive.sector < 0) return found;
	eachSample(archive, 0, ({ meter }, sample) => {
		const point = toPoint(sample);
		if (point !== null) found.push([meter, point]);
	});
	return found;
}

/** The number of a sector, of which newer ones have higher ones. */
export function numberOf(bytes: Uint8Array): number {
	return new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
}

/** By time, and each time once. */
export function sortPoints(points: Point[]): Point[] {
	points.sort((one, other) => one.time - other.time);
	return points.filter(({ time }, at) => time !== points[at - 1]?.time);
}

/** Energy from one time to another, both UTC in seconds. */
export interface Bar {
	start: number;
	end: number;
	/** Wh. */
	imported: number;
	exported: number;
	/** A part of the time was not seen. */
	partial: boolean;
}

const quarter = 900;
/** The first reading of a quarter hour comes within this of its beginning, or the one before was missed. */
const slack = 60;

/** The quarter hours between neighbours, from `since` on; one that is under way is partial. What was not seen has none. */
export function listQuarters(points: readonly Point[], since: number): Bar[] {
	const bars: Bar[] = [];
	for (let at = 1; at < points.length; at += 1) {
		const [before, after] = [points[at - 1]!, points[at]!];
		const span = after.time - before.time;
		if (before.time < since - slack || span > quarter + slack || span <= 0) continue;
		const start = Math.round(before.time / quarter) * quarter;
		bars.push({ start, end: start + quarter, ...differ(before, after), partial: span < quarter - slack });
	}
	return bars;
}

/** The local days, oldest first: by registers, so that nothing is lost in a gap within a day. */
export function listDays(points: readonly Point[]): Bar[] {
	const days: Bar[] = [];
	for (let at = 0; at < points.length; at += 1) {
		const { time } = points[at]!;
		const next = points[at + 1];
		// A reading just before midnight belongs to the day that begins.
		const start = startOfDay(time + slack);
		let day = days.at(-1);
		if (day?.start !== start) {
			const late = time - start > quarter + slack;
			day = { start, end: startOfDay(start + 93_600), imported: 0, exported: 0, partial: late };
			days.push(day);
		}
		if (next === undefined) {
			if (day.end - time > slack) day.partial = true;
			break;
		}
		if (next.time - time > quarter + slack && next.time > day.end + slack) {
			day.partial = true;
			continue;
		}
		const { imported, exported } = differ(points[at]!, next);
		day.imported += imported;
		day.exported += exported;
	}
	return days;
}

function differ(before: Point, after: Point): { imported: number; exported: number } {
	const imported = (after.imported ?? 0) - (before.imported ?? 0);
	const exported = (after.exported ?? 0) - (before.exported ?? 0);
	return { imported: Math.max(0, imported), exported: Math.max(0, exported) };
}

/** The local midnight before, both in seconds. */
export function startOfDay(seconds: number): number {
	return new Date(seconds * 1000).setHours(0, 0, 0, 0) / 1000;
}
