/** Tests of `modules/settings/key.ts`. */
import { expect, test } from "vitest";
import { normalizeKey, parseKey, validateKey } from "../../modules/settings/key.js";

const key = "5A0F3C9E81D24B7760C1E2A394857B16";
const pairs = key.match(/../g)!;

test.each([
	["as it is", key],
	["in lower case", key.toLowerCase()],
	["with spaces", pairs.join(" ")],
	["with colons", pairs.join(":")],
	["with dashes", pairs.join("-")],
	["with 0x before all", `0x${key}`],
	["with 0X before all", `0X${key}`],
	["as a list of a program", pairs.map(pair => `0x${pair}`).join(", ")],
	["in braces", `{ ${pairs.map(pair => `0x${pair}`).join(",")} };`],
	["in brackets", `[${pairs.map(pair => `0x${pair.toLowerCase()}`).join(", ")}]`],
	["in quotes", `"${key}"`],
	["as escapes", `"${pairs.map(pair => `\\x${pair}`).join("")}"`],
	["with zeros before 0x", `{${["0x00", ...pairs.slice(1).map(pair => `0x${pair}`)].join("")}}`],
])("a key %s", (name, text) => {
	expect(validateKey("key", text)).toBeNull();
	const expected = name.startsWith("with zeros") ? `00${key.slice(2)}` : key;
	expect(normalizeKey(text)).toBe(expected);
	expect(Buffer.from(parseKey(text)).toString("hex").toUpperCase()).toBe(expected);
});

test.each([
	["", "needs 32: 32 missing"],
	["{}", "needs 32: 32 missing"],
	[`0x${key}0`, "1 too many"],
	[`${key.slice(2)}x0`, "at place 31"],
	[`{0x5,0xF,${key}}`, "2 too many"],
])("%s is none", (text, complaint) => {
	expect(validateKey("key", text)).toContain(complaint);
});
