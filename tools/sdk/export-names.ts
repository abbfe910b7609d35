/** Short names for what the board's modules export to each other: XS keeps each name of the program once, with 20 bytes and its letters. */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { root } from "./modules.js";

/** Modules that others know by a name of the manifest keep their exports' names, as do those that the SDK imports. */
const kept = /\/(esp32|lin|aes-js|tls)\/[^/]+$/;
const letters = "abcdefghijklmnopqrstuvwxyz";

/** Whether all who import this module do so by its path. */
function isShortened(file: string): boolean {
	const path = file.startsWith(root) ? file.slice(root.length) : "";
	return path.startsWith("modules/") && !(path.startsWith("modules/device/") && kept.test(`/${path}`));
}

/** The short name of each of a module's values, by its place in the alphabet; the same for the module and those who import it. */
export function shortenExports(file: string): ReadonlyMap<string, string> {
	if (!isShortened(file)) return new Map();
	const names = listValues(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true)).sort();
	return new Map(names.map((name, at) => [name, shortName(at)]));
}

/** `a` to `z`, then `aa`, `ab`… */
function shortName(at: number): string {
	const last = letters[at % letters.length]!;
	return at < letters.length ? last : shortName(Math.floor(at / letters.length) - 1) + last;
}

function listValues(file: ts.SourceFile): string[] {
	return file.statements.flatMap(statement => {
		if (ts.isExportDeclaration(statement)) return listExported(statement).map(({ name }) => name.text);
		if (!ts.canHaveModifiers(statement)) return [];
		const words = (statement.modifiers ?? []).map(({ kind }) => kind);
		if (!words.includes(ts.SyntaxKind.ExportKeyword) || words.includes(ts.SyntaxKind.DefaultKeyword)) return [];
		if (ts.isVariableStatement(statement)) {
			return statement.declarationList.declarations.map(({ name }) => name.getText(file));
		}
		const isValue =
			ts.isClassDeclaration(statement) || (ts.isFunctionDeclaration(statement) && statement.body !== undefined);
		return isValue && statement.name !== undefined ? [statement.name.text] : [];
	});
}

/** The values of `export { a, b as c }`, also `from` another module. */
function listExported({ isTypeOnly, exportClause }: ts.ExportDeclaration): ts.ExportSpecifier[] {
	if (isTypeOnly || exportClause === undefined || !ts.isNamedExports(exportClause)) return [];
	return exportClause.elements.filter(element => !element.isTypeOnly);
}

/** A transformer after TypeScript's own for the module in this file. */
export function shortenNames(file: string): ts.TransformerFactory<ts.SourceFile> {
	const own = shortenExports(file);
	return ({ factory }) =>
		source => {
			const listed = new Set<string>();
			const statements = source.statements.map(statement => {
				if (ts.isImportDeclaration(statement)) return shortenImport(factory, statement, file);
				if (!ts.isExportDeclaration(statement)) return withoutExport(factory, statement, own);
				for (const { name } of listExported(statement)) listed.add(name.text);
				return shortenList(factory, statement, file, own);
			});
			const declared = [...own].filter(([name]) => !listed.has(name));
			if (declared.length === 0) return factory.updateSourceFile(source, statements);
			const specifiers = declared.map(([name, short]) => factory.createExportSpecifier(false, name, short));
			const list = factory.createExportDeclaration(undefined, false, factory.createNamedExports(specifiers));
			return factory.updateSourceFile(source, [...statements, list]);
		};
}

function shortenImport(factory: ts.NodeFactory, node: ts.ImportDeclaration, file: string): ts.ImportDeclaration {
	const { importClause, moduleSpecifier } = node;
	const bindings = importClause?.namedBindings;
	const specifier = (moduleSpecifier as ts.StringLiteral).text;
	if (!specifier.startsWith(".") || bindings === undefined || !ts.isNamedImports(bindings)) return node;
	const shorts = shortsOf(file, specifier);
	const elements = bindings.elements.map(element => {
		const short = shorts.get((element.propertyName ?? element.name).text);
		return short === undefined
			? element
			: factory.updateImportSpecifier(element, false, factory.createIdentifier(short), element.name);
	});
	const clause = factory.updateImportClause(
		importClause!,
		importClause!.phaseModifier,
		importClause!.name,
		factory.updateNamedImports(bindings, elements),
	);
	return factory.updateImportDeclaration(node, node.modifiers, clause, moduleSpecifier, node.attributes);
}

function shortsOf(file: string, specifier: string): ReadonlyMap<string, string> {
	return shortenExports(join(dirname(file), specifier.replace(/\.js$/, ".ts")));
}

function shortenList(
	factory: ts.NodeFactory,
	node: ts.ExportDeclaration,
	file: string,
	own: ReadonlyMap<string, string>,
): ts.ExportDeclaration {
	const { moduleSpecifier, attributes } = node;
	const from = moduleSpecifier as ts.StringLiteral | undefined;
	const shorts = from?.text.startsWith(".") ? shortsOf(file, from.text) : new Map<string, string>();
	const elements = listExported(node).map(({ name, propertyName }) => {
		const target = (propertyName ?? name).text;
		return factory.createExportSpecifier(false, shorts.get(target) ?? target, own.get(name.text) ?? name.text);
	});
	const clause = factory.createNamedExports(elements);
	return factory.updateExportDeclaration(node, undefined, false, clause, moduleSpecifier, attributes);
}

/** The declaration alone: what it exports is in the list at the end. */
function withoutExport(factory: ts.NodeFactory, node: ts.Statement, own: ReadonlyMap<string, string>): ts.Statement {
	if (own.size === 0 || !ts.canHaveModifiers(node)) return node;
	const modifiers = (node.modifiers ?? []).filter(({ kind }) => kind !== ts.SyntaxKind.ExportKeyword) as ts.Modifier[];
	if (ts.isVariableStatement(node)) return factory.updateVariableStatement(node, modifiers, node.declarationList);
	const { parameters } = node as ts.FunctionDeclaration;
	if (ts.isFunctionDeclaration(node))
		return factory.updateFunctionDeclaration(
			node,
			modifiers,
			node.asteriskToken,
			node.name,
			undefined,
			parameters,
			undefined,
			node.body,
		);
	if (ts.isClassDeclaration(node))
		return factory.updateClassDeclaration(node, modifiers, node.name, undefined, node.heritageClauses, node.members);
	return node;
}
