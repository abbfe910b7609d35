/** Tests of p1: what hostile bytes cost. */
import fc from "fast-check";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type * as ghash from "../../modules/p1/ghash.js";
import { accept, createReader, expire, isPreparing, prepare, type Reader } from "../../modules/p1/reader.js";
import { type Chance, createChance } from "../support/chance.js";
import { luxembourg, seal } from "../support/sealer.js";
import { longTelegram } from "../support/step-stream.js";
import { joinBytes, specificationTelegram, textBytes } from "../support/vectors.js";

const work = vi.hoisted(() => ({ hashed: 0, encrypted: 0 }));

vi.mock("../../modules/p1/ghash.js", async load => {
	const real = await load<typeof ghash>();
	return {
		...real,
		absorb(...[key, hash, bytes, start, end]: Parameters<typeof ghash.absorb>) {
			work.hashed += Math.ceil((end - start) / 16);
			real.absorb(key, hash, bytes, start, end);
		},
		absorbLengths(...parameters: Parameters<typeof ghash.absorbLengths>) {
			work.hashed += 1;
			real.absorbLengths(...parameters);
		},
	};
});

beforeEach(() => {
	Object.assign(work, { hashed: 0, encrypted: 0 });
});

/** In blocks of GHASH: a block of AES costs four of them on the board. */
const total = () => work.hashed + 4 * work.encrypted;

type Policy = "required" | "prefer" | "off";

function open(authentication: Policy, frameCounters: number[] = []): Reader {
	const { key } = luxembourg;
	const reader = createReader({ key, authentication }, ({ frameCounter }) => frameCounters.push(frameCounter ?? -1));
	const { cipher } = reader.decryptor.keys.gcm!;
	const { encrypt } = cipher;
	cipher.encrypt = block => {
		work.encrypted += 1;
		return encrypt.call(cipher, block);
	};
	return reader;
}

const text = textBytes(specificationTelegram);

/** What somebody who recorded the frame can make of it without the key: its beginning, which decrypts to `/Lux5`, with a length of his own. */
function beginning(recorded: Uint8Array, claimed: number, length = 23): Uint8Array {
	const bytes = recorded.slice(0, length);
	// After tag, title and `82`; see `luxembourg`.
	bytes[11] = claimed >> 8;
	bytes[12] = claimed & 255;
	return bytes;
}

/** Bytes that cost as much as somebody could think of. */
function drawAttack(chance: Chance): Uint8Array {
	const systemTitle = chance.pick([luxembourg.systemTitle, chance.bytes(1), chance.bytes(16)]);
	const recorded = [7, 8, 9].map(frameCounter => seal(text, { frameCounter }));
	const other = seal(textBytes(longTelegram(3000)), { systemTitle, frameCounter: 7, lengthForm: 2 });
	const most = chance.pick([60, 700, 4096, 16_300]);
	const pieces: Uint8Array[] = [];
	const count = chance.integer(1, 700);
	for (let left = count; left > 0; left -= 1) {
		switch (chance.integer(0, 30)) {
			case 0:
				pieces.push(chance.pick(recorded));
				break;
			case 1:
				pieces.push(chance.bytes(chance.integer(1, 50)));
				break;
			case 2:
				pieces.push(other.slice(0, chance.integer(1, other.length)));
				break;
			case 3:
				// The shortest header there is: a title of one byte, a length of one.
				pieces.push(Uint8Array.of(0xdb, 1, 0x53, 0x7f, 0x30, 0, 0, 0, 1));
				break;
			default:
				pieces.push(beginning(chance.pick(recorded), chance.integer(17, most), chance.pick([18, 23, 23, 23, 34])));
		}
	}
	return joinBytes(...pieces);
}

function feed(reader: Reader, bytes: Uint8Array, most: number, start = 0): void {
	for (let at = 0; at < bytes.length; at += most) {
		accept(reader, bytes, at, Math.min(bytes.length, at + most), start + at);
	}
}

describe("each byte costs a constant of cipher work at most", () => {
	test.each(["required", "prefer", "off"] as const)("%s: whatever comes", authentication => {
		let worst = 0;
		fc.assert(
			fc.property(fc.nat(), fc.boolean(), (seed, isPrepared) => {
				const chance = createChance(seed);
				const reader = open(authentication);
				const first = seal(text, { frameCounter: 6 });
				accept(reader, first, 0, first.length, 0);
				while (isPrepared && isPreparing(reader)) prepare(reader);
				const bytes = drawAttack(chance);
				Object.assign(work, { hashed: 0, encrypted: 0 });
				feed(reader, bytes, chance.pick([64, 1024, 30_000]), 10_000);
				expire(reader, 9_000_000);
				expect(total()).toBeLessThanOrEqual(2 * first.length + 2.3 * bytes.length + 20);
				worst = Math.max(worst, total() / bytes.length);
			}),
			{ numRuns: 60 },
		);
		// The bound is near what happens: without it these streams cost up to a thousand times as much.
		expect(worst).toBeGreaterThan(1);
	});

	test("23 bytes that begin like a recorded frame", () => {
		const reader = open("required");
		const recorded = seal(text, { frameCounter: 7 });
		const bytes = joinBytes(...Array.from({ length: 1400 }, () => beginning(recorded, 16_000)));
		feed(reader, bytes, 120);
		expect(reader.faults.unexamined).toBeGreaterThan(100);
		expect(total() / bytes.length).toBeLessThanOrEqual(2);
		expect(total() / bytes.length).toBeGreaterThan(0.5);
	});
});

describe("what the bytes pay for is examined", () => {
	test.each(["required", "prefer"] as const)(
		"%s: after an attack and a pause the meter is read again",
		authentication => {
			for (let seed = 1; seed <= 30; seed += 1) {
				const seen: number[] = [];
				const reader = open(authentication, seen);
				feed(reader, drawAttack(createChance(seed)), 500);
				expire(reader, 9_000_000);
				seen.length = 0;
				for (let frameCounter = 100; frameCounter < 103; frameCounter += 1) {
					const frame = seal(text, { frameCounter });
					accept(reader, frame, 0, frame.length, 9_000_000 + 10_000 * frameCounter);
				}
				expect(seen).toEqual([100, 101, 102]);
			}
		},
	);

	test("frames of every length, damaged ones and refused ones, one after the other", () => {
		const reader = open("required");
		for (let length = 0; length < 300; length += 1) {
			for (const changes of [
				{ frameCounter: 1 },
				{ key: new Uint8Array(16) },
				{ authenticationKey: new Uint8Array(16) },
			]) {
				const frame = seal(textBytes(longTelegram(length)), changes);
				accept(reader, frame, 0, frame.length, 0);
			}
		}
		expect(reader.faults.unexamined).toBe(0);
	});
});
