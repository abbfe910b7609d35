/** Tests of `tools/heap.ts`. */
import { expect, test } from "vitest";
import { describeFailure, findProgram } from "../../simulator/xs/program.js";
import { runProgram } from "../support/program.js";

test.each([
	[["--moments", "layout=json nonsense"], "heap: layout must be one or more of"],
	[["--moments", "nonsense=1"], "heap: nonsense is no setting"],
	[["--moments", "layout"], "heap: layout is no setting that could be given as NAME=VALUE"],
	[["--telegrams", "9"], "usage: npm run --silent heap"],
])("heap refuses %s before it measures", async (words, complaint) => {
	const program = runProgram("tools/heap.ts", words);
	expect(await program.ended).toBe(2);
	expect(program.output.stdout).toBe("");
	expect(program.output.stderr).toMatch(new RegExp(`^${complaint}`));
});

test("a machine that is not built is told of in one line, a fault of the code with where it was", () => {
	const tell = (fault: () => void): string => {
		try {
			fault();
		} catch (error) {
			return describeFailure(error as Error);
		}
		return "";
	};
	expect(tell(() => findProgram("x32", "/nowhere/machine"))).toMatch(
		/^the XS machine x32 is not built: .*npm run xs.*$/,
	);
	expect(tell(() => JSON.parse("no"))).toContain("heap.test.ts");
});
