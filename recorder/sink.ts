/** Where entries go to be durable. */
import type { Entry } from "./entry.js";

export interface Sink {
	readonly name: string;
	/**
	 * Resolves when all entries would survive a power cut, or those that need not. Rejects when that could not be done: then none may count,
	 * and all of them come again. Calls do not overlap. What comes twice is kept once.
	 */
	write(entries: readonly Entry[]): Promise<void>;
	/** Counters for `/status` and the log. */
	report(): Record<string, number>;
	close(): Promise<void>;
}

/** Counts since the start, by part. */
export type Report = Record<string, Record<string, number>>;
