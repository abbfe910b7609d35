/** What packs the page: every browser's gzip reads it, and it is tighter than zlib. */
import { readFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { packGzip } from "../../tools/page/pack.js";

const text = readFileSync(new URL("../../docs/architecture.md", import.meta.url)).subarray(0, 20_000);

test("gives back what was packed, whatever it is", () => {
	const word = fc.constantFrom("meter ", "broker", "\n", "aaaaaaaaaaaaaaaaaaaaaaaa", "ü", "0");
	const texts = fc.array(word, { maxLength: 300 }).map(words => Buffer.from(words.join("")));
	fc.assert(
		fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), texts), bytes => {
			expect(Buffer.compare(gunzipSync(packGzip(bytes)), bytes)).toBe(0);
		}),
		{ numRuns: 60 },
	);
});

test("…also nothing, one byte, one byte many times, and what repeats from as far away as there can be", () => {
	const far = Buffer.concat([text.subarray(0, 300), Buffer.alloc(32_768 - 300, 7), text.subarray(0, 300)]);
	for (const bytes of [Buffer.alloc(0), Buffer.from("a"), Buffer.alloc(70_000, 1), far])
		expect(Buffer.compare(gunzipSync(packGzip(bytes)), bytes)).toBe(0);
});

test("takes less than zlib at its best, and always the same", () => {
	const packed = packGzip(text);
	expect(Buffer.compare(gunzipSync(packed), text)).toBe(0);
	expect(packed.length).toBeLessThan(0.98 * gzipSync(text, { level: 9 }).length);
	expect(Buffer.compare(packGzip(text), packed)).toBe(0);
});
