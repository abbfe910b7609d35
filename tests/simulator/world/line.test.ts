/** Tests of simulator: line. */
import { describe, expect, test } from "vitest";
import {
	connectCable,
	createLine,
	cutTransmission,
	disturb,
	type Line,
	transmit,
} from "../../../simulator/world/board/line.js";
import {
	beginBreak,
	createWorldUart,
	readUart,
	receiveByte,
	receiveSilence,
	takeConditions,
	type WorldUart,
} from "../../../simulator/world/board/uart.js";
import { createWorldClock, runUntil, type WorldClock } from "../../../simulator/world/clock.js";

interface Rig {
	clock: WorldClock;
	line: Line;
	uart: WorldUart;
	/** When the driver told that there is something. */
	told: number[];
}

function createRig(): Rig {
	const clock = createWorldClock();
	const line = createLine(clock);
	const told: number[] = [];
	const uart = createWorldUart(() => void told.push(clock.now));
	line.uart = uart;
	return { clock, line, uart, told };
}

function count(length: number): Uint8Array {
	return Uint8Array.from({ length }, (_, at) => at & 0xff);
}

describe("the line at 115200 baud", () => {
	test("a byte takes ten bits: 1152 bytes take a tenth of a second", async () => {
		const { clock, line, uart } = createRig();
		transmit(line, count(1152), 7);
		await runUntil(clock, 99_990);
		connectCable(line, true);
		expect(readUart(uart).bytes.length + uart.fifo.count).toBe(1151);
		await runUntil(clock, 100_001);
		connectCable(line, true);
		expect(uart.fifo.count + uart.ring.count).toBeLessThanOrEqual(64);
		await runUntil(clock, 110_000);
		const { bytes, tags } = readUart(uart);
		expect(bytes.at(-1)).toBe(1151 & 0xff);
		expect([...new Set(tags)]).toEqual([7]);
	});

	test("the interrupt comes at 64 bytes, and ten byte times after the last one", async () => {
		const { clock, line, told } = createRig();
		transmit(line, count(100), 0);
		await runUntil(clock, 20_000);
		expect(told).toEqual([Math.ceil((64 * 10e6) / 115_200), Math.ceil((100 * 10e6) / 115_200) + 868]);
	});

	test("two transmissions follow each other without a gap", async () => {
		const { clock, line, uart } = createRig();
		transmit(line, count(300), 1);
		transmit(line, count(10), 2);
		await runUntil(clock, 310 * 87 + 1000);
		const { bytes, tags } = readUart(uart);
		expect(bytes).toEqual(Uint8Array.from([...count(300), ...count(10)]));
		expect([...tags]).toEqual([...new Array(300).fill(1), ...new Array(10).fill(2)]);
	});

	test("without its cable the device hears a break, and no byte until it is back", async () => {
		const { clock, line, uart } = createRig();
		transmit(line, count(1000), 0);
		await runUntil(clock, 20_000);
		connectCable(line, false);
		await runUntil(clock, 40_000);
		connectCable(line, true);
		await runUntil(clock, 200_000);
		const heard = readUart(uart).bytes.length;
		// The driver looks at 70 ms; what came in between went to the FIFO, and was more than that holds.
		expect(heard + uart.lost).toBe(230 + 1 + (1000 - 460));
		expect(uart.lost).toBe(2 * 129);
		expect(takeConditions(uart)).toMatchObject({ breaks: 1, fifoOverflows: 2 });
		expect(takeConditions(uart)).toBeNull();
	});

	test("what came before a break is there after it, although nobody has read it yet, and so is what comes then", async () => {
		const { clock, line, uart } = createRig();
		transmit(line, count(1000), 0);
		await runUntil(clock, 90_000);
		connectCable(line, false);
		await runUntil(clock, 5_000_000);
		connectCable(line, true);
		await runUntil(clock, 5_060_000);
		transmit(line, count(200), 1);
		await runUntil(clock, 5_100_000);
		const { bytes, tags } = readUart(uart);
		expect(bytes).toEqual(Uint8Array.from([...count(1000), 0, ...count(200)]));
		expect([...tags]).toEqual([...new Array(1000).fill(0), -1, ...new Array(200).fill(1)]);
		expect(uart.lost).toBe(0);
	});

	test("in a break that the driver was opened in, nothing but the break is told", async () => {
		const { clock, line, uart, told } = createRig();
		beginBreak(uart);
		expect(told).toEqual([0]);
		transmit(line, count(10), 0);
		await runUntil(clock, 100_000);
		expect(readUart(uart).bytes.length).toBe(0);
		expect(takeConditions(uart)).toMatchObject({ breaks: 1 });
	});

	test("the meter may stop in the middle, and the line may be disturbed", async () => {
		const { clock, line, uart } = createRig();
		transmit(line, count(500), 0);
		await runUntil(clock, 10_000);
		disturb(line, 0xaa);
		cutTransmission(line);
		await runUntil(clock, 100_000);
		const { bytes, tags } = readUart(uart);
		expect(bytes.length).toBe(115 + 1);
		expect([bytes.at(-1), tags.at(-1)]).toEqual([0xaa, -1]);
		expect(takeConditions(uart)).toMatchObject({ framingErrors: 1 });
	});

	test("a device without power hears nothing", async () => {
		const { clock, line, uart } = createRig();
		line.uart = null;
		transmit(line, count(100), 0);
		await runUntil(clock, 100_000);
		expect(readUart(uart).bytes.length).toBe(0);
	});
});

describe("the UART", () => {
	function feed(uart: WorldUart, length: number, from = 0): void {
		for (let at = 0; at < length; at++) receiveByte(uart, (from + at) & 0xff, 0);
	}

	test("holds what the ring holds, then what was under way, then 128 bytes; the next one empties the FIFO", () => {
		const uart = createWorldUart(() => {}, 256);
		// Four interrupts fill the ring; the fifth takes its 64 bytes out of the FIFO and finds no room for them.
		feed(uart, 256 + 64 + 128);
		expect(uart.lost).toBe(0);
		expect(uart.conditions).toMatchObject({ ringOverflows: 1, fifoOverflows: 0 });
		feed(uart, 1, 448);
		expect(uart.lost).toBe(129);
		expect(uart.conditions).toMatchObject({ ringOverflows: 1, fifoOverflows: 1 });
		feed(uart, 10, 449);
		const first = readUart(uart).bytes;
		expect(first).toEqual(count(256));
		receiveSilence(uart);
		// What stood beside the ring comes first, then what came after the loss.
		expect(readUart(uart).bytes).toEqual(Uint8Array.from([...count(320).subarray(256), ...count(459).subarray(449)]));
	});

	test("one byte less than its room, read in time, loses nothing", () => {
		const uart = createWorldUart(() => {}, 256);
		feed(uart, 448);
		const read: number[] = [];
		for (let turn = 0; turn < 4; turn++) {
			read.push(...readUart(uart).bytes);
			receiveSilence(uart);
		}
		expect(Uint8Array.from(read)).toEqual(count(448));
		expect(uart.lost).toBe(0);
	});

	test("has the ESP32's sizes unless a test wants others", () => {
		const uart = createWorldUart(() => {});
		expect([uart.fifo.bytes.length, uart.ring.bytes.length, uart.threshold]).toEqual([128, 4096, 64]);
	});
});
