import { describe, expect, test } from "vitest";
import { draw } from "../../simulator/chance.js";
import { hex } from "./hex.js";
import { createRig, exchange, joinNetwork, type Rig } from "./rig.js";

const reading = hex("0102030405060708090a0b");

/** Joined, at a data rate, with chance's hand off the network's answers. */
function createAt(dataRate: number, second: 0 | 1, pollMs: number, secondDataRate = 3): Rig {
	const rig = createRig({
		seed: dataRate + 10 * second,
		device: { pollMs },
		server: { adapts: false, secondDataRate },
	});
	joinNetwork(rig);
	rig.device.link.dataRate = dataRate;
	rig.server.misfortunes.second = second;
	return rig;
}

const cases = [0, 1, 2, 3, 4, 5].flatMap(dataRate =>
	([0, 1] as const).flatMap(second => [20, 500].map(pollMs => [dataRate, second, pollMs] as const)),
);

describe("an event loop that is late by up to 0.3 s", () => {
	test.each(cases)("gets every downlink at DR%i, window %i, looking each %i ms", (dataRate, second, pollMs) => {
		const rig = createAt(dataRate, second, pollMs);
		const late = [() => 300, () => Math.floor(draw(rig.chance) * 301), () => 0];
		for (const each of late) {
			rig.late = each;
			for (let count = 0; count < 8; count += 1) {
				expect(exchange(rig, 1, reading, true)).toBe(true);
				expect(rig.device.acknowledged).toBe("yes");
			}
		}
		expect(rig.device.drops).toEqual({ foreign: 0, malformed: 0, mic: 0, replayed: 0, port: 0 });
		// One opening for the first window, two where nothing came in it.
		expect(rig.radio.openings).toBe((second + 1) * 24 + 1);
	});

	test.each(cases)(
		"and a radio that begins 25 ms after it is told to: DR%i, window %i, looking each %i ms",
		(...which) => {
			const rig = createAt(...which);
			rig.radio.startUp = 25;
			rig.late = () => 200;
			for (let count = 0; count < 5; count += 1) {
				exchange(rig, 1, reading, true);
				expect(rig.device.acknowledged).toBe("yes");
			}
		},
	);

	test.each([0, 3, 5])("gets a long downlink at DR%i", dataRate => {
		const rig = createAt(dataRate, 0, 500);
		rig.late = () => 300;
		const bytes = new Uint8Array(dataRate === 0 ? 51 : 115).fill(7);
		rig.known.queue.push({ port: 9, bytes, confirmed: false });
		exchange(rig, 1, reading);
		expect(rig.device.downlink).toEqual({ port: 9, bytes });
	});

	test("joins, in both windows", () => {
		for (const second of [0, 1]) {
			const rig = createRig({ late: () => 300 });
			rig.server.misfortunes.second = second;
			joinNetwork(rig);
			expect(rig.uplinks).toHaveLength(1);
		}
	});

	test("late by 2 s it misses the second window, and goes on", () => {
		const rig = createAt(5, 1, 500);
		rig.late = () => 2_000;
		exchange(rig, 1, reading, true);
		expect(rig.device).toMatchObject({ acknowledged: "no", phase: "idle" });
		rig.late = () => 0;
		exchange(rig, 1, reading, true);
		expect(rig.device.acknowledged).toBe("yes");
	});
});

describe("windows that nothing comes in", () => {
	test.each([
		[0, 5 + 1 + 0.3 + 0.08],
		[5, 5 + 1 + 0.3 + 0.08],
	])("end soon after the second has begun, at DR%i", (dataRate, seconds) => {
		const rig = createAt(dataRate, 0, 20);
		rig.server.misfortunes.silent = 1;
		let slept = 0;
		const { sleep } = rig.radio;
		rig.radio.sleep = () => {
			slept = rig.clock.now();
			sleep();
		};
		exchange(rig, 1, reading);
		const { end } = rig.uplinks.at(-1)!;
		expect((slept - end) / 1_000).toBeGreaterThan(seconds);
		expect((slept - end) / 1_000).toBeLessThan(seconds + 0.05);
		expect(rig.radio.asleep).toBe(true);
	});

	test("a header alone keeps one open no longer than a frame takes", () => {
		const rig = createAt(5, 0, 20);
		const { look } = rig.radio;
		rig.radio.look = () => {
			const event = look();
			// The receiver is lost in a frame that never ends.
			return event === "received" ? "none" : event;
		};
		exchange(rig, 1, reading, true);
		expect(rig.device).toMatchObject({ acknowledged: "no", phase: "idle" });
		expect(rig.device.taken).toBe(1);
	});

	test("a damaged frame is counted, and the second window still opens", () => {
		const rig = createAt(5, 0, 500);
		const { look } = rig.radio;
		rig.radio.look = () => {
			const event = look();
			return event === "received" ? "damaged" : event;
		};
		exchange(rig, 1, reading, true);
		expect(rig.device).toMatchObject({ acknowledged: "no", drops: { malformed: 1 } });
		expect(rig.radio.openings).toBe(1 + 2);
	});
});
