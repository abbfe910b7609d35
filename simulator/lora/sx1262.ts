/**
 * A command model of the SX1262 in the simulated air, for the driver: BUSY, the oscillator at DIO3, registers of the workarounds, buffer,
 * interrupts and frames with their time. It is strict: what the data sheet forbids or leaves open is a fault.
 */
import type { RadioPins } from "../../modules/lorawan/bus.js";
import type { Modulation } from "../../modules/lorawan/radio.js";
import type { Alarm } from "../../modules/ports/ports.js";
import { type Air, type AirFrame, type Antenna, breakOff, heardPreamble, isTuned, transmit } from "./air.js";
import { createRadioBoard, type RadioBoard } from "./board.js";

export interface Sx1262Model {
	readonly board: RadioBoard;
	readonly antenna: Antenna;
	readonly faults: string[];
	readonly registers: Map<number, number>;
	setPower(on: boolean): void;
}

export interface Sx1262Options {
	/** Its clock is an oscillator that DIO3 feeds with this code's voltage; null for a crystal. */
	tcxo: number | null;
}

type Mode = "standby" | "transmitting" | "receiving";

interface State {
	readonly air: Air;
	readonly antenna: Antenna;
	readonly faults: string[];
	readonly options: Sx1262Options;
	readonly registers: Map<number, number>;
	readonly buffer: Uint8Array;
	/** The bytes of the last command of each code. */
	readonly set: Map<number, readonly number[]>;
	mode: Mode;
	hasPower: boolean;
	inReset: boolean;
	/** Questions for BUSY until it is ready. */
	busy: number;
	irq: number;
	written: number;
	sending: AirFrame | null;
	sent: Alarm | null;
	since: number;
	receiving: number;
	receptions: number;
	rxPointer: number;
	rxStart: number;
	rxLength: number;
	status: readonly number[];
	wasEvent: boolean;
	raise(): void;
}

const resetRegisters: ReadonlyMap<number, number> = new Map([
	[0x0740, 0x14],
	[0x0741, 0x24],
	[0x0736, 0x0d],
	[0x0889, 0x01],
	[0x08d8, 0xc8],
]);
/** How long each command is with its code, where it has one length; and how often BUSY is asked until it is done. */
const commands: ReadonlyMap<number, readonly [length: number, busy: number]> = new Map([
	[0x80, [2, 3]],
	[0x82, [4, 3]],
	[0x83, [4, 3]],
	[0x86, [5, 2]],
	[0x89, [2, 300]],
	[0x8a, [2, 2]],
	[0x8b, [5, 2]],
	[0x8c, [7, 2]],
	[0x8e, [3, 2]],
	[0x8f, [3, 2]],
	[0x95, [5, 2]],
	[0x97, [5, 2]],
	[0x98, [3, 100]],
	[0x9d, [2, 2]],
	[0x08, [9, 2]],
	[0x02, [3, 2]],
	[0x12, [4, 1]],
	[0x13, [4, 1]],
	[0x14, [5, 1]],
]);
const startBusy = 250;

export function createSx1262Model(air: Air, name: string, pins: RadioPins, options: Sx1262Options): Sx1262Model {
	const faults: string[] = [];
	const antenna: Antenna = { name, onPreamble: frame => hear(state, frame) };
	const state: State = {
		air,
		antenna,
		faults,
		options,
		registers: new Map(),
		buffer: new Uint8Array(256),
		set: new Map(),
		mode: "standby",
		hasPower: true,
		inReset: false,
		busy: 0,
		irq: 0,
		written: 0,
		sending: null,
		sent: null,
		since: 0,
		receiving: 0,
		receptions: 0,
		rxPointer: 0,
		rxStart: 0,
		rxLength: 0,
		status: [0, 0, 0],
		wasEvent: false,
		raise: () => board.raise(),
	};
	const board = createRadioBoard(
		pins,
		{
			access: bytes => access(state, bytes),
			setReset(on) {
				state.inReset = on;
				reset(state);
			},
			isBusy() {
				if (!state.hasPower) return true;
				if (state.busy > 0) state.busy -= 1;
				return state.inReset || state.busy > 0;
			},
			isEvent: () => isEvent(state),
		},
		faults,
	);
	reset(state);
	air.antennas.add(antenna);
	const setPower = (on: boolean) => {
		state.hasPower = on;
		reset(state);
	};
	return { board, antenna, faults, registers: state.registers, setPower };
}

function reset(state: State): void {
	stop(state);
	state.registers.clear();
	for (const [register, value] of resetRegisters) state.registers.set(register, value);
	state.set.clear();
	state.busy = startBusy;
	state.irq = 0;
	state.written = 0;
	state.wasEvent = false;
}

function stop(state: State): void {
	if (state.sending !== null) breakOff(state.air, state.sending);
	if (state.sent !== null) state.air.clock.cancelAlarm(state.sent);
	state.sending = null;
	state.sent = null;
	state.receiving = 0;
	state.mode = "standby";
}

function access(state: State, bytes: Uint8Array): void {
	const { faults } = state;
	if (!state.hasPower || state.inReset) return void bytes.fill(0xff);
	if (state.busy > 0) faults.push(`command 0x${bytes[0]!.toString(16)} while it is busy`);
	const words = [...bytes];
	const [code = 0] = words;
	// The status, in each byte that means nothing else.
	bytes.fill(0xa2);
	const known = commands.get(code);
	if (known !== undefined) {
		if (known[0] !== words.length) faults.push(`command 0x${code.toString(16)} with ${words.length} bytes`);
		state.busy = known[1];
		state.set.set(code, words);
		run(state, code, words, bytes);
	} else accessMemory(state, code, words, bytes);
}

/** Registers and the buffer. */
function accessMemory(state: State, code: number, words: readonly number[], bytes: Uint8Array): void {
	const { registers, buffer, faults } = state;
	state.busy = 1;
	const address = ((words[1] ?? 0) << 8) | (words[2] ?? 0);
	if (code === 0x0d) {
		if (state.mode !== "standby") faults.push("a register is written while it sends or receives");
		for (let at = 3; at < words.length; at++) registers.set(address + at - 3, words[at]!);
	} else if (code === 0x1d) {
		for (let at = 4; at < words.length; at++) bytes[at] = registers.get(address + at - 4) ?? 0;
	} else if (code === 0x0e) {
		if (state.mode !== "standby") faults.push("the buffer is written while it sends or receives");
		for (let at = 2; at < words.length; at++) buffer[(words[1]! + at - 2) & 255] = words[at]!;
		state.written = words.length - 2;
	} else if (code === 0x1e) {
		for (let at = 3; at < words.length; at++) bytes[at] = buffer[(words[1]! + at - 3) & 255]!;
	} else faults.push(`command 0x${code.toString(16)}, which is none`);
}

function run(state: State, code: number, words: readonly number[], bytes: Uint8Array): void {
	const { faults, set } = state;
	const isSetting = code >= 0x86 && code <= 0x9d;
	if (isSetting && state.mode !== "standby") faults.push(`0x${code.toString(16)} while it sends or receives`);
	const { tcxo } = state.options;
	if (code === 0x89 && tcxo !== null && set.get(0x97)?.[1] !== tcxo)
		faults.push("calibrated without its oscillator: XOSC_START_ERR");
	if (code === 0x89 && tcxo === null && set.has(0x97)) faults.push("DIO3 feeds a crystal");
	if (code === 0x80) stop(state);
	else if (code === 0x82) listen(state);
	else if (code === 0x83) send(state);
	else if (code === 0x02) {
		state.irq &= ~((words[1]! << 8) | words[2]!);
		look(state);
	} else if (code === 0x12) bytes.set([state.irq >> 8, state.irq & 255], 2);
	else if (code === 0x13) bytes.set([state.rxLength, state.rxStart], 2);
	else if (code === 0x14) bytes.set(state.status, 2);
}

/** What frames are like by the commands; faults for what no frame of ours has, and for what a chip needs before any. */
function readModulation({ set, registers, faults, options }: State): Modulation {
	const get = (code: number): readonly number[] => set.get(code) ?? [];
	if (get(0x8a)[1] !== 1) faults.push("not LoRa");
	if (!set.has(0x89) || get(0x98)[1] !== 0xd7 || get(0x98)[2] !== 0xdb)
		faults.push("not calibrated for 863 to 870 MHz");
	if (options.tcxo !== null && !set.has(0x97)) faults.push("no oscillator");
	if (get(0x9d)[1] !== 1) faults.push("DIO2 does not switch the antenna");
	const [, a = 0, b = 0, c = 0, d = 0] = get(0x86);
	const steps = a * 2 ** 24 + (b << 16) + (c << 8) + d;
	const [, spreading = 0, bandwidth, rate, slow] = get(0x8b);
	if (bandwidth !== 4 || rate !== 1) faults.push("not 125 kHz and 4/5");
	if (slow !== (spreading > 10 ? 1 : 0)) faults.push("low data rate optimization");
	const [, high, low, header, , crc, iq] = get(0x8c);
	if (high !== 0 || low !== 8 || header !== 0) faults.push("not 8 symbols of preamble and an explicit header");
	const inverted = iq === 1;
	if (((registers.get(0x0736)! & 4) === 0) !== inverted) faults.push("15.4: inverted IQ");
	if ((registers.get(0x08d8)! & 0x1e) !== 0x1e) faults.push("15.2: an antenna that does not match");
	const word = registers.get(0x0740)!;
	const next = registers.get(0x0741)!;
	if ((word & 15) !== 4 || (next & 15) !== 4) faults.push("a sync word of no SX127x");
	return {
		frequency: Math.round((steps * 32e6) / 2 ** 25 / 100) * 100,
		spreading,
		inverted,
		crc: crc === 1,
		syncWord: (word & 0xf0) | (next >> 4),
	};
}

function send(state: State): void {
	const { faults, air, set, registers } = state;
	const modulation = readModulation(state);
	const length = set.get(0x8c)?.[4] ?? 0;
	if (state.written !== length) faults.push(`${length} bytes are sent, and ${state.written} were written`);
	if ((registers.get(0x0889)! & 4) === 0) faults.push("15.1: quality of modulation");
	if (!isOwn(set.get(0x95), [4, 7, 0, 1])) faults.push("the amplifier is not set");
	if (!tells(state, 0x01)) faults.push("DIO1 does not tell of TxDone");
	const power = ((set.get(0x8e)?.[1] ?? 0) << 24) >> 24;
	if (power < -9 || power > 22) faults.push(`${power} dBm`);
	const frame = transmit(air, state.antenna, modulation, state.buffer.slice(0, length), power);
	state.written = 0;
	state.mode = "transmitting";
	state.sending = frame;
	state.sent = air.clock.setAlarm(frame.end - frame.start, () => {
		state.sending = null;
		state.sent = null;
		state.mode = "standby";
		state.irq |= 0x01;
		look(state);
	});
}

function isOwn(words: readonly number[] | undefined, expected: readonly number[]): boolean {
	return words !== undefined && expected.every((value, at) => words[1 + at] === value);
}

/** Whether an interrupt is on, and DIO1 tells of it. */
function tells({ set }: State, flag: number): boolean {
	const [, , mask = 0, , line = 0] = set.get(0x08) ?? [];
	return (mask & flag) !== 0 && (line & flag) !== 0;
}

function listen(state: State): void {
	const { faults, set } = state;
	readModulation(state);
	if (!isOwn(set.get(0x82), [255, 255, 255])) faults.push("reception that ends");
	if (!tells(state, 0x02)) faults.push("DIO1 does not tell of RxDone");
	if (((set.get(0x08)?.[2] ?? 0) & 0x50) !== 0x50) faults.push("headers and damage are not told");
	if (set.get(0x8c)?.[4] !== 255) faults.push("long frames are refused");
	state.mode = "receiving";
	state.since = state.air.clock.now();
	state.rxPointer = set.get(0x8f)?.[2] ?? 0;
}

function hear(state: State, frame: AirFrame): ReturnType<NonNullable<Antenna["onPreamble"]>> {
	if (!state.hasPower || state.mode !== "receiving" || state.receiving !== 0) return null;
	const modulation = readModulation({ ...state, faults: [] });
	if (!heardPreamble(frame, state.since) || !isTuned(frame, modulation)) return null;
	const number = ++state.receptions;
	state.receiving = number;
	const isMine = () => state.receiving === number;
	return {
		onHeader() {
			if (isMine()) state.irq |= 0x10;
		},
		onLost() {
			if (isMine()) state.receiving = 0;
		},
		onEnd({ bytes, damaged, rssi, snr }) {
			if (!isMine()) return;
			state.receiving = 0;
			state.rxStart = state.rxPointer;
			state.rxLength = bytes.length;
			for (const byte of bytes) state.buffer[state.rxPointer++ & 255] = byte;
			state.rxPointer &= 255;
			state.status = [Math.round(-2 * rssi), Math.round(4 * snr) & 255, Math.round(-2 * rssi)];
			state.irq |= 0x02 | (damaged && frame.modulation.crc ? 0x40 : 0);
			look(state);
		},
	};
}

/** DIO1. */
function isEvent({ irq, set }: State): boolean {
	const [, , mask = 0, , line = 0] = set.get(0x08) ?? [];
	return (irq & mask & line) !== 0;
}

function look(state: State): void {
	const event = isEvent(state);
	const rose = event && !state.wasEvent;
	state.wasEvent = event;
	if (rose) state.raise();
}
