/** A program on Linux is replaced by whoever installed it. */
import type { Program } from "../../../ports/program.js";

export function createProgram(): Program | undefined {
	return undefined;
}
