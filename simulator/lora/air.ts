/**
 * The air between LoRa radios: frames with their time, their power and what they collide with. A receiver takes a frame whose
 * preamble it hears for five symbols or more; what is weaker than its spreading factor allows does not exist for it; and of two frames
 * on one frequency with one spreading factor only the stronger may survive.
 */
import { airtimeMicroseconds, symbolTime } from "../../modules/lorawan/airtime.js";
import type { Modulation } from "../../modules/lorawan/radio.js";
import type { Alarm } from "../../modules/ports/ports.js";
import { type Chance, drawInteger, happens } from "../chance.js";

/** Milliseconds, with fractions where the world's clock has them. */
export interface AirClock {
	now(): number;
	setAlarm(delay: number, onAlarm: () => void): Alarm;
	cancelAlarm(alarm: Alarm): void;
}

export interface AirFrame {
	readonly from: Antenna;
	readonly modulation: Readonly<Modulation>;
	readonly bytes: Uint8Array;
	/** dBm at the sender's antenna. */
	readonly power: number;
	/** Milliseconds. */
	readonly start: number;
	end: number;
	/** The sender went silent before the end: nobody receives it. */
	broken: boolean;
}

/** Whoever sends and receives. */
export interface Antenna {
	readonly name: string;
	/** Is asked at the end of a frame's preamble: what receives the frame, or null where nothing listens to it. Absent: it only sends. */
	onPreamble?(frame: AirFrame): Reception | null;
}

/** A frame on its way into a receiver, which ignores what it no longer waits for. */
export interface Reception {
	/** The header has been received, 20.25 symbols after the start. */
	onHeader?(): void;
	/** The whole frame. */
	onEnd(received: Received): void;
	/** The header was damaged, or the sender went silent. */
	onLost?(): void;
}

export interface Received {
	readonly bytes: Uint8Array;
	/** Bytes differ from what was sent. Only a frame with a CRC lets its receiver know. */
	readonly damaged: boolean;
	readonly frame: AirFrame;
	/** dBm. */
	readonly rssi: number;
	/** dB, in quarters. */
	readonly snr: number;
}

export interface AirOptions {
	/** Probability that a receiver misses a frame, and that what it receives is damaged. */
	loss?: number;
	damage?: number;
	/** dB between two antennas; 100 without it. */
	pathLoss?: (from: Antenna, to: Antenna) => number;
}

export interface Air {
	readonly clock: AirClock;
	readonly chance: Chance;
	loss: number;
	damage: number;
	pathLoss: (from: Antenna, to: Antenna) => number;
	readonly antennas: Set<Antenna>;
	/** What is in the air, and what was in the last seconds. */
	frames: AirFrame[];
	/** See each frame when it begins. */
	readonly observers: ((frame: AirFrame) => void)[];
}

/** dBm of the noise in 125 kHz, with a receiver's own. */
export const noise = -117;
/** dB by which a frame must be the stronger to survive another one. */
const capture = 6;
/** How many of the preamble's eight symbols a receiver needs to hear. */
const neededSymbols = 5;
/** No frame is longer than this. */
const longestMs = 12_000;

export function createAir(clock: AirClock, chance: Chance, options: AirOptions = {}): Air {
	const { loss = 0, damage = 0, pathLoss = () => 100 } = options;
	return { clock, chance, loss, damage, pathLoss, antennas: new Set(), frames: [], observers: [] };
}

/** dB over the noise that a receiver needs: SX1276, table 13. */
export function leastSnr(spreading: number): number {
	return -7.5 - 2.5 * (spreading - 7);
}

/** Sends from now on. `power`: dBm at the antenna. Gives the frame; `end` is when it has been sent. */
export function transmit(
	air: Air,
	from: Antenna,
	modulation: Readonly<Modulation>,
	bytes: Uint8Array,
	power: number,
): AirFrame {
	const start = air.clock.now();
	const end = start + airtimeMicroseconds(modulation.spreading, bytes.length, modulation.crc) / 1000;
	const frame: AirFrame = {
		from,
		modulation: { ...modulation },
		bytes: bytes.slice(),
		power,
		start,
		end,
		broken: false,
	};
	air.frames = air.frames.filter(old => old.end > start - longestMs);
	air.frames.push(frame);
	for (const observer of air.observers) observer(frame);
	air.clock.setAlarm((8 * symbolTime(modulation.spreading)) / 1000, () => endPreamble(air, frame));
	return frame;
}

/** Whether a receiver that listens since then heard enough of a frame's preamble. */
export function heardPreamble(frame: AirFrame, since: number): boolean {
	return since <= frame.start + ((8 - neededSymbols) * symbolTime(frame.modulation.spreading)) / 1000;
}

/** Whether a receiver's modulation is the frame's. Whether there is a CRC, the frame's header says. */
export function isTuned(frame: AirFrame, to: Readonly<Modulation>): boolean {
	const { frequency, spreading, inverted, syncWord } = frame.modulation;
	// Receivers follow a carrier up to a quarter of the bandwidth.
	const isNear = Math.abs(frequency - to.frequency) < 31_250;
	return isNear && spreading === to.spreading && inverted === to.inverted && syncWord === to.syncWord;
}

function endPreamble(air: Air, frame: AirFrame): void {
	if (frame.broken) return;
	for (const antenna of air.antennas) {
		if (antenna === frame.from) continue;
		const { snr } = measure(air, frame, antenna);
		if (snr < leastSnr(frame.modulation.spreading) || happens(air.chance, air.loss)) continue;
		const reception = antenna.onPreamble?.(frame) ?? null;
		if (reception !== null) receive(air, frame, antenna, reception);
	}
}

function receive(air: Air, frame: AirFrame, to: Antenna, reception: Reception): void {
	const header = frame.start + (20.25 * symbolTime(frame.modulation.spreading)) / 1000;
	const now = air.clock.now();
	air.clock.setAlarm(Math.max(0, header - now), () => {
		if (frame.broken || collides(air, frame, to, header)) return reception.onLost?.();
		reception.onHeader?.();
		air.clock.setAlarm(Math.max(0, frame.end - air.clock.now()), () => {
			if (frame.broken) return reception.onLost?.();
			const damaged = collides(air, frame, to, frame.end) || happens(air.chance, air.damage);
			const bytes = damaged ? flip(air.chance, frame.bytes) : frame.bytes.slice();
			reception.onEnd({ bytes, damaged, frame, ...measure(air, frame, to) });
		});
	});
}

/** How a frame comes to an antenna. The noise limits what a receiver tells of strong ones. */
function measure(air: Air, frame: AirFrame, to: Antenna): { rssi: number; snr: number } {
	const rssi = frame.power - air.pathLoss(frame.from, to);
	return { rssi, snr: Math.min(10, Math.round(4 * (rssi - noise)) / 4) };
}

/** Whether another frame, up to a time, is in the way of this one. */
function collides(air: Air, frame: AirFrame, to: Antenna, end: number): boolean {
	return air.frames.some(other => {
		if (other === frame || other.from === to) return false;
		if (other.start >= end || other.end <= frame.start) return false;
		const { frequency, spreading, inverted } = other.modulation;
		const { modulation } = frame;
		const isOther =
			Math.abs(frequency - modulation.frequency) > 125_000 ||
			spreading !== modulation.spreading ||
			inverted !== modulation.inverted;
		return !isOther && measure(air, other, to).rssi > measure(air, frame, to).rssi - capture;
	});
}

/** One to four bytes in a row become others. */
function flip(chance: Chance, bytes: Uint8Array): Uint8Array {
	const changed = bytes.slice();
	if (changed.length === 0) return changed;
	const at = drawInteger(chance, changed.length);
	const end = Math.min(changed.length, at + 1 + drawInteger(chance, 4));
	for (let index = at; index < end; index++) changed[index]! ^= 1 + drawInteger(chance, 255);
	return changed;
}

/** Breaks off what is being sent: the sender lost its power, or was told to do something else. */
export function breakOff(air: Air, frame: AirFrame): void {
	if (air.clock.now() >= frame.end) return;
	frame.broken = true;
	frame.end = air.clock.now();
}

/** A receiver for any number of frames at once, as gateways are: of those that it `wants`, all that are whole come to `onFrame`. */
export function addGateway(
	air: Air,
	name: string,
	wants: (frame: AirFrame) => boolean,
	onFrame: (received: Received) => void,
): Antenna {
	const antenna: Antenna = {
		name,
		onPreamble(frame) {
			if (!wants(frame) || isSending(air, antenna, frame.start)) return null;
			const onEnd = (received: Received): void => {
				const hidden = isSending(air, antenna, frame.start) || (received.damaged && frame.modulation.crc);
				if (!hidden) onFrame(received);
			};
			return { onEnd };
		},
	};
	air.antennas.add(antenna);
	return antenna;
}

/** Whether an antenna has sent something from a time until now: it heard nothing meanwhile. */
function isSending(air: Air, antenna: Antenna, since: number): boolean {
	const now = air.clock.now();
	return air.frames.some(frame => frame.from === antenna && frame.end > since && frame.start < now);
}
