/** A power cut in the middle of work with files: the calls of `node:fs` fail from a certain one on. */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/** All that changes a disk, and waits for it. */
const names = [
	"openSync",
	"writeSync",
	"fsyncSync",
	"fdatasyncSync",
	"ftruncateSync",
	"renameSync",
	"mkdirSync",
	"linkSync",
	"unlinkSync",
] as const;

export class PowerCut extends Error {
	readonly code = "ECUT";
}

/** Does the work; at call number `at` a write leaves half of its bytes, any other call does nothing, and so do all that follow. */
export function cutAt(at: number, work: () => void): { calls: number; cut: boolean } {
	const outcome = { calls: 0, cut: false };
	const real = Object.fromEntries(names.map(name => [name, fs[name]]));
	for (const name of names) {
		Object.assign(fs, {
			[name]: (...words: unknown[]) => {
				outcome.calls += 1;
				const call = real[name] as (...words: unknown[]) => unknown;
				if (outcome.calls < at) return call(...words);
				if (outcome.calls === at && name === "writeSync") {
					const [file, bytes, start, length, place] = words as [number, Uint8Array, number, number, number?];
					call(file, bytes, start, length >> 1, place);
				}
				outcome.cut = true;
				throw new PowerCut("the power was cut");
			},
		});
	}
	syncBuiltinESMExports();
	try {
		work();
	} catch (error) {
		if (!outcome.cut) throw error;
	} finally {
		Object.assign(fs, real);
		syncBuiltinESMExports();
	}
	return outcome;
}
