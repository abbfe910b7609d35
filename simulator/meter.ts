/** A simulated smarty: registers, clock, key, and a frame for each telegram. */

import { type Chance, happens } from "./chance.js";
import { createHousehold, type Flow, type Household, runHousehold } from "./household.js";
import { createChannel, type MbusChannel, type MbusOptions, runChannel } from "./mbus.js";
import { commonAuthenticationKey, sealFrame } from "./seal.js";
import { formatTelegram, type MeterSnapshot } from "./telegram.js";

/** `authenticated` is security control 0x30, `encrypted` 0x20 (no tag), `plain` the readable telegram of a meter without a key. */
export type MeterSecurity = "authenticated" | "encrypted" | "plain";

export interface MeterOptions {
	/** 16 bytes; null only with `plain`. */
	key: Uint8Array | null;
	/** 16 bytes; by default the one all meters in Luxembourg share. */
	authenticationKey?: Uint8Array;
	/** 8 bytes; the logical device name is made from it. */
	systemTitle?: Uint8Array;
	/** Counter of the first frame. */
	frameCounter?: number;
	security?: MeterSecurity;
	phases?: 1 | 3;
	/** W at a clear noon in June; 0 is a house without solar panels. */
	solarPeak?: number;
	/** M-Bus channels, at most four. */
	devices?: readonly MbusOptions[];
	/** Customer messages in clear, at most five of 1024 bytes. */
	messages?: readonly string[];
	/** Wh at the start. */
	activeEnergyImport?: number;
	activeEnergyExport?: number;
	/** varh at the start. */
	reactiveEnergyImport?: number;
	reactiveEnergyExport?: number;
}

/** A smarty: a house behind it, registers, a clock that is always right, and a key. */
export interface Meter {
	chance: Chance;
	household: Household;
	channels: MbusChannel[];
	security: MeterSecurity;
	key: Uint8Array | null;
	authenticationKey: Uint8Array;
	systemTitle: Uint8Array;
	serial: string;
	/** Of the next frame. */
	frameCounter: number;
	/** UTC in milliseconds up to which the registers have been counted. */
	time: number;
	/** W·ms and var·ms. */
	energy: { activeImport: number; activeExport: number; reactiveImport: number; reactiveExport: number };
	flow: Flow;
	sags: number[];
	messages: string[];
}

/** One transmission. */
export interface MeterFrame {
	/** What the meter sends, byte for byte. */
	bytes: Uint8Array;
	/** The telegram in clear. */
	telegram: string;
	snapshot: MeterSnapshot;
	/** Null in plain text. */
	frameCounter: number | null;
}

const hour = 3_600_000;
/** The house changes its mind at most once a minute when more time than that passes between two frames. */
const slice = 60_000;
const defaultSystemTitle: readonly number[] = [0x53, 0x41, 0x47, 0x67, 0x70, 0x01, 0xbd, 0x54];

/** `time` is UTC in milliseconds. The same chance, time and options make the same meter. */
export function createMeter(chance: Chance, time: number, options: MeterOptions): Meter {
	const { key, security = "authenticated", phases = 3, frameCounter = 1, devices = [], messages = [] } = options;
	const authenticationKey = options.authenticationKey ?? Uint8Array.from(commonAuthenticationKey);
	const systemTitle = options.systemTitle ?? Uint8Array.from(defaultSystemTitle);
	if (key === null && security !== "plain") throw new Error("a meter that encrypts needs a key");
	if (key !== null && key.length !== 16) throw new Error(`a key has 16 bytes, not ${key.length}`);
	if (authenticationKey.length !== 16)
		throw new Error(`an authentication key has 16 bytes, not ${authenticationKey.length}`);
	if (systemTitle.length !== 8) throw new Error(`a system title has 8 bytes, not ${systemTitle.length}`);
	if (devices.length > 4) throw new Error(`a meter has 4 M-Bus channels, not ${devices.length}`);
	if (messages.length > 5) throw new Error(`a telegram has 5 messages, not ${messages.length}`);
	for (const message of messages) {
		const length = Buffer.byteLength(message);
		if (length > 1024) throw new Error(`a message has at most 1024 bytes, not ${length}`);
	}
	const household = createHousehold(phases, options.solarPeak ?? 6000, chance);
	return {
		chance,
		household,
		channels: devices.map(device => createChannel(device, time)),
		security,
		key,
		authenticationKey,
		systemTitle,
		serial: nameDevice(systemTitle),
		frameCounter,
		time,
		energy: {
			activeImport: (options.activeEnergyImport ?? 11_634_750) * hour,
			activeExport: (options.activeEnergyExport ?? 4_240_108) * hour,
			reactiveImport: (options.reactiveEnergyImport ?? 1_012_757) * hour,
			reactiveExport: (options.reactiveEnergyExport ?? 2_148_356) * hour,
		},
		flow: runHousehold(household, time, 0, chance),
		sags: new Array(phases).fill(0),
		messages: [...messages],
	};
}

/**
 * Lets time pass up to `time` (UTC in milliseconds) and makes the frame of that moment. The energy registers are the
 * integral of the power that is shown. A time before the last one changes the clock only.
 */
export function readMeter(meter: Meter, time: number): MeterFrame {
	while (meter.time < time) {
		const duration = Math.min(slice, time - meter.time);
		meter.time += duration;
		runMeter(meter, duration);
	}
	meter.time = time;
	const snapshot = takeSnapshot(meter);
	const telegram = formatTelegram(snapshot);
	const plaintext = new Uint8Array(Buffer.from(telegram, "latin1"));
	if (meter.security === "plain" || meter.key === null) {
		return { bytes: plaintext, telegram, snapshot, frameCounter: null };
	}
	const { key, authenticationKey, systemTitle, frameCounter } = meter;
	if (frameCounter > 0xffffffff) throw new Error("the frame counter has reached its end: the meter sends no more");
	const securityControl = meter.security === "encrypted" ? 0x20 : 0x30;
	const bytes = sealFrame(plaintext, { key, authenticationKey, systemTitle, frameCounter, securityControl });
	meter.frameCounter += 1;
	return { bytes, telegram, snapshot, frameCounter };
}

/** The grid operator gives the meter a new key; its counter starts again (E-Meter P1 Specification 3.2.5). */
export function renewKey(meter: Meter, key: Uint8Array): void {
	if (key.length !== 16) throw new Error(`a key has 16 bytes, not ${key.length}`);
	meter.key = key;
	meter.frameCounter = 0;
}

/** The system title's serial in words: `SAG1030700114004` for 53414767 7001BD54 (manufacturer, type, function, number). */
function nameDevice(systemTitle: Uint8Array): string {
	const view = new DataView(systemTitle.buffer, systemTitle.byteOffset);
	const manufacturer = String.fromCharCode(...systemTitle.subarray(0, 3));
	const type = String(systemTitle[3]).padStart(3, "0");
	const role = String(systemTitle[4]! >> 4).padStart(2, "0");
	const number = String(view.getUint32(4) & 0x0fffffff)
		.padStart(8, "0")
		.slice(-8);
	return `${manufacturer}${type}${role}${number}`;
}

function runMeter(meter: Meter, duration: number): void {
	meter.flow = runHousehold(meter.household, meter.time, duration, meter.chance);
	const active = meter.flow.active.reduce((sum, power) => sum + power, 0) * duration;
	const reactive = meter.flow.reactive.reduce((sum, power) => sum + power, 0) * duration;
	if (active > 0) meter.energy.activeImport += active;
	else meter.energy.activeExport -= active;
	if (reactive > 0) meter.energy.reactiveImport += reactive;
	else meter.energy.reactiveExport -= reactive;
	for (let phase = 0; phase < meter.sags.length; phase++) {
		if (happens(meter.chance, duration / (200 * hour))) meter.sags[phase]! += 1;
	}
	for (const channel of meter.channels) runChannel(channel, meter.time, duration, meter.chance);
}

function takeSnapshot(meter: Meter): MeterSnapshot {
	const { energy, flow } = meter;
	return {
		time: Math.floor(meter.time / 1000) * 1000,
		serial: meter.serial,
		activeEnergyImport: Math.floor(energy.activeImport / hour),
		activeEnergyExport: Math.floor(energy.activeExport / hour),
		reactiveEnergyImport: Math.floor(energy.reactiveImport / hour),
		reactiveEnergyExport: Math.floor(energy.reactiveExport / hour),
		phases: flow.active.map((active, at) => {
			const reactive = flow.reactive[at]!;
			const voltage = flow.voltage[at]!;
			const current = Math.round(Math.hypot(active, reactive) / voltage);
			return { active, reactive, voltage, current, sags: meter.sags[at]!, swells: 0 };
		}),
		powerFailures: 12,
		messages: [...meter.messages],
		devices: meter.channels.map(({ type, id, valve, shown }) => {
			return { type, id, index: shown?.index ?? 0, time: shown?.time ?? 0, valve };
		}),
	};
}
