/** Writes the list of modules to preload into `manifest.json`, after one was added or renamed: `npm run preload`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "./sdk/modules.js";
import { listPreload, readJson, root } from "./sdk/modules.js";

const path = join(root, "manifest.json");
const names = listPreload(readJson<Manifest>("manifest.json")).map(name => `\t\t"${name}"`);
writeFileSync(
	path,
	readFileSync(path, "utf8").replace(/"preload": \[[^\]]*\]/, `"preload": [\n${names.join(",\n")}\n\t]`),
);
