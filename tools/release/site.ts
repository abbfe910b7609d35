/** The folder that a web server gives out for a release: the installer's page, the four parts, the signed update, and what says what they are. */

import { createHash } from "node:crypto";
import {
	copyFileSync,
	cpSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readHeader } from "../../modules/update/header.js";
import { listParts, readPartitions } from "./partitions.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface SiteOptions {
	/** The SDK's folder with the four parts. */
	images: string;
	/** The signed update of `xs_esp32.bin`. */
	update: string;
	/** `dist/web` of esp-web-tools. */
	tools: string;
	out: string;
	target: string;
}

/** The name of the program, by which the installer knows that a board has it already. */
const name = "smarty-xs";

/** Writes the folder `out`. Throws a sentence where something does not fit together. */
export function createSite({ images, update, tools, out, target }: SiteOptions): string[] {
	const table = readPartitions(readFileSync(join(root, "targets", target, "partitions.csv"), "utf8"));
	const sizes: Record<string, number> = {};
	for (const { path } of listParts(table)) {
		if (!existsSync(join(images, path))) throw new Error(`there is no ${path} in ${images}`);
		sizes[path] = statSync(join(images, path)).size;
	}
	const parts = listParts(table, sizes);
	const signed = readFileSync(update);
	const header = readHeader(Uint8Array.from(signed.subarray(0, 256)));
	if (header === null) throw new Error(`${update} is no update: npm run sign makes one`);
	const image = readFileSync(join(images, "xs_esp32.bin"));
	if (header.board !== target) throw new Error(`${update} is for ${header.board}, not for ${target}`);
	if (!signed.subarray(256).equals(image)) throw new Error(`${update} is not of this xs_esp32.bin`);
	mkdirSync(out, { recursive: true });
	cpSync(join(root, "contrib/release/site"), out, { recursive: true });
	cpSync(tools, join(out, "esp-web-tools"), { recursive: true });
	for (const { path } of parts) copyFileSync(join(images, path), join(out, path));
	writeFileSync(join(out, `${target}.bin`), signed);
	const { version, sequence } = header;
	const manifest = {
		name,
		version,
		new_install_prompt_erase: true,
		// A boot after a brown-out takes 15 s to its radio; the answer comes before that.
		new_install_improv_wait_time: 20,
		builds: [{ chipFamily: "ESP32", parts }],
	};
	writeFileSync(join(out, "manifest.json"), `${JSON.stringify(manifest, null, "\t")}\n`);
	writeFileSync(join(out, "version.json"), `${JSON.stringify({ version, sequence })}\n`);
	const files = [...parts.map(({ path }) => path), `${target}.bin`, "manifest.json", "version.json"];
	writeFileSync(join(out, "SHA256SUMS"), files.map(file => `${hash(join(out, file))}  ${file}\n`).join(""));
	return readdirSync(out).sort();
}

function hash(path: string): string {
	return createHash("sha256").update(readFileSync(path)).digest("hex");
}
