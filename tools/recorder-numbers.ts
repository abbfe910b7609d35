/**
 * What a reading costs the recorder, for docs/fleet.md: into a file, and into an engine where one is named. Processor time does not depend on
 * what else the computer does; the time on the clock does.
 *
 * node --import tsx tools/recorder-numbers.ts [--readings N] [--engine URL]
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseWords } from "../gateway/words.js";
import { openDatabase } from "../recorder/database.js";
import { openEngine } from "../recorder/engine.js";
import type { Entry } from "../recorder/entry.js";
import { readMessage } from "../recorder/message.js";
import type { Sink } from "../recorder/sink.js";
import { createHouse, readHouse } from "../simulator/fleet/house.js";

const text = { type: "string" } as const;
const values = parseWords(process.argv.slice(2), { readings: text, engine: text });
if (typeof values === "string") throw new Error(values);
const count = Number(values.readings ?? 20_000);
const start = Math.floor(Date.now() / 10_000) * 10 - 30 * 86_400;
const folder = mkdtempSync(join(tmpdir(), "smarty-numbers-"));

/** Messages as a broker delivers them: all meters, and then all of them ten seconds later. */
function makeMessages(meters: number): { topic: string; payload: Buffer }[] {
	// Houses are slow to make and to read: a few of them, under many names.
	const houses = Array.from({ length: Math.min(meters, 20) }, (_, at) => createHouse(1, at, start * 1000));
	return Array.from({ length: count }, (_, at) => {
		const house = houses[at % houses.length]!;
		const { state } = readHouse(house, start + (Math.floor(at / meters) + 1) * 10);
		return { topic: `smarty/SAG${at % meters}/state`, payload: Buffer.from(state) };
	});
}

/** Reads and keeps all messages in batches; how long that took in seconds, on the clock and of the processor. */
async function measure(
	sink: Sink,
	meters: number,
	batch: number,
): Promise<{ perSecond: number; microseconds: number }> {
	const messages = makeMessages(meters);
	const before = process.cpuUsage();
	const began = performance.now();
	for (let at = 0; at < messages.length; at += batch) {
		const part = messages.slice(at, at + batch);
		await sink.write(part.map(({ topic, payload }) => readMessage("smarty", topic, payload, 0) as Entry));
	}
	const { user, system } = process.cpuUsage(before);
	const seconds = (performance.now() - began) / 1000;
	return { perSecond: Math.round(count / seconds), microseconds: Math.round((user + system) / count) };
}

const print = (line: object) => void process.stdout.write(`${JSON.stringify(line)}\n`);

for (const [meters, batch] of [
	[10, 10],
	[10, 100],
	[10, 1_000],
	[10_000, 20],
	[10_000, 1_000],
] as const) {
	const path = join(folder, `${meters}-${batch}.db`);
	const sink = openDatabase(path);
	const found = await measure(sink, meters, batch);
	await sink.close();
	print({ sink: "file", meters, batch, ...found, bytesPerReading: Math.round(statSync(path).size / count) });
}
if (typeof values.engine === "string") {
	for (const batch of [100, 1_000]) {
		const note = (line: string) => void process.stderr.write(`${line}\n`);
		const rest = { authorization: null, limit: 1e10, settleMs: 1_000, note };
		const sink = openEngine({ url: values.engine, folder: join(folder, `spool-${batch}`), ...rest });
		const began = performance.now();
		const found = await measure(sink, 1_000, batch);
		const spooled = performance.now() - began;
		await sink.drain();
		const drained = (performance.now() - began) / 1000;
		print({
			sink: "engine",
			batch,
			...found,
			spooled: Math.round(spooled),
			perSecondTaken: Math.round(count / drained),
		});
		await sink.close();
	}
}
rmSync(folder, { recursive: true, force: true });
