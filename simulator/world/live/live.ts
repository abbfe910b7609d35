/** The world in real time, as `npm start` shows it. */

import { createArrayFlash } from "../../array-flash.js";
import type { EngineName } from "../../engines/contract.js";
import { createEngine } from "../../engines/engine.js";
import { readMeter } from "../../meter.js";
import { beginPast, livePast, type Past } from "../../past.js";
import { sectorSize } from "../board/flash.js";
import { switchOff, switchOn, type } from "../board/processor.js";
import type { Cost } from "../board/state.js";
import { findSent } from "../check/ground-truth.js";
import { cancel, createWorldClock, type Plan, plan, second } from "../clock.js";
import type { World } from "../state.js";
import { composeWorld, sendFrame, worldTime } from "../world.js";
import { createHostListener } from "./host-listener.js";
import { createHostSockets } from "./host-sockets.js";
import { createRealtime, endRealtime, enqueueExternal, keepRealtime, type Realtime } from "./realtime.js";

export interface LiveOptions {
	engine: EngineName;
	/** Of the meter and of the device, 16 bytes. */
	key: Uint8Array;
	/** Counter of the meter's first frame. */
	frameCounter: number;
	/** Settings of the device besides its key and its WiFi. */
	config: Record<string, string>;
	/** Milliseconds from one frame to the next. The line at 115200 baud may take longer. */
	period: number;
	/** So many frames and no more, or null. */
	count: number | null;
	/** The power class of the account, in W. */
	limit: number;
	devices: { type: number; id: string; index: number }[];
	/** The web page; null where the board serves nothing. */
	page: Uint8Array | null;
}

export interface LiveEvents {
	onFrame(bytes: Uint8Array): void;
	/** The broker has a reading: the frame's number from 1 and its length in bytes. */
	onReading(number: number, length: number, topic: string, payload: string): void;
	/** The broker has another message. */
	onMessage(topic: string, payload: string): void;
	/** A line of the firmware's console. */
	onConsole(line: string): void;
	/** Something came to the broker that is not as the meter has it. */
	onViolation(text: string): void;
}

/**
 * The world in real time, with the computer's network and wall clock: one meter, one device that has read it for weeks, and no mishaps.
 */
export interface Live {
	readonly world: World;
	readonly realtime: Realtime;
	readonly options: LiveOptions;
	readonly events: LiveEvents;
	/** Frames sent. */
	sent: number;
	/** The firmware has told its broker that it is there. */
	online: boolean;
	/** When the next one leaves, or null. */
	nextFrame: Plan | null;
	/** Rejects when the engine or the world fails. */
	readonly ended: Promise<void>;
}

/** Time passes while the computer computes; nothing is added to that but the boot loader's. */
const noCost: Cost = { event: 0, byte: 0, telegramByte: 0, telegram: 0, publication: 0, boot: 400_000 };
/** When the firmware listens, for sure. */
const firstFrame = 0.5 * second;
/** So long a quick meter waits with its second frame for the board to be online, or readings would be late from the beginning. */
const joinTimeout = 10 * second;
/** The firmware restarts a second after its goodbye; only where the computer is too busy for the world to keep up it takes longer. */
const farewellMs = 15_000;

/** Switches the device on; the first frame follows half a second later. Rejects when the engine cannot be had. */
export async function startLive(options: LiveOptions, events: LiveEvents): Promise<Live> {
	const firmware = await createEngine(options.engine, new URL("../bridge/guest.ts", import.meta.url));
	const epoch = Date.now();
	const clock = createWorldClock();
	const realtime = createRealtime(clock);
	const world = composeWorld(firmware, {
		seed: 1,
		epoch,
		meter: { frameCounter: options.frameCounter, devices: options.devices },
		onNote(line) {
			// `note` of the world makes them.
			const { kind, line: told, text } = line as { kind: string; line?: string; text?: string };
			if (kind === "console") events.onConsole(told!);
			else if (kind === "violation") events.onViolation(text!);
		},
		outside: {
			key: options.key,
			birth: beginPast(epoch),
			config: options.config,
			cost: noCost,
			clock,
			sockets: createHostSockets(realtime),
			...(options.page !== null && { openListener: createHostListener(realtime), page: options.page }),
			onPublication: ({ topic, payload }) => report(live, topic, payload),
		},
	});
	takeUp(world, livePast(world.meter, createArrayFlash(world.flash.bytes, sectorSize), epoch, options.limit));
	switchOn(world.device, "power on");
	const live: Live = {
		world,
		realtime,
		options,
		events,
		sent: 0,
		online: false,
		nextFrame: plan(world.clock, firstFrame, () => sendNext(live)),
		ended: keepRealtime(realtime).finally(() => firmware.close()),
	};
	return live;
}

/** The board has read the meter for weeks. */
function takeUp({ device, store }: World, { stored, remembered }: Past): void {
	for (const [name, value] of stored) store.values.set(name, value);
	device.remembered = remembered;
}

function sendNext(live: Live): void {
	const { world, options, events } = live;
	if (live.sent === 1 && !live.online && world.clock.now < joinTimeout) {
		live.nextFrame = plan(world.clock, 0.05 * second, () => sendNext(live));
		return;
	}
	live.nextFrame = null;
	const { bytes, ...about } = readNext(world);
	sendFrame(world, bytes, about);
	live.sent += 1;
	events.onFrame(bytes);
	if (live.sent === options.count) return;
	const free = world.line.busyUntil - world.clock.now;
	live.nextFrame = plan(world.clock, Math.max(options.period * 1000, free), () => sendNext(live));
}

/** Whole seconds, and no second twice: with a period below one second the meter's clock runs ahead. */
function readNext(world: World) {
	const last = world.groundTruth.sent.at(-1)?.time ?? 0;
	const time = Math.max(last + 1000, Math.floor(worldTime(world) / 1000) * 1000);
	const { bytes, snapshot } = readMeter(world.meter, time);
	return { bytes, serial: snapshot.serial, time, snapshot };
}

function report(live: Live, topic: string, payload: string): void {
	const { world, events } = live;
	const kind = topic.split("/").at(-1);
	if (kind !== "state" && kind !== "history") {
		if (kind === "status" && payload === "online") live.online = true;
		events.onMessage(topic, payload);
		return;
	}
	// The judge has found it to be JSON, or has told of it.
	const { serial, time } = JSON.parse(payload) as { serial: string; time: string };
	const { groundTruth } = world;
	const sent = findSent(groundTruth, serial, Date.parse(time));
	if (sent !== null) events.onReading(groundTruth.sent.indexOf(sent) + 1, sent.length, topic, payload);
}

/** Types a line at the serial console of the device. */
export function typeLine({ world, realtime }: Live, line: string): void {
	enqueueExternal(realtime, () => {
		if (line.trim() === "restart") world.restartWanted = true;
		type(world.device, line);
	});
}

/** How many frames were sent whose reading the broker does not have. */
export function countUndelivered({ world, sent }: Live): number {
	return sent - world.groundTruth.delivered;
}

/** Lets the firmware say goodbye to its broker, as before a restart, cuts the power, and ends. */
export async function stopLive(live: Live): Promise<void> {
	const { world, realtime } = live;
	const { device, clock } = world;
	enqueueExternal(realtime, () => {
		cancel(live.nextFrame);
		live.nextFrame = null;
		const { boots } = device;
		world.restartWanted = true;
		type(device, "restart");
		const deadline = clock.now + farewellMs * 1000;
		const look = () => {
			if (device.boots === boots && clock.now < deadline) {
				plan(clock, 0.02 * second, look);
				return;
			}
			switchOff(device, "the end");
			endRealtime(realtime);
		};
		look();
	});
	await live.ended;
}
