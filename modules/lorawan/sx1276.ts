/**
 * Semtech's SX1276 (RFM95 and others) as a radio: names and numbers of registers as in its data sheet. What it sends and receives is
 * found by asking it, so that a lost interrupt costs nothing.
 */
import { isSlow } from "./airtime.js";
import { type Bus, exchange } from "./bus.js";
import type { Modulation, Radio, RadioEvent } from "./radio.js";

const fifo = 0x00;
const opMode = 0x01;
const frf = 0x06;
const paConfig = 0x09;
const ocp = 0x0b;
const lna = 0x0c;
const fifoAddrPtr = 0x0d;
const fifoTxBaseAddr = 0x0e;
const fifoRxBaseAddr = 0x0f;
const fifoRxCurrentAddr = 0x10;
const irqFlags = 0x12;
const rxNbBytes = 0x13;
const pktSnrValue = 0x19;
const pktRssiValue = 0x1a;
const modemConfig1 = 0x1d;
const modemConfig2 = 0x1e;
const preamble = 0x20;
const payloadLength = 0x22;
const modemConfig3 = 0x26;
const ifFreq1 = 0x2f;
const ifFreq2 = 0x30;
const detectOptimize = 0x31;
const invertIq = 0x33;
const detectionThreshold = 0x37;
const syncWordRegister = 0x39;
const invertIq2 = 0x3b;
const dioMapping1 = 0x40;
const version = 0x42;
const paDac = 0x4d;

/** Values of RegOpMode with LoRa. */
const asleep = 0x80;
const standby = 0x81;
const transmitting = 0x83;
const receiving = 0x85;

const txDone = 0x08;
const validHeader = 0x10;
const payloadCrcError = 0x20;
const rxDone = 0x40;

/** What RegVersion says. */
const silicon = 0x12;
/** Reads that keep the reset low for more than its 0.1 ms, and those within which the chip must answer: it needs 5 ms. */
const resetReads = 16;
const answerReads = 500;

const silent = "no SX1276 answers";

interface State {
	readonly bus: Bus;
	mode: number;
	readonly frame: Uint8Array;
	length: number;
	rssi: number;
	snr: number;
}

/** The radio, asleep. Throws where none answers. */
export function createSx1276(bus: Bus): Radio {
	const state: State = { bus, mode: asleep, frame: bus.bytes.subarray(1), length: 0, rssi: 0, snr: 0 };
	start(state);
	return {
		send: (modulation, bytes, length, power) => send(state, modulation, bytes, length, power),
		receive: modulation => receive(state, modulation),
		sleep: () => setMode(state, asleep),
		look: () => look(state),
		frame: state.frame,
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

function read({ bus }: State, register: number): number {
	bus.bytes[0] = register;
	bus.bytes[1] = 0;
	exchange(bus, 2);
	return bus.bytes[1];
}

function write({ bus }: State, register: number, value: number): void {
	bus.bytes[0] = register | 0x80;
	bus.bytes[1] = value;
	exchange(bus, 2);
}

function setMode(state: State, mode: number): void {
	write(state, opMode, mode);
	state.mode = mode;
}

/** Resets the chip and sets what never changes. */
function start(state: State): void {
	const { reset } = state.bus;
	reset?.write(false);
	for (let count = 0; count < resetReads; count += 1) read(state, version);
	reset?.write(true);
	let count = 0;
	while (read(state, version) !== silicon) {
		count += 1;
		if (count === answerReads) throw new Error(silent);
	}
	// Between FSK, with which it starts, and LoRa it changes only asleep.
	write(state, opMode, 0x00);
	setMode(state, asleep);
	setMode(state, standby);
	write(state, fifoTxBaseAddr, 0);
	write(state, fifoRxBaseAddr, 0);
	// On, 100 mA.
	write(state, ocp, 0x2b);
	// Best gain, with more current.
	write(state, lna, 0x23);
	// Up to 17 dBm.
	write(state, paDac, 0x84);
	write(state, preamble, 0);
	write(state, preamble + 1, 8);
	write(state, detectionThreshold, 0x0a);
	// Errata 2.3: spurious reception at 125 kHz. The low bits are for spreading factors 7 to 12.
	write(state, detectOptimize, 0x43);
	write(state, ifFreq1, 0x40);
	write(state, ifFreq2, 0x00);
	setMode(state, asleep);
}

/** To standby, with a modulation set. A chip that lost its power meanwhile is started again; throws where it does not answer. */
function tune(state: State, { frequency, spreading, crc, syncWord }: Modulation, iq: number, iq2: number): void {
	if (read(state, opMode) !== state.mode && !isBetween(state)) start(state);
	setMode(state, standby);
	// Hz · 2^19 / 32 MHz, without numbers over 2^31 on the way.
	const steps = Math.round((frequency / 15625) * 256);
	write(state, frf, steps >> 16);
	write(state, frf + 1, (steps >> 8) & 255);
	write(state, frf + 2, steps & 255);
	// 125 kHz, 4/5, explicit header.
	write(state, modemConfig1, 0x72);
	write(state, modemConfig2, (spreading << 4) | (crc ? 4 : 0));
	write(state, modemConfig3, isSlow(spreading) ? 0x0c : 0x04);
	write(state, syncWordRegister, syncWord);
	write(state, invertIq, iq);
	write(state, invertIq2, iq2);
	write(state, irqFlags, 0xff);
	if (read(state, version) !== silicon) throw new Error(silent);
}

/** It goes to standby by itself when a frame is sent. */
function isBetween(state: State): boolean {
	return state.mode === transmitting && read(state, opMode) === standby;
}

/** `power`: 2 to 17 dBm can be; RFM95 modules connect PA_BOOST only. */
function send(state: State, modulation: Modulation, bytes: Uint8Array, length: number, power: number): void {
	if (modulation.inverted) tune(state, modulation, 0x26, 0x19);
	else tune(state, modulation, 0x27, 0x1d);
	write(state, paConfig, 0x80 | (power < 2 ? 0 : power > 17 ? 15 : power - 2));
	write(state, payloadLength, length);
	write(state, fifoAddrPtr, 0);
	const { bus, frame } = state;
	for (let at = 0; at < length; at += 1) frame[at] = bytes[at];
	bus.bytes[0] = fifo | 0x80;
	exchange(bus, 1 + length);
	// DIO0: TxDone.
	write(state, dioMapping1, 0x40);
	setMode(state, transmitting);
}

function receive(state: State, modulation: Modulation): void {
	if (modulation.inverted) tune(state, modulation, 0x67, 0x19);
	else tune(state, modulation, 0x27, 0x1d);
	// DIO0: RxDone.
	write(state, dioMapping1, 0x00);
	setMode(state, receiving);
}

function look(state: State): RadioEvent {
	if (state.mode !== transmitting && state.mode !== receiving) return "none";
	// It starts without LoRa; without power, or without a chip, nothing or only ones are read.
	const now = read(state, opMode);
	if ((now & 0x80) === 0 || now === 0xff) throw new Error(silent);
	const flags = read(state, irqFlags);
	if (state.mode === transmitting) {
		if ((flags & txDone) === 0) return "none";
		setMode(state, asleep);
		return "sent";
	}
	if ((flags & rxDone) !== 0) {
		// First, so that a frame that comes meanwhile is not forgotten.
		write(state, irqFlags, flags);
		if ((flags & payloadCrcError) !== 0) return "damaged";
		take(state);
		return "received";
	}
	if ((flags & validHeader) === 0) return "none";
	write(state, irqFlags, validHeader);
	return "header";
}

/** Reads the frame out of the chip, and how it came. */
function take(state: State): void {
	const { bus } = state;
	const snr = (read(state, pktSnrValue) << 24) >> 24;
	const strength = read(state, pktRssiValue) - 157;
	// Below the noise the frame is weaker than what is measured.
	state.rssi = snr < 0 ? strength + (snr >> 2) : strength;
	state.snr = snr;
	const length = read(state, rxNbBytes);
	write(state, fifoAddrPtr, read(state, fifoRxCurrentAddr));
	bus.bytes[0] = fifo;
	exchange(bus, 1 + length);
	state.length = length;
}
