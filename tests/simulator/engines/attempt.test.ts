/** Tests of `attempt` in `simulator/engines/xs.ts`: what happens in it has not happened. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { createXsEngine, type XsEngine } from "../../../simulator/engines/xs.js";

/** Counts its calls, and answers four with their number, this one included. */
const parrot = new URL("../guests/parrot.ts", import.meta.url);

let engine: XsEngine;
beforeEach(async () => {
	engine = await createXsEngine(parrot, {
		variant: "x32",
		memory: { chunks: [1 << 16, 0], slots: [1 << 11, 0], stack: 512, keys: [64, 32] },
	});
});
afterEach(() => engine.close());

const count = async () => (await engine.call(Uint8Array.of(4)))[0];

test("the machine is as before, again and again, and its figures are", async () => {
	expect(await count()).toBe(1);
	await engine.collect();
	const { slots, chunks } = engine.figures;
	for (let at = 0; at < 20; at += 1) {
		const seen = await engine.attempt(async () => [await count(), await count()]);
		expect(seen).toEqual([2, 3]);
	}
	await engine.collect();
	expect(engine.figures).toMatchObject({ slots, chunks });
	expect(await count()).toBe(2);
});

test("a machine that ends in it says why, and lives on", async () => {
	expect(await count()).toBe(1);
	const course = () => engine.call(new Uint8Array(1 << 17));
	await expect(engine.attempt(course)).rejects.toThrow("the copy of the XS machine ended: memory full");
	expect(await count()).toBe(2);
	await expect(engine.attempt(course)).rejects.toThrow("memory full");
	expect(await count()).toBe(3);
});

test("an exception of the guest's, and one of the course, are handed on", async () => {
	await expect(engine.attempt(() => engine.call(Uint8Array.of(1, 2, 3)))).rejects.toThrow("never feed me 3 bytes");
	const course = async () => {
		await count();
		throw new Error("the course's own");
	};
	await expect(engine.attempt(course)).rejects.toThrow("the course's own");
	expect(await count()).toBe(1);
});

test("a machine that is closed in it ends, with its copy", async () => {
	await expect(engine.attempt(() => engine.close())).rejects.toThrow("the engine is closed");
});

test("one within another ends the machine, which says so", async () => {
	await expect(engine.attempt(() => engine.attempt(count))).rejects.toThrow("a machine that was kept is kept already");
});

test("outside of one the machine ends for good, as ever", async () => {
	await expect(engine.call(new Uint8Array(1 << 17))).rejects.toThrow("the XS machine ended: memory full");
	await expect(count()).rejects.toThrow("memory full");
});
