/** Reads what `types/moddable.d.ts` says that modules of the SDK export. */

import ts from "typescript";

/** What one module is said to export. */
export interface DeclaredModule {
	name: string;
	exports: DeclaredExport[];
}

export interface DeclaredExport {
	/** `default`, or its name. */
	name: string;
	/** Of the value itself: static members of a class, members of an object. */
	statics: string[];
	/** Of the class's instances. */
	members: string[];
	/** Members of the objects that its methods return. */
	returned: string[];
	/** Those of all of them that are not on every platform: the board has them. */
	optional: string[];
}

/** Modules in the order in which they are declared. Types alone (interfaces, aliases) are no exports. */
export function readDeclarations(text: string): DeclaredModule[] {
	const file = ts.createSourceFile("moddable.d.ts", text, ts.ScriptTarget.ES2022, true);
	return file.statements.filter(ts.isModuleDeclaration).map(module => {
		const { body } = module;
		if (body === undefined || !ts.isModuleBlock(body)) throw new Error(`${module.name.text} declares nothing`);
		return { name: module.name.text, exports: readExports(body.statements) };
	});
}

function readExports(statements: readonly ts.Statement[]): DeclaredExport[] {
	const found: DeclaredExport[] = [];
	for (const statement of statements) {
		if (ts.isClassDeclaration(statement) && has(statement, ts.SyntaxKind.ExportKeyword)) {
			found.push(readClass(statement, statements));
		} else if (ts.isVariableStatement(statement) && has(statement, ts.SyntaxKind.ExportKeyword)) {
			for (const { name } of statement.declarationList.declarations) {
				found.push({ name: name.getText(), statics: [], members: [], returned: [], optional: [] });
			}
		} else if (ts.isExportAssignment(statement)) {
			found.push(readConstant(statement.expression.getText(), statements));
		}
	}
	return found;
}

function has(node: ts.HasModifiers, kind: ts.SyntaxKind): boolean {
	return node.modifiers?.some(modifier => modifier.kind === kind) ?? false;
}

function readClass(node: ts.ClassDeclaration, statements: readonly ts.Statement[]): DeclaredExport {
	const name = has(node, ts.SyntaxKind.DefaultKeyword) ? "default" : node.name!.text;
	const named = node.members.filter(member => member.name !== undefined);
	const isStatic = (member: ts.ClassElement) => ts.canHaveModifiers(member) && has(member, ts.SyntaxKind.StaticKeyword);
	return {
		name,
		statics: named.filter(isStatic).map(nameOf),
		members: named.filter(member => !isStatic(member)).map(nameOf),
		returned: named.flatMap(member => readReturned(member, statements)),
		optional: named.filter(isOptional).map(nameOf),
	};
}

/** `const NAME: { … }; export default NAME;` */
function readConstant(name: string, statements: readonly ts.Statement[]): DeclaredExport {
	const constants = statements
		.filter(ts.isVariableStatement)
		.flatMap(({ declarationList }) => declarationList.declarations);
	const type = constants.find(constant => constant.name.getText() === name)?.type;
	const members = type !== undefined && ts.isTypeLiteralNode(type) ? [...type.members] : [];
	return {
		name: "default",
		statics: members.map(nameOf),
		members: [],
		returned: members.flatMap(member => readReturned(member, statements)),
		optional: members.filter(isOptional).map(nameOf),
	};
}

function isOptional(member: ts.ClassElement | ts.TypeElement): boolean {
	return "questionToken" in member && member.questionToken !== undefined;
}

function nameOf(member: { name?: ts.Node | undefined }): string {
	return member.name?.getText() ?? "";
}

/** The members of what a method returns: a type that is written there, or an interface of the same module. */
function readReturned(member: ts.Node, statements: readonly ts.Statement[]): string[] {
	if (!ts.isMethodDeclaration(member) && !ts.isMethodSignature(member)) return [];
	const { type } = member;
	if (type === undefined) return [];
	const parts = ts.isUnionTypeNode(type) ? [...type.types] : [type];
	return parts.flatMap(part => {
		if (ts.isTypeLiteralNode(part)) return part.members.filter(isThere).map(nameOf);
		if (!ts.isTypeReferenceNode(part)) return [];
		const wanted = part.typeName.getText();
		const found = statements.filter(ts.isInterfaceDeclaration).find(({ name }) => name.text === wanted);
		return (found?.members ?? []).filter(isThere).map(nameOf);
	});
}

/** A property of type `unique symbol` only tells types apart. */
function isThere(member: ts.TypeElement): boolean {
	const type = ts.isPropertySignature(member) ? member.type : undefined;
	return type === undefined || !ts.isTypeOperatorNode(type);
}
