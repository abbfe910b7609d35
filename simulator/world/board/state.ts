/** The record of the board and of its MQTT clients, apart from what they do. */

import type { MqttClient } from "../../../modules/ports/mqtt.js";
import type { Admit, Listener, Stream } from "../../../modules/ports/ports.js";
import type { Slot } from "../../../modules/ports/program.js";
import type { Chance } from "../../chance.js";
import type { Engine } from "../../engines/contract.js";
import type { Remembered } from "../../remember.js";
import type { RequestKind, ToldFrame } from "../bridge/bridge.js";
import type { GatewayFrame } from "../bridge/guest-radio.js";
import type { PublishObserver } from "../check/publish-observer.js";
import type { Plan, WorldClock } from "../clock.js";
import type { Publication } from "../network/contract.js";
import type { Radio } from "../network/network.js";
import type { Sockets } from "../network/socket.js";
import type { WorldFlash } from "./flash.js";
import type { Line } from "./line.js";
import type { WorldPulses } from "./pulses.js";
import type { Slots } from "./slots.js";
import type { WorldStore } from "./store.js";
import type { WorldUart } from "./uart.js";

/**
 * The ESP32 with the firmware in it: one thread that takes one event after the other, and whose work takes time. What an event
 * brings about happens when that time is over; until then bytes pile up in the UART, and everything else waits.
 */
export interface Device {
	readonly clock: WorldClock;
	readonly chance: Chance;
	readonly engine: Engine;
	/** The board's first data line, and those besides it. */
	readonly line: Line;
	readonly furtherLines: readonly Line[];
	readonly radio: Radio;
	readonly sockets: Sockets;
	readonly flash: WorldFlash | null;
	readonly store: WorldStore;
	readonly config: Record<string, string>;
	readonly cost: Cost;
	readonly hooks: DeviceHooks;
	readonly ring: number;
	/** Raised at each boot and at each loss of power: what belongs to an older one does not count. */
	bootEpoch: number;
	on: boolean;
	boots: number;
	/** The world's time of the firmware's 0. */
	bootedAt: number;
	busy: boolean;
	/** Microseconds of computing since the world began. */
	computed: number;
	readonly posts: Post[];
	turn: Plan | null;
	alarm: Plan | null;
	/** Of the first line. */
	uart: WorldUart | null;
	/** Lines of which a message of the driver is under way. */
	readonly posted: Set<Line>;
	networkPosted: boolean;
	/** What its memory has at the next boot; nothing, as a rule. */
	remembered: Remembered | null;
	/** Outputs that are high. */
	readonly high: Set<number>;
	/** Null while the power is off. */
	clients: ClientHost | null;
	/** Null where nobody can connect to the board. */
	readonly openListener: OpenListener | null;
	readonly page: Uint8Array;
	/** It can have an access point of its own. */
	readonly hasAir: boolean;
	/** Null where the program is not replaced. */
	readonly programs: Programs | null;
	/** Null while the power is off, and where nobody can connect. */
	listeners: ListenerHost | null;
	/** Null where nothing flashes. */
	readonly pulses: WorldPulses | null;
	/** Null where the board has no LoRa radio. */
	readonly lora: BoardRadio | null;
}

/** What the board's radio does, for the air outside. */
export interface BoardRadio {
	onTransmit(frame: ToldFrame, bytes: Uint8Array): void;
	/** What it is sending ends at once: it was told so, or the power went. */
	onSilence(): void;
	/** The program has seen a frame of a gateway, or more. */
	onHeard(): void;
	/** Frames of gateways that the program's side was not told of. */
	readonly coming: GatewayFrame[];
}

/** The programs in flash, and what the world knows of them. */
export interface Programs {
	readonly slots: Slots;
	readonly flash: WorldFlash;
	/** Who may sign, as the program knows them. */
	readonly keys: string[];
	/** All that somebody signed, and the one that came by cable: by their digests. */
	readonly genuine: Map<string, Genuine>;
	/** The one that runs; null before the first boot. */
	running: Genuine | null;
	/** The highest sequence that was kept: nothing older may run from then on. */
	kept: number;
	/** What is written while an update comes. */
	slot: Slot | null;
}

/** A program that the world can boot. */
export interface Genuine {
	readonly version: string;
	readonly sequence: number;
	/** What is wrong with it: it hears no meter, or falls over after its boot. */
	readonly fault: "none" | "deaf" | "falls";
}

/** Something for the firmware to handle; what it is is asked when its turn comes. Null: it came to nothing. */
export type Post = () => Request | null;

export interface Request {
	kind: RequestKind;
	json: string;
	bytes: Uint8Array;
	/** Microseconds of computing that are known before. */
	cost: number;
}

/**
 * What the processor needs, in microseconds. Measured in instructions for the word-wise layer over aes-js (126 to 164 ms per
 * KiB on an ESP32 at 240 MHz, and 12 to 22 ms for parsing and messages); `docs/performance.md` has the figures of today.
 */
export interface Cost {
	/** Any event. */
	event: number;
	/** A byte of the line: into the frame's buffer, and looked at. */
	byte: number;
	/** A byte of a telegram when its frame is whole. */
	telegramByte: number;
	/** A telegram, besides its bytes. */
	telegram: number;
	/** A publication. */
	publication: number;
	boot: number;
}

export const usualCost: Cost = {
	event: 150,
	byte: 5,
	telegramByte: 145,
	telegram: 20_000,
	publication: 2_500,
	boot: 400_000,
};

export interface DeviceHooks {
	/** So many bytes of a frame, or with -1 of something else, were handed to the firmware; true when that makes a frame whole. */
	onRead(tag: number, count: number, bootEpoch: number, line: number): boolean;
	onConsole(line: string): void;
	onBoot(reason: string): void;
	onOff(reason: string): void;
	onViolation(text: string): void;
	/** A message is with the broker, as far as the device can know. */
	onPublication?(publication: Publication): void;
	/** An output has changed. */
	onOutput?(pin: number, on: boolean): void;
	/** The access point of its own opened, under this name, or closed. */
	onAir?(name: string | null): void;
	/** The firmware wrote to the flash. */
	onFlash?(): void;
	/** A program boots, is kept or given up. */
	onProgram?(what: "boots" | "kept" | "given up", program: Genuine): void;
}

/** Opens a port of the computer's for the device. Its events come in the world's own time. */
export type OpenListener = (port: number, admit: Admit) => Listener;

/** The world's ends of the firmware's listeners during one boot. */
export interface ListenerHost {
	readonly open: OpenListener;
	/** Hands the firmware an event. */
	readonly post: (request: Post) => void;
	readonly listeners: Map<number, Listener>;
	readonly streams: Map<number, HostStream>;
	/** Number of the next stream. */
	next: number;
}

export interface HostStream {
	readonly stream: Stream;
	/** What the other side has not taken yet. */
	readonly queue: Uint8Array[];
	/** Bytes that the firmware believes to be in its send buffer. */
	held: number;
	/** The firmware sends no more. */
	ending: boolean;
}

/** The world's ends of the firmware's MQTT clients during one boot. */
export interface ClientHost {
	readonly clock: WorldClock;
	readonly sockets: Sockets;
	/** Milliseconds since the boot. */
	readonly now: () => number;
	/** Hands the firmware an event. */
	readonly post: (request: () => Request) => void;
	/** A message of the firmware is with the broker, as far as the firmware can know. */
	readonly onPublication: ((publication: Publication) => void) | null;
	readonly clients: Map<number, HostClient>;
	/** The client that was opened last. */
	current: number;
	/** Power is off: nothing is heard any more. */
	gone: boolean;
}

export interface HostClient {
	client: MqttClient | null;
	/** Only where somebody listens to it. */
	readonly observer: PublishObserver | null;
	/** It failed, or was closed: what the firmware does with it before it hears of that comes to nothing. */
	over: boolean;
	/** Bytes that the firmware may write. */
	room: number;
	/** It is told of its room when its turn comes. */
	telling: boolean;
}
