/** The board's UARTs over the driver in C, and the outputs that ask meters to send. */
import Digital from "embedded:io/digital";
import Timer from "timer";
import type { Guard } from "../../../ports/guard.js";
import type { LineConditions, OnReceive, Output, Uart, UartOptions } from "../../../ports/ports.js";

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
	/** There are bytes, or conditions. At most one such message is under way. */
	onReadable(): void;
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

/** The three UARTs of the board. */
export interface Uarts {
	openUart(options: UartOptions, onReceive: OnReceive): Uart;
	/** The USB side of the board, UART 0: 115200 8N1. Throws in a debug build, where that is the debugger's. */
	openTerminal(onBytes: (bytes: Uint8Array, count: number) => void): (bytes: Uint8Array) => number;
}

/** The USB side's pins. */
const terminalReceivePin = 3;
const terminalTransmitPin = 1;
const terminalRing = 4096;

/**
 * Lines 0 and 1 are UARTs 2 and 1. Line 2 is the receiving side of UART 0: the console then only speaks. Rings of 4 KiB are 355 ms of a
 * line, longer than the program is ever busy with one telegram.
 */
export function createUarts(guard: Guard): Uarts {
	/** Of all lines: what is in it is used at once. */
	const bytes = new Uint8Array(1024);
	let terminal: UartDriver | null = null;
	let reopen = () => {};

	function openDriver(options: UartOptions, onReadable: () => void): UartDriver {
		const { line, receivePin, invert } = options;
		const port = 2 - line;
		const usual = { port, receivePin, invert, baud: 115200, receiveRing: 4096, onReadable };
		if (line < 2) return new UartDriver({ ...usual, transmitPin: -1, transmitRing: 0 });
		terminal?.close();
		terminal = null;
		try {
			terminal = new UartDriver({ ...usual, transmitPin: terminalTransmitPin, transmitRing: terminalRing });
			return terminal;
		} catch (error) {
			reopen();
			throw error;
		}
	}

	return {
		openUart(options, onReceive) {
			const receive = () => receiveFrom(driver, bytes, onReceive, later);
			const later = () => void Timer.set(() => guard(receive));
			const driver = openDriver(options, () => guard(receive));
			return { look: later };
		},
		openTerminal(onBytes) {
			const few = new Uint8Array(128);
			reopen = () => {
				const driver = new UartDriver({
					port: 0,
					receivePin: terminalReceivePin,
					transmitPin: terminalTransmitPin,
					invert: false,
					baud: 115200,
					receiveRing: 1024,
					transmitRing: terminalRing,
					onReadable: () =>
						guard(() => {
							takeConditions(driver);
							for (let count = driver.read(few); count > 0; count = driver.read(few)) onBytes(few, count);
						}),
				});
				terminal = driver;
			};
			reopen();
			return line => terminal?.write(line) ?? line.length;
		},
	};
}

/** Hands over what came; `later` calls it again where that is much. */
function receiveFrom(driver: UartDriver, bytes: Uint8Array, onReceive: OnReceive, later: () => void): void {
	const conditions = takeConditions(driver);
	for (let turn = 1; turn <= 8; turn++) {
		const count = driver.read(bytes);
		const isLast = count < bytes.length;
		// With the last bytes: what is told of the line came after those before.
		onReceive(bytes, count, isLast || turn === 8 ? conditions : null);
		if (isLast) return;
	}
	// A line that never pauses must not keep the timers and the network waiting.
	later();
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
	const output = new Digital({ pin, mode: Digital.Output });
	return { write: on => output.write(on ? 1 : 0), close: () => output.close() };
}
