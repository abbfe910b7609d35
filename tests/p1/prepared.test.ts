/** Tests of p1: the key stream that is prepared, and frames in steps. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createNodeCipher } from "../../gateway/cipher.js";
import { createGuest, type Held, type StepOptions, type StepReply } from "../simulator/guests/steps.js";
import { createChance } from "../support/chance.js";
import { luxembourg, type Sealing, seal } from "../support/sealer.js";
import {
	type Chunk,
	configure,
	drawChunks,
	endRequest,
	longTelegram,
	requestOf,
	summarize,
	withoutText,
} from "../support/step-stream.js";
import { receive } from "../support/stream.js";
import { hexOf, specificationTelegram, textBytes } from "../support/vectors.js";

function open(options: Partial<StepOptions> = {}) {
	const { handle } = createGuest();
	const ask = (request: Uint8Array) =>
		JSON.parse(Buffer.from(handle(Uint8Array.from(request).buffer)).toString("latin1"));
	const send = (request: Uint8Array): StepReply => ask(request);
	send(configure(options));
	let at = 0;
	return {
		send,
		/** Bytes at once, ten seconds after those before. */
		feed(bytes: Uint8Array, { steps = 255, slices = 255, gap = 10_000 } = {}): StepReply {
			at += gap;
			return send(requestOf({ bytes, at, steps, slices }));
		},
		look: (): Held => ask(Uint8Array.of(3)),
	};
}

function replies(chunks: readonly Chunk[], options: Partial<StepOptions>): StepReply[] {
	const { send } = open(options);
	return [...chunks.map(chunk => send(requestOf(chunk))), send(endRequest)];
}

function run(chunks: readonly Chunk[], options: Partial<StepOptions>): object {
	return summarize(replies(chunks, options));
}

const text = textBytes(specificationTelegram);
const frameOf = (frameCounter: number, changes: Partial<Sealing> = {}) => seal(text, { frameCounter, ...changes });

describe("the same comes out with and without what is prepared", () => {
	test.each(["required", "prefer", "off"] as const)("%s: whatever comes, in whatever pieces", authentication => {
		fc.assert(
			fc.property(fc.nat(), seed => {
				const chunks = drawChunks(createChance(seed), 12);
				const expected = run(chunks, { authentication, inSteps: false });
				expect(run(chunks, { authentication, inSteps: true })).toEqual(expected);
				const idle = chunks.map(chunk => ({ ...chunk, slices: 0 }));
				expect(run(idle, { authentication, inSteps: true })).toEqual(expected);
				// Messages are cut out of the frame as they are read: nothing else is missing.
				const whole = summarize(withoutText(replies(chunks, { authentication, inSteps: false })));
				for (const inSteps of [false, true]) {
					expect(summarize(withoutText(replies(chunks, { authentication, inSteps, cutFrom: 0 })))).toEqual(whole);
				}
			}),
			{ numRuns: 60 },
		);
	});

	test.each(["required", "prefer", "off"] as const)("%s: nor does it matter who deciphers", authentication => {
		const { key } = luxembourg;
		for (let seed = 1; seed <= 40; seed += 1) {
			const chunks = drawChunks(createChance(seed), 12);
			const own = receive({ key, authentication }, chunks);
			expect(receive({ key, authentication, createCipher: createNodeCipher }, chunks)).toEqual(own);
		}
	});

	test("a telegram of every length around whole blocks, and beyond what is prepared", () => {
		for (const length of [100, 101, 115, 116, 117, 1000, 1998, 2000, 2016, 2040, 3000, 4090]) {
			const telegram = longTelegram(length);
			const { feed } = open();
			for (let frameCounter = 1; frameCounter < 4; frameCounter += 1) {
				const { telegrams } = feed(seal(textBytes(telegram), { frameCounter }));
				expect(telegrams).toMatchObject([{ verdict: "authenticated", telegram: hexOf(textBytes(telegram)) }]);
			}
		}
	});
});

describe("the expected frame", () => {
	test("costs no block of the cipher, neither while it comes nor afterwards", () => {
		const { feed } = open({ authentication: "required" });
		expect(feed(frameOf(7)).encrypted).toBe(Math.ceil(text.length / 16) + 1);
		for (let frameCounter = 8; frameCounter < 20; frameCounter += 1) {
			const { telegrams, encrypted } = feed(frameOf(frameCounter));
			expect(telegrams).toMatchObject([{ verdict: "authenticated", frameCounter }]);
			expect(encrypted).toBe(0);
		}
	});

	test("of another length, its key stream goes as far as it does", () => {
		const { feed } = open();
		feed(frameOf(1));
		const short = textBytes(longTelegram(200));
		expect(feed(seal(short, { frameCounter: 2 })).encrypted).toBe(0);
		// Now as many blocks are prepared as that one had.
		expect(feed(frameOf(3)).encrypted).toBe(Math.ceil(text.length / 16) - Math.ceil(short.length / 16));
	});

	test("of more than 2 KiB, the rest is decrypted when it has come", () => {
		const { feed } = open();
		const long = textBytes(longTelegram(4000));
		feed(seal(long, { frameCounter: 1 }));
		expect(feed(seal(long, { frameCounter: 2 })).encrypted).toBe(Math.ceil(long.length / 16) - 128);
	});

	test("what was prepared in part is used in part", () => {
		const { feed } = open();
		feed(frameOf(1), { slices: 1 });
		// The mask of the tag, and two blocks of the key stream.
		expect(feed(frameOf(2), { slices: 0 }).encrypted).toBe(Math.ceil(text.length / 16) - 2);
		expect(feed(frameOf(3)).encrypted).toBe(Math.ceil(text.length / 16) + 1);
	});

	test("with another counter, key or title it takes the usual way", () => {
		const usual = Math.ceil(text.length / 16) + 1;
		for (const changes of [{ frameCounter: 3 }, { systemTitle: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }]) {
			const { feed } = open();
			feed(frameOf(1));
			const { telegrams, encrypted } = feed(frameOf(2, changes));
			expect(telegrams).toHaveLength(1);
			expect(encrypted).toBe(usual);
		}
		const { feed } = open();
		feed(frameOf(1));
		expect(feed(frameOf(2, { key: new Uint8Array(16) })).telegrams).toEqual([]);
	});

	test("after the last counter there is none", () => {
		const { feed, look } = open();
		feed(frameOf(0xffffffff));
		expect(look().blocks).toMatch(/^(00)*$/);
		expect(feed(frameOf(0)).telegrams).toEqual([]);
		const other = open();
		other.feed(frameOf(0x00ffffff));
		expect(other.feed(frameOf(0x01000000)).encrypted).toBe(0);
	});
});

describe("nothing of the text exists before the tag has matched", () => {
	test("while the frame comes and while it waits, it is held as it came", () => {
		const { feed, look } = open({ authentication: "required" });
		feed(frameOf(1));
		const frame = frameOf(2);
		for (let start = 0; start < frame.length; start += 100) {
			const { telegrams } = feed(frame.subarray(start, start + 100), { steps: 0, slices: 0, gap: 9 });
			expect(look().line).toBe(hexOf(frame.subarray(0, start + 100)));
			expect(telegrams).toEqual([]);
		}
	});

	test("a frame whose tag fails stays as it was, and leaves the key stream for the true one", () => {
		for (const place of [20, 300, text.length + 17, text.length + 29]) {
			const { feed, look } = open({ authentication: "required" });
			feed(frameOf(1));
			const { blocks } = look();
			const frame = frameOf(2);
			const forged = frame.slice();
			forged[place]! ^= 1;
			// One byte of it is missing, so that it is held.
			feed(forged.subarray(0, -1), { slices: 0 });
			expect(feed(forged.subarray(-1), { slices: 0, gap: 9 }).telegrams).toEqual([]);
			expect(look().blocks).toBe(blocks);
			const { telegrams, encrypted } = feed(frame);
			expect(telegrams).toHaveLength(1);
			expect(encrypted).toBe(0);
		}
	});

	test("a key stream is overwritten when it was used", () => {
		const { feed, look } = open();
		feed(frameOf(1));
		expect(look().blocks).not.toMatch(/^(00)*$/);
		feed(frameOf(2), { slices: 0 });
		const { blocks } = look();
		expect(blocks.length).toBeGreaterThan(2 * text.length);
		expect(blocks).toMatch(/^(00)*$/);
	});

	test("the key stream is the next frame's and no other's", () => {
		const { feed, look } = open();
		feed(frameOf(1));
		const { blocks } = look();
		const frame = frameOf(2);
		const cipher = frame.subarray(18, 18 + text.length);
		const stream = Buffer.from(blocks, "hex").subarray(16);
		expect(cipher.every((byte, at) => (byte ^ stream[at]!) === text[at])).toBe(true);
	});
});

test("a reader that reads at once prepares nothing by itself", () => {
	const { feed } = open({ inSteps: false });
	feed(frameOf(1), { slices: 0 });
	expect(feed(frameOf(2), { slices: 0 }).encrypted).toBe(Math.ceil(text.length / 16) + 1);
});
