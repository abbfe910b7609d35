/** Tests of simulator: equality. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createChance } from "../../../simulator/chance.js";
import type { Engine } from "../../../simulator/engines/contract.js";
import { createEngine } from "../../../simulator/engines/engine.js";
import { createXsEngine } from "../../../simulator/engines/xs.js";
import { chopStream, disturbFrames } from "../../../simulator/line.js";
import { createMeter, readMeter } from "../../../simulator/meter.js";

const guest = new URL("../guests/core.ts", import.meta.url);
const vector = JSON.parse(readFileSync(new URL("../../vectors/luxembourg-2018.json", import.meta.url), "utf8"));

/** The real frame, then 200 of a meter with two M-Bus devices and messages, a third of them damaged, with noise between. */
function drawRequests(): Buffer[] {
	const chance = createChance(2018);
	const start = Date.UTC(2026, 2, 28, 22);
	const meter = createMeter(chance, start, {
		key: Buffer.from(vector.key, "hex"),
		systemTitle: Buffer.from("5341476770000001", "hex"),
		devices: [
			{ type: 3, id: "7FLO2015000001" },
			{ type: 7, id: "WATER-2" },
		],
		messages: ["Ëlo gëllt den Nuetstarif — 42 €", "ok"],
	});
	const frames = Array.from({ length: 200 }, (_, at) => readMeter(meter, start + (at + 1) * 73_000).bytes);
	const { bytes } = disturbFrames(frames, 1 / 3, chance);
	const chunks = [Buffer.from(vector.frame, "hex"), ...chopStream(bytes, 600, chance)];
	const options = JSON.stringify({ base: "smarty", key: vector.key });
	return [
		Buffer.from(`\0${options}`, "latin1"),
		...chunks.map((chunk, at) => Buffer.concat([header(1, at * 40), chunk])),
		header(2, chunks.length * 40 + 5000),
		Buffer.from([3]),
	];
}

function header(kind: number, now: number): Buffer {
	const bytes = Buffer.alloc(9);
	bytes.writeUInt8(kind);
	bytes.writeDoubleBE(now, 1);
	return bytes;
}

async function collectReplies(engine: Engine): Promise<string[]> {
	const replies: string[] = [];
	for (const request of drawRequests()) replies.push(Buffer.from(await engine.call(request)).toString("latin1"));
	await engine.close();
	return replies;
}

it("gives the same bytes in Node, in XS and in XS with the sizes of an ESP32", async () => {
	const [node, ...others] = await Promise.all(
		[createEngine("node", guest), createEngine("xs", guest), createXsEngine(guest, { variant: "x32" })].map(
			async engine => collectReplies(await engine),
		),
	);
	for (const replies of others) expect(replies).toEqual(node);
	const last = JSON.parse(node!.at(-1)!);
	expect(last.counters.telegrams).toBeGreaterThan(120);
	expect(last.counters.discarded).toBeGreaterThan(10_000);
});
