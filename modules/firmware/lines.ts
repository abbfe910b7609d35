/** The lines of meters: opened at the boot or later where memory was short then, and the turns of those that share a wire. */
import { note } from "../health/log.js";
import { advanceTurns, type TurnAction } from "../meter/turns.js";
import { isReading, isWithinFrame, leaveLine, type Tally, takeLine } from "../p1/reader.js";
import { guard } from "./guard.js";
import type { Firmware, Wire } from "./state.js";

const reopenMs = 30_000;
/** Whole frames that follow each other are read first, but not for ever. */
const readMs = 15_000;
/** The wire that takes the console's UART: how long after the boot, and after each line that is typed until then. */
export const consoleWire = 2;
export const consoleMs = 30_000;
const typingMs = 300_000;

/** Opens what is not open. */
export function openLines(firmware: Firmware, now: number): void {
	for (let at = 0; at < firmware.wires.length; at += 1) {
		const wire = firmware.wires[at]!;
		if (wire.uart !== null || now < wire.openTime) continue;
		wire.openTime = now + reopenMs;
		if (!guard(firmware, "line", openWire, { wire, at })) {
			note(firmware.log, `line: next try in ${reopenMs / 1000} s`, now);
		} else if (at === consoleWire) {
			note(firmware.log, "line: the third one has the console's UART; what is typed is not heard any more", now);
		}
	}
}

function openWire({ ports }: Firmware, { wire, at }: { wire: Wire; at: number }): void {
	for (const line of wire.lines) {
		if (line.requestPin !== null) line.request ??= ports.openOutput(line.requestPin);
	}
	wire.open(at);
	wire.current?.request?.write(true);
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
