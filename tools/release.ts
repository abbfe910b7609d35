/** `npm run --silent release`: checks that an image has no secrets, and makes the folder that a web server gives out for a release. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findSecrets, findSettings } from "./release/secrets.js";
import { createSite } from "./release/site.js";
import { fetchTools } from "./release/vendor.js";

const usage = `npm run --silent release -- check --image xs_esp32.bin [--config mc.config.js] [--secret FILE]…
npm run --silent release -- site --images FOLDER --update UPDATE.bin --out FOLDER [--target lolin_d32] [--tools FOLDER]

check: exit code 1 where the image has what belongs to whoever built it. --config is the file that mcconfig made beside it; each line of a
       --secret file must not be in the image.
site:  --tools is dist/web of esp-web-tools, fetched from npm where it is not given.
`;

function main(): void {
	const option = { type: "string" } as const;
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: {
			image: option,
			config: option,
			secret: { type: "string", multiple: true },
			images: option,
			update: option,
			out: option,
			target: option,
			tools: option,
		},
	});
	const [command] = positionals;
	const target = values.target ?? "lolin_d32";
	if (command === "check" && values.image !== undefined) {
		check(values.image, values.config, values.secret ?? [], target);
	} else if (command === "site" && values.images !== undefined && values.update && values.out !== undefined) {
		const { images, update, out } = values;
		const files = createSite({ images, update, out, target, tools: values.tools ?? fetchTools() });
		process.stdout.write(`${out}: ${files.join(", ")}\n`);
	} else {
		process.stdout.write(usage);
		process.exitCode = 2;
	}
}

function check(image: string, config: string | undefined, secrets: readonly string[], target: string): void {
	const lines = secrets.flatMap(file =>
		readFileSync(file, "utf8")
			.split("\n")
			.map(line => [file, line.trim()] as const),
	);
	const found = findSecrets(readFileSync(image), lines);
	if (config !== undefined) {
		const text = readFileSync(config, "utf8");
		found.push(...findSettings(text, listUsual(target)));
		if (!/^\t"updateKey": "[0-9a-f]{128}"/im.test(text))
			found.push("the build has no updateKey: it would take no updates");
	}
	for (const text of found) process.stdout.write(`${image}: ${text}\n`);
	if (found.length > 0) process.exitCode = 1;
	else process.stdout.write(`${image}: no settings and no keys found\n`);
}

/** What the manifests themselves set. */
function listUsual(target: string): string[] {
	const root = new URL("../", import.meta.url);
	const files = ["manifest.json", join("targets", target, "manifest.json")];
	return files.flatMap(file => Object.keys(JSON.parse(readFileSync(new URL(file, root), "utf8")).config ?? {}));
}

try {
	main();
} catch (error) {
	process.stderr.write(`release: ${(error as Error).message}\n`);
	process.exitCode = 1;
}
