/** Tests of p1: flips. */
import { describe, expect, test } from "vitest";
import { createNodeCipher } from "../../gateway/cipher.js";
import { accept, createReader, finish, type ReaderOptions } from "../../modules/p1/reader.js";
import { seal } from "../support/sealer.js";
import { copyTelegram, type Seen } from "../support/stream.js";
import { joinBytes, realFrame, specificationTelegram, textBytes } from "../support/vectors.js";

/** A good frame behind the broken one: it must be found whatever the broken one says about its length. */
const next = seal(textBytes(specificationTelegram), { key: realFrame.key });
const markAt = realFrame.telegram.indexOf("!");
const body = realFrame.telegram.slice(0, markAt + 1);

/** Where the parts of the real frame begin, in bits. */
const counterBit = 8 * 14;
const textBit = 8 * 18;
const markBit = textBit + 8 * markAt;
const tagBit = 8 * (realFrame.frame.length - 12);
const bits = Array.from({ length: 8 * realFrame.frame.length }, (_, bit) => bit);

interface Flipped {
	/** Accepted telegrams but the good one behind, which is checked here. */
	accepted: Seen[];
	faults: Record<string, number>;
}

function receiveFlipped(options: ReaderOptions, frames: readonly [Uint8Array, Uint8Array], bit: number): Flipped {
	const telegrams: Seen[] = [];
	const reader = createReader(options, telegram => telegrams.push(copyTelegram(telegram)));
	const bytes = joinBytes(...frames);
	bytes[bit >> 3]! ^= 1 << (bit & 7);
	accept(reader, bytes, 0, bytes.length, 0);
	finish(reader);
	expect(telegrams.pop()?.text, `bit ${bit}`).toBe(specificationTelegram);
	return {
		accepted: telegrams,
		faults: Object.fromEntries(Object.entries(reader.faults).filter(([, count]) => count > 0)),
	};
}

describe.each([
	["aes-js", {}],
	["node:crypto", { createCipher: createNodeCipher }],
] as const)("%s", (_name, platform) => {
	test("required: of all 5176 single-bit flips none is accepted, each is counted once, and none hides the frame behind it", () => {
		expect(bits).toHaveLength(5176);
		for (const bit of bits) {
			const { accepted, faults } = receiveFlipped(
				{ key: realFrame.key, authentication: "required", ...platform },
				[realFrame.frame, next],
				bit,
			);
			expect(accepted, `bit ${bit}`).toEqual([]);
			if (bit < counterBit) continue;
			const fault = Object.keys(faults).join();
			expect(faults, `bit ${bit}`).toEqual({ [fault]: 1 });
			if (bit < textBit) expect(fault, `bit ${bit}`).toBe("wrongKey");
			// The first five characters decide whether the key seems right.
			else if (bit < textBit + 40) expect(["wrongKey", "damaged"], `bit ${bit}`).toContain(fault);
			else if (bit < markBit) expect(fault, `bit ${bit}`).toBe("damaged");
			// In the last line a flip can hide the CRC, or change no more than its case or line end.
			else if (bit < tagBit) expect(["damaged", "crcMissing", "wrongAuthenticationKey"], `bit ${bit}`).toContain(fault);
			else expect(fault, `bit ${bit}`).toBe("wrongAuthenticationKey");
		}
	});

	test.each(["prefer", "off"] as const)(
		"%s: a telegram is accepted only with every line as it was, and never as authenticated",
		authentication => {
			let count = 0;
			for (const bit of bits) {
				const { accepted } = receiveFlipped(
					{ key: realFrame.key, authentication, ...platform },
					[realFrame.frame, next],
					bit,
				);
				for (const { verdict, text } of accepted) {
					count += 1;
					expect(text.slice(0, markAt + 1), `bit ${bit}`).toBe(body);
					if (authentication === "prefer" || bit < tagBit) expect(verdict, `bit ${bit}`).toBe("crc-only");
				}
				if (bit >= tagBit) expect(accepted.map(telegram => telegram.text)).toEqual([realFrame.telegram]);
			}
			// The 96 bits of the tag, and a few that change nothing but the CRC's case or the line end.
			expect(count).toBeGreaterThanOrEqual(96);
			expect(count).toBeLessThan(96 + 40);
		},
	);
});

test("in clear: the same", () => {
	const frames = [textBytes(realFrame.telegram), textBytes(specificationTelegram)] as const;
	for (let bit = 0; bit < 8 * frames[0].length; bit += 1) {
		const { accepted } = receiveFlipped({ key: null }, frames, bit);
		for (const { text } of accepted) expect(text.slice(0, markAt + 1), `bit ${bit}`).toBe(body);
		if (bit < 8 * markAt) expect(accepted, `bit ${bit}`).toEqual([]);
	}
});
