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

function readManifest(path: string) {
	return JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
}
