/** Tests of simulator: xs. */
import { describe, expect, it } from "vitest";
import { createChance, draw, drawBytes, drawInteger } from "../../simulator/chance.js";
import type { Memory } from "../../simulator/engines/contract.js";
import { createEngine } from "../../simulator/engines/engine.js";
import { createXsEngine, type XsOptions } from "../../simulator/engines/xs.js";
import { checkIntegrity } from "../../simulator/xs/sources.js";

const guests = (name: string) => new URL(`./guests/${name}.ts`, import.meta.url);
const small: Memory = { chunks: [8192, 1024], slots: [512, 64], stack: 256, keys: [32, 32], limit: 40_960 };

async function callOnce(guest: string, request: Uint8Array, options: XsOptions): Promise<Uint8Array> {
	const engine = await createXsEngine(guests(guest), options);
	try {
		return await engine.call(request);
	} finally {
		await engine.close();
	}
}

describe.each(["x64", "x32"] as const)("preloaded modules in %s", variant => {
	const write = (store: string, preload = true) => callOnce("flash", Buffer.from(store), { variant, preload });

	it.each([
		["map", "Map instance is read-only"],
		["set", "Set instance is read-only"],
		["weakMap", "WeakMap instance is read-only"],
		["typedArray", "read-only buffer"],
		["dataView", "read-only buffer"],
		["static", "set count: not writable"],
		["privateStatic", "set #secret: not writable"],
		["function", "set calls: not extensible"],
		["prototype", "set add: not writable"],
		["json", "read only value"],
	])("refuse a write to a %s, naming the module", async (store, reason) => {
		const fault: Error = await write(store).catch(error => error);
		expect(fault.message).toMatch(/^TypeError: /);
		expect(fault.message).toContain(reason);
		expect(fault.message).toMatch(/tests\/simulator\/guests\/stores\.ts:\d+/);
	});

	it.each(["record", "list", "variable"])("copy a %s to RAM when it is written", async store => {
		expect(await write(store)).toEqual(Uint8Array.of(1));
	});

	it.each(["map", "typedArray", "static", "function"])("let a %s be written when not preloaded", async store => {
		expect(await write(store, false)).toEqual(Uint8Array.of(1));
	});
});

describe.each(["x64", "x32"] as const)("the limits of %s", variant => {
	const call = (kind: number, memory = small) => callOnce("glutton", Uint8Array.of(kind), { variant, memory });

	it("end the machine when a chunk does not fit", async () => {
		const limit = variant === "x32" ? 40_960 : 81_920;
		await expect(call(0, { ...small, limit })).resolves.toEqual(Uint8Array.of(0));
		await expect(call(0, { ...small, limit: limit / 2 })).rejects.toThrow("memory full");
	});

	it("end the machine when slots do not fit", () => expect(call(1)).rejects.toThrow("memory full"));

	it("end the machine when the stack overflows", () => expect(call(2)).rejects.toThrow("stack overflow"));

	it("end the machine when a rejection is not handled, naming the place", async () => {
		const fault: Error = await call(3).catch(error => error);
		expect(fault.message).toContain("unhandled rejection");
		expect(fault.message).toMatch(/Error: nobody listens\n at handle \(.*tests\/simulator\/guests\/glutton\.ts:21\)/);
	});

	it("have a clock that stands and chance that repeats", async () => {
		const values: Uint8Array[] = [];
		for (let round = 0; round < 2; round += 1) {
			const engine = await createXsEngine(guests("glutton"), { variant });
			await engine.setTime(1_774_735_200_123);
			values.push(await engine.call(Uint8Array.of(4)));
			await engine.close();
		}
		expect(values[0]).toEqual(values[1]);
		expect(new Float64Array(values[0]!.slice().buffer)[0]).toBe(1_774_735_200_123);
	});
});

it("tells what a call cost, the same every time", async () => {
	const engine = await createXsEngine(guests("parrot"), {
		variant: "x32",
		memory: { ...small, chunks: [65_536, 1024], limit: 0 },
	});
	const request = Uint8Array.of(3, ...new Uint8Array(32));
	await engine.call(request);
	await engine.collect();
	const alive = engine.figures;
	const costs: number[] = [];
	for (let round = 0; round < 3; round += 1) {
		await engine.call(request);
		costs.push(engine.figures.compute);
	}
	expect(new Set(costs).size).toBe(1);
	expect(engine.figures).toMatchObject({ slotSize: 16, instructions: 0 });
	expect(engine.figures.slotsPeak).toBeGreaterThan(alive.slots);
	await engine.collect();
	expect(engine.figures).toMatchObject({ slots: alive.slots, chunks: alive.chunks });
	expect(engine.codes["aes-js"]).toBeGreaterThan(50_000);
	await engine.close();
});

it("counts instructions, the same every time, and in proportion, on Xtensa", async () => {
	const engine = await createXsEngine(guests("parrot"), { variant: "xtensa" });
	const costs: number[] = [];
	for (const length of [33, 33, 33]) {
		await engine.call(Uint8Array.of(3, ...new Uint8Array(length - 1)));
		costs.push(engine.figures.instructions);
	}
	expect(new Set(costs).size).toBe(1);
	// A key schedule (about 0.53 million) and a block (0.24 million) of aes-js.
	expect(costs[0]).toBeGreaterThan(500_000);
	expect(costs[0]).toBeLessThan(1_200_000);
	await engine.close();
});

it.each(["x64", "x32", "xtensa"] as const)("calculates with doubles as IEEE 754 says in %s", async variant => {
	const chance = createChance(754);
	const input = new Float64Array(4000);
	const special = [
		0,
		-0,
		1,
		-1,
		5e-324,
		2.2250738585072014e-308,
		Number.MAX_VALUE,
		Infinity,
		-Infinity,
		NaN,
		2 ** 31,
		2 ** 53,
	];
	for (let at = 0; at < input.length; at += 1) {
		const kind = drawInteger(chance, 5);
		if (kind === 0) input[at] = special[drawInteger(chance, special.length)]!;
		else if (kind === 1) input[at] = drawInteger(chance, 4_000_000_000) - 2_000_000_000;
		else if (kind === 2) input[at] = draw(chance) * 10 ** (drawInteger(chance, 12) - 4);
		else if (kind === 3 && at > 0) input[at] = input[at - 1]! * (1 + (draw(chance) - 0.5) * 1e-12);
		else new Uint8Array(input.buffer).set(drawBytes(chance, 8), at * 8);
	}
	const request = new Uint8Array(input.buffer);
	const node = await createEngine("node", guests("arithmetic"));
	const machine = await createXsEngine(guests("arithmetic"), { variant });
	const [expected, found] = await Promise.all([node.call(request), machine.call(request)]);
	await machine.close();
	expect(found.length).toBe(2000 * 14 * 8);
	expect(Buffer.compare(found, expected)).toBe(0);
});

it("refuses a package whose contents are not the pinned ones", () => {
	expect(() => checkIntegrity(Buffer.from("something else"), "AAAA", "a package")).toThrow(
		"a package is not the package it was",
	);
});
