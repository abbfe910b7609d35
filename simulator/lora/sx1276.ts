/**
 * A register model of the SX1276 in the simulated air, for the driver: modes, FIFO, flags, DIO0, and frames with their time. It is strict:
 * what the data sheet forbids or leaves open is a fault.
 */
import type { RadioPins } from "../../modules/lorawan/bus.js";
import type { Modulation } from "../../modules/lorawan/radio.js";
import type { Alarm } from "../../modules/ports/ports.js";
import { type Air, type AirFrame, type Antenna, breakOff, heardPreamble, isTuned, transmit } from "./air.js";
import { createRadioBoard, type RadioBoard } from "./board.js";
import { alwaysWritable, inversions, readOnly, resetValues } from "./sx1276-registers.js";

export interface Sx1276Model {
	readonly board: RadioBoard;
	readonly antenna: Antenna;
	readonly faults: string[];
	/** Contents by address, for tests. */
	readonly registers: Uint8Array;
	/** Off, and on again: all is as after a reset, and what it sent is broken off. */
	setPower(on: boolean): void;
}

interface State {
	readonly air: Air;
	readonly antenna: Antenna;
	readonly faults: string[];
	readonly registers: Uint8Array;
	readonly fifo: Uint8Array;
	/** Whether the FIFO was filled since the last frame. */
	filled: number;
	hasPower: boolean;
	inReset: boolean;
	/** Accesses until it answers after a reset: 5 ms. */
	silent: number;
	sending: AirFrame | null;
	sent: Alarm | null;
	/** Since when it receives. */
	since: number;
	/** The frame that is being received, by number; 0 for none. */
	receiving: number;
	receptions: number;
	/** Where the next frame is put. */
	rxPointer: number;
	raise(): void;
	wasEvent: boolean;
}

const asleep = 0;
const standby = 1;
const transmitting = 3;
const continuous = 5;
const startAccesses = 40;

export function createSx1276Model(air: Air, name: string, pins: RadioPins): Sx1276Model {
	const faults: string[] = [];
	const antenna: Antenna = { name, onPreamble: frame => hear(state, frame) };
	const state: State = {
		air,
		antenna,
		faults,
		registers: new Uint8Array(128),
		fifo: new Uint8Array(256),
		filled: 0,
		hasPower: true,
		inReset: false,
		silent: 0,
		sending: null,
		sent: null,
		since: 0,
		receiving: 0,
		receptions: 0,
		rxPointer: 0,
		raise: () => board.raise(),
		wasEvent: false,
	};
	const board = createRadioBoard(
		pins,
		{
			access: bytes => access(state, bytes),
			setReset: on => setReset(state, on),
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

function setReset(state: State, on: boolean): void {
	state.inReset = on;
	reset(state);
}

function reset(state: State): void {
	endSending(state);
	state.receiving = 0;
	state.registers.fill(0);
	for (const [register, value] of resetValues) state.registers[register] = value;
	state.silent = startAccesses;
	state.filled = 0;
	state.wasEvent = false;
}

function endSending(state: State): void {
	if (state.sending !== null) breakOff(state.air, state.sending);
	if (state.sent !== null) state.air.clock.cancelAlarm(state.sent);
	state.sending = null;
	state.sent = null;
}

function access(state: State, bytes: Uint8Array): void {
	const [first = 0] = bytes;
	if (!state.hasPower || state.inReset || state.silent > 0) {
		state.silent -= 1;
		bytes.fill(state.hasPower ? 0 : 0xff);
		return;
	}
	const register = first & 0x7f;
	if (bytes.length < 2) state.faults.push(`an access of ${bytes.length} bytes`);
	bytes[0] = 0;
	for (let at = 1; at < bytes.length; at++) {
		// The FIFO's address does not move on.
		const address = register === 0 ? 0 : register + at - 1;
		if ((first & 0x80) === 0) bytes[at] = address === 0 ? readFifo(state) : state.registers[address & 0x7f]!;
		else {
			write(state, address & 0x7f, bytes[at]!);
			bytes[at] = 0;
		}
	}
}

function modeOf(state: State): number {
	return state.registers[0x01]! & 7;
}

function isLora(state: State): boolean {
	return (state.registers[0x01]! & 0x80) !== 0;
}

function readFifo(state: State): number {
	if (modeOf(state) === asleep) state.faults.push("the FIFO is read asleep");
	const at = state.registers[0x0d]!;
	state.registers[0x0d] = at + 1;
	return state.fifo[at]!;
}

function writeFifo(state: State, value: number): void {
	if (modeOf(state) !== standby) state.faults.push(`the FIFO is written in mode ${modeOf(state)}`);
	const at = state.registers[0x0d]!;
	state.registers[0x0d] = at + 1;
	state.fifo[at] = value;
	state.filled += 1;
}

function write(state: State, register: number, value: number): void {
	const { registers, faults } = state;
	if (register === 0x01) {
		setMode(state, value);
		return;
	}
	const name = `register 0x${register.toString(16).padStart(2, "0")}`;
	if (!isLora(state)) faults.push(`${name} is written without LoRa`);
	if (readOnly.includes(register)) return void faults.push(`${name} is read only`);
	const isMoving = modeOf(state) > standby;
	if (isMoving && !alwaysWritable.includes(register)) faults.push(`${name} is written in mode ${modeOf(state)}`);
	if (register === 0x00) writeFifo(state, value);
	else if (register === 0x12) {
		registers[0x12]! &= ~value;
		look(state);
	} else registers[register] = value;
}

function setMode(state: State, value: number): void {
	const { registers, faults } = state;
	const mode = value & 7;
	const changesPage = ((value ^ registers[0x01]!) & 0x80) !== 0;
	if (changesPage && modeOf(state) !== asleep) return void faults.push("LongRangeMode is changed and it is not asleep");
	if (changesPage && mode !== asleep) faults.push("LongRangeMode is changed together with the mode");
	const before = modeOf(state);
	registers[0x01] = value & 0x8f;
	if (changesPage) registers[0x12] = 0;
	if (before === transmitting) endSending(state);
	state.receiving = 0;
	if (mode === asleep) state.filled = 0;
	if (mode <= standby) return;
	if ((value & 0x80) === 0) return void faults.push("a mode of FSK");
	if (mode === transmitting) send(state);
	else if (mode === continuous) listen(state);
	else faults.push(`mode ${mode}`);
}

/** What frames are like by the registers; faults for what no frame of ours has. */
function readModulation(state: State, isSending: boolean): Modulation {
	const { registers, faults } = state;
	const read = (register: number) => registers[register]!;
	const steps = (read(0x06) << 16) | (read(0x07) << 8) | read(0x08);
	const spreading = read(0x1e) >> 4;
	if (read(0x1d) !== 0x72) faults.push("not 125 kHz, 4/5 and an explicit header");
	if (spreading < 7 || spreading > 12) faults.push(`spreading factor ${spreading}`);
	if ((read(0x26) & 8) !== (spreading > 10 ? 8 : 0)) faults.push("low data rate optimization");
	if (((read(0x20) << 8) | read(0x21)) !== 8) faults.push("not 8 symbols of preamble");
	if ((read(0x31) & 7) !== 3 || read(0x37) !== 0x0a) faults.push("detection for spreading factor 6");
	const iq = inversions.get((read(0x33) << 8) | read(0x3b));
	if (iq === undefined) faults.push("IQ registers that do not belong together");
	const [sent, received] = iq ?? [false, false];
	return {
		// To the channel: a step is 61 Hz.
		frequency: Math.round((steps * 32e6) / 2 ** 19 / 100) * 100,
		spreading,
		inverted: isSending ? sent : received,
		crc: (read(0x1e) & 4) !== 0,
		syncWord: read(0x39),
	};
}

function send(state: State): void {
	const { registers, faults, fifo, air } = state;
	const length = registers[0x22]!;
	const modulation = readModulation(state, true);
	if (state.filled !== length) faults.push(`${length} bytes are sent, and ${state.filled} were written`);
	if (registers[0x40]! >> 6 !== 1) faults.push("DIO0 does not tell of TxDone");
	const pa = registers[0x09]!;
	if ((pa & 0x80) === 0) faults.push("PA_BOOST is off, the only one that is connected");
	if (registers[0x4d] !== 0x84) faults.push("the 20 dBm of RegPaDac");
	const start = registers[0x0e]!;
	const bytes = Uint8Array.from({ length }, (_, at) => fifo[(start + at) & 255]!);
	state.filled = 0;
	const frame = transmit(air, state.antenna, modulation, bytes, 2 + (pa & 15));
	state.sending = frame;
	state.sent = air.clock.setAlarm(frame.end - frame.start, () => {
		state.sending = null;
		state.sent = null;
		registers[0x01] = 0x80 | standby;
		registers[0x12]! |= 0x08;
		look(state);
	});
}

function listen(state: State): void {
	const { registers, faults } = state;
	readModulation(state, false);
	if ((registers[0x31]! & 0x80) !== 0 || registers[0x2f] !== 0x40 || registers[0x30] !== 0)
		faults.push("errata 2.3: spurious reception");
	if (registers[0x40]! >> 6 !== 0) faults.push("DIO0 does not tell of RxDone");
	state.since = state.air.clock.now();
	state.rxPointer = registers[0x0f]!;
}

function hear(state: State, frame: AirFrame): ReturnType<NonNullable<Antenna["onPreamble"]>> {
	const { registers, fifo } = state;
	if (!state.hasPower || !isLora(state) || modeOf(state) !== continuous || state.receiving !== 0) return null;
	const quiet: string[] = [];
	const modulation = readModulation({ ...state, faults: quiet }, false);
	if (!heardPreamble(frame, state.since) || !isTuned(frame, modulation)) return null;
	const number = ++state.receptions;
	state.receiving = number;
	const isMine = () => state.receiving === number;
	return {
		onHeader() {
			if (isMine()) registers[0x12]! |= 0x10;
		},
		onLost() {
			if (isMine()) state.receiving = 0;
		},
		onEnd({ bytes, damaged, rssi, snr }) {
			if (!isMine()) return;
			state.receiving = 0;
			registers[0x10] = state.rxPointer;
			for (const byte of bytes) fifo[state.rxPointer++ & 255] = byte;
			state.rxPointer &= 255;
			registers[0x13] = bytes.length;
			registers[0x19] = Math.round(4 * snr);
			// What is measured is frame and noise: below it, a frame is weaker by its SNR.
			registers[0x1a] = Math.round(rssi - Math.min(0, snr) + 157);
			registers[0x12]! |= 0x40 | (damaged && frame.modulation.crc ? 0x20 : 0);
			look(state);
		},
	};
}

/** DIO0, by its mapping. */
function isEvent({ registers }: State): boolean {
	const flag = registers[0x40]! >> 6 === 1 ? 0x08 : 0x40;
	return (registers[0x12]! & flag) !== 0;
}

function look(state: State): void {
	const event = isEvent(state);
	const rose = event && !state.wasEvent;
	state.wasEvent = event;
	if (rose) state.raise();
}
