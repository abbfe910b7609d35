/**
 * The board's radio inside an engine. The air around it is here, too: what the board sends is told to the world, and what a gateway sends
 * is told to the board when it begins. Between two requests the air goes on in its own time, so that nothing depends on when the program
 * looks.
 */

import type { Lora } from "../../../modules/firmware/state.js";
import type { RadioPins } from "../../../modules/lorawan/bus.js";
import { openAnyRadio } from "../../../modules/lorawan/drivers.js";
import { readPins } from "../../../modules/lorawan/open-radio.js";
import { createPart } from "../../../modules/lorawan/part.js";
import type { LorawanPart } from "../../../modules/lorawan/part-type.js";
import type { Ports } from "../../../modules/ports/ports.js";
import { createChance } from "../../chance.js";
import { type Air, type AirClock, type AirFrame, type Antenna, createAir, transmit } from "../../lora/air.js";
import { createSx1262Model, type Sx1262Model } from "../../lora/sx1262.js";
import { createSx1276Model, type Sx1276Model } from "../../lora/sx1276.js";
import type { Boot, Effect } from "./bridge.js";

/** A frame of a gateway. Times are milliseconds since the boot. */
export interface GatewayFrame {
	start: number;
	frequency: number;
	spreading: number;
	/** dBm at the board's antenna, and the bytes as hexadecimal digits. */
	strength: number;
	bytes: string;
}

export interface GuestRadio {
	readonly air: Air;
	/** Where frames of gateways come from. */
	readonly gateway: Antenna;
	now: number;
	readonly alarms: { due: number; order: number; onAlarm: () => void }[];
	/** Frames of gateways that begin later than `now`. */
	readonly coming: GatewayFrame[];
	readonly effects: Effect[];
	readonly written: Uint8Array[];
	/** Own frames that are in the air. */
	sending: AirFrame[];
	readonly pins: RadioPins;
	readonly model: Sx1276Model | Sx1262Model;
	/** Frames that the program had seen when that was told last. */
	told: number;
}

/** Far below what a receiver needs nothing is lost: the world decides what does not arrive. */
const pathLoss = 100;

/** `config` is the build's. */
export function createGuestRadio(config: Boot["config"], effects: Effect[], written: Uint8Array[]): GuestRadio {
	const { radio: chip, radioPins = "" } = config;
	const pins = readPins(radioPins);
	let order = 0;
	const clock: AirClock = {
		now: () => radio.now,
		setAlarm(delay, onAlarm) {
			order += 1;
			const alarm = { due: radio.now + delay, order, onAlarm };
			radio.alarms.push(alarm);
			return alarm;
		},
		cancelAlarm(alarm) {
			const at = radio.alarms.indexOf(alarm as GuestRadio["alarms"][number]);
			if (at >= 0) radio.alarms.splice(at, 1);
		},
	};
	const air = createAir(clock, createChance(1), { pathLoss: () => pathLoss });
	const radio: GuestRadio = {
		air,
		gateway: { name: "gateway" },
		now: 0,
		alarms: [],
		coming: [],
		effects,
		written,
		sending: [],
		pins,
		model:
			chip === "sx1262" ? createSx1262Model(air, "board", pins, { tcxo: 2 }) : createSx1276Model(air, "board", pins),
		told: 0,
	};
	radio.air.observers.push(frame => tellWorld(radio, frame));
	return radio;
}

function tellWorld(radio: GuestRadio, frame: AirFrame): void {
	if (frame.from === radio.gateway) return;
	const { frequency, spreading, inverted, crc, syncWord } = frame.modulation;
	radio.effects.push([
		"transmit",
		{ start: frame.start, power: frame.power, frequency, spreading, inverted, crc, syncWord },
		frame.bytes.length,
	]);
	radio.written.push(frame.bytes.slice());
	radio.sending.push(frame);
}

/** Lets the air go on up to a time. */
export function advanceRadio(radio: GuestRadio, until: number): void {
	for (;;) {
		const alarm = firstAlarm(radio);
		const frame = radio.coming[0];
		const due = Math.min(alarm?.due ?? Infinity, frame?.start ?? Infinity);
		if (due > until) break;
		radio.now = Math.max(radio.now, due);
		if (frame !== undefined && frame.start === due) {
			radio.coming.shift();
			begin(radio, frame);
		} else if (alarm !== null) {
			radio.alarms.splice(radio.alarms.indexOf(alarm), 1);
			alarm.onAlarm();
		}
	}
	radio.now = Math.max(radio.now, until);
}

function firstAlarm({ alarms }: GuestRadio): GuestRadio["alarms"][number] | null {
	let first: GuestRadio["alarms"][number] | null = null;
	for (const alarm of alarms) {
		if (first === null || alarm.due < first.due || (alarm.due === first.due && alarm.order < first.order))
			first = alarm;
	}
	return first;
}

function begin({ air, gateway }: GuestRadio, { frequency, spreading, strength, bytes }: GatewayFrame): void {
	const modulation = { frequency, spreading, inverted: true, crc: false, syncWord: 0x34 };
	transmit(air, gateway, modulation, parse(bytes), strength + pathLoss);
}

function parse(digits: string): Uint8Array {
	const bytes = new Uint8Array(digits.length / 2);
	for (let at = 0; at < bytes.length; at += 1) bytes[at] = parseInt(digits.slice(2 * at, 2 * at + 2), 16);
	return bytes;
}

/** A gateway begins to send; it may be told some milliseconds later. */
export function hearGateway(radio: GuestRadio, frame: GatewayFrame): void {
	radio.coming.push({ ...frame, start: Math.max(frame.start, radio.now) });
	radio.coming.sort((one, other) => one.start - other.start);
}

/** When the air has something to do, or -1; and what was broken off is told. */
export function nextRadioTime(radio: GuestRadio): number {
	for (const text of radio.model.faults.splice(0)) radio.effects.push(["fault", text]);
	for (const frame of radio.sending) if (frame.broken) radio.effects.push(["silence"]);
	radio.sending = radio.sending.filter(frame => !frame.broken && frame.end > radio.now);
	const due = Math.min(firstAlarm(radio)?.due ?? Infinity, radio.coming[0]?.start ?? Infinity);
	// The board's clock has whole milliseconds.
	return due === Infinity ? -1 : Math.ceil(due);
}

/** Tells how many frames the program has seen, where that is new. */
export function tellHeard(radio: GuestRadio, lora: Lora, now: number): void {
	const { taken = 0, drops } = lora.sender.describe(now) as { taken?: number; drops?: Record<string, number> };
	let count = taken;
	for (const dropped of Object.values(drops ?? {})) count += dropped;
	if (count > radio.told) radio.effects.push(["heard"]);
	radio.told = count;
}

/** What the image has for the radio. */
export function createRadioPart(): LorawanPart {
	return createPart(openAnyRadio);
}

/** The wires to the chip; other outputs are the board's. */
export function createRadioPorts(
	{ model, pins }: GuestRadio,
	openOutput: Ports["openOutput"],
): Pick<Ports, "openSpi" | "openInput" | "openOutput"> {
	const { ports } = model.board;
	return {
		...ports,
		openOutput: pin => (pin === pins.select || pin === pins.reset ? ports : { openOutput }).openOutput(pin),
	};
}
