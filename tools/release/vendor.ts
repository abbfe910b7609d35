/** esp-web-tools for the installer's page, from npm, in exactly one version, by the digest of its archive. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const packageName = "esp-web-tools@10.4.0";
/** As the registry's and its lock files say it. */
export const integrity =
	"sha512-3pwkeFFm5Fj7UQo8SJNYK5RXrtNCpq6X9QoI6bMT4GBZWgrJqjn0YvM9ihG74BtMoSFYXfmDtkehuxe50PTMPQ==";

/** The folder `dist/web` of the package, in a folder of the system's for what is passing. Throws where it is not what was pinned. */
export function fetchTools(pack = packWithNpm, wanted = integrity): string {
	const folder = mkdtempSync(join(tmpdir(), "smarty-xs-site-"));
	pack(folder);
	const archive = readdirSync(folder).find(name => name.endsWith(".tgz"));
	if (archive === undefined) throw new Error(`npm gave no archive of ${packageName}`);
	const found = `sha512-${createHash("sha512")
		.update(readFileSync(join(folder, archive)))
		.digest("base64")}`;
	if (found !== wanted) throw new Error(`${packageName} is not what was pinned: ${found}`);
	execFileSync("tar", ["--extract", "--gzip", "--file", archive, "package/dist/web", "package/LICENSE"], {
		cwd: folder,
	});
	return join(folder, "package/dist/web");
}

function packWithNpm(folder: string): void {
	execFileSync("npm", ["pack", "--silent", "--ignore-scripts", packageName], { cwd: folder, stdio: "ignore" });
}
