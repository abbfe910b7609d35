/** Streams for the reader in steps: frames as a meter sends them and as it does not, in chunks, with time to prepare between. */
import type { StepOptions, StepReply } from "../simulator/guests/steps.js";
import type { Chance } from "./chance.js";
import { telegramOf } from "./checksum.js";
import { luxembourg, type Sealing, seal } from "./sealer.js";
import { joinBytes, realFrame, specificationTelegram, textBytes } from "./vectors.js";

/** What arrives together, and the most steps and slices after it. */
export interface Chunk {
	bytes: Uint8Array;
	at: number;
	steps: number;
	slices: number;
}

export function configure(options: Partial<StepOptions> = {}): Uint8Array {
	const key = Buffer.from(luxembourg.key).toString("hex");
	return Buffer.from(`\0${JSON.stringify({ key, authentication: "prefer", inSteps: true, ...options })}`, "latin1");
}

export function requestOf({ bytes, at, steps, slices }: Chunk): Uint8Array {
	const head = Buffer.alloc(11);
	head.writeUInt8(1);
	head.writeDoubleBE(at, 1);
	head.writeUInt8(Math.min(255, steps), 9);
	head.writeUInt8(Math.min(255, slices), 10);
	return Buffer.concat([head, bytes]);
}

export const endRequest = Uint8Array.of(2);

/** Without the telegrams' text, of which a reader that cuts has a part. */
export function withoutText(replies: readonly StepReply[]): StepReply[] {
	return replies.map(reply => ({
		...reply,
		telegrams: reply.telegrams.map(telegram => ({ ...telegram, telegram: "" })),
	}));
}

/** What came out of a stream, but for how: in order, whatever chunk it came with. */
export function summarize(replies: readonly StepReply[]): object {
	const { counters, faults } = replies.at(-1)!;
	return { telegrams: replies.flatMap(({ telegrams }) => telegrams), counters, faults };
}

/** A telegram with messages, of about so many bytes. */
export function longTelegram(length: number): string {
	return telegramOf([
		`0-0:96.13.0(${"4D".repeat(Math.min(1024, length >> 1))})`,
		`0-0:96.13.2(${"4C".repeat(length >> 2)})`,
	]);
}

/** What a message may be: text in three encodings, what fills it up, control characters, and what is no digits; sometimes too long. */
function drawMessage(chance: Chance): string {
	const length = chance.pick([0, 10, 127, 128, 129, 500, 1023, 1024, 1025, 1400]);
	const hex = (unit: string) => unit.repeat(Math.ceil((2 * length) / unit.length)).slice(0, 2 * length);
	switch (chance.integer(0, 7)) {
		case 0:
			return hex("C3A9416E");
		case 1:
			return hex("E941");
		case 2:
			return `${hex("4d")}0000`;
		case 3:
			return `${hex("4D")}0D0A`;
		case 4:
			return `${hex("4d")}07`;
		case 5:
			return `${hex("4D")}x`;
		case 6:
			return "é!".repeat(length);
		default:
			return hex("4D");
	}
}

/** Messages of all places, some twice, before and behind other lines. */
function drawMessages(chance: Chance): string {
	const lines = Array.from({ length: chance.integer(1, 6) }, () => {
		const line = `0-0:96.13.${chance.pick([0, 2, 3, 4, 5])}(${drawMessage(chance)})`;
		return chance.integer(0, 1) === 0 ? [line] : [line, `1-0:32.7.0(${chance.integer(200, 260)}.0*V)`];
	});
	return telegramOf(lines.flat());
}

function drawText(chance: Chance): string {
	switch (chance.integer(0, 8)) {
		case 8:
			return drawMessages(chance);
		case 0:
			return specificationTelegram;
		case 1:
			return longTelegram(chance.integer(100, 4000));
		case 2:
			return telegramOf([]);
		default:
			return realFrame.telegram;
	}
}

/** What the line brings for one frame of the meter, whose counter goes on by what is returned. */
function drawFrame(chance: Chance, frameCounter: number): { bytes: Uint8Array; step: number } {
	const text = textBytes(drawText(chance));
	const make = (changes: Partial<Sealing> = {}) => {
		const counter = changes.frameCounter ?? frameCounter;
		return seal(text, { ...changes, frameCounter: Math.min(0xffffffff, Math.max(0, counter)) });
	};
	const frame = make();
	switch (chance.integer(0, 19)) {
		case 0:
			return { bytes: make({ frameCounter: frameCounter + chance.integer(1, 5) }), step: chance.integer(0, 6) };
		case 1:
			return { bytes: make({ frameCounter: frameCounter - chance.integer(1, 5) }), step: 0 };
		case 2:
			return { bytes: make({ systemTitle: chance.bytes(chance.pick([1, 7, 8, 8, 16])) }), step: 0 };
		case 3:
			return { bytes: make({ key: chance.bytes(16) }), step: 0 };
		case 4:
			return { bytes: make({ authenticationKey: chance.bytes(16) }), step: chance.integer(0, 1) };
		case 5:
			return { bytes: make({ securityControl: 0x20 }), step: chance.integer(0, 1) };
		case 6:
		case 7: {
			// Damage to what is expected; the frame itself may come after it.
			const damaged = frame.slice();
			damaged[chance.integer(0, frame.length - 1)]! ^= 1 << chance.integer(0, 7);
			return { bytes: chance.integer(0, 1) === 0 ? damaged : joinBytes(damaged, frame), step: 1 };
		}
		case 8:
			return { bytes: frame.subarray(0, chance.integer(1, frame.length - 1)), step: 1 };
		case 9:
			// Two beginnings of the same frame, so that what was hashed of the first must not count for the second.
			return { bytes: joinBytes(frame.subarray(0, chance.integer(19, frame.length - 1)), frame), step: 1 };
		case 10:
			return { bytes: text, step: 0 };
		case 11:
			return { bytes: joinBytes(frame, frame), step: 1 };
		case 12: {
			const next = make({ frameCounter: frameCounter + 1 });
			return { bytes: chance.integer(0, 1) === 0 ? joinBytes(next, frame) : joinBytes(frame, next), step: 2 };
		}
		default:
			return { bytes: frame, step: 1 };
	}
}

/** A night's worth of what can come, `count` frames long. */
export function drawChunks(chance: Chance, count: number): Chunk[] {
	const chunks: Chunk[] = [];
	let frameCounter = chance.pick([1, 250, 65_533, 0xfffffff0]);
	let at = 0;
	for (let left = count; left > 0; left -= 1) {
		const { bytes, step } = drawFrame(chance, frameCounter);
		frameCounter += step;
		const most = chance.pick([40, 120, 120, 1024, 20_000]);
		for (let start = 0; start < bytes.length; ) {
			const end = Math.min(bytes.length, start + chance.integer(1, most));
			chunks.push({ bytes: bytes.subarray(start, end), at, steps: chance.integer(0, 3), slices: chance.integer(0, 1) });
			start = end;
		}
		chunks.at(-1)!.steps = 255;
		chunks.at(-1)!.slices = chance.pick([0, 1, 10, 60, 60, 60, 60]);
		at += chance.pick([0, 1000, 10_000, 10_000]);
	}
	return chunks;
}
