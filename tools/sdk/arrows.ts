/** Makes functions smaller for XS: an arrow function has no `prototype`, for which every other one has three slots, 48 bytes. */

import ts from "typescript";

/**
 * A transformer after TypeScript's own: function declarations become constants at the top of their module or block, where their
 * names are known from the beginning as before, and function expressions arrow functions. What uses its own `this` or `arguments`, and
 * generators, stay as they are.
 */
export const makeArrows: ts.TransformerFactory<ts.SourceFile> = context => {
	const { factory } = context;

	function visit<Kind extends ts.Node>(node: Kind): Kind {
		const inner = ts.visitEachChild(node, visit, context);
		if (ts.isSourceFile(inner)) return factory.updateSourceFile(inner, hoist(inner.statements)) as ts.Node as Kind;
		if (ts.isBlock(inner)) return factory.updateBlock(inner, hoist(inner.statements)) as ts.Node as Kind;
		if (ts.isFunctionExpression(inner) && inner.name === undefined && isPlain(inner))
			return toArrow(inner) as ts.Node as Kind;
		return inner;
	}

	/** Imports first, then the functions, then everything else. */
	function hoist(statements: readonly ts.Statement[]): ts.Statement[] {
		const functions = statements.filter(isConvertible);
		if (functions.length === 0) return [...statements];
		const rest = statements.filter(statement => !isConvertible(statement));
		const imports = rest.filter(ts.isImportDeclaration);
		return [...imports, ...functions.map(toConstant), ...rest.filter(statement => !ts.isImportDeclaration(statement))];
	}

	function toConstant(node: Convertible): ts.Statement {
		const declaration = factory.createVariableDeclaration(node.name, undefined, undefined, toArrow(node));
		const list = factory.createVariableDeclarationList([declaration], ts.NodeFlags.Const);
		const modifiers = node.modifiers?.filter(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
		return ts.setTextRange(factory.createVariableStatement(modifiers, list), node);
	}

	function toArrow({ modifiers, parameters, body }: ts.FunctionDeclaration | ts.FunctionExpression): ts.ArrowFunction {
		const words = modifiers?.filter(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) as ts.Modifier[] | undefined;
		const token = factory.createToken(ts.SyntaxKind.EqualsGreaterThanToken);
		return factory.createArrowFunction(words, undefined, parameters, undefined, token, body!);
	}

	return visit;
};

type Convertible = ts.FunctionDeclaration & { name: ts.Identifier; body: ts.Block };

function isConvertible(node: ts.Statement): node is Convertible {
	if (!ts.isFunctionDeclaration(node) || node.name === undefined || node.body === undefined) return false;
	return !node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) && isPlain(node);
}

/** Whether an arrow function does the same. */
function isPlain(node: ts.FunctionDeclaration | ts.FunctionExpression): boolean {
	return node.asteriskToken === undefined && ![...node.parameters, node.body!].some(usesOwn);
}

function usesOwn(node: ts.Node): boolean {
	if (node.kind === ts.SyntaxKind.ThisKeyword || node.kind === ts.SyntaxKind.MetaProperty) return true;
	if (ts.isIdentifier(node) && node.text === "arguments") return true;
	// They have their own; not the names that they compute, but nobody writes `this` there.
	if (ts.isClassLike(node) || (ts.isFunctionLike(node) && !ts.isArrowFunction(node))) return false;
	return ts.forEachChild(node, usesOwn) ?? false;
}
