/** What a reader holds, and what it is made with. */
import type { Automatic } from "./automatic.js";
import type { AuthenticationPolicy, Decryptor, Verdict } from "./decryptor.js";
import type { Faults } from "./faults.js";
import type { FrameSearch } from "./frame.js";
import type { Cipher } from "./gcm.js";
import type { Keys } from "./keys.js";
import type { Readings } from "./readings.js";
import type { FrameCounters } from "./replay.js";
import type { Walk } from "./telegram.js";

/** A policy, or `automatic` (`automatic.ts`). */
export type AuthenticationSetting = AuthenticationPolicy | "automatic";

export interface ReaderOptions {
	/** The meter's encryption key, 16 bytes; null reads only telegrams in clear. Several readers may have keys in common. */
	key: Uint8Array | Keys | null;
	/** Frame counters that several readers have in common. */
	frameCounters?: FrameCounters;
	/** 16 bytes; Luxembourg's meters share one, which is the default. */
	authenticationKey?: Uint8Array;
	/** `prefer` unless given. */
	authentication?: AuthenticationSetting;
	/** The largest content of a frame in bytes, 16384 unless given. */
	cap?: number;
	/** Whether a frame is read in steps, each of which `proceed` takes; else all at once. */
	inSteps?: boolean;
	/** The platform's own AES-128-GCM, if it has one. */
	createCipher?: (key: Uint8Array) => Cipher;
	/** Of sealed telegrams of more bytes, `onTelegram` gets the text without its long messages, which are cut out as they are read. None unless given. */
	cutFrom?: number;
}

/** An accepted telegram. Valid during the callback only: `bytes` is the reader's buffer. */
export interface Telegram {
	verdict: Verdict;
	/** Upper-case hexadecimal; null for a telegram in clear. */
	systemTitle: string | null;
	frameCounter: number | null;
	/** The text, from `/` to the line end behind the CRC. */
	bytes: Uint8Array;
	start: number;
	end: number;
	readings: Readings;
}

export interface Counters {
	bytes: number;
	/** Bytes that belonged to no frame. */
	discarded: number;
	/** Accepted telegrams: the sum of the three below. */
	telegrams: number;
	authenticated: number;
	crcOnly: number;
	plain: number;
}

/** How far the frame at hand is read. */
interface Task {
	/** Where on the line it begins, or -1: there is none. */
	position: number;
	/** What vouches for it; null while it is not opened. */
	verdict: Verdict | null;
	/** Its lines, as far as they are read; null before the first. */
	walk: Walk | null;
	isRead: boolean;
	/** Bytes that were cut out of it. */
	cut: number;
	/** It is to be delivered next, and was. */
	isDue: boolean;
	isDelivered: boolean;
}

/** What is counted of one meter's turns on a line, and what is expected of it. */
export interface Tally {
	readonly faults: Faults;
	readonly counters: Counters;
	/** Null with any other policy. */
	readonly automatic: Automatic | null;
	/** Bytes that the search had discarded in other meters' turns. */
	discardedElsewhere: number;
	/** Of its last frame: the system title, or null, and the length of the text. */
	systemTitle: string | null;
	length: number;
}

/**
 * Bytes of a line in, telegrams out. Where several meters send in turn, each has a tally of its own, and the one whose turn it is counts.
 * `onTelegram` must not throw: the search stands in the middle of a frame.
 */
export interface Reader {
	tally: Tally;
	/** Those of `tally`. */
	faults: Faults;
	counters: Counters;
	automatic: Automatic | null;
	readonly search: FrameSearch;
	readonly decryptor: Decryptor;
	readonly frameCounters: FrameCounters;
	readonly inSteps: boolean;
	readonly cutFrom: number;
	readonly task: Task;
	readonly onTelegram: (telegram: Telegram) => void;
}
