/** The pieces of set-up: names, forms, networks, tokens and HTML. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { FoundNetwork } from "../../modules/ports/ports.js";
import { findSetting, validateValue } from "../../modules/settings/settings.js";
import { makeToken } from "../../modules/settings/token.js";
import { answerName } from "../../modules/setup/dns.js";
import { parseForm } from "../../modules/setup/form.js";
import { script, scriptHash, style, styleHash, toHtml } from "../../modules/setup/html.js";
import { addNetwork } from "../../modules/setup/networks.js";
import { chooseLanguage, say, type Word } from "../../modules/setup/words.js";
import { createChance } from "../support/chance.js";

const address = [192, 168, 4, 1];

/** Of RFC 1035's section 4, written out: identifier, flags, counts, the name, type and class. */
function query(name: string, type = 1, flags = 0x0100, questions = 1): number[] {
	const labels = name === "" ? [] : name.split(".").flatMap(label => [label.length, ...Buffer.from(label)]);
	return [
		0xab,
		0xcd,
		flags >> 8,
		flags & 255,
		0,
		questions,
		0,
		0,
		0,
		0,
		0,
		0,
		...labels,
		0,
		type >> 8,
		type & 255,
		0,
		1,
	];
}

describe("a question for a name", () => {
	test("is answered with the address, byte by byte", () => {
		const asked = query("a.bc");
		expect([...answerName(Uint8Array.from(asked), address)!]).toEqual([
			...[0xab, 0xcd, 0x85, 0x00, 0, 1, 0, 1, 0, 0, 0, 0],
			...asked.slice(12),
			...[0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 192, 168, 4, 1],
		]);
	});

	test.each([28, 65, 255, 16])("of type %i exists, and has nothing", type => {
		const asked = query("captive.apple.com", type);
		expect([...answerName(Uint8Array.from(asked), address)!]).toEqual([
			...[0xab, 0xcd, 0x85, 0x00, 0, 1, 0, 0, 0, 0, 0, 0],
			...asked.slice(12),
		]);
	});

	test("with EDNS behind it is answered without", () => {
		const asked = query("a.bc");
		const edns = [...asked.slice(0, 11), 1, ...asked.slice(12), 0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0];
		expect(answerName(Uint8Array.from(edns), address)).toEqual(answerName(Uint8Array.from(asked), address));
	});

	test.each([
		["an answer", query("a", 1, 0x8100)],
		["another operation", query("a", 1, 0x2800)],
		["no question", query("a", 1, 0x0100, 0)],
		["two questions", query("a", 1, 0x0100, 2)],
		["a pointer", [...query("a").slice(0, 12), 0xc0, 0x0c, 0, 1, 0, 1]],
		["a label without end", [...query("a").slice(0, 12), 63, 65]],
		["too long a name", query(Array.from({ length: 60 }, () => "label").join("."))],
		["nothing", []],
	])("that is none gets no answer: %s", (_name, bytes) => {
		expect(answerName(Uint8Array.from(bytes), address)).toBeNull();
	});

	test("cut anywhere, or of any bytes, is no exception and never answered with more than it and an address", () => {
		const chance = createChance(3);
		const whole = query("connectivitycheck.gstatic.com");
		for (let end = 0; end < whole.length; end += 1)
			expect(answerName(Uint8Array.from(whole.slice(0, end)), address)).toBeNull();
		for (let round = 0; round < 2_000; round += 1) {
			const bytes = Uint8Array.from(whole, byte => (chance.integer(0, 9) === 0 ? chance.integer(0, 255) : byte));
			const answer = answerName(bytes, address);
			if (answer !== null) expect(answer.length).toBeLessThanOrEqual(bytes.length + 16);
		}
	});
});

describe("a form", () => {
	const parse = (text: string) => parseForm(new TextEncoder().encode(text));

	test("as a browser sends it", () => {
		const fields = {
			wifi: "Café & Bar = +1%",
			wifiPassword: "pass word",
			empty: "",
			"forget-key": "on",
			lb: "Lëtz€🏠",
		};
		expect(parse(new URLSearchParams(fields).toString())).toEqual(Object.entries(fields));
	});

	test.each([
		["", []],
		["a", [["a", ""]]],
		["a=b=c", [["a", "b=c"]]],
		["&&a=1&", [["a", "1"]]],
		["a=%e4", [["a", "ä"]]],
		["a=%00%0d%0ab", [["a", "b"]]],
	])("%j", (text, fields) => expect(parse(text)).toEqual(fields));

	test.each(["a=%", "a=%4", "a=%zz", "%g0=1", Array.from({ length: 40 }, (_, at) => `f${at}=1`).join("&")])(
		"that is none: %s",
		text => expect(parse(text)).toBeNull(),
	);
});

test("of many networks the strongest twenty are left, each once", () => {
	const chance = createChance(5);
	const all: FoundNetwork[] = Array.from({ length: 300 }, () => ({
		name: chance.integer(0, 9) === 0 ? "" : `net ${chance.integer(1, 40)}`,
		strength: -chance.integer(30, 95),
		isOpen: false,
	}));
	const networks: FoundNetwork[] = [];
	for (const found of all) addNetwork(networks, found);
	const best = new Map<string, number>();
	for (const { name, strength } of all) if (name !== "") best.set(name, Math.max(best.get(name) ?? -999, strength));
	const wanted = [...best.values()].sort((a, b) => b - a).slice(0, 20);
	expect(networks.map(({ strength }) => strength)).toEqual(wanted);
	for (const { name, strength } of networks) expect(best.get(name)).toBe(strength);
});

test("tokens are good settings, have 80 bits, and use every letter", () => {
	const chance = createChance(7);
	const seen = new Set<string>();
	const letters = new Set<string>();
	for (let round = 0; round < 500; round += 1) {
		const token = makeToken(() => chance.integer(0, 0xfffffff) / 0x10000000);
		expect(validateValue(findSetting("webToken"), token)).toBeNull();
		seen.add(token);
		for (const letter of token.replaceAll("-", "")) letters.add(letter);
		expect(token.replaceAll("-", "")).toHaveLength(16);
	}
	expect(seen.size).toBe(500);
	expect(letters.size).toBe(32);
	expect(makeToken(() => 0)).toBe("aaaa-aaaa-aaaa-aaaa");
	expect(makeToken(() => 1 - 2 ** -31)).toBe("9999-9999-9999-9999");
});

test("text stays text in HTML", () => {
	expect(toHtml(`<script>alert("1")</script>&'`)).toBe("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;");
});

test("the policy lets the page's own script and style be, and no other", () => {
	const hash = (text: string) => `sha256-${createHash("sha256").update(text).digest("base64")}`;
	expect([scriptHash, styleHash]).toEqual([hash(script), hash(style)]);
	expect(script + style).not.toMatch(/<\/s/);
});

test("every sentence is there in four languages", () => {
	expect(["en", "de", "fr", "lb"].map(chooseLanguage)).toEqual([0, 1, 2, 3]);
	const names: Word[] = ["title", "wifi", "keyOpens", "kept", "goodbye", "wifiFailed"];
	for (const word of names) {
		const texts = [0, 1, 2, 3].map(language => say(language, word, "$&"));
		for (const text of texts) expect(text).toMatch(/\S/);
		if (word === "wifiFailed") for (const text of texts) expect(text).toContain("$&");
	}
});
