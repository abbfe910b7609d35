/** Tests of `modules/tls/reasons.ts`. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { reasons } from "../../modules/tls/reasons.js";

const folder = new URL(".", import.meta.url);

it("every reason is asserted by a test, and no two are the same", () => {
	const files = readdirSync(folder).filter(name => name.endsWith(".test.ts") && name !== "reasons.test.ts");
	const text = files.map(name => readFileSync(new URL(name, folder), "utf8")).join("");
	expect(Object.keys(reasons).filter(name => !text.includes(`reasons.${name}`))).toEqual([]);
	expect(new Set(Object.values(reasons)).size).toBe(Object.keys(reasons).length);
});
