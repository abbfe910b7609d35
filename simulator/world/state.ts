/** The record of the whole world, apart from what happens in it. */

import type { KeyObject } from "node:crypto";
import type { Chance } from "../chance.js";
import type { Meter, MeterOptions } from "../meter.js";
import type { WorldFlash } from "./board/flash.js";
import type { Line } from "./board/line.js";
import type { Cost, Device, OpenListener } from "./board/state.js";
import type { WorldStore } from "./board/store.js";
import type { GroundTruth, Sent } from "./check/ground-truth.js";
import { type Plan, second, type WorldClock } from "./clock.js";
import type { WorldLora } from "./lora/state.js";
import type { Publication, WorldBroker } from "./network/contract.js";
import type { BoardMedium, Radio } from "./network/network.js";
import type { Internet, Sockets } from "./network/socket.js";
import type { House } from "./network/visits.js";

/** A meter, a device with the firmware in it, and everything around them, from one seed. */
export interface World {
	readonly clock: WorldClock;
	readonly chances: Chances;
	/** UTC in milliseconds at the world's 0. A scenario may leap to another night. */
	epoch: number;
	meter: Meter;
	/** The meter sends. */
	sending: boolean;
	/** The key that the device has, and the password of the network. */
	key: Uint8Array;
	readonly password: string;
	readonly line: Line;
	/** Of the board's lines those after the first. */
	readonly furtherLines: readonly Line[];
	/** Where there are several meters: their plugs, and they. Empty with one. */
	readonly plugs: readonly Plug[];
	readonly stations: readonly Station[];
	readonly radio: Radio;
	readonly internet: Internet;
	readonly broker: WorldBroker;
	readonly flash: WorldFlash;
	readonly store: WorldStore;
	readonly device: Device;
	readonly groundTruth: GroundTruth;
	readonly monitor: Monitor;
	readonly checker: Checker;
	readonly pulseChecker: PulseChecker;
	/** Null where the board has no LoRa radio. */
	readonly lora: WorldLora | null;
	readonly options: WorldOptions;
	/** What happens to a frame on its way; gives what passes the line, and whether that is the whole frame untouched. */
	damage: (bytes: Uint8Array) => { pieces: Uint8Array[]; intact: boolean };
	/** Frames that somebody recorded, the latest last. */
	readonly recorded: { bytes: Uint8Array; sent: Sent }[];
	/** While the owner types another key: the one that the device had before. */
	formerKey: Uint8Array | null;
	/** A boot that the owner asked for is no restart of the firmware's own. */
	restartWanted: boolean;
	readonly restarts: number[];
	/** Who asks for `/metrics`, or null. */
	scraper: Scraper | null;
	/** Who sets the device up with a phone, or null. */
	owner: Owner | null;
	/** Who signs programs; null where none is replaced. */
	readonly publisher: Publisher | null;
	/** Who may come to the device's servers. */
	readonly house: House;
	note(kind: string, fields?: object): void;
	reportViolation(text: string): void;
}

/** One stream of chance per part, so that a change in one part does not stir the others. */
export interface Chances {
	meter: Chance;
	line: Chance;
	network: Chance;
	device: Chance;
	flash: Chance;
	store: Chance;
	scenario: Chance;
	updates: Chance;
	lora: Chance;
}

export interface WorldOptions {
	seed: number;
	/** UTC in milliseconds. */
	epoch: number;
	meter?: Partial<MeterOptions>;
	/** Several meters: their habits, on how many lines, and which of them have a key that the device has not. */
	house?: { habits: readonly Habit[]; lines: number; unreadable: readonly number[] };
	/** Sectors of flash for the history. */
	sectors?: number;
	/** The build has a key that is not the meter's: the owner must type the right one. */
	mistakenKey?: boolean;
	/** The device knows no network, and has an access point of its own for that. */
	isNew?: boolean;
	/** What the board's network goes over: WiFi, unless given. */
	medium?: BoardMedium;
	/** A light flashes, and the device counts it. */
	flashes?: boolean;
	/** Settings of the device besides those of every world. */
	settings?: Record<string, string>;
	/** The program can be replaced. */
	updates?: boolean;
	/** The board has a LoRa radio, and its owner has registered it. */
	hasLora?: boolean;
	onNote(line: object): void;
	outside?: Outside;
}

/** What is given to the world where it is not alone: the computer's network with a broker of its own, in real time. */
export interface Outside {
	/** Of the meter, and of the device. */
	key: Uint8Array;
	/** When the meter begins to live: before the world. UTC in milliseconds. */
	birth: number;
	/** Settings of the device. */
	config: Record<string, string>;
	cost: Cost;
	clock: WorldClock;
	sockets: Sockets;
	/** Lets others connect to the board; absent where they cannot. */
	openListener?: OpenListener;
	/** The web page; absent where there is none. */
	page?: Uint8Array;
	/** Sees each message that came to the broker, after the judge. */
	onPublication(publication: Publication): void;
}

export const period = 10 * second;
/** As large as the partition of the LOLIN D32. */
export const defaultSectors = 36;

/** What subscribers of the broker would notice. */
export interface Checker {
	readonly violations: string[];
	outOfOrder: number;
	wrongValues: number;
	/** Per topic the meter's time of the newest reading. */
	readonly newest: Map<string, number>;
	/** Per topic and register the last energy. */
	readonly energies: Map<string, number>;
	/** The last payload of each status topic, and of diagnostics. */
	readonly status: Map<string, string>;
	diagnostics: Diagnostics | null;
}

/** The owner with the phone. */
export interface Owner {
	/** The device is in the house's network. */
	isDone: boolean;
	/** The owner plugs it in and out, to set it up again. */
	wantsAir: boolean;
	/** The page's token was shown. */
	hasToken: boolean;
	/** When the device began to run, and how many runs in a row the power ended after a few seconds. */
	bootTime: number;
	shortRuns: number;
	/** The boot in which the network was taken away. */
	forgottenBoot: number;
}

/** Who makes the programs that the device takes. */
export interface Publisher {
	readonly privateKey: KeyObject;
	/** Of the program that was signed last. */
	sequence: number;
}

/** What became of the scrapes. */
export interface Scraper {
	/** While the network and the device were there. */
	asked: number;
	/** With a page that is whole; and with a counter in it that was compared with the meter's. */
	answered: number;
	compared: number;
	/** With 503, which the server says when its clients do not read. */
	refused: number;
	/** The end came before the page's. */
	cut: number;
}

/** What of the diagnostics is checked. */
export interface Diagnostics {
	exceptions: number;
	meters: { name: string | null; state: string }[];
	history?: { held: number };
}

/** Looks once a second whether the firmware could have a session with the broker, and whether it has one. */
export interface Monitor {
	/** Accepted connections that neither side has ended. */
	sessions: number;
	/** Since when a session was possible and none was there, or -1. */
	missingSince: number;
	/** The longest of that, in milliseconds. */
	reconnectMax: number;
	/** A violation was told for this time. */
	told: boolean;
}

/** What a meter does with its request: it answers within a second and goes on every ten; it keeps its own ten; or nothing. */
export type Habit = "prompt" | "beat" | "silent";

/** A meter, and what the world knows of it. Times are the world's microseconds. */
export interface Station {
	readonly meter: Meter;
	readonly habit: Habit;
	/** The device has its key. */
	readonly isReadable: boolean;
	/** After the request, or into each ten seconds. */
	readonly delay: number;
	/** By how much its clock is ahead, milliseconds. */
	readonly ahead: number;
	/** The share of its frames that stop in the middle. */
	cutShare: number;
	/** In which plug it is, and in which it was first. */
	plug: number;
	readonly home: number;
	isPlugged: boolean;
	next: Plan | null;
	/** The meter's time of its last frame, UTC in milliseconds. */
	lastTime: number;
	/** When the device had the last of its frames whole, and when something was last changed about it. */
	receivedAt: number;
	changedAt: number;
}

/** Where a meter can be put in: a request pin, and the line that its data comes in on. */
export interface Plug {
	readonly line: number;
	readonly requestPin: number;
}

/** What was told, and what may be missing. */
export interface PulseChecker {
	/** Of the last message. */
	count: number;
	energy: number;
	/** Pulses that losses may have cost, each with what came since the last look or the last write. */
	missing: number;
	/** When the rate changed last, or the device began. */
	steadySince: number;
	messages: number;
	/** How many had come at moments of the last minutes. */
	readonly marks: { time: number; total: number }[];
}
