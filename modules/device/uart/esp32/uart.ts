/** The board's UARTs over the driver in C, and the outputs that ask meters to send. */
import Digital from "embedded:io/digital";
import Timer from "timer";
import type { Guard } from "../../../ports/guard.js";
import type { LineConditions, OnReceive, Output, Uart, UartOptions } from "../../../ports/ports.js";
import type { Printer } from "../../../settings/line-editor.js";

interface DriverOptions {
	/** 0 to 2. */
	port: number;
	/** GPIO numbers; -1 for none. */
	receivePin: number;
	transmitPin: number;
	/** True for a line that is low at rest. */
	invert: boolean;
	/** Bits per second. */
	baud: number;
	/** Bytes of the driver's rings; the one for receiving is larger than the hardware's FIFO of 128. */
	receiveRing: number;
	transmitRing: number;
	/** There are bytes, or conditions: called on the driver. At most one such message is under way. */
	onReadable(this: UartDriver): void;
}

/**
 * `smartyUart.c` over ESP-IDF's driver: 8N1, a ring filled by interrupt, errors counted. The constructor throws on options
 * that cannot be before it takes anything.
 */
class UartDriver extends Native("smarty_uart_destructor") {
	constructor(options: DriverOptions) {
		super();
		native("smarty_uart_constructor").call(this, options);
	}
	/** Copies what there is; returns the number of bytes, perhaps 0. */
	read(bytes: Uint8Array): number {
		return native("smarty_uart_read").call(this, bytes);
	}
	/** All of the bytes, or none of them: returns their number, or 0 when the ring has no room. Never waits. */
	write(bytes: Uint8Array): number {
		return native("smarty_uart_write").call(this, bytes);
	}
	/** Count number `index` (breaks, framing errors, FIFO overflows, ring overflows), which starts again from 0. */
	take(index: number): number {
		return native("smarty_uart_take").call(this, index);
	}
	close(): void {
		native("smarty_uart_close").call(this);
	}
}

/** Who reads what is typed. `bytes` from 0 to `count` are valid during this call. */
export interface Typed {
	onBytes(bytes: Uint8Array, count: number): void;
}

/** The USB side's pins. */
const terminalReceivePin = 3;
const terminalTransmitPin = 1;
const terminalRing = 4096;

/** One of the meters' lines. */
class Line extends UartDriver implements Uart {
	private readonly guard: Guard;
	private readonly bytes: Uint8Array;
	private readonly onReceive: OnReceive;

	constructor(options: Omit<DriverOptions, "onReadable">, guard: Guard, bytes: Uint8Array, onReceive: OnReceive) {
		super({ ...options, onReadable: Line.prototype.deliver });
		this.guard = guard;
		this.bytes = bytes;
		this.onReceive = onReceive;
	}

	look(): void {
		Timer.set(() => this.deliver());
	}

	deliver(): void {
		this.guard(receive, this);
	}

	/** Hands over what came, and is called again where that is much. */
	receive(): void {
		const { bytes } = this;
		const conditions = takeConditions(this);
		for (let turn = 1; turn <= 8; turn++) {
			const count = this.read(bytes);
			const isLast = count < bytes.length;
			// With the last bytes: what is told of the line came after those before.
			this.onReceive(bytes, count, isLast || turn === 8 ? conditions : null);
			if (isLast) return;
		}
		// A line that never pauses must not keep the timers and the network waiting.
		this.look();
	}
}

/** The USB side of the board, UART 0: 115200 8N1. */
class Terminal extends UartDriver {
	private readonly guard: Guard;
	private readonly typed: Typed;
	private readonly bytes = new Uint8Array(128);

	constructor(guard: Guard, typed: Typed) {
		super({
			port: 0,
			receivePin: terminalReceivePin,
			transmitPin: terminalTransmitPin,
			invert: false,
			baud: 115200,
			receiveRing: 1024,
			transmitRing: terminalRing,
			onReadable: Terminal.prototype.deliver,
		});
		this.guard = guard;
		this.typed = typed;
	}

	deliver(): void {
		this.guard(receive, this);
	}

	receive(): void {
		const { bytes } = this;
		takeConditions(this);
		for (let count = this.read(bytes); count > 0; count = this.read(bytes)) this.typed.onBytes(bytes, count);
	}
}

function receive(driver: Line | Terminal): void {
	driver.receive();
}

/**
 * The three UARTs of the board. Lines 0 and 1 are UARTs 2 and 1. Line 2 is the receiving side of UART 0: the console then only speaks.
 * Rings of 4 KiB are 355 ms of a line, longer than the program is ever busy with one telegram.
 */
export class Uarts implements Printer {
	private readonly guard: Guard;
	/** Of all lines: what is in it is used at once. */
	private readonly bytes = new Uint8Array(1024);
	/** Who has UART 0. */
	private driver: UartDriver | null = null;
	private typed: Typed | null = null;

	constructor(guard: Guard) {
		this.guard = guard;
	}

	openUart({ line, receivePin, invert }: UartOptions, onReceive: OnReceive): Uart {
		const { guard, bytes } = this;
		const port = 2 - line;
		const usual = { port, receivePin, invert, baud: 115200, receiveRing: 4096 };
		if (line < 2) return new Line({ ...usual, transmitPin: -1, transmitRing: 0 }, guard, bytes, onReceive);
		this.driver?.close();
		this.driver = null;
		try {
			const both = { ...usual, transmitPin: terminalTransmitPin, transmitRing: terminalRing };
			const shared = new Line(both, guard, bytes, onReceive);
			this.driver = shared;
			return shared;
		} catch (error) {
			if (this.typed !== null) this.openTerminal(this.typed);
			throw error;
		}
	}

	/** The USB side of the board. Throws in a debug build, where that is the debugger's. */
	openTerminal(typed: Typed): void {
		this.typed = typed;
		this.driver = new Terminal(this.guard, typed);
	}

	/** To the USB side. What nobody can send is gone. */
	write(bytes: Uint8Array): number {
		return this.driver?.write(bytes) ?? bytes.length;
	}
}

function takeConditions(driver: UartDriver): LineConditions | null {
	const breaks = driver.take(0);
	const framingErrors = driver.take(1);
	const fifoOverflows = driver.take(2);
	const ringOverflows = driver.take(3);
	if (breaks + framingErrors + fifoOverflows + ringOverflows === 0) return null;
	return { breaks, framingErrors, fifoOverflows, ringOverflows };
}

/** An output of the board, low at first. High asks a meter to send. */
export function openOutput(pin: number): Output {
	return new Digital({ pin, mode: Digital.Output });
}
