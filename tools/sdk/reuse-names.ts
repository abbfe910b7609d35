/** Names for the top of the board's bundle that cost nothing: XS keeps every name of the image once, 22 bytes and its letters. */

import ts from "typescript";
import { imageNames } from "./image-names.js";

const file = "bundle.js";

/** What the language itself names, which XS has too. */
const builtIn = [
	...[Object, Reflect, Math, JSON, Number, Promise, Atomics, String, Symbol, BigInt],
	...[Array, String, Number, Date, RegExp, Map, Set, Promise, DataView, ArrayBuffer].map(({ prototype }) => prototype),
	Object.getPrototypeOf(Uint8Array.prototype) as object,
].flatMap(object => Object.getOwnPropertyNames(object));

/**
 * The same program, its variables at the top named after its own properties, the language's and the SDK's, which have a name in the image already.
 * A variable is found by its place, never by its name. Where there are no more such names, those it has stay.
 */
export function reuseNames(text: string): string {
	const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
	const checker = createChecker(source);
	const properties = new Set<string>();
	const others = new Set<string>();
	const places = new Map<ts.Symbol, ts.Identifier[]>();
	const visit = (node: ts.Node): void => {
		ts.forEachChild(node, visit);
		if (!ts.isIdentifier(node)) return;
		if (isProperty(node)) {
			properties.add(node.text);
			return;
		}
		others.add(node.text);
		if (ts.isShorthandPropertyAssignment(node.parent)) properties.add(node.text);
		const symbol = resolve(checker, node);
		if (symbol === undefined || !isAtTop(symbol)) return;
		places.set(symbol, [...(places.get(symbol) ?? []), node]);
	};
	visit(source);
	const free = [...new Set([...properties, ...builtIn, ...imageNames])].filter(
		name => !others.has(name) && isName(name),
	);
	const edits = [...places].flatMap(([, nodes], at) =>
		free[at] === undefined ? [] : nodes.map(node => ({ node, name: free[at]! })),
	);
	return apply(text, edits);
}

/** No word of the language, not even one that is a name in some places. */
function isName(text: string): boolean {
	if (text === "eval" || text === "arguments") return false;
	return /^[a-zA-Z]\w+$/.test(text) && ts.identifierToKeywordKind(ts.factory.createIdentifier(text)) === undefined;
}

function createChecker(source: ts.SourceFile): ts.TypeChecker {
	const options: ts.CompilerOptions = { allowJs: true, noLib: true, noResolve: true, target: ts.ScriptTarget.ES2022 };
	const host: ts.CompilerHost = {
		...ts.createCompilerHost(options, true),
		getSourceFile: name => (name === file ? source : undefined),
		fileExists: name => name === file,
		readFile: () => undefined,
	};
	return ts.createProgram([file], options, host).getTypeChecker();
}

/** `a.NAME`, `{ NAME: 1 }`, `{ NAME: a } = b`, a member of a class. */
function isProperty(node: ts.Identifier): boolean {
	const { parent } = node;
	if (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent))
		return parent.name === node;
	if (ts.isPropertyDeclaration(parent) || ts.isAccessor(parent)) return parent.name === node;
	return ts.isBindingElement(parent) && parent.propertyName === node;
}

function resolve(checker: ts.TypeChecker, node: ts.Identifier): ts.Symbol | undefined {
	if (ts.isShorthandPropertyAssignment(node.parent)) return checker.getShorthandAssignmentValueSymbol(node.parent);
	return checker.getSymbolAtLocation(node);
}

/** What is declared at the top, but for imports and what is exported where it is declared. */
function isAtTop({ valueDeclaration: declaration }: ts.Symbol): boolean {
	if (declaration === undefined) return false;
	const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
	if (!ts.isVariableStatement(statement) && !ts.isClassDeclaration(statement) && !ts.isFunctionDeclaration(statement))
		return false;
	const isExported = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
	return ts.isSourceFile(statement.parent) && !isExported;
}

function apply(text: string, edits: readonly { node: ts.Identifier; name: string }[]): string {
	const parts: string[] = [];
	let end = 0;
	for (const { node, name } of [...edits].sort((a, b) => a.node.pos - b.node.pos)) {
		const key = ts.isShorthandPropertyAssignment(node.parent) ? `${node.text}: ` : "";
		const from = ts.isExportSpecifier(node.parent) && node.parent.propertyName === undefined ? ` as ${node.text}` : "";
		parts.push(text.slice(end, node.getStart()), key, name, from);
		end = node.end;
	}
	return [...parts, text.slice(end)].join("");
}
