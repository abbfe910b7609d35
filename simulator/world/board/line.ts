import { cancel, type Plan, plan, type WorldClock } from "../clock.js";
import { receiveBreak, receiveByte, receiveFramingError, receiveSilence, type WorldUart } from "./uart.js";

/** The data line at 115200 baud, 8N1: ten bits a byte, one byte after the other. */
export interface Wire {
	readonly clock: WorldClock;
	/** What listens at its end; null while the device is off or has not opened its port. */
	uart: WorldUart | null;
	/** The cable is in. */
	connected: boolean;
	readonly runs: Run[];
	/** When the last byte of all runs has passed. */
	busyUntil: number;
	next: Plan | null;
}

interface Run {
	bytes: Uint8Array;
	/** Microseconds at which its first bit begins. */
	start: number;
	/** Bytes that have passed. */
	passed: number;
	tag: number;
}

const bitTime = 1_000_000 / 115_200;
export const byteTime = 10 * bitTime;
const silence = 10 * byteTime;
/** How often the receiver is looked after while bytes pass. */
const stride = 64;

export function createWire(clock: WorldClock): Wire {
	return { clock, uart: null, connected: true, runs: [], busyUntil: 0, next: null };
}

/** Sends bytes behind those under way. `tag` is the number of the frame they belong to whole, or -1. */
export function transmit(wire: Wire, bytes: Uint8Array, tag: number): void {
	if (bytes.length === 0) return;
	const start = Math.max(wire.clock.now, wire.busyUntil);
	wire.runs.push({ bytes, start, passed: 0, tag });
	wire.busyUntil = start + bytes.length * byteTime;
	if (wire.next === null) planNext(wire);
}

/** Brings the receiver up to now. */
export function pour(wire: Wire): void {
	const { clock, runs, uart } = wire;
	const heard = wire.connected ? uart : null;
	while (runs.length > 0) {
		const run = runs[0]!;
		// Half a microsecond of grace, because plans are whole microseconds.
		const arrived = Math.min(run.bytes.length, Math.floor((clock.now + 0.5 - run.start) / byteTime));
		for (; run.passed < arrived; run.passed++) {
			if (heard !== null) receiveByte(heard, run.bytes[run.passed]!, run.tag);
		}
		if (run.passed < run.bytes.length) return;
		runs.shift();
	}
}

function planNext(wire: Wire): void {
	const { clock, runs } = wire;
	const run = runs[0];
	const last = run === undefined ? clock.now : run.start + Math.min(run.bytes.length, run.passed + stride) * byteTime;
	wire.next = plan(clock, Math.max(0, Math.ceil(last) - clock.now), () => {
		pour(wire);
		if (wire.runs.length > 0) planNext(wire);
		else wire.next = plan(clock, silence, () => endSilence(wire));
	});
}

function endSilence(wire: Wire): void {
	wire.next = null;
	pour(wire);
	if (wire.runs.length > 0) {
		planNext(wire);
	} else if (wire.uart !== null) {
		receiveSilence(wire.uart);
	}
}

/** Takes the cable out, which the receiver sees as a break and a byte of zeros, or puts it in again. */
export function connectCable(wire: Wire, connected: boolean): void {
	pour(wire);
	if (wire.connected === connected) return;
	wire.connected = connected;
	if (!connected) holdBreak(wire);
}

/** The line is held for longer than a byte. */
export function holdBreak(wire: Wire): void {
	pour(wire);
	if (wire.uart === null) return;
	receiveByte(wire.uart, 0, -1);
	receiveBreak(wire.uart);
	receiveSilence(wire.uart);
}

/** A stop bit is missing: the byte counts as received, and as wrong. */
export function disturb(wire: Wire, byte: number): void {
	pour(wire);
	if (wire.uart === null || !wire.connected) return;
	receiveByte(wire.uart, byte, -1);
	receiveFramingError(wire.uart);
}

/** The meter stops in the middle of what it sends. */
export function cutTransmission(wire: Wire): void {
	pour(wire);
	wire.runs.length = 0;
	wire.busyUntil = wire.clock.now;
	cancel(wire.next);
	wire.next = plan(wire.clock, silence, () => endSilence(wire));
}
