/** Tests of `modules/messages/chunks.ts`. */
import { expect, test } from "vitest";
import { createChance } from "../support/chance.js";
import { joinPieces, listPieces } from "../support/pieces.js";

test("the pieces of any text are the text, and encode like it", () => {
	const encoder = new TextEncoder();
	for (let seed = 1; seed <= 50; seed++) {
		const chance = createChance(seed);
		const length = chance.pick([0, 1, 2_047, 2_048, 2_049, 4_096, chance.integer(0, 9_000)]);
		let text = "";
		while (text.length < length) text += chance.pick(["x", "ü", "€", "😀", "\ud800", "\udc00"]);
		expect(joinPieces(text)).toBe(text);
		const bytes = listPieces(text).map(piece => [...encoder.encode(piece)]);
		expect(bytes.flat()).toEqual([...encoder.encode(text)]);
	}
});

test("a text that is made in pieces is made once for each", () => {
	const made: number[] = [];
	const payload = {
		held: 0,
		make(at: number) {
			if (at === 3) return null;
			made.push(at);
			return `<${at}>`;
		},
	};
	expect(joinPieces(payload)).toBe("<0><1><2>");
	expect(made).toEqual([0, 1, 2]);
});
