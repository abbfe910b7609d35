import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tarball } from "./sources.js";

export const cache = fileURLToPath(new URL("../../.cache/xs/", import.meta.url));
export const compiler = "gcc";
const defines = [
	"INCLUDE_XSPLATFORM",
	'XSPLATFORM="xsnapPlatform.h"',
	'XSNAP_VERSION="0.15.0"',
	"XSNAP_TEST_RECORD=0",
	"mxLockdown=1",
	"mxMetering=1",
	"mxDebug=1",
	"mxNoConsole=1",
	"mxBoundsCheck=1",
	"mxParse=1",
	"mxRun=1",
	"mxSloppy=1",
	"mxSnapshot=1",
	"mxRegExpUnicodePropertyEscapes=1",
	"mxStringNormalize=1",
	"mxMinusZero=1",
];
export const flags = ["-O3", "-w", "-fno-common", ...defines.map(define => `-D${define}`)];

/** Where the machine's program is, or will be built: under a hash of all that goes into it. */
export function programPath(): string {
	const hash = createHash("sha256").update(JSON.stringify([tarball.sha512, compiler, flags]));
	return join(cache, `worker-${hash.digest("hex").slice(0, 16)}`, "worker");
}

/** Throws, saying what to do, when the program has not been built from what is in this folder now. */
export function findProgram(): string {
	const path = programPath();
	if (!existsSync(path)) throw new Error("the XS machine is not built: run `npm run xs` (needs gcc: `npm run setup`)");
	return path;
}
