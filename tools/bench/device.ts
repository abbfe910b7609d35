import { readFileSync } from "node:fs";
import type { Memory } from "../../simulator/engines/xs.js";

/** The machine that the board's manifests ask for. */
export function readDeviceMemory(): Memory {
	const board = readManifest("targets/lolin_d32/manifest.json").creation;
	const { keys } = readManifest("manifest.json").creation;
	return {
		chunks: [board.chunk.initial, board.chunk.incremental],
		slots: [board.heap.initial, board.heap.incremental],
		stack: board.stack,
		keys: [keys.initial, keys.incremental],
	};
}

/** A heap in which the whole firmware has room, with garbage collected now and then: pools of a fixed size, as on the board. */
export const workingMemory: Memory = { chunks: [196_608, 0], slots: [4096, 0], stack: 1024, keys: [64, 32] };

function readManifest(path: string) {
	return JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
}
