/** The lines of meters and the wires that they are on, as the settings have them. */
import { createMeter, noteLine, staleMs } from "../health/meter.js";
import { createTurns, longestRound, noteEmptied, type Turns } from "../meter/turns.js";
import type { Keys } from "../p1/keys.js";
import {
	accept,
	createReader,
	createTally,
	defaultAuthenticationKey,
	expire,
	isReading,
	type Reader,
	type ReaderOptions,
	type Telegram,
} from "../p1/reader.js";
import type { FrameCounters } from "../p1/replay.js";
import type { LineConditions, Uart } from "../ports/ports.js";
import type { Plug } from "../settings/meters.js";
import { guard, noteException } from "./guard.js";
import { consoleMs, consoleWire } from "./lines.js";
import { acceptTelegram, longestShown } from "./meter-line.js";
import { readTitle } from "./plugs.js";
import { wake } from "./run.js";
import { testWithLine } from "./setup.js";
import type { Firmware, Line, Wire } from "./state.js";

/** A meter sends every ten seconds (E-Meter P1 Specification). */
const telegramMs = 10_000;

/** How far apart two telegrams of one meter are at most, milliseconds, where so many share its wire. */
function intervalOf(sharing: number): number {
	return sharing > 1 ? longestRound(sharing) : telegramMs;
}

/** The longest of these. */
export function longestInterval(plugs: readonly Plug[]): number {
	let most = 1;
	for (const { receivePin } of plugs) {
		most = Math.max(most, plugs.filter(other => other.receivePin === receivePin).length);
	}
	return intervalOf(most);
}

/** All lines of the settings, and the wires that they are on. A computer has one, whatever the settings say. */
export function createLines(firmware: Firmware, keys: Keys, frameCounters: FrameCounters, now: number): void {
	const { checked, ports, wires, lines } = firmware;
	const { plugs } = checked.settings;
	for (const plug of ports.medium === "host" ? plugs.slice(0, 1) : plugs) {
		let wire = wires.find(other => other.receivePin === plug.receivePin);
		if (wire === undefined) {
			wire = createWire(firmware, plug.receivePin, keys, frameCounters, now);
			wires.push(wire);
		}
		const line = createLine(firmware, wire, plug, now);
		wire.lines.push(line);
		lines.push(line);
	}
	for (const wire of wires) {
		const { lines: own } = wire;
		wire.current = own.length === 1 ? own[0]! : null;
		if (own.length > 1) wire.turns = createTurns(own.length, now);
	}
	for (const line of lines) {
		line.interval = intervalOf(line.wire.lines.length);
		line.health.staleMs = Math.max(staleMs, 3 * line.interval);
	}
}

/** Whether anybody is to be given telegrams as they are, however long: else memory is for something else. */
function needsText({ checked, ports }: Firmware): boolean {
	const { layouts, telegramPorts } = checked.settings.integrations;
	return layouts.includes("raw") || telegramPorts.length > 0 || ports.device.capacity.heap === null;
}

function createWire(
	firmware: Firmware,
	receivePin: number,
	keys: Keys,
	frameCounters: FrameCounters,
	now: number,
): Wire {
	const { authenticationKey, authentication } = firmware.checked.settings;
	const options: ReaderOptions = {
		key: keys,
		frameCounters,
		authentication,
		inSteps: true,
		authenticationKey: authenticationKey ?? defaultAuthenticationKey(),
		cutFrom: needsText(firmware) ? Infinity : longestShown,
	};
	const openTime = firmware.wires.length === consoleWire ? now + consoleMs : now;
	return new MeterWire(firmware, receivePin, options, openTime);
}

/** A class, whose methods lie in flash. */
class MeterWire implements Wire {
	readonly receivePin: number;
	readonly reader: Reader;
	uart: Uart | null = null;
	readonly lines: Line[] = [];
	turns: Turns | null = null;
	current: Line | null = null;
	openTime: number;
	heard: Wire["heard"] = null;
	private readonly firmware: Firmware;

	constructor(firmware: Firmware, receivePin: number, options: ReaderOptions, openTime: number) {
		this.receivePin = receivePin;
		this.reader = createReader(options, telegram => this.onTelegram(telegram));
		this.openTime = openTime;
		this.firmware = firmware;
	}

	open(at: number): void {
		const { firmware, receivePin } = this;
		const { invert } = firmware.checked.settings;
		this.uart = firmware.ports.openUart({ line: at, receivePin, invert }, (bytes, count, conditions) =>
			this.onReceive(bytes, count, conditions),
		);
	}

	/** Some ten times per telegram: without anything that is made for `guard`. */
	private onReceive(bytes: Uint8Array, count: number, conditions: LineConditions | null): void {
		const { firmware } = this;
		try {
			this.receive(bytes, count, conditions);
			if (this.current !== null && isReading(this.reader)) wake(firmware);
		} catch (error) {
			noteException(firmware, "line", error);
		}
	}

	/** Nothing at all says that the line is silent. While no meter is asked, it is the tail of one that was, and dropped. */
	private receive(bytes: Uint8Array, count: number, conditions: LineConditions | null): void {
		const { firmware, reader, current, turns, heard } = this;
		const now = firmware.ports.clock.now();
		if (turns !== null) noteEmptied(turns, now);
		if (current === null) return;
		noteLine(current.health, count, conditions, now);
		if (current === firmware.lines[0]) testWithLine(firmware, bytes, count, conditions, now);
		if (count > 0) {
			if (heard !== null) heard.lastByte = now;
			accept(reader, bytes, 0, count, now);
		} else if (conditions === null) expire(reader, now);
	}

	private onTelegram(telegram: Telegram): void {
		const { current: line } = this;
		if (line !== null) guard(this.firmware, "telegram", acceptTelegram, { line, telegram });
	}
}

/** The first line of a wire has the reader's own tally. */
function createLine(firmware: Firmware, wire: Wire, { requestPin }: Plug, now: number): Line {
	const { authentication } = firmware.checked.settings;
	const tally = wire.lines.length === 0 ? wire.reader.tally : createTally(authentication);
	return {
		wire,
		requestPin,
		request: null,
		tally,
		title: readTitle(firmware, firmware.lines.length),
		swappedTime: -Infinity,
		health: createMeter(now, tally.faults),
		interval: telegramMs,
		knowsTags: false,
		keptRequired: false,
		refused: 0,
		refusedTime: -Infinity,
		requestTime: Infinity,
	};
}
