/** Finds what a preloaded module must not have. */
import ts from "typescript";

const unwritable = new Set([
	"ArrayBuffer",
	"DataView",
	"Map",
	"Set",
	"WeakMap",
	"WeakSet",
	"Int8Array",
	"Uint8Array",
	"Uint8ClampedArray",
	"Int16Array",
	"Uint16Array",
	"Int32Array",
	"Uint32Array",
	"Float32Array",
	"Float64Array",
	"BigInt64Array",
	"BigUint64Array",
]);

/** Bytes of which there are none can be read-only. */
function isEmpty({ expression, arguments: values }: ts.NewExpression): boolean {
	return expression.getText().endsWith("Array") && values?.length === 1 && values[0]!.getText() === "0";
}

/** What in this text would not work from flash, where a preloaded module lives: `line: reason`. */
export function findUnpreloadable(text: string): string[] {
	const file = ts.createSourceFile("module.ts", text, ts.ScriptTarget.ES2022, true);
	const complaints: string[] = [];
	const constants = new Set<string>();

	function complain(node: ts.Node, reason: string): void {
		complaints.push(`${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}: ${reason}`);
	}

	/** What runs while the image is linked: not the inside of functions. */
	function visitLoaded(node: ts.Node): void {
		if (ts.isFunctionLike(node)) return;
		if (ts.isPropertyDeclaration(node) && !node.modifiers?.some(word => word.kind === ts.SyntaxKind.StaticKeyword))
			return;
		if (
			ts.isNewExpression(node) &&
			ts.isIdentifier(node.expression) &&
			unwritable.has(node.expression.text) &&
			!isEmpty(node)
		)
			complain(node, `new ${node.expression.text} at module level is read-only`);
		if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
			const { expression, name } = node.expression;
			if (ts.isIdentifier(expression) && unwritable.has(expression.text) && ["of", "from"].includes(name.text))
				complain(node, `${expression.text}.${name.text} at module level is read-only`);
		}
		if (ts.isPropertyDeclaration(node)) complain(node, "a static field cannot be written");
		ts.forEachChild(node, visitLoaded);
	}

	function visitAll(node: ts.Node): void {
		if (ts.isCallExpression(node) && node.expression.getText(file) === "JSON.stringify") {
			const value = node.arguments[0];
			if (value !== undefined && ts.isIdentifier(value) && constants.has(value.text))
				complain(node, `JSON.stringify(${value.text}) of a module's constant throws`);
		}
		ts.forEachChild(node, visitAll);
	}

	for (const statement of file.statements) {
		if (!ts.isVariableStatement(statement)) continue;
		if (statement.modifiers?.some(word => word.kind === ts.SyntaxKind.DeclareKeyword)) continue;
		if ((statement.declarationList.flags & ts.NodeFlags.Const) === 0) complain(statement, "let or var at module level");
		for (const declaration of statement.declarationList.declarations)
			if (ts.isIdentifier(declaration.name)) constants.add(declaration.name.text);
	}
	ts.forEachChild(file, visitLoaded);
	ts.forEachChild(file, visitAll);
	return complaints;
}
