/** Tests of simulator: utf8. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeByHand, encodeByHand } from "../../../simulator/world/bridge/utf8.js";

test("is what Node's own functions do", () => {
	const units = fc.array(fc.nat(0xffff), { maxLength: 40 }).map(codes => String.fromCharCode(...codes));
	fc.assert(
		fc.property(fc.oneof(units, fc.string({ unit: "binary" })), text => {
			const bytes = new TextEncoder().encode(text);
			expect(encodeByHand(text)).toEqual(bytes);
			expect(decodeByHand(bytes)).toBe(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
		}),
	);
});
