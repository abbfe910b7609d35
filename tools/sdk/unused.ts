/** Modules of the SDK in the board's image that nothing imports: flash for nothing. */

import { existsSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import ts from "typescript";

/** What the SDK starts by itself: `system` and what that imports. */
const started: readonly string[] = ["main", "system"];

/** The names of the SDK's modules that no module reaches from the start. `folder` is the build's, with its makefile. */
export function findUnused(folder: string): string[] {
	const makefile = readFileSync(`${folder}/makefile`, "utf8");
	const rules = makefile.matchAll(/^\$\(MODULES_DIR\)\/(\S+)\.xsb: (\S+)$/gm);
	const files = new Map([...rules].map(([, name, file]) => [name!.replace(/^~\.(\w+)\//, "$1:"), file!]));
	const reached = new Set<string>();
	const visit = (name: string): void => {
		const file = files.get(name)?.replace("$(TMP_DIR)", folder);
		if (file === undefined || reached.has(name)) return;
		reached.add(name);
		if (existsSync(file)) for (const target of listImports(name, file)) visit(target);
	};
	for (const name of started) visit(name);
	return [...files].filter(([name, file]) => file.startsWith("/") && !reached.has(name)).map(([name]) => name);
}

/** By the names of modules, as XS resolves them. */
function listImports(name: string, file: string): string[] {
	const { importedFiles } = ts.preProcessFile(readFileSync(file, "utf8"), true, true);
	return importedFiles.map(({ fileName }) =>
		fileName.startsWith(".") ? posix.join(posix.dirname(name), fileName).replace(/\.js$/, "") : fileName,
	);
}
