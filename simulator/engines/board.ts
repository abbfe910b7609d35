/** The memory of an XS machine with the pools of the board's manifest. */

import { readFileSync } from "node:fs";
import type { Memory } from "./contract.js";

/** The machine that the board's manifests ask for. */
export function readBoardMemory(): Memory {
	const board = readManifest("targets/lolin_d32/manifest.json").creation;
	const { keys } = readManifest("manifest.json").creation;
	return {
		chunks: [board.chunk.initial, board.chunk.incremental],
		slots: [board.heap.initial, board.heap.incremental],
		stack: board.stack,
		keys: [keys.initial, keys.incremental],
	};
}

/**
 * The board's machine for a guest that brings its world along: as much memory more as that takes. By default for the world of the
 * scenarios, whose flash (of a few sectors; twice when it restarts) and whose messages lie in the heap.
 */
export function createBoardMemory(world: { chunks: number; slots: number } = { chunks: 98_304, slots: 1024 }): Memory {
	const { chunks, slots, stack, keys } = readBoardMemory();
	return {
		chunks: [chunks[0] + world.chunks, chunks[1]],
		slots: [slots[0] + world.slots, slots[1]],
		stack,
		keys,
	};
}

function readManifest(path: string) {
	return JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
}
