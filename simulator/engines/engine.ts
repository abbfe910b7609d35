import { createBoardMemory } from "./board.js";
import { createNodeEngine } from "./node.js";
import { createXsEngine } from "./xs.js";

/**
 * What a guest module exports. It is pure: it imports modules of this project and aes-js only, keeps its state in the closure
 * that `createGuest` makes, and learns time and input from the request alone. So every engine gives the same replies.
 */
export interface GuestModule {
	createGuest(): Guest;
}

export interface Guest {
	/** One request, one reply. An exception reaches the caller of `Engine.call` with its stack. */
	handle(request: ArrayBuffer): ArrayBuffer;
}

/** A fresh guest in a machine of its own. Calls are answered in order; after a fault of the engine itself every call rejects. */
export interface Engine {
	call(request: Uint8Array): Promise<Uint8Array>;
	close(): Promise<void>;
}

/** `xs` has room for anything and tells `.ts` lines; `board` has an ESP32's sizes and the memory of the board's manifest. */
export type EngineName = "node" | "xs" | "board";

export interface EngineOptions {
	/** Longest time one call may take in ms of real time, 60 000 by default. An XS machine that takes longer is ended. */
	timeout?: number;
}

/** Rejects when the guest cannot be loaded, or when the XS machine has not been built (`npm run xs`). */
export function createEngine(name: EngineName, guest: URL, options: EngineOptions = {}): Promise<Engine> {
	if (name === "node") return createNodeEngine(guest);
	return createXsEngine(guest, name === "xs" ? options : { ...options, variant: "x32", memory: createBoardMemory() });
}
