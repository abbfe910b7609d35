/** What every engine gives to a guest, and a guest to it. */

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
	/** Most processor time that one call may use, in ms, 60 000 by default. An XS machine that uses more is ended. */
	timeout?: number;
}

/** How large the machine is, in the terms of the manifest's `creation`. */
export interface Memory {
	/** Bytes at first, and bytes by which they grow. */
	chunks: readonly [number, number];
	/** Slots, likewise: 16 bytes each with 32 bits. */
	slots: readonly [number, number];
	/** Slots. */
	stack: number;
	/** Property names not known when the flash was made, and by how many they grow. */
	keys: readonly [number, number];
	/** Most bytes of chunks, slots and stack together; what does not fit ends the machine, as on the device. */
	limit?: number;
}
