/** Opens a guest in the engine of a name: Node or XS. */

import { createBoardMemory } from "./board.js";
import type { Engine, EngineName, EngineOptions } from "./contract.js";
import { createNodeEngine } from "./node.js";
import { createXsEngine } from "./xs.js";

/** Rejects when the guest cannot be loaded, or when the XS machine has not been built (`npm run xs`). */
export function createEngine(name: EngineName, guest: URL, options: EngineOptions = {}): Promise<Engine> {
	if (name === "node") return createNodeEngine(guest);
	return createXsEngine(guest, name === "xs" ? options : { ...options, variant: "x32", memory: createBoardMemory() });
}
