/** `npm run --silent addon`: writes the add-on's options anew, or with `--out` a repository of add-ons with all that it is built of. */

import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeAddon, describeTexts } from "./addon/describe.js";

const root = fileURLToPath(new URL("../", import.meta.url));
const source = join(root, "contrib/homeassistant");
/** What the gateway runs of. */
export const parts = [
	"package.json",
	"package-lock.json",
	".npmrc",
	"tsconfig.json",
	"gateway",
	"modules",
	"certificates",
	"page/page.html.gz",
];

/** A folder that can be put into a repository as it is. */
export function createRepository(out: string): void {
	cpSync(source, out, { recursive: true });
	for (const part of parts) cpSync(join(root, part), join(out, "smarty-xs/app", part), { recursive: true });
	cpSync(join(root, "LICENSE"), join(out, "LICENSE"));
}

export function writeOptions(): void {
	writeFileSync(join(source, "smarty-xs/config.yaml"), describeAddon());
	mkdirSync(join(source, "smarty-xs/translations"), { recursive: true });
	writeFileSync(join(source, "smarty-xs/translations/en.yaml"), describeTexts());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const { out } = parseArgs({ options: { out: { type: "string" } } }).values;
	if (out === undefined) writeOptions();
	else createRepository(out);
	process.stdout.write(`${out ?? source}\n`);
}
