/** Holds the simulated air to what LoRa receivers do. */
import { describe, expect, test } from "vitest";
import { airtimeMicroseconds, symbolTime } from "../../modules/lorawan/airtime.js";
import type { Modulation } from "../../modules/lorawan/radio.js";
import { createChance } from "../../simulator/chance.js";
import {
	type Air,
	type AirOptions,
	type Antenna,
	addGateway,
	breakOff,
	createAir,
	heardPreamble,
	isTuned,
	leastSnr,
	noise,
	type Received,
	transmit,
} from "../../simulator/lora/air.js";
import { createVirtualClock, type VirtualClock } from "../support/virtual-clock.js";

const uplink: Modulation = { frequency: 868_100_000, spreading: 7, inverted: false, crc: true, syncWord: 0x34 };
const bytes = Uint8Array.from({ length: 23 }, (_, at) => at);

interface Scene {
	clock: VirtualClock;
	air: Air;
	device: Antenna;
	other: Antenna;
	heard: Received[];
}

function createScene(options: AirOptions = {}, tuned: (frame: Modulation) => boolean = () => true): Scene {
	const clock = createVirtualClock();
	const air = createAir(clock, createChance(1), options);
	const heard: Received[] = [];
	addGateway(
		air,
		"gateway",
		frame => tuned(frame.modulation),
		frame => heard.push(frame),
	);
	return { clock, air, device: { name: "device" }, other: { name: "other" }, heard };
}

describe("the air", () => {
	test("brings a frame at its end, with its strength", () => {
		const { clock, air, device, heard } = createScene();
		const frame = transmit(air, device, uplink, bytes, 14);
		expect(frame.end).toBeCloseTo(airtimeMicroseconds(7, 23, true) / 1000, 9);
		clock.pass(frame.end - 0.1);
		expect(heard).toEqual([]);
		clock.pass(0.2);
		expect(heard).toHaveLength(1);
		expect(heard[0]).toMatchObject({ bytes, damaged: false, rssi: -86, snr: 10 });
	});

	test.each([7, 9, 12])("is too far for spreading factor %i from its limit on", spreading => {
		for (const [more, count] of [
			[0, 1],
			[0.5, 0],
		] as const) {
			const pathLoss = 14 - noise - leastSnr(spreading) + more;
			const { clock, air, device, heard } = createScene({ pathLoss: () => pathLoss });
			transmit(air, device, { ...uplink, spreading }, bytes, 14);
			clock.pass(10_000);
			expect(heard, String(more)).toHaveLength(count);
		}
	});

	test("lets neither of two equal frames through, of unequal ones the stronger, and both with unequal spreading", () => {
		const run = (change: Partial<Modulation>, power: number): string[] => {
			const { clock, air, device, other, heard } = createScene();
			transmit(air, device, uplink, bytes, 14);
			clock.pass(5);
			transmit(air, other, { ...uplink, ...change }, bytes, power);
			clock.pass(10_000);
			return heard.map(({ frame }) => frame.from.name);
		};
		expect(run({}, 14)).toEqual([]);
		expect(run({}, 7)).toEqual(["device"]);
		expect(run({}, 21)).toEqual(["other"]);
		expect(run({ spreading: 8 }, 14)).toEqual(["device", "other"]);
		expect(run({ frequency: 868_300_000 }, 14)).toEqual(["device", "other"]);
		expect(run({ inverted: true }, 14)).toEqual(["device", "other"]);
	});

	test("loses and damages by its seed, and what has no CRC comes damaged", () => {
		const { clock, air, device, heard } = createScene({ loss: 0.5 });
		for (let turn = 0; turn < 1000; turn++) {
			transmit(air, device, uplink, bytes, 14);
			clock.pass(1000);
		}
		expect(heard.length).toBeGreaterThan(430);
		expect(heard.length).toBeLessThan(570);
		air.loss = 0;
		air.damage = 1;
		heard.length = 0;
		transmit(air, device, uplink, bytes, 14);
		clock.pass(1000);
		expect(heard).toEqual([]);
		transmit(air, device, { ...uplink, crc: false }, bytes, 14);
		clock.pass(1000);
		expect(heard[0]!.damaged).toBe(true);
		expect(heard[0]!.bytes).not.toEqual(bytes);
	});

	test("brings nothing of a frame that was broken off", () => {
		const { clock, air, device, heard } = createScene();
		const frame = transmit(air, device, uplink, bytes, 14);
		clock.pass(30);
		breakOff(air, frame);
		clock.pass(1000);
		expect(heard).toEqual([]);
	});

	test("a receiver needs five of eight symbols, and the frame's modulation", () => {
		const { air, device } = createScene();
		const frame = transmit(air, device, uplink, bytes, 14);
		const symbol = symbolTime(7) / 1000;
		expect(heardPreamble(frame, 3 * symbol)).toBe(true);
		expect(heardPreamble(frame, 3.1 * symbol)).toBe(false);
		expect(isTuned(frame, { ...uplink, crc: false })).toBe(true);
		for (const change of [{ spreading: 8 }, { inverted: true }, { syncWord: 0x12 }, { frequency: 868_300_000 }])
			expect(isTuned(frame, { ...uplink, ...change }), JSON.stringify(change)).toBe(false);
	});

	test("a gateway hears nothing while it sends", () => {
		const { clock, air, device, heard } = createScene();
		const [gateway] = air.antennas;
		transmit(air, device, uplink, bytes, 14);
		clock.pass(20);
		transmit(air, gateway!, { ...uplink, frequency: 869_525_000, inverted: true }, bytes, 14);
		clock.pass(1000);
		expect(heard).toEqual([]);
	});
});
