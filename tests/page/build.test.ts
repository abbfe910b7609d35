/** The page as it is built: its size, its policy, its languages, and that what is committed is what the sources make. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { registerSignature } from "../../modules/history/sample.js";
import { findSetting, validateValue } from "../../modules/settings/settings.js";
import { settingTable } from "../../modules/settings/table.js";
import { buildPage, pageFile } from "../../tools/page.js";

const packed = readFileSync(pageFile);
const html = gunzipSync(packed).toString();
let fresh = "";

beforeAll(async () => {
	vi.stubGlobal("navigator", { languages: ["en"] });
	fresh = await buildPage();
});

test("what is committed is what the sources make: else `npm run page`", () => {
	expect(html).toBe(fresh);
});

test("takes at most 16 KB of the board's flash", () => {
	expect(packed.length).toBeLessThanOrEqual(16_384);
});

test("may run its own script and style, ask the reader, and nothing else", () => {
	const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)![1]!;
	const hash = (tag: string) => {
		const text = new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`).exec(html)![1]!;
		return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
	};
	expect(Object.fromEntries(policy.split("; ").map(part => part.split(" ")))).toEqual({
		"default-src": "'none'",
		"script-src": hash("script"),
		"style-src": hash("style"),
		"img-src": "data:",
		"connect-src": "'self'",
		"base-uri": "'none'",
		"form-action": "'none'",
	});
	// Nothing that it would have to load before its policy counts, or from elsewhere.
	expect(html.indexOf("Content-Security-Policy")).toBeLessThan(html.indexOf("<style"));
	expect(html.match(/https?:\/\/[^"'` )]+/g)).toEqual(["http://www.w3.org/2000/svg", "http://www.w3.org/2000/svg"]);
	expect(html).not.toMatch(/innerHTML|insertAdjacent|document\.write|eval\(/);
});

test("holds the firmware's own decoder, and nothing of the rest of it", () => {
	expect(html).toContain(String(registerSignature()));
	expect(html).not.toMatch(/mqtt:\/\/host:port.*must be|aes|ghash/i);
});

describe("words", () => {
	test("are there in four languages, with the same places for values", async () => {
		const { words } = await import("../../page/texts.js");
		for (const [name, text] of Object.entries(words)) {
			const parts = text.split("|");
			expect(parts, name).toHaveLength(4);
			for (const part of parts) {
				expect(part.trim(), name).not.toBe("");
				expect(part.split("{}").length, `${name}: ${part}`).toBe(parts[0]!.split("{}").length);
			}
		}
	});

	test("name all that the firmware can say of a meter", async () => {
		const { isWord, nameKind } = await import("../../page/words.js");
		const source = readFileSync(new URL("../../modules/health/meter.ts", import.meta.url), "utf8");
		const states = [...source.matchAll(/^\t\| "(\w+)"/gm)].map(([, name]) => name!);
		expect(states).toContain("wrongKey");
		const mbus = readFileSync(new URL("../../modules/p1/mbus.ts", import.meta.url), "utf8");
		const kinds = [...mbus.matchAll(/^\t\t\[\d+, "(\w+)"\]/gm)].map(([, name]) => name!);
		expect(kinds).toContain("heat_cost_allocator");
		for (const kind of [...kinds, "other"]) expect(nameKind(kind), kind).toMatch(/^[A-Z][a-z]+( [a-z]+)?$/);
		for (const name of [...states, "authenticated", "crc-only", "plain"]) expect(isWord(name), name).toBe(true);
	});
});

describe("the form of settings", () => {
	test("has every setting once", async () => {
		const { groups } = await import("../../page/choices.js");
		const named = groups.flatMap(([, names]) => names);
		expect([...named].sort()).toEqual(settingTable.map(({ name }) => name).sort());
	});

	test("offers values that the firmware takes, the usual one among them", async () => {
		const { choices } = await import("../../page/choices.js");
		for (const [name, values] of Object.entries(choices)) {
			const at = findSetting(name);
			for (const value of values) expect(validateValue(at, value), `${name} ${value}`).toBeNull();
			expect(values, name).toContain(settingTable[at]!.fallback);
		}
	});
});
