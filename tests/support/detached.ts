/** Finds methods that are taken off their object: on the board those of the ports need it. */
import { join, relative } from "node:path";
import ts from "typescript";
import { projectRoot } from "./imports.js";

/** Where the interfaces are whose methods must not be taken off. */
const contracts = /\/modules\/(ports|device)\//;

/**
 * In all that `tsconfig.json` has, and in a file `modules/more.ts` of this text: `path:line: what`. A callback that is named as
 * `Class.prototype.name` is meant so: it is handed to what calls it on an object of that class.
 */
export function findDetached(more: string): string[] {
	const added = join(projectRoot, "modules/more.ts");
	const config = ts.readConfigFile(join(projectRoot, "tsconfig.json"), ts.sys.readFile).config as object;
	const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, projectRoot);
	const host = ts.createCompilerHost(options);
	const read = host.getSourceFile.bind(host);
	host.getSourceFile = (name, language) =>
		name === added ? ts.createSourceFile(name, more, language, true) : read(name, language);
	const program = ts.createProgram([...fileNames, added], options, host);
	const checker = program.getTypeChecker();
	const found: string[] = [];

	function visit(node: ts.Node): void {
		ts.forEachChild(node, visit);
		const symbol = ts.isPropertyAccessExpression(node)
			? isDetached(node) && checker.getSymbolAtLocation(node.name)
			: ts.isBindingElement(node) &&
				ts.isObjectBindingPattern(node.parent) &&
				checker.getTypeAtLocation(node.parent).getProperty((node.propertyName ?? node.name).getText());
		if (symbol === false || !symbol?.declarations?.some(isContract)) return;
		const source = node.getSourceFile();
		const { line } = source.getLineAndCharacterOfPosition(node.getStart());
		found.push(`${relative(projectRoot, source.fileName)}:${line + 1}: ${node.getText()}`);
	}

	for (const source of program.getSourceFiles()) if (!source.isDeclarationFile) visit(source);
	return found;
}

function isContract(declaration: ts.Declaration): boolean {
	const isMethod = ts.isMethodSignature(declaration) || ts.isMethodDeclaration(declaration);
	return isMethod && contracts.test(declaration.getSourceFile().fileName);
}

/** Neither called, compared, nor looked into. */
function isDetached(node: ts.PropertyAccessExpression): boolean {
	if (node.expression.getText().endsWith(".prototype")) return false;
	let expression: ts.Expression = node;
	while (ts.isNonNullExpression(expression.parent) || ts.isParenthesizedExpression(expression.parent))
		expression = expression.parent;
	const { parent } = expression;
	if (ts.isCallExpression(parent)) return parent.expression !== expression;
	if (ts.isBinaryExpression(parent)) return !/^[!=]==$/.test(parent.operatorToken.getText());
	return !ts.isPropertyAccessExpression(parent);
}
