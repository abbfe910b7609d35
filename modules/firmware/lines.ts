/** The lines of meters: opened at the boot or later where memory was short then, and the turns of those that share a wire. */
import { note } from "../health/log.js";
import { noteLine } from "../health/meter.js";
import { advanceTurns, noteEmptied, type TurnAction } from "../meter/turns.js";
import { accept, expire, isReading, isWithinFrame, leaveLine, type Tally, takeLine } from "../p1/reader.js";
import type { LineConditions } from "../ports/ports.js";
import { guard, noteException } from "./guard.js";
import { testWithLine } from "./setup.js";
import type { Firmware, Wire } from "./state.js";

const reopenMs = 30_000;
/** Whole frames that follow each other are read first, but not for ever. */
const readMs = 15_000;
/** The wire that takes the console's UART: how long after the boot, and after each line that is typed until then. */
export const consoleWire = 2;
export const consoleMs = 30_000;
const typingMs = 300_000;

/** Opens what is not open. `onFrame`: a line holds a frame that wants to be read. */
export function openLines(firmware: Firmware, now: number, onFrame: (firmware: Firmware) => void): void {
	for (let at = 0; at < firmware.wires.length; at += 1) {
		const wire = firmware.wires[at]!;
		if (wire.uart !== null || now < wire.openTime) continue;
		wire.openTime = now + reopenMs;
		if (!guard(firmware, "line", openWire, { wire, at, onFrame })) {
			note(firmware.log, `line: next try in ${reopenMs / 1000} s`, now);
		} else if (at === consoleWire) {
			note(firmware.log, "line: the third one has the console's UART; what is typed is not heard any more", now);
		}
	}
}

interface Opened {
	wire: Wire;
	at: number;
	onFrame: (firmware: Firmware) => void;
}

function openWire(firmware: Firmware, { wire, at, onFrame }: Opened): void {
	const { ports } = firmware;
	for (const line of wire.lines) {
		if (line.requestPin !== null) line.request ??= ports.openOutput(line.requestPin);
	}
	const { receivePin, invert } = wire;
	wire.uart = ports.openUart({ line: at, receivePin, invert }, (bytes, count, conditions) => {
		// Some ten times per telegram: without a function that is made for `guard`.
		try {
			receive(firmware, wire, bytes, count, conditions);
			if (wire.current !== null && isReading(wire.reader)) onFrame(firmware);
		} catch (error) {
			noteException(firmware, "line", error);
		}
	});
	wire.current?.request?.write(true);
}

/** What the wire delivered; nothing at all says that it is silent. While no meter is asked, it is the tail of one that was, and dropped. */
function receive(
	firmware: Firmware,
	wire: Wire,
	bytes: Uint8Array,
	count: number,
	conditions: LineConditions | null,
): void {
	const now = firmware.ports.clock.now();
	const { current, turns } = wire;
	if (turns !== null) noteEmptied(turns, now);
	if (current === null) return;
	noteLine(current.health, count, conditions, now);
	if (current === firmware.lines[0]) testWithLine(firmware, bytes, count, conditions, now);
	if (count > 0) {
		if (wire.heard !== null) wire.heard.lastByte = now;
		accept(wire.reader, bytes, 0, count, now);
	} else if (conditions === null) expire(wire.reader, now);
}

/** Somebody types: the console keeps its UART for a while. */
export function keepConsole({ wires, ports }: Firmware): void {
	const wire = wires[consoleWire];
	if (wire !== undefined && wire.uart === null) {
		wire.openTime = Math.max(wire.openTime, ports.clock.now() + typingMs);
	}
}

/** Gives each wire's next meter its turn. */
export function runTurns(firmware: Firmware, now: number): void {
	for (const wire of firmware.wires) {
		const { turns, uart } = wire;
		if (turns === null || uart === null) continue;
		for (let action = next(wire, now); action !== "none"; action = next(wire, now)) {
			if (action === "ask") ask(wire);
			else if (action === "release") release(wire);
			else {
				uart.look();
				break;
			}
		}
	}
}

/** When a wire has something to do at the latest. */
export function turnsDeadline({ wires }: Firmware): number {
	let deadline = Infinity;
	for (const { turns, uart, openTime } of wires) {
		if (uart === null) deadline = Math.min(deadline, openTime);
		else if (turns !== null) deadline = Math.min(deadline, turns.deadline);
	}
	return deadline;
}

function next(wire: Wire, now: number): TurnAction {
	const { current, turns } = wire;
	const heard = wire.heard ?? hearNothing(0, 0);
	if (current !== null) {
		if (isReading(wire.reader) && now - turns!.since < readMs) return "none";
		heard.hasTelegram = current.tally.counters.telegrams > heard.telegrams;
		heard.hasRefused = countRefused(current.tally) > heard.refused;
	}
	return advanceTurns(turns!, heard, now);
}

function ask(wire: Wire): void {
	const line = wire.lines[wire.turns!.asked]!;
	const { tally } = line;
	wire.current = line;
	takeLine(wire.reader, tally);
	wire.heard = hearNothing(tally.counters.telegrams, countRefused(tally));
	line.request?.write(true);
}

function release(wire: Wire): void {
	const { current } = wire;
	wire.current = null;
	if (current === null) return;
	current.request?.write(false);
	leaveLine(wire.reader);
}

/** A turn begins; so many telegrams and refused frames came before it. */
function hearNothing(telegrams: number, refused: number): NonNullable<Wire["heard"]> {
	return { hasTelegram: false, hasRefused: false, lastByte: -Infinity, telegrams, refused };
}

/** Reads what is left of a frame whose rest is missing. */
export function lookAtLines({ wires }: Firmware): void {
	for (const { current, reader, uart } of wires) if (current !== null && isWithinFrame(reader)) uart?.look();
}

/** Frames that were whole and not believed. */
function countRefused({ faults }: Tally): number {
	const { keyMissing, wrongKey, wrongAuthenticationKey, damaged, unauthenticated, crc, notTelegram, replay } = faults;
	return keyMissing + wrongKey + wrongAuthenticationKey + damaged + unauthenticated + crc + notTelegram + replay;
}
