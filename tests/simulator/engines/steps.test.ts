/** Tests of simulator: frames in steps and what is prepared, in every engine. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { open } from "node:fs/promises";
import { expect, it } from "vitest";
import type { Engine } from "../../../simulator/engines/contract.js";
import { createEngine } from "../../../simulator/engines/engine.js";
import { createXsEngine } from "../../../simulator/engines/xs.js";
import { createChance } from "../../support/chance.js";
import { telegramOf } from "../../support/checksum.js";
import { seal } from "../../support/sealer.js";
import { configure, drawChunks, endRequest, requestOf, summarize, withoutText } from "../../support/step-stream.js";
import { textBytes } from "../../support/vectors.js";
import type { StepReply } from "../guests/steps.js";

const guest = new URL("../guests/steps.ts", import.meta.url);

async function ask(engine: Engine, request: Uint8Array): Promise<StepReply> {
	return JSON.parse(Buffer.from(await engine.call(request)).toString("latin1"));
}

it("the same telegrams come at once and in steps, prepared and not, in Node and in XS", async () => {
	const chunks = [1, 2, 3, 4, 5, 6].flatMap((seed, at) =>
		drawChunks(createChance(seed), 12).map(chunk => ({ ...chunk, at: chunk.at + at * 200_000 })),
	);
	const run = async (engine: Engine, inSteps: boolean, cutFrom?: number) => {
		await ask(engine, configure({ inSteps, ...(cutFrom !== undefined && { cutFrom }) }));
		const replies: StepReply[] = [];
		for (const chunk of chunks) replies.push(await ask(engine, requestOf(chunk)));
		replies.push(await ask(engine, endRequest));
		await engine.close();
		if (cutFrom !== undefined) return summarize(withoutText(replies));
		return { ...summarize(replies), all: replies, encrypted: inSteps ? replies.map(({ encrypted }) => encrypted) : [] };
	};
	const atOnce = await run(await createEngine("node", guest), false);
	const inSteps = await run(await createEngine("node", guest), true);
	const { all } = atOnce as { all: StepReply[] };
	const compared = (result: object) => ({ ...result, all: [], encrypted: [] });
	expect(compared(inSteps)).toEqual(compared(atOnce));
	expect(await run(await createEngine("xs", guest), true)).toEqual(inSteps);
	expect(await run(await createXsEngine(guest, { variant: "x32" }), true)).toEqual(inSteps);
	expect(await run(await createXsEngine(guest, { variant: "x32" }), false)).toEqual(atOnce);
	for (const stepwise of [false, true]) {
		const engine = await createXsEngine(guest, { variant: "x32" });
		expect(await run(engine, stepwise, 0)).toEqual(summarize(withoutText(all)));
	}
});

/** The child of this process that runs the machine of this name. */
function findMachine(name: string): number {
	for (const entry of readdirSync("/proc").filter(entry => /^\d+$/.test(entry))) {
		try {
			const parent = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${entry}/status`, "latin1"))![1]);
			if (parent === process.pid && readlinkSync(`/proc/${entry}/exe`).includes(name)) return Number(entry);
		} catch {
			// It has ended meanwhile.
		}
	}
	throw new Error(`no machine ${name} runs`);
}

/** Everything that the process has in memory that it may write to. */
async function dump(pid: number): Promise<Buffer> {
	const memory = await open(`/proc/${pid}/mem`, "r");
	const parts: Buffer[] = [];
	for (const [, first, last] of readFileSync(`/proc/${pid}/maps`, "latin1").matchAll(/^(\w+)-(\w+) rw/gm)) {
		const start = Number.parseInt(first!, 16);
		const part = Buffer.alloc(Number.parseInt(last!, 16) - start);
		await memory.read(part, 0, part.length, start);
		parts.push(part);
	}
	await memory.close();
	return Buffer.concat(parts);
}

it("required: the memory of the machine holds nothing of the text of a frame that failed, expected or not", async () => {
	const lines = Array.from({ length: 30 }, (_, at) => `0-${at & 7}:97.${at}.1(secret-${at * 7919}-of-the-house)`);
	const text = textBytes(telegramOf(lines));
	const pieces = lines.map(line => line.slice(12, 26));
	const engine = await createEngine("xs", guest);
	await ask(engine, configure({ authentication: "required" }));
	let at = 0;
	const feed = (bytes: Uint8Array) => {
		at += 10_000;
		return ask(engine, requestOf({ bytes, at, steps: 255, slices: 255 }));
	};
	const find = async () => {
		const memory = await dump(findMachine("x64"));
		return pieces.filter(piece => memory.includes(piece, 0, "latin1"));
	};
	const other = textBytes(
		telegramOf(lines.map(line => line.replace(/secret.*/, "nothing-that-anybody-may-not-know)"))),
	);
	expect((await feed(seal(other, { frameCounter: 1 }))).telegrams).toHaveLength(1);
	// The next one is expected, and prepared; the others are not.
	for (const frameCounter of [2, 1, 3, 9]) {
		for (const place of [-1, 400]) {
			const forged = seal(text, { frameCounter });
			forged[(place + forged.length) % forged.length]! ^= 1;
			expect((await feed(forged)).telegrams).toEqual([]);
		}
	}
	expect(await find()).toEqual([]);
	// Such a search finds what is there.
	expect((await feed(seal(text, { frameCounter: 10 }))).telegrams).toHaveLength(1);
	expect((await find()).length).toBeGreaterThan(0);
	await engine.close();
});
