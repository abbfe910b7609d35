/** Fetches the C sources of XS from npm and checks their hash. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Where the C sources of XS 13.3 come from: one npm package, taken without its 83 dependencies, which serve its JavaScript. */
export const tarball = {
	name: "@agoric/xsnap@0.15.0",
	file: "agoric-xsnap-0.15.0.tgz",
	sha512: "ZBm4DZxbtfacxMHVVdJjZi0Y8zOxN77vpu1WwI5RWfPkaRh0aHkz/dVdTGKXalDNzWfz183lljKxlxl3/h0n+A==",
};

/** Fetches the package with npm's own client, once, and returns the folder it is unpacked in. Throws when its hash is another. */
export function fetchSources(cache: string): string {
	const folder = join(cache, "agoric-xsnap-0.15.0");
	if (existsSync(folder)) return folder;
	mkdirSync(cache, { recursive: true });
	const file = join(cache, tarball.file);
	if (!existsSync(file)) {
		console.log(`xs: fetching ${tarball.name} with npm pack`);
		execFileSync("npm", ["pack", tarball.name, "--silent", "--pack-destination", cache], {
			stdio: ["ignore", "ignore", "inherit"],
		});
	}
	checkIntegrity(readFileSync(file), tarball.sha512, tarball.name);
	const draft = `${folder}.${process.pid}`;
	mkdirSync(draft);
	execFileSync("tar", ["-xzf", file, "-C", draft, "--strip-components=1"]);
	try {
		renameSync(draft, folder);
	} catch (error) {
		rmSync(draft, { recursive: true });
		if (!existsSync(folder)) throw error;
	}
	return folder;
}

export function checkIntegrity(bytes: Uint8Array, sha512: string, name: string): void {
	const found = createHash("sha512").update(bytes).digest("base64");
	if (found !== sha512)
		throw new Error(`${name} is not the package it was: sha512-${found} instead of sha512-${sha512}`);
}
