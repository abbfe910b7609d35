/** A program on Linux is replaced by whoever installed it. */
import type { Program } from "../../../ports/program.js";

export function openProgram(): Program | undefined {
	return undefined;
}
