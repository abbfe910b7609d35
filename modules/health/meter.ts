/** How the reader fares with one line: the states of a meter. */
import { type Faults, faultNames } from "../p1/faults.js";
import type { LineConditions } from "../ports/ports.js";

/**
 * What is known of the meter, for the light, the log and diagnostics.
 *
 * - `waiting`: nothing is known yet, shortly after the boot
 * - `ok`: telegrams come
 * - `notUnderstood`: telegrams come, and nothing in them is known
 * - `noCable`: the line is in a break: no cable, or the meter is not asked to send
 * - `silent`: the line is at rest, and no byte came
 * - `noise`: bytes come and no telegram is among them, nor anything like one
 * - `keyMissing`, `wrongKey`, `wrongAuthenticationKey`: telegrams come and cannot be read
 * - `replay`: telegrams come whose frame counter does not rise, so that nothing tells them from recordings
 * - `unauthenticated`: telegrams come without a tag, and only those with one are read
 * - `damaged`: telegrams come and do not arrive whole
 */
export type MeterState =
	| "waiting"
	| "ok"
	| "notUnderstood"
	| "noCable"
	| "silent"
	| "noise"
	| "keyMissing"
	| "wrongKey"
	| "wrongAuthenticationKey"
	| "replay"
	| "unauthenticated"
	| "damaged";

export interface Meter {
	state: MeterState;
	/** When `advanceMeter` must be called again at the latest, monotonic milliseconds. */
	deadline: number;
	/** When the last good telegram and the last byte came; the boot, until there is one. */
	lastTelegram: number;
	lastByte: number;
	telegrams: number;
	/** Something in the last telegram was known. */
	understood: boolean;
	/** Bytes of the line up to the last telegram. */
	bytesBefore: number;
	/** True from a break until the next byte. */
	held: boolean;
	/** After so long without a telegram it is stale, milliseconds. */
	staleMs: number;
	/** Faults counted up to the last good telegram, in the order of `faultNames`: two of these lists for each line would take 670 bytes. */
	readonly before: Uint32Array;
	/** Faults of the line since the boot. */
	readonly line: LineConditions;
}

/** A meter sends every 10 s; three telegrams may be lost. */
export const staleMs = 35_000;
/** After so many failures in a row the key is wrong; before that, the frame may have been damaged. */
const repeats = 2;
const checkMs = 5_000;

export function createMeter(now: number, faults: Faults): Meter {
	const meter: Meter = {
		state: "waiting",
		deadline: now + checkMs,
		lastTelegram: now,
		lastByte: now,
		telegrams: 0,
		understood: true,
		bytesBefore: 0,
		held: false,
		staleMs,
		before: new Uint32Array(faultNames.length),
		line: { breaks: 0, framingErrors: 0, fifoOverflows: 0, ringOverflows: 0 },
	};
	keepFaults(meter, faults);
	return meter;
}

function keepFaults({ before }: Meter, faults: Faults): void {
	for (let at = 0; at < before.length; at += 1) before[at] = faults[faultNames[at]!];
}

export function noteLine(meter: Meter, count: number, conditions: LineConditions | null, now: number): void {
	if (conditions !== null) {
		meter.line.breaks += conditions.breaks;
		meter.line.framingErrors += conditions.framingErrors;
		meter.line.fifoOverflows += conditions.fifoOverflows;
		meter.line.ringOverflows += conditions.ringOverflows;
	}
	// A break is reported after the bytes that came before it, so that the break counts.
	if (count > 0) {
		meter.lastByte = now;
		meter.held = false;
	}
	if (conditions !== null && conditions.breaks > 0) meter.held = true;
}

/** A telegram was accepted. `bytes`: of the line since the boot; `understood`: something in the telegram is known. */
export function noteTelegram(meter: Meter, faults: Faults, bytes: number, understood: boolean, now: number): void {
	meter.lastTelegram = now;
	meter.lastByte = now;
	meter.telegrams++;
	meter.understood = understood;
	meter.bytesBefore = bytes;
	keepFaults(meter, faults);
	meter.state = telegramState(meter);
	meter.deadline = now + meter.staleMs;
}

/** Works out the meter's state anew; true when it changed. */
export function advanceMeter(meter: Meter, faults: Faults, now: number): boolean {
	const state = judge(meter, faults, now);
	const changed = state !== meter.state;
	meter.state = state;
	meter.deadline = now + checkMs;
	return changed;
}

function telegramState({ understood }: Meter): MeterState {
	return understood ? "ok" : "notUnderstood";
}

/** The faults since the last telegram. */
export function recentFaults({ before }: Meter, faults: Faults): Faults {
	const recent = { ...faults };
	for (let at = 0; at < before.length; at += 1) recent[faultNames[at]!] -= before[at]!;
	return recent;
}

/** True when no telegram came for longer than a meter may take. */
export function isStale(meter: Meter, now: number): boolean {
	return now >= meter.lastTelegram + meter.staleMs;
}

function judge(meter: Meter, faults: Faults, now: number): MeterState {
	const stale = isStale(meter, now);
	if (meter.held && now >= meter.lastByte + checkMs) return "noCable";
	if (now >= meter.lastByte + meter.staleMs) return "silent";
	const recent = recentFaults(meter, faults);
	if (recent.keyMissing >= repeats) return "keyMissing";
	if (stale || meter.telegrams === 0) {
		const refusal = findRefusal(recent);
		if (refusal !== null) return refusal;
	}
	if (recent.wrongKey >= repeats) return "wrongKey";
	if (!stale) return meter.telegrams > 0 ? telegramState(meter) : "waiting";
	const frames = recent.damaged + recent.crc + recent.expired + recent.wrongKey + recent.crcMissing;
	return frames > 0 ? "damaged" : "noise";
}

/** Why whole telegrams are refused, if they are. While others are read, somebody else's on the line say nothing about the meter. */
function findRefusal(recent: Faults): MeterState | null {
	if (recent.wrongAuthenticationKey >= repeats) return "wrongAuthenticationKey";
	if (recent.unauthenticated >= repeats) return "unauthenticated";
	return recent.replay >= repeats ? "replay" : null;
}
