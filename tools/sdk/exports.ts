/** Compares what `types/moddable.d.ts` declares with the modules of the SDK that a build was made of. */

import { readFileSync } from "node:fs";
import ts from "typescript";
import type { DeclaredExport, DeclaredModule } from "./declarations.js";

/** The file of each module, by its name, as the build's makefile says. */
export type ModuleFiles = ReadonlyMap<string, string>;

/** What a module's value has. */
interface Shape {
	statics: Set<string>;
	members: Set<string>;
	/** The local name of what its class extends; null where that is C, or nothing. */
	base: string | null;
}

interface Source {
	shapes: Map<string, Shape>;
	/** Module and export of each imported name. */
	imports: Map<string, { from: string; name: string }>;
	/** The local name of each export, or where it is taken from. */
	exports: Map<string, string>;
	/** Members of all classes. */
	all: Set<string>;
}

/** `$(MODULES_DIR)/~.embedded/io/serial.xsb: /sdk/…/serial.js` names the module `embedded:io/serial`. */
export function readModuleFiles(makefile: string): Map<string, string> {
	const rules = makefile.matchAll(/^\$\(MODULES_DIR\)\/(\S+)\.xsb: (\/\S+\.js)$/gm);
	return new Map([...rules].map(([, name, file]) => [name!.replace(/^~\.(\w+)\//, "$1:"), file!]));
}

/** What is declared and not there, one line each. Modules that the build does not have are passed over. `isBoard`: also what is optional. */
export function compareExports(declared: readonly DeclaredModule[], files: ModuleFiles, isBoard: boolean): string[] {
	const known = new Map<string, Source>();
	const open = (name: string): Source | null => {
		const file = files.get(name);
		if (file === undefined) return null;
		const source = known.get(name) ?? readSource(readFileSync(file, "utf8"));
		if (name === "mc/ffi") addFunctions(source, readFileSync(file.replace(/\.js$/, ".c"), "utf8"));
		known.set(name, source);
		return source;
	};
	return declared.flatMap(({ name, exports }) => {
		const source = open(name);
		if (source === null) return [];
		return exports.flatMap(item => compareExport(item, source, open, isBoard).map(what => `${name}: ${what}`));
	});
}

function compareExport(
	item: DeclaredExport,
	source: Source,
	open: (name: string) => Source | null,
	isBoard: boolean,
): string[] {
	const local = source.exports.get(item.name);
	if (local === undefined) return [`no export ${item.name}`];
	const shape = resolve(local, source, open);
	if (shape === null)
		return item.members.length + item.statics.length === 0 ? [] : [`${item.name} is neither class nor object`];
	const lacks = (names: readonly string[], there: ReadonlySet<string>) =>
		names.filter(name => !there.has(name) && (isBoard || !item.optional.includes(name)));
	return [
		...lacks(item.members, shape.members).map(name => `${item.name} has no ${name}`),
		...lacks(item.statics, shape.statics).map(name => `${item.name} has no static ${name}`),
		...lacks(item.returned, source.all).map(name => `nothing that ${item.name} could return has ${name}`),
	];
}

/** A local name's own members and those that it inherits, from other modules too. */
function resolve(local: string, source: Source, open: (name: string) => Source | null): Shape | null {
	const imported = source.imports.get(local);
	if (imported !== undefined) {
		const other = open(imported.from);
		const name = other?.exports.get(imported.name);
		return other === null || name === undefined ? null : resolve(name, other, open);
	}
	const own = source.shapes.get(local);
	if (own === undefined) return null;
	const base = own.base === null ? null : resolve(own.base, source, open);
	if (base === null) return own;
	return {
		statics: new Set([...own.statics, ...base.statics]),
		members: new Set([...own.members, ...base.members]),
		base: null,
	};
}

/** The class of the manifest's C functions gets them from its constructor, which is in C. */
function addFunctions({ shapes }: Source, code: string): void {
	for (const [, name] of code.matchAll(/XS->id\(the, "(\w+)"\)/g)) shapes.get("FFI")?.members.add(name!);
}

/** XS's own syntax for what is in C (`read() @ "xs_read";`) is made a body. */
function readSource(text: string): Source {
	const plain = text.replace(/\s*@\s*"[^"]+"(\s*\{)?/g, (_, brace: string | undefined) => brace ?? " {}");
	const file = ts.createSourceFile("module.js", plain, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS);
	const source: Source = { shapes: new Map(), imports: new Map(), exports: new Map(), all: new Set() };
	for (const statement of file.statements) readStatement(statement, source);
	for (const { members } of source.shapes.values()) for (const name of members) source.all.add(name);
	return source;
}

function readStatement(statement: ts.Statement, source: Source): void {
	const { shapes, exports } = source;
	const words = ts.canHaveModifiers(statement) ? (statement.modifiers ?? []).map(({ kind }) => kind) : [];
	const isExported = words.includes(ts.SyntaxKind.ExportKeyword);
	const isDefault = words.includes(ts.SyntaxKind.DefaultKeyword);
	const add = (name: string, shape: Shape | null) => {
		if (shape !== null) shapes.set(name, shape);
		if (isExported) exports.set(isDefault ? "default" : name, name);
	};
	if (ts.isImportDeclaration(statement)) readImport(statement, source);
	else if (ts.isClassDeclaration(statement)) add(statement.name?.text ?? "default", readClass(statement));
	else if (ts.isFunctionDeclaration(statement)) add(statement.name?.text ?? "default", null);
	else if (ts.isVariableStatement(statement)) {
		for (const { name, initializer } of statement.declarationList.declarations) {
			add(name.getText(), initializer === undefined ? null : readObject(initializer));
		}
	} else if (ts.isExportAssignment(statement)) readDefault(statement.expression, source);
	else if (ts.isExportDeclaration(statement)) readExportList(statement, source);
	else if (ts.isExpressionStatement(statement)) readAssignment(statement.expression, source);
}

function readImport({ importClause, moduleSpecifier }: ts.ImportDeclaration, { imports }: Source): void {
	const from = (moduleSpecifier as ts.StringLiteral).text;
	if (importClause?.name !== undefined) imports.set(importClause.name.text, { from, name: "default" });
	const names = importClause?.namedBindings;
	if (names === undefined || !ts.isNamedImports(names)) return;
	for (const { name, propertyName } of names.elements) {
		imports.set(name.text, { from, name: (propertyName ?? name).text });
	}
}

/** `export { A as B }`, or the same with `from`. */
function readExportList({ exportClause, moduleSpecifier }: ts.ExportDeclaration, { exports, imports }: Source): void {
	if (exportClause === undefined || !ts.isNamedExports(exportClause)) return;
	for (const { name, propertyName } of exportClause.elements) {
		const local = (propertyName ?? name).text;
		if (moduleSpecifier === undefined) {
			exports.set(name.text, local);
			continue;
		}
		const key = `${name.text} from ${moduleSpecifier.getText()}`;
		imports.set(key, { from: (moduleSpecifier as ts.StringLiteral).text, name: local });
		exports.set(name.text, key);
	}
}

function readDefault(value: ts.Expression, { exports, shapes }: Source): void {
	if (ts.isIdentifier(value)) {
		exports.set("default", value.text);
		return;
	}
	exports.set("default", "default");
	const shape = readObject(value);
	if (shape !== null) shapes.set("default", shape);
}

function readClass(node: ts.ClassLikeDeclaration): Shape {
	const shape: Shape = { statics: new Set(), members: new Set(), base: null };
	const parent = node.heritageClauses?.[0]?.types[0]?.expression;
	if (parent !== undefined && ts.isIdentifier(parent)) shape.base = parent.text;
	for (const member of node.members) {
		if (member.name === undefined || ts.isPrivateIdentifier(member.name)) continue;
		const words = ts.canHaveModifiers(member) ? (member.modifiers ?? []) : [];
		const isStatic = words.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword);
		(isStatic ? shape.statics : shape.members).add(member.name.getText());
	}
	const visit = (inner: ts.Node): void => {
		if (ts.isBinaryExpression(inner) && inner.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
			const { left } = inner;
			if (ts.isPropertyAccessExpression(left) && left.expression.kind === ts.SyntaxKind.ThisKeyword) {
				shape.members.add(left.name.text);
			}
		}
		ts.forEachChild(inner, visit);
	};
	visit(node);
	return shape;
}

/** A literal, also inside `Object.freeze(…)`; null for anything else. */
function readObject(value: ts.Expression): Shape | null {
	if (ts.isClassExpression(value)) return readClass(value);
	const inner = ts.isCallExpression(value) ? value.arguments[0] : value;
	if (inner === undefined || !ts.isObjectLiteralExpression(inner)) return null;
	const names = inner.properties.map(property => property.name?.getText() ?? "");
	return { statics: new Set(names), members: new Set(), base: null };
}

/** `Name.member = …` and `Name.prototype.member = …` */
function readAssignment(expression: ts.Expression, { shapes }: Source): void {
	if (!ts.isBinaryExpression(expression) || !ts.isPropertyAccessExpression(expression.left)) return;
	const { left } = expression;
	const [name = "", second] = left.expression.getText().split(".");
	const shape = shapes.get(name);
	if (shape === undefined) return;
	(second === "prototype" ? shape.members : shape.statics).add(left.name.text);
}
