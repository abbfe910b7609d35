/** The data line from the meter to the UART, byte by byte. */

import { cancel, type Plan, plan, type WorldClock } from "../clock.js";
import {
	beginBreak,
	endBreak,
	receiveBreak,
	receiveByte,
	receiveFramingError,
	receiveSilence,
	type WorldUart,
} from "./uart.js";

/** The data line at 115200 baud, 8N1: ten bits a byte, one byte after the other. */
export interface Line {
	readonly clock: WorldClock;
	/** What listens at its end; null while the device is off or has not opened its port. */
	uart: WorldUart | null;
	/** The cable is in. */
	connected: boolean;
	/** When it was taken out. */
	cutAt: number;
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
/** How often our driver looks whether a break is over (`smartyUart.c`). */
const breakPoll = 50_000;

export function createLine(clock: WorldClock): Line {
	return { clock, uart: null, connected: true, cutAt: 0, runs: [], busyUntil: 0, next: null };
}

/** Sends bytes behind those under way. `tag` is the number of the frame they belong to whole, or -1. */
export function transmit(line: Line, bytes: Uint8Array, tag: number): void {
	if (bytes.length === 0) return;
	const start = Math.max(line.clock.now, line.busyUntil);
	line.runs.push({ bytes, start, passed: 0, tag });
	line.busyUntil = start + bytes.length * byteTime;
	if (line.next === null) planNext(line);
}

/** Brings the receiver up to now. */
export function deliverDueBytes(line: Line): void {
	const { clock, runs, uart } = line;
	const heard = line.connected ? uart : null;
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

function planNext(line: Line): void {
	const { clock, runs } = line;
	const run = runs[0];
	const last = run === undefined ? clock.now : run.start + Math.min(run.bytes.length, run.passed + stride) * byteTime;
	line.next = plan(clock, Math.max(0, Math.ceil(last) - clock.now), () => {
		deliverDueBytes(line);
		if (line.runs.length > 0) planNext(line);
		else line.next = plan(clock, silence, () => endSilence(line));
	});
}

function endSilence(line: Line): void {
	line.next = null;
	deliverDueBytes(line);
	if (line.runs.length > 0) {
		planNext(line);
	} else if (line.uart !== null) {
		receiveSilence(line.uart);
	}
}

/** Takes the cable out, which the receiver sees as a byte of zeros and a break, or puts it in again, which our driver sees at its next look. */
export function connectCable(line: Line, connected: boolean): void {
	deliverDueBytes(line);
	if (line.connected === connected) return;
	line.connected = connected;
	const { clock, uart } = line;
	if (!connected) {
		line.cutAt = clock.now;
		if (uart !== null) receiveZeros(uart, beginBreak);
		return;
	}
	plan(clock, breakPoll - ((clock.now - line.cutAt) % breakPoll), () => {
		deliverDueBytes(line);
		// Not where it is out again: then the break goes on.
		if (line.uart !== null && line.connected) endBreak(line.uart);
	});
}

function receiveZeros(uart: WorldUart, tell: (uart: WorldUart) => void): void {
	receiveByte(uart, 0, -1);
	receiveSilence(uart);
	tell(uart);
}

/** The line is held for longer than a byte. */
export function holdBreak(line: Line): void {
	deliverDueBytes(line);
	if (line.uart !== null) receiveZeros(line.uart, receiveBreak);
}

/** A stop bit is missing: the byte counts as received, and as wrong. */
export function disturb(line: Line, byte: number): void {
	deliverDueBytes(line);
	if (line.uart === null || !line.connected) return;
	receiveByte(line.uart, byte, -1);
	receiveFramingError(line.uart);
}

/** The meter stops in the middle of what it sends. */
export function cutTransmission(line: Line): void {
	deliverDueBytes(line);
	line.runs.length = 0;
	line.busyUntil = line.clock.now;
	cancel(line.next);
	line.next = plan(line.clock, silence, () => endSilence(line));
}
