/** The board's lines and outputs, over a stand-in for the UART driver and for the SDK's digital output. */
import { beforeEach, describe, expect, test } from "vitest";
import type { LineConditions, OnReceive, Output, Uart, UartOptions } from "../../modules/ports/ports.js";
import { type Loaded, load } from "./stand-in.js";

interface DriverOptions {
	port: number;
	receivePin: number;
	transmitPin: number;
	invert: boolean;
	onReadable(): void;
}

/** A UART of the chip as long as a driver has it. */
interface Port {
	driver: object;
	options: DriverOptions;
	received: number[];
	said: string[];
	counts: number[];
}

interface Lines {
	openUart(options: UartOptions, onReceive: OnReceive): Uart;
	openTerminal(typed: { onBytes(bytes: Uint8Array, count: number): void }): void;
	write(bytes: Uint8Array): number;
}

const digital = `export default class {
	static Output = 8;
	constructor(options) { globalThis.WORLD.call("output", options); this.pin = options.pin; }
	write(value) { globalThis.WORLD.call("write", this.pin, value); }
};`;

let ports: Map<number, Port>;
/** Pins that the driver refuses. */
let refused: number[];
let board: Loaded<{ Uarts: new (guard: unknown) => Lines; openOutput(pin: number): Output }>;

/** What `smartyUart.c` does, as far as JavaScript sees it. */
const driver: Record<string, (this: { port: number }, about: never) => unknown> = {
	smarty_uart_constructor(options: DriverOptions) {
		if (ports.has(options.port)) throw new Error("uart: port in use");
		if (refused.includes(options.receivePin)) throw new Error("uart: the driver refused");
		this.port = options.port;
		ports.set(options.port, { driver: this, options, received: [], said: [], counts: [0, 0, 0, 0] });
	},
	smarty_uart_read(bytes: Uint8Array) {
		const some = ports.get(this.port)!.received.splice(0, bytes.length);
		bytes.set(some);
		return some.length;
	},
	smarty_uart_write(bytes: Uint8Array) {
		ports.get(this.port)!.said.push(Buffer.from(bytes).toString());
		return bytes.length;
	},
	smarty_uart_take(index: number) {
		const { counts } = ports.get(this.port)!;
		return counts.splice(index, 1, 0)[0]!;
	},
	smarty_uart_close() {
		ports.delete(this.port);
	},
};

beforeEach(async () => {
	ports = new Map();
	refused = [];
	Object.assign(globalThis, { Native: () => class {}, native: (name: string) => driver[name] });
	board = await load("modules/device/uart/esp32/uart.ts", { "embedded:io/digital": digital });
});

/** Bytes come at a port of the chip. */
function deliver(at: number, bytes: Iterable<number>): void {
	const port = ports.get(at)!;
	port.received.push(...bytes);
	port.options.onReadable.call(port.driver);
}

function listPins(): (number | boolean)[][] {
	return [...ports.values()].map(({ options: { port, receivePin, transmitPin, invert } }) => [
		port,
		receivePin,
		transmitPin,
		invert,
	]);
}

describe("three lines and the console", () => {
	let lines: Lines;
	let typed: string;
	let heard: string[];
	const text = (words: string) => Buffer.from(words);
	const open = (line: number, receivePin: number) =>
		lines.openUart({ line, receivePin, invert: true }, (bytes, count) => {
			heard.push(`${line}: ${Buffer.from(bytes.subarray(0, count))}`);
		});

	beforeEach(() => {
		typed = "";
		heard = [];
		lines = new board.module.Uarts(board.guard);
		lines.openTerminal({
			onBytes(bytes, count) {
				typed += Buffer.from(bytes.subarray(0, count)).toString();
			},
		});
	});

	test("two meters leave the console as it is", () => {
		open(0, 16);
		open(1, 4);
		expect(listPins()).toEqual([
			[0, 3, 1, false],
			[2, 16, -1, true],
			[1, 4, -1, true],
		]);
		deliver(0, text("status\n"));
		deliver(1, text("/Lux5"));
		expect(typed).toBe("status\n");
		expect(heard).toEqual(["1: /Lux5"]);
	});

	test("the third one has the console's receiving side: nothing is typed any more, and the log goes on", () => {
		open(0, 16);
		open(1, 4);
		expect(lines.write(text("two lines"))).toBe(9);
		expect(ports.get(0)!.said).toEqual(["two lines"]);
		open(2, 19);
		expect(listPins()).toEqual([
			[2, 16, -1, true],
			[1, 4, -1, true],
			[0, 19, 1, true],
		]);
		deliver(0, text("/Lux5"));
		expect(heard).toEqual(["2: /Lux5"]);
		expect(typed).toBe("");
		expect(lines.write(text("three lines"))).toBe(11);
		expect(ports.get(0)!.said).toEqual(["three lines"]);
		expect(board.exceptions).toEqual([]);
	});

	test("a third one that cannot be opened gives the console back", () => {
		refused = [19];
		expect(() => open(2, 19)).toThrow("the driver refused");
		expect(listPins()).toEqual([[0, 3, 1, false]]);
		deliver(0, text("unset meters\n"));
		expect(typed).toBe("unset meters\n");
		expect(lines.write(text("done"))).toBe(4);
		expect(ports.get(0)!.said).toEqual(["done"]);
		refused = [];
		open(2, 19);
		expect(listPins()).toEqual([[0, 19, 1, true]]);
	});

	test("what is printed while no UART can be had is gone, and the printing goes on", () => {
		refused = [19, 3];
		expect(() => open(2, 19)).toThrow("the driver refused");
		expect(lines.write(text("nobody"))).toBe(6);
	});
});

test("a line that never pauses gives way to timers; what is told of it comes with the last bytes", () => {
	const heard: [number, LineConditions | null][] = [];
	const lines = new board.module.Uarts(board.guard);
	lines.openUart({ line: 0, receivePin: 16, invert: true }, (_, count, conditions) => heard.push([count, conditions]));
	ports.get(2)!.counts = [1, 2, 3, 4];
	deliver(2, new Uint8Array(9 * 1024));
	const conditions = { breaks: 1, framingErrors: 2, fifoOverflows: 3, ringOverflows: 4 };
	expect(heard).toEqual([...Array.from({ length: 7 }, () => [1024, null]), [1024, conditions]]);
	heard.length = 0;
	board.ring();
	expect(heard).toEqual([
		[1024, null],
		[0, null],
	]);
	expect(board.world.timers).toEqual([]);
});

test("a look hands over what is there, also where that is nothing, and not within the call", () => {
	const heard: number[] = [];
	const lines = new board.module.Uarts(board.guard);
	const uart = lines.openUart({ line: 1, receivePin: 4, invert: true }, (_, count) => heard.push(count));
	uart.look();
	expect(heard).toEqual([]);
	board.ring();
	expect(heard).toEqual([0]);
});

test("what a handler throws is told, and the next bytes are read", () => {
	let fails = true;
	let count = 0;
	new board.module.Uarts(board.guard).openUart({ line: 0, receivePin: 16, invert: true }, (_, some) => {
		if (fails) throw new Error("the handler's");
		count += some;
	});
	deliver(2, [1, 2, 3]);
	fails = false;
	deliver(2, [4, 5]);
	expect(board.exceptions.map(String)).toEqual(["Error: the handler's"]);
	expect(count).toBe(2);
});

test("an output says nothing before it is told to, and then one or zero", () => {
	const output = board.module.openOutput(17);
	expect(board.world.calls).toEqual([["output", { pin: 17, mode: 8 }]]);
	output.write(true);
	output.write(false);
	expect(board.world.calls.slice(1)).toEqual([
		["write", 17, true],
		["write", 17, false],
	]);
});

test("an output at a pin that cannot be one throws", () => {
	board.world.failing.add("output");
	expect(() => board.module.openOutput(34)).toThrow();
});
