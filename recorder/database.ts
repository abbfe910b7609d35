/** The sink that is a file: readings by meter and time, each once. */
import { startOfMonth } from "../modules/p1/calendar.js";
import type { Account, Entry, Reading } from "./entry.js";
import { markFall, packFlags, verdictRank } from "./flags.js";
import { packNumbers, unpackNumbers } from "./numbers.js";
import { closeFile, openFile, readMeta, writeMeta } from "./schema.js";
import type { Sink } from "./sink.js";
import { prepareStatements, type Statements } from "./statements.js";

export const quarterSeconds = 900;
/** Lists of registers are few, and a file has the meters of a town at most; what makes more of them is a fault or an attack. */
const mostShapes = 10_000;
const mostMeters = 100_000;

export interface Shape {
	readonly id: number;
	readonly names: readonly string[];
	/** Places of the registers that only rise. */
	readonly rising: readonly number[];
}

/** The newest reading of a meter, and the first of its quarter hour, so that most readings are one insertion and no search. */
interface Known {
	readonly id: number;
	time: number;
	shape: Shape | null;
	numbers: readonly number[];
	slot: number;
	slotTime: number;
	texts: string;
}

/** A reading as it is in the file. */
interface Row {
	time: number;
	shape: Shape;
	flags: number;
	numbers: readonly number[];
}

export interface FileSink extends Sink {
	readonly file: ReturnType<typeof openFile>;
	/** Who it is at the broker, so that the session is found again; made once. */
	clientId(make: () => string): string;
	shapeOf(id: number): Shape;
}

/** Energies and indices of devices; the net of import and export may fall. */
export function isRising(name: string): boolean {
	return /^(active|reactive|apparent)_energy_(?!net)/.test(name) || /\/value( |$)/.test(name);
}

export function openDatabase(path: string): FileSink {
	const file = openFile(path);
	const statements = prepareStatements(file);
	const shapes = new Map<string, Shape>();
	const byId = new Map<number, Shape>();
	const meters = new Map<string, Known>();
	const counts = { readings: 0, duplicates: 0, conflicts: 0, refused: 0, late: 0, falls: 0, commits: 0, failures: 0 };

	function keepShape(id: number, text: string): Shape {
		const names: string[] = JSON.parse(text);
		const rising = names.flatMap((name, at) => (isRising(name) ? [at] : []));
		const shape = { id, names, rising };
		shapes.set(text, shape);
		byId.set(id, shape);
		return shape;
	}

	/** Null where there are too many. */
	function findShape(names: readonly string[]): Shape | null {
		const text = JSON.stringify(names);
		const known = shapes.get(text);
		if (known !== undefined) return known;
		if (byId.size >= mostShapes) return null;
		const { lastInsertRowid } = file.prepare("INSERT INTO shape (names) VALUES (?)").run(text);
		return keepShape(Number(lastInsertRowid), text);
	}

	function shapeOf(id: number): Shape {
		return byId.get(id)!;
	}

	function forget(): void {
		meters.clear();
		shapes.clear();
		byId.clear();
		for (const { id, names } of file.prepare("SELECT id, names FROM shape").all()) keepShape(Number(id), String(names));
	}
	forget();

	function findMeter(name: string): Known | null {
		const known = meters.get(name);
		if (known !== undefined) return known;
		if (meters.size >= mostMeters) return null;
		statements.addMeter.run(name);
		const id = Number(statements.findMeter.get(name)!.id);
		const found: Known = { id, time: 0, shape: null, numbers: [], slot: -1, slotTime: 0, texts: "" };
		const newest = readRow(statements.newest.get(id), shapeOf);
		if (newest !== null) Object.assign(found, { time: newest.time, shape: newest.shape, numbers: newest.numbers });
		meters.set(name, found);
		return found;
	}

	function addReading(reading: Reading): void {
		const known = findMeter(reading.meter);
		const shape = findShape(reading.names);
		if (known === null || shape === null) {
			counts.refused += 1;
			return;
		}
		const { time, numbers } = reading;
		const flags = packFlags(reading);
		const bytes = packNumbers(numbers);
		const row: Row = { time, shape, flags, numbers };
		const before =
			known.shape === null ? null : { time: known.time, shape: known.shape, flags: 0, numbers: known.numbers };
		if (time > known.time) {
			row.flags = noteFalls(statements, counts, known.id, before, row);
			statements.add.run(known.id, time, shape.id, row.flags, bytes);
			counts.readings += 1;
			Object.assign(known, { time, shape, numbers });
		} else if (!addLate(known, row, bytes)) return;
		keepQuarter(known, row, bytes);
		const texts = JSON.stringify([reading.texts.identification, reading.texts.version]);
		if (texts !== known.texts && time === known.time) {
			statements.describe.run(reading.texts.identification, reading.texts.version, known.id);
			known.texts = texts;
		}
	}

	/** A reading that is not the newest. False if it is one that is there. */
	function addLate(known: Known, row: Row, bytes: Uint8Array): boolean {
		const there = readRow(statements.at.get(known.id, row.time), shapeOf);
		if (there !== null) {
			counts[areSame(there, row) ? "duplicates" : "conflicts"] += 1;
			// Of two that differ the better verified one counts, and else the first.
			if (verdictRank(row.flags) >= verdictRank(there.flags)) return false;
			statements.remove.run(known.id, row.time);
		} else {
			counts.readings += 1;
			counts.late += 1;
		}
		row.flags = noteFalls(
			statements,
			counts,
			known.id,
			readRow(statements.before.get(known.id, row.time), shapeOf),
			row,
		);
		statements.add.run(known.id, row.time, row.shape.id, row.flags, bytes);
		const after = readRow(statements.after.get(known.id, row.time), shapeOf);
		if (after !== null) {
			statements.setFlags.run(noteFalls(statements, counts, known.id, row, after), known.id, after.time);
		} else Object.assign(known, { time: row.time, shape: row.shape, numbers: row.numbers });
		return true;
	}

	function keepQuarter(known: Known, row: Row, bytes: Uint8Array): void {
		const slot = Math.floor(row.time / quarterSeconds);
		if (slot === known.slot && row.time > known.slotTime) return;
		statements.keepQuarter.run(known.id, slot, row.time, row.shape.id, row.flags, bytes);
		if (slot < known.slot) return;
		known.slot = slot;
		known.slotTime = Number(statements.slotTime.get(known.id, slot)!.time);
	}

	function addAccount(account: Account): void {
		const id = findMeter(account.meter)?.id;
		if (id === undefined) {
			counts.refused += 1;
			return;
		}
		const month = startOfMonth(account.time * 1000) / 1000;
		const { time, limit, missing, exceeded, cost, peak, peakTime, text } = account;
		statements.keepAccount.run(id, month, time, limit, missing, exceeded, cost, peak, peakTime, text);
	}

	function writeAll(entries: readonly Entry[]): void {
		for (const entry of entries) {
			if (entry.kind === "reading") addReading(entry);
			else if (entry.kind === "account") addAccount(entry);
			else statements.keepReader.run(entry.reader, entry.time, entry.text);
		}
	}

	return {
		name: "file",
		file,
		shapeOf,
		async write(entries) {
			const before = { ...counts };
			try {
				file.exec("BEGIN IMMEDIATE");
				writeAll(entries);
				file.exec("COMMIT");
				counts.commits += 1;
			} catch (error) {
				try {
					file.exec("ROLLBACK");
				} catch {
					// SQLite has taken it back already.
				}
				Object.assign(counts, before, { failures: before.failures + 1 });
				forget();
				throw error;
			}
		},
		clientId(make) {
			const found = readMeta(file, "client");
			if (found !== null) return found;
			const made = make();
			writeMeta(file, "client", made);
			return made;
		},
		report: () => ({ ...counts }),
		async close() {
			closeFile(file);
		},
	};
}

/** Writes down what fell from one reading to the next, anew. Gives the flags of the later one. */
function noteFalls(
	{ forgetFalls, addFall }: Statements,
	counts: { falls: number },
	meter: number,
	before: Row | null,
	{ time, shape, flags, numbers }: Row,
): number {
	if (flags & markFall(0, true)) forgetFalls.run(meter, time);
	let fallen = false;
	if (before !== null) {
		for (const at of shape.rising) {
			const place = before.shape === shape ? at : before.shape.names.indexOf(shape.names[at]!);
			const old = before.numbers[place];
			if (old === undefined || numbers[at]! >= old) continue;
			addFall.run(meter, time, shape.names[at]!, old, numbers[at]!);
			counts.falls += 1;
			fallen = true;
		}
	}
	return markFall(flags, fallen);
}

/** Late readings have no texts and no unknown objects, which are not kept anyway: all numbers must be the same. */
function areSame(one: Row, other: Row): boolean {
	if (one.shape !== other.shape || one.numbers.length !== other.numbers.length) return false;
	return one.numbers.every((number, at) => number === other.numbers[at]);
}

function readRow(row: Record<string, unknown> | undefined, shapeOf: (id: number) => Shape): Row | null {
	if (row === undefined) return null;
	const { time, shape, flags, numbers } = row;
	return {
		time: Number(time),
		shape: shapeOf(Number(shape)),
		flags: Number(flags),
		numbers: unpackNumbers(numbers as Uint8Array | ArrayBuffer),
	};
}
