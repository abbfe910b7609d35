/** Tests of `simulator/engines/engine.ts`. */
import { createCipheriv } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Engine, EngineName } from "../../../simulator/engines/contract.js";
import { createEngine } from "../../../simulator/engines/engine.js";

const parrot = new URL("../guests/parrot.ts", import.meta.url);
const names: EngineName[] = ["node", "xs"];

async function withEngine(name: EngineName, use: (engine: Engine) => Promise<void>, guest = parrot): Promise<void> {
	const engine = await createEngine(name, guest);
	try {
		await use(engine);
	} finally {
		await engine.close();
	}
}

describe.each(names)("the engine %s", name => {
	it("hands bytes in and out unchanged, whatever they are and however many", () =>
		withEngine(name, async engine => {
			for (const length of [1, 2, 255, 65_536]) {
				const bytes = Uint8Array.from({ length }, (_, at) => (at === 0 ? 0 : at * 7));
				expect(await engine.call(bytes)).toEqual(bytes);
				expect(await engine.call(Buffer.from(bytes))).toEqual(bytes);
			}
		}));

	it("answers calls in the order they were made", () =>
		withEngine(name, async engine => {
			const replies = await Promise.all([4, 0, 4, 4].map(kind => engine.call(Uint8Array.of(kind))));
			expect(replies.map(reply => reply[0])).toEqual([1, 0, 3, 4]);
		}));

	it("gives every engine a guest of its own", () =>
		withEngine(name, async first => {
			await first.call(Uint8Array.of(0));
			await withEngine(name, async second => expect(await second.call(Uint8Array.of(4))).toEqual(Uint8Array.of(1)));
		}));

	it("hands on the guest's exceptions with the lines of the TypeScript source, and goes on", () =>
		withEngine(name, async engine => {
			const fault = await engine.call(Uint8Array.of(1, 2, 3)).catch(error => error);
			const text = `${fault.message}\n${fault.stack}`;
			expect(text).toContain("TypeError: never feed me 3 bytes");
			expect(text).toMatch(/tests\/simulator\/guests\/reproach\.ts:8/);
			expect(text).toMatch(/tests\/simulator\/guests\/parrot\.ts:15/);
			expect(await engine.call(Uint8Array.of(0, 9))).toEqual(Uint8Array.of(0, 9));
		}));

	it("runs aes-js", () =>
		withEngine(name, async engine => {
			const key = Uint8Array.from({ length: 16 }, (_, at) => at * 11);
			const block = Uint8Array.from({ length: 16 }, (_, at) => 255 - at);
			const oracle = createCipheriv("aes-128-ecb", key, null).update(block);
			expect(Buffer.from(await engine.call(Uint8Array.of(3, ...key, ...block)))).toEqual(oracle);
		}));

	it("rejects when the guest cannot be made", async () => {
		await expect(createEngine(name, new URL("../guests/stillborn.ts", import.meta.url))).rejects.toThrow("not today");
	});

	it("rejects after it was closed", () =>
		withEngine(name, async engine => {
			await engine.close();
			await expect(engine.call(Uint8Array.of(0))).rejects.toThrow("the engine is closed");
		}));
});

describe("the XS engine", () => {
	it("ends a guest that does not return, and says so on every later call", async () => {
		const engine = await createEngine("xs", parrot, { timeout: 300 });
		await expect(engine.call(Uint8Array.of(2))).rejects.toThrow("did not answer within 300 ms of processor time");
		await expect(engine.call(Uint8Array.of(0))).rejects.toThrow("did not answer within 300 ms of processor time");
		await engine.close();
	});

	it("refuses a guest that imports what XS does not have", async () => {
		await expect(createEngine("xs", new URL("../guests/stranger.ts", import.meta.url))).rejects.toThrow(
			'tests/simulator/guests/stranger.ts imports "node:fs", which XS does not have',
		);
	});
});
