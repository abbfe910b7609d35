/** The UART port over the driver in C. */
import Timer from "timer";
import type { Guard } from "../../../ports/guard.js";
import type { LineConditions, OnReceive, Uart, UartOptions } from "../../../ports/ports.js";

interface DriverOptions {
	/** 0 to 2. */
	port: number;
	/** GPIO numbers; -1 for none. */
	receivePin: number;
	transmitPin: number;
	requestPin: number;
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
	setRequest(on: boolean): void {
		native("smarty_uart_set_request").call(this, on);
	}
	close(): void {
		native("smarty_uart_close").call(this);
	}
}

/** The meter's line on UART 2. 4 KiB are 355 ms of it, longer than the program is ever busy with one telegram. */
export function openUart(guard: Guard, options: UartOptions, onReceive: OnReceive): Uart {
	const bytes = new Uint8Array(1024);
	const driver = new UartDriver({
		port: 2,
		receivePin: options.receivePin,
		transmitPin: -1,
		requestPin: options.requestPin ?? -1,
		invert: options.invert,
		baud: 115200,
		receiveRing: 4096,
		transmitRing: 0,
		onReadable: () => guard(receive),
	});

	function receive(): void {
		const conditions = takeConditions(driver);
		for (let turn = 1; turn <= 8; turn++) {
			const count = driver.read(bytes);
			const isLast = count < bytes.length;
			// With the last bytes: what is told of the line came after those before.
			onReceive(bytes, count, isLast || turn === 8 ? conditions : null);
			if (isLast) return;
		}
		// A line that never pauses must not keep the timers and the network waiting.
		Timer.set(() => guard(receive));
	}

	return { setRequest: on => driver.setRequest(on), look: () => void Timer.set(() => guard(receive)) };
}

function takeConditions(driver: UartDriver): LineConditions | null {
	const breaks = driver.take(0);
	const framingErrors = driver.take(1);
	const fifoOverflows = driver.take(2);
	const ringOverflows = driver.take(3);
	if (breaks + framingErrors + fifoOverflows + ringOverflows === 0) return null;
	return { breaks, framingErrors, fifoOverflows, ringOverflows };
}

/** The USB side of the board, UART 0: 115200 8N1. Throws in a debug build, where that is the debugger's. */
export function openTerminal(
	guard: Guard,
	onBytes: (bytes: Uint8Array, count: number) => void,
): (bytes: Uint8Array) => number {
	const bytes = new Uint8Array(128);
	const driver = new UartDriver({
		port: 0,
		receivePin: 3,
		transmitPin: 1,
		requestPin: -1,
		invert: false,
		baud: 115200,
		receiveRing: 1024,
		transmitRing: 4096,
		onReadable: () =>
			guard(() => {
				takeConditions(driver);
				for (let count = driver.read(bytes); count > 0; count = driver.read(bytes)) onBytes(bytes, count);
			}),
	});
	return line => driver.write(line);
}
