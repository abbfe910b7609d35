/** What the image of a board with a radio has besides the firmware (the module `lorawan`), and what the two ask of each other. */
import type { Guard } from "../ports/guard.js";
import type { Input, Ports, Spi, SpiOptions } from "../ports/ports.js";
import type { QuarterReading, Reported } from "./payload.js";

/** An image without a radio has nothing of this folder but these types. */
export interface LorawanPart {
	/** What the board's ports have besides, made of the SDK's modules; absent where they have it already. */
	readonly board?: RadioBoard;
	/** What sends. It opens nothing yet and never throws. */
	createSender(options: SenderOptions, host: SenderHost, now: number): Sender;
}

/** Methods of the ports, which are called on them. */
export interface RadioBoard {
	openSpi(options: SpiOptions): Spi;
	openInput(this: { readonly guard: Guard }, pin: number, onRise: (() => void) | null): Input;
}

/** What sends, in one of the modes. No method throws. */
export interface Sender {
	/** When `run` must be called at the latest, monotonic milliseconds. */
	readonly deadline: number;
	/** `noRadio`: it does not answer; `joining`: no network took it in yet; `unheard`: the network did not answer for long; `ready`: frames go out. */
	readonly state: "noRadio" | "joining" | "unheard" | "ready";
	/** To be called from an alarm at `deadline` and after `SenderHost.onRadio`. `isReading`: a telegram is being opened, and nothing new is sent. */
	run(isReading: boolean, now: number): void;
	/** A telegram of the first meter was handled: if a frame is due, it is of it, and begins with the next `run`. */
	offer(reported: Reported): void;
	/** LoRaWAN: joins anew, with new keys. False where nothing is joined. */
	rejoin(now: number): boolean;
	/** For diagnostics and metrics: numbers, texts and nulls. */
	describe(now: number): Readonly<Record<string, unknown>>;
	/** The same for `/metrics`. */
	measure(): readonly Figure[];
	/** For the console; the first line is the state. Ten characters are what it is about. */
	tell(now: number): string[];
}

/** A metric family with one sample: its name, unit and help, and the value. */
export type Figure = readonly [
	kind: "gauge" | "counter",
	word: string,
	unit: "" | "seconds" | "dbm",
	help: string,
	value: number,
];

export interface SenderOptions {
	readonly mode: "lorawan" | "sealed" | "smartyreader";
	/** 8 bytes, as people write them. */
	readonly devEui: Uint8Array;
	readonly joinEui: Uint8Array;
	/** 16 bytes each; null where the mode needs none. */
	readonly appKey: Uint8Array | null;
	readonly key: Uint8Array | null;
	readonly payload: "basic" | "full" | "smartyreader";
	/** Milliseconds between two frames at least. */
	readonly interval: number;
	/** As The Things Network wants it: 30 s of airtime and 10 downlinks a day. */
	readonly fairUse: boolean;
	/** dBm, EIRP. */
	readonly power: number;
}

export interface SenderHost {
	readonly ports: Pick<Ports, "clock" | "store" | "random" | "openSpi" | "openInput" | "openOutput">;
	/** Of the build: which radio there is, at which pins. */
	readonly config: Readonly<Record<string, unknown>>;
	/** A line for the log. */
	note(text: string): void;
	/** The radio has something to tell. Called from its interrupt: `run` follows from an alarm. */
	onRadio(): void;
	/** The oldest quarter hour that was not acknowledged and is not under way; null where there is none, or none is found yet. */
	peekLate(): QuarterReading | null;
	/** The one that was seen is under way now. */
	takeLate(): void;
	/** All that are under way arrived; or they come again. */
	endLate(arrived: boolean): void;
}
