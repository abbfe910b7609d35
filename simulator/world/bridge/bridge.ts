import type { Remembered } from "../../remember.js";
import type { BoardMedium } from "../network/network.js";

/**
 * What world and firmware say to each other when the firmware runs in an engine: one request per event, one reply with
 * everything that the firmware did because of it. Numbers are big-endian.
 *
 * Request: kind (1 byte), milliseconds since boot (8, double), the current MQTT client and the room in its send buffer (4
 * each), the length of a JSON text (4), the pulse counter's register (4) and the times of its first and newest pulse since the last
 * request in microseconds since the boot (8 each, doubles), the text, bytes.
 *
 * Reply: when the next alarm is due in milliseconds since boot, or -1 (8, double), the length of a JSON text (4), the text (a
 * list of effects, in order), bytes: what the effects write, one after the other.
 */
export const requestKinds = [
	"boot",
	"receive",
	"alarm",
	"network",
	"resolved",
	"control",
	"writable",
	"readable",
	"error",
	"console",
	"secured",
	"accepted",
	"incoming",
	"drained",
	"gone",
	"gateway",
] as const;

export type RequestKind = (typeof requestKinds)[number];

export interface Boot {
	config: Record<string, string>;
	resetReason: string;
	version: string;
	macAddress: string;
	/** For `random`, whole. */
	seed: number;
	store: [name: string, value: string][];
	/** 0 for a board without flash for the history. The request's bytes are its contents. */
	sectorCount: number;
	sectorSize: number;
	/** Others may connect to the board. */
	serves: boolean;
	medium: BoardMedium;
	/** What is in memory already; of a board that is shown as one that has been on for long. */
	remembered?: Remembered;
	/** The board has an access point of its own. */
	hasAir: boolean;
	/** The board has a LoRa radio. */
	hasRadio: boolean;
	/** The program that runs, where it takes updates. */
	program?: BootProgram;
	/** Bytes of the web page, which come behind those of the flash. */
	page: number;
	/** What memory has of counters of pulses that a restart left as it was; null for a board that counts none. */
	retained: [place: number, tag: number, value: number][] | null;
}

/** What the program knows of itself. */
export interface BootProgram {
	board: string;
	sequence: number;
	keys: string[];
	slotLength: number;
	isOnTrial: boolean;
}

export interface NetworkNews {
	state: "idle" | "connecting" | "associated" | "ready";
	address: string | null;
	signalStrength: number | null;
	reason: number | null;
}

/** What the firmware did. A trailing `length` says how many of the reply's bytes belong to it. */
export type Effect =
	| ["light", boolean]
	| ["console", string]
	| ["restart"]
	| ["time", number]
	| ["store", string, string | null]
	| ["write", offset: number, length: number]
	| ["erase", number]
	| ["uart", OpenedUart]
	| ["output", pin: number]
	| ["request", pin: number, on: boolean]
	| ["pulses"]
	| ["retain", place: number, tag: number, value: number]
	| ["look", line: number]
	| ["radio"]
	| ["connect", name: string, password: string]
	| ["disconnect"]
	/** The access point opens, or closes. */
	| ["air", name: string | null, password: string]
	| ["open", client: number, object]
	| ["publish", client: number, object | null, length: number]
	| ["close", client: number]
	| ["listen", port: number]
	| ["unlisten", port: number]
	| ["send", stream: number, length: number]
	| ["finish", stream: number]
	| ["slot", "open" | "complete" | "close"]
	| ["image", length: number]
	| ["program", "keep" | "give up"]
	/** A frame over LoRa begins; it breaks off; and the program has seen a frame of a gateway. */
	| ["transmit", ToldFrame, length: number]
	| ["silence"]
	| ["heard"]
	/** The program did to the radio's chip what its data sheet forbids. */
	| ["fault", string]
	| ["escaped", string];

/** A frame of the board's. `start`: milliseconds since the boot. */
export interface ToldFrame {
	start: number;
	/** dBm. */
	power: number;
	frequency: number;
	spreading: number;
	inverted: boolean;
	crc: boolean;
	syncWord: number;
}

/** Whom a connection with TLS trusts: a pin and certificates in base64, or why these cannot be read. */
export interface ToldTrust {
	pin: string | null;
	authorities: readonly string[] | string;
}

export interface OpenedUart {
	line: number;
	receivePin: number;
	invert: boolean;
}

export const headerLength = 41;
export const replyLength = 12;
