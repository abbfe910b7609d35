/** Tests of tools: mutants. */
import { readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";
import { mutants } from "../../tools/mutation/mutants.js";

test.each(mutants.map(mutant => [mutant.name, mutant] as const))(
	"%s: the place of the mistake is still there",
	(_, mutant) => {
		const text = readFileSync(new URL(`../../${mutant.file}`, import.meta.url), "utf8");
		expect(text.split(mutant.find)).toHaveLength(2);
		const mistaken = text.replace(mutant.find, () => mutant.replace);
		expect(mistaken).not.toBe(text);
		expect(ts.transpileModule(mistaken, { reportDiagnostics: true }).diagnostics).toEqual([]);
	},
);
