/** The engine for regular expressions is 32 KB of flash, which the linker leaves out as long as nothing of the board has one. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { root } from "../../tools/sdk/modules.js";

function findExpressions(path: string, text: string): string[] {
	const found: string[] = [];
	const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
	const visit = (node: ts.Node): void => {
		const isNamed = ts.isIdentifier(node) && node.text === "RegExp";
		if (node.kind === ts.SyntaxKind.RegularExpressionLiteral || isNamed) found.push(`${path}: ${node.getText()}`);
		ts.forEachChild(node, visit);
	};
	visit(file);
	return found;
}

test("no module of the board has a regular expression", () => {
	const modules = readdirSync(join(root, "modules"), { recursive: true, encoding: "utf8" })
		.filter(path => path.endsWith(".ts"))
		.map(path => `modules/${path}`);
	expect(modules.length).toBeGreaterThan(100);
	const paths = [...modules, "main.ts", "node_modules/aes-js/index.js"];
	expect(paths.flatMap(path => findExpressions(path, readFileSync(join(root, path), "utf8")))).toEqual([]);
});

test("one would be found", () => {
	expect(findExpressions("a.ts", "const a = 1 / 2; f(/b/);\nnew RegExp('c');")).toEqual(["a.ts: /b/", "a.ts: RegExp"]);
});
