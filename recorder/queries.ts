/** What the page and CSV ask of the file. */
import type { Value } from "libsql";
import { startOfMonth } from "../modules/p1/calendar.js";
import { type Bar, sumBars } from "./bars.js";
import { type FileSink, quarterSeconds, type Shape } from "./database.js";
import { unpackNumbers } from "./numbers.js";

/** A reading's energy registers and net power: UTC in seconds, Wh, W. Null where the meter has none. */
export interface Point {
	readonly time: number;
	readonly net: number | null;
	readonly imported: number | null;
	readonly exported: number | null;
}

export interface MeterInfo {
	readonly id: number;
	readonly name: string;
	readonly identification: string | null;
	/** Of the first and the newest reading, UTC in seconds. */
	readonly first: number;
	readonly last: number;
	/** The newest power class in kW, or null. */
	readonly class: number | null;
	readonly falls: number;
}

export interface Fall {
	readonly time: number;
	readonly register: string;
	readonly before: number;
	readonly after: number;
}

/** A month as a reader counted it: kW, kWh. */
export interface MonthAccount {
	readonly month: number;
	readonly class: number;
	readonly exceeded: number;
	readonly missing: number;
	readonly cost: number | null;
	readonly peak: number | null;
	readonly peakTime: number | null;
}

export type Queries = ReturnType<typeof createQueries>;

const places = ["active_power_import", "active_power_export", "active_energy_import", "active_energy_export"];

export function createQueries({ file, shapeOf }: FileSink) {
	const meters = file.prepare(
		`SELECT id, name, identification,
			(SELECT min(time) FROM quarter WHERE meter = id AND slot = (SELECT min(slot) FROM quarter WHERE meter = id)) AS first,
			(SELECT max(time) FROM reading WHERE meter = id) AS last,
			(SELECT power FROM account WHERE meter = id ORDER BY month DESC LIMIT 1) AS power,
			(SELECT count(*) FROM fall WHERE meter = id) AS falls
		FROM meter ORDER BY name`,
	);
	const find = file.prepare("SELECT id FROM meter WHERE name = ?");
	const row = "time, shape, flags, numbers";
	const quarters = file
		.prepare(`SELECT time, shape, numbers FROM quarter WHERE meter = ? AND slot >= ? AND slot <= ? ORDER BY slot`)
		.raw();
	const readings = file
		.prepare("SELECT time, shape, numbers FROM reading WHERE meter = ? AND time >= ? AND time < ? ORDER BY time")
		.raw();
	const newest = file
		.prepare("SELECT time, shape, numbers FROM reading WHERE meter = ? ORDER BY time DESC LIMIT 1")
		.raw();
	const accounts = file.prepare("SELECT * FROM account WHERE meter = ? ORDER BY month");
	const falls = file.prepare(
		"SELECT time, register, before, after FROM fall WHERE meter = ? ORDER BY time DESC LIMIT 100",
	);
	const pages = {
		reading: file.prepare(
			`SELECT ${row} FROM reading WHERE meter = ? AND time >= ? AND time < ? ORDER BY time LIMIT ?`,
		),
		quarter: file.prepare(
			`SELECT ${row} FROM quarter WHERE meter = ? AND slot >= ?2 / 900 AND time >= ?2 AND time < ?3 ORDER BY slot LIMIT ?4`,
		),
	};
	const shapes = {
		reading: file.prepare("SELECT DISTINCT shape FROM reading WHERE meter = ? AND time >= ? AND time < ?"),
		quarter: file.prepare("SELECT DISTINCT shape FROM quarter WHERE meter = ? AND time >= ? AND time < ?"),
	};
	const known = new Map<number, readonly number[]>();

	function placesOf(id: number): readonly number[] {
		const found = known.get(id) ?? places.map(name => shapeOf(id).names.indexOf(name));
		known.set(id, found);
		return found;
	}

	function toPoint([time, shape, bytes]: Value[]): Point {
		const where = placesOf(Number(shape));
		const numbers = unpackNumbers(bytes as Uint8Array | ArrayBuffer, Math.max(...where) + 1);
		const [bought, sold, imported, exported] = where.map(place => numbers[place] ?? null);
		return {
			time: Number(time),
			net: bought == null && sold == null ? null : (bought ?? 0) - (sold ?? 0),
			imported: imported!,
			exported: exported!,
		};
	}

	/** The first reading of each quarter hour from `from` to `to`, one more after it, and the newest where that is earlier. */
	function readQuarters(meter: number, from: number, to: number): Point[] {
		const first = Math.floor(from / quarterSeconds);
		const last = Math.ceil(to / quarterSeconds);
		const points: Point[] = [];
		for (const found of quarters.iterate(meter, first, last)) points.push(toPoint(found));
		const end = newest.get(meter) as unknown as Value[] | undefined;
		if (end !== undefined && Number(end[0]) < to && Number(end[0]) > (points.at(-1)?.time ?? from))
			points.push(toPoint(end));
		return points;
	}

	return {
		listMeters: (): MeterInfo[] =>
			meters.all().map(({ id, name, identification, first, last, power, falls: count }) => ({
				id: Number(id),
				name: String(name),
				identification: identification === null ? null : String(identification),
				first: Number(first),
				last: Number(last),
				class: power === null ? null : Number(power) / 1000,
				falls: Number(count),
			})),
		findMeter(name: string): number | null {
			const found = find.get(name);
			return found === undefined ? null : Number(found.id);
		},
		readQuarters,
		readPoints: (meter: number, from: number, to: number): Point[] =>
			(readings.all(meter, from, to) as unknown as Value[][]).map(toPoint),
		listFalls: (meter: number): Fall[] =>
			falls.all(meter).map(({ time, register, before, after }) => ({
				time: Number(time),
				register: String(register),
				before: Number(before),
				after: Number(after),
			})),
		listAccounts: (meter: number): MonthAccount[] =>
			accounts.all(meter).map(({ month, power, exceeded, missing, cost, peak, peak_time: peakTime }) => ({
				month: Number(month),
				class: Number(power) / 1000,
				exceeded: Number(exceeded) / 1000,
				missing: Number(missing),
				cost: cost === null ? null : Number(cost),
				peak: peak === null ? null : Number(peak) / 1000,
				peakTime: peakTime === null ? null : Number(peakTime),
			})),
		/** At most `most` rows from `from` on, for CSV. */
		readPage: (by: "reading" | "quarter", meter: number, from: number, to: number, most: number) =>
			pages[by].all(meter, from, to, most).map(({ time, shape, flags, numbers }) => ({
				time: Number(time),
				shape: shapeOf(Number(shape)),
				flags: Number(flags),
				numbers: unpackNumbers(numbers as Uint8Array | ArrayBuffer),
			})),
		listShapes: (by: "reading" | "quarter", meter: number, from: number, to: number): Shape[] =>
			shapes[by].all(meter, from, to).map(({ shape }) => shapeOf(Number(shape))),
	};
}

/** The local months of a meter, oldest first, by its registers. */
export function listMonths(queries: Queries, meter: MeterInfo): Bar[] {
	const borders = [startOfMonth(meter.first * 1000) / 1000];
	while (borders.at(-1)! <= meter.last) borders.push(startOfMonth((borders.at(-1)! + 32 * 86_400) * 1000) / 1000);
	return sumBars(queries.readQuarters(meter.id, borders[0]!, borders.at(-1)!), borders);
}
