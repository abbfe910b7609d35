/** The record of the board and of its MQTT clients, apart from what they do. */

import type { MqttClient } from "../../../modules/ports/mqtt.js";
import type { Chance } from "../../chance.js";
import type { Engine } from "../../engines/contract.js";
import type { RequestKind } from "../bridge/bridge.js";
import type { PublishObserver } from "../check/publish-observer.js";
import type { Plan, WorldClock } from "../clock.js";
import type { Publication } from "../network/contract.js";
import type { Radio } from "../network/network.js";
import type { Sockets } from "../network/socket.js";
import type { WorldFlash } from "./flash.js";
import type { Line } from "./line.js";
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
	readonly line: Line;
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
	uart: WorldUart | null;
	uartPosted: boolean;
	networkPosted: boolean;
	requested: boolean;
	/** Null while the power is off. */
	clients: ClientHost | null;
	/** Ports on which the firmware listens, and who has come to them. */
	readonly listening: Set<number>;
	readonly visits: Map<number, HostVisit>;
	/** Since the world began. */
	visitCount: number;
}

/** One of them. What goes one way comes in order: when the last of it is there. */
export interface HostVisit {
	readonly events: VisitEvents;
	arrived: number;
	returned: number;
}

/** What a client of the device's servers hears. */
export interface VisitEvents {
	onData(bytes: Uint8Array): void;
	/** The device has ended the connection, or lost its power. */
	onEnd(): void;
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
	onRead(tag: number, count: number, bootEpoch: number): boolean;
	onConsole(line: string): void;
	onBoot(reason: string): void;
	onOff(reason: string): void;
	onViolation(text: string): void;
	/** A message is with the broker, as far as the device can know. */
	onPublication?(publication: Publication): void;
	/** The firmware wrote to the flash. */
	onFlash?(): void;
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
