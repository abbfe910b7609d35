/** Brings `manifest.json` up to the modules on disk, after one was added or renamed: `npm run preload`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "./sdk/modules.js";
import { listFolders, listPreload, root } from "./sdk/modules.js";

const path = join(root, "manifest.json");
const folders = listFolders().map(name => `\t\t"modules/${name}/*": "./modules/${name}/*",\n`);
const text = readFileSync(path, "utf8").replace(/(\t\t"modules\/[a-z0-9/-]+\/\*": .*\n)+/, folders.join(""));
const names = listPreload(JSON.parse(text) as Manifest).map(name => `\t\t"${name}"`);
writeFileSync(path, text.replace(/"preload": \[[^\]]*\]/, `"preload": [\n${names.join(",\n")}\n\t]`));
