/** Finds the project's sources and reads their imports. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export interface Source {
	/** From the project's root, with `/`. */
	path: string;
	text: string;
}

/** One import, re-export, `import()` or `import("…").Type` of one source. */
export interface Import {
	from: string;
	/** null where it is computed at run time. */
	specifier: string | null;
	/** True where nothing remains of it after compilation; `import { type A }` loads the module all the same. */
	typeOnly: boolean;
	line: number;
}

export const projectRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

const skipped = new Set(["node_modules", ".git", ".cache", "out", "hardware"]);

/** Every source of the project; declarations are left out. */
export function listSources(root = projectRoot, folder = ""): Source[] {
	const sources: Source[] = [];
	for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
		if (skipped.has(entry.name)) continue;
		const path = posix.join(folder, entry.name);
		if (entry.isDirectory()) sources.push(...listSources(root, path));
		else if (/\.(ts|js|mjs)$/.test(path) && !path.endsWith(".d.ts")) {
			sources.push({
				path: relative(root, join(root, path)).split(sep).join("/"),
				text: readFileSync(join(root, path), "utf8"),
			});
		}
	}
	return sources.sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** The modules that the declarations in `types/` declare, npm's packages among them. */
export function listDeclaredModules(root = projectRoot): string[] {
	const names: string[] = [];
	for (const name of readdirSync(join(root, "types"))) {
		const file = ts.createSourceFile(name, readFileSync(join(root, "types", name), "utf8"), ts.ScriptTarget.ES2022);
		for (const statement of file.statements) {
			if (ts.isModuleDeclaration(statement) && ts.isStringLiteral(statement.name)) names.push(statement.name.text);
		}
	}
	return names;
}

/** The imports of one source, read with TypeScript's own parser. */
export function parseImports(source: Source): Import[] {
	const file = ts.createSourceFile(source.path, source.text, ts.ScriptTarget.ES2022, true);
	const imports: Import[] = [];
	function add(specifier: ts.Node, typeOnly: boolean): void {
		const line = file.getLineAndCharacterOfPosition(specifier.getStart()).line + 1;
		imports.push({
			from: source.path,
			specifier: ts.isStringLiteralLike(specifier) ? specifier.text : null,
			typeOnly,
			line,
		});
	}
	function visit(node: ts.Node): void {
		if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.isTypeOnly === true);
		else if (ts.isExportDeclaration(node)) {
			if (node.moduleSpecifier !== undefined) add(node.moduleSpecifier, node.isTypeOnly);
		} else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
			add(node.moduleReference.expression, node.isTypeOnly);
		} else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
		else if (isDynamic(node) && node.arguments[0] !== undefined) add(node.arguments[0], false);
		ts.forEachChild(node, visit);
	}
	visit(file);
	return imports;
}

function isDynamic(node: ts.Node): node is ts.CallExpression {
	if (!ts.isCallExpression(node)) return false;
	const { expression } = node;
	return (
		expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(expression) && expression.text === "require")
	);
}

/** The source that a relative specifier names (`./frame.js` is `frame.ts`), from the project's root. */
export function resolveRelative(from: string, specifier: string): string {
	return posix.join(posix.dirname(from), specifier);
}
