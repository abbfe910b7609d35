/**
 * Semtech's SX1262 (and SX1261, LLCC68) as a radio: commands as in its data sheet, and the workarounds of its chapter 15. Between
 * frames it is in standby: a reader has mains power, and asleep the chip must be woken before each command.
 */
import { isSlow } from "./airtime.js";
import { type Bus, exchange } from "./bus.js";
import type { Modulation, Radio, RadioEvent } from "./radio.js";

const setStandby = 0x80;
const setRx = 0x82;
const setTx = 0x83;
const setRfFrequency = 0x86;
const calibrate = 0x89;
const setPacketType = 0x8a;
const setModulationParams = 0x8b;
const setPacketParams = 0x8c;
const setTxParams = 0x8e;
const setBufferBaseAddress = 0x8f;
const setPaConfig = 0x95;
const setDio3AsTcxoCtrl = 0x97;
const calibrateImage = 0x98;
const setDio2AsRfSwitchCtrl = 0x9d;
const setDioIrqParams = 0x08;
const clearIrqStatus = 0x02;
const writeRegister = 0x0d;
const writeBuffer = 0x0e;
const getIrqStatus = 0x12;
const getRxBufferStatus = 0x13;
const getPacketStatus = 0x14;
const readRegister = 0x1d;
const readBuffer = 0x1e;

const iqPolarity = 0x0736;
const syncWordRegister = 0x0740;
const txModulation = 0x0889;
const txClampConfig = 0x08d8;

const txDone = 0x01;
const rxDone = 0x02;
const headerValid = 0x10;
const crcError = 0x40;
const timeout = 0x200;

/** How often BUSY is read before the chip counts as silent: it needs 4 ms after a reset. */
const busyReads = 20_000;
/** Reads of BUSY that keep the reset low for more than 0.1 ms. */
const resetReads = 200;

const silent = "no SX1262 answers";

type Mode = "standby" | "transmitting" | "receiving";

interface State {
	readonly bus: Bus;
	/** Of the oscillator that DIO3 feeds, as a code; -1 for a crystal. */
	readonly tcxo: number;
	mode: Mode;
	readonly frame: Uint8Array;
	length: number;
	rssi: number;
	snr: number;
}

/** Volts that DIO3 can give, by their code. */
const voltages: readonly number[] = Object.freeze([1.6, 1.7, 1.8, 2.2, 2.4, 2.7, 3, 3.3], true);

/** The radio, in standby. `tcxo`: volts of an oscillator at DIO3; 0 for a crystal. Throws where none answers. */
export function createSx1262(bus: Bus, tcxo: number): Radio {
	const code = voltages.indexOf(tcxo);
	if (tcxo !== 0 && code < 0) throw new Error(`radioTcxo cannot be ${tcxo}`);
	if (bus.busy === null || bus.reset === null) throw new Error("an SX1262 needs RESET and BUSY");
	// A frame comes after the command, an offset and a byte that says nothing.
	const frame = bus.bytes.subarray(3);
	const state: State = { bus, tcxo: code, mode: "standby", frame, length: 0, rssi: 0, snr: 0 };
	start(state);
	return {
		send: (modulation, bytes, length, power) => send(state, modulation, bytes, length, power),
		receive: modulation => receive(state, modulation),
		sleep: () => stand(state),
		look: () => look(state),
		frame,
		get length() {
			return state.length;
		},
		get rssi() {
			return state.rssi;
		},
		get snr() {
			return state.snr;
		},
	};
}

/** Sends the first `length` of the bus's bytes as soon as the chip takes a command. */
function run({ bus }: State, length: number): void {
	let count = 0;
	while (bus.busy?.read() === true) {
		count += 1;
		if (count === busyReads) throw new Error(silent);
	}
	exchange(bus, length);
}

/** A command with up to four bytes of its own. */
function command(state: State, code: number, length: number, a = 0, b = 0, c = 0, d = 0): void {
	const { bytes } = state.bus;
	bytes[0] = code;
	bytes[1] = a;
	bytes[2] = b;
	bytes[3] = c;
	bytes[4] = d;
	run(state, 1 + length);
}

function read(state: State, register: number): number {
	command(state, readRegister, 4, register >> 8, register & 255);
	return state.bus.bytes[4];
}

function write(state: State, register: number, value: number): void {
	command(state, writeRegister, 3, register >> 8, register & 255, value);
}

function stand(state: State): void {
	command(state, setStandby, 1, 0);
	state.mode = "standby";
}

/** Resets the chip and sets what never changes. */
function start(state: State): void {
	const { reset, busy } = state.bus;
	reset?.write(false);
	for (let count = 0; count < resetReads; count += 1) busy?.read();
	reset?.write(true);
	stand(state);
	// Without its oscillator nothing works. It has 5 ms, in units of 15.625 µs.
	if (state.tcxo >= 0) command(state, setDio3AsTcxoCtrl, 4, state.tcxo, 0, 1, 0x40);
	command(state, calibrate, 1, 0x7f);
	// 863 to 870 MHz.
	command(state, calibrateImage, 2, 0xd7, 0xdb);
	command(state, setDio2AsRfSwitchCtrl, 1, 1);
	command(state, setPacketType, 1, 1);
	command(state, setBufferBaseAddress, 2, 0, 0);
	command(state, setPaConfig, 4, 4, 7, 0, 1);
	// 15.2: an antenna that does not match.
	write(state, txClampConfig, read(state, txClampConfig) | 0x1e);
	setSyncWord(state, 0x34);
}

/** Looks whether it was set, by which a chip that is not there is noticed. */
function setSyncWord(state: State, word: number): void {
	const high = (word & 0xf0) | 4;
	write(state, syncWordRegister, high);
	write(state, syncWordRegister + 1, ((word & 15) << 4) | 4);
	if (read(state, syncWordRegister) !== high) throw new Error(silent);
}

/** To standby, with a modulation set, for frames of `length` bytes, or of up to that. A chip that lost its power is started again. */
function tune(state: State, modulation: Modulation, length: number): void {
	const { frequency, spreading, inverted, crc, syncWord } = modulation;
	if ((read(state, txClampConfig) & 0x1e) !== 0x1e) start(state);
	stand(state);
	// Hz · 2^25 / 32 MHz in two halves, without numbers over 2^31.
	const steps = Math.round((frequency / 15625) * 16384);
	const high = Math.floor(steps / 65536);
	const low = steps - 65536 * high;
	command(state, setRfFrequency, 4, high >> 8, high & 255, low >> 8, low & 255);
	command(state, setModulationParams, 4, spreading, 4, 1, isSlow(spreading) ? 1 : 0);
	const { bytes } = state.bus;
	bytes[5] = crc ? 1 : 0;
	bytes[6] = inverted ? 1 : 0;
	command(state, setPacketParams, 6, 0, 8, 0, length);
	// 15.4: inverted IQ.
	const polarity = read(state, iqPolarity);
	write(state, iqPolarity, inverted ? polarity & ~4 : polarity | 4);
	setSyncWord(state, syncWord);
	command(state, clearIrqStatus, 2, 0xff, 0xff);
}

/** `power`: -9 to 22 dBm can be. */
function send(state: State, modulation: Modulation, bytes: Uint8Array, length: number, power: number): void {
	tune(state, modulation, length);
	command(state, setTxParams, 2, (power < -9 ? -9 : power > 22 ? 22 : power) & 255, 4);
	// 15.1: quality of modulation, for all bandwidths but 500 kHz.
	write(state, txModulation, read(state, txModulation) | 4);
	const { bus } = state;
	bus.bytes[0] = writeBuffer;
	bus.bytes[1] = 0;
	for (let at = 0; at < length; at += 1) bus.bytes[2 + at] = bytes[at];
	run(state, 2 + length);
	listenTo(state, txDone);
	command(state, setTx, 3, 0, 0, 0);
	state.mode = "transmitting";
}

function receive(state: State, modulation: Modulation): void {
	tune(state, modulation, 255);
	listenTo(state, rxDone | headerValid | crcError);
	// Without end.
	command(state, setRx, 3, 255, 255, 255);
	state.mode = "receiving";
}

/** Sets which events there are; DIO1 tells that a frame was sent, or is in. */
function listenTo(state: State, events: number): void {
	const { bytes } = state.bus;
	bytes.fill(0, 5, 9);
	command(state, setDioIrqParams, 8, 0, events | timeout, 0, events & (txDone | rxDone));
}

function look(state: State): RadioEvent {
	if (state.mode === "standby") return "none";
	command(state, getIrqStatus, 3);
	const { bytes } = state.bus;
	const flags = (bytes[2] << 8) | bytes[3];
	// Bits that were never set: nobody is there.
	if (flags === 0xffff) throw new Error(silent);
	if (state.mode === "transmitting") {
		if ((flags & txDone) === 0) return "none";
		stand(state);
		return "sent";
	}
	if ((flags & rxDone) !== 0) {
		command(state, clearIrqStatus, 2, 0xff, 0xff);
		if ((flags & crcError) !== 0) return "damaged";
		take(state);
		return "received";
	}
	if ((flags & headerValid) === 0) return "none";
	command(state, clearIrqStatus, 2, 0, headerValid);
	return "header";
}

/** Reads the frame out of the chip, and how it came. */
function take(state: State): void {
	const { bytes } = state.bus;
	command(state, getPacketStatus, 4);
	state.rssi = -(bytes[2] >> 1);
	state.snr = (bytes[3] << 24) >> 24;
	command(state, getRxBufferStatus, 3);
	const length = bytes[2];
	bytes[1] = bytes[3];
	bytes[0] = readBuffer;
	bytes[2] = 0;
	run(state, 3 + length);
	state.length = length;
}
