/** Tests of simulator: checker. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Engine } from "../../../simulator/engines/contract.js";
import { type MeterFrame, readMeter } from "../../../simulator/meter.js";
import { type Effect, replyLength } from "../../../simulator/world/bridge/bridge.js";
import { checkPublication } from "../../../simulator/world/check/checker.js";
import { expectValues } from "../../../simulator/world/check/expected.js";
import {
	createGroundTruth,
	findLost,
	type GroundTruth,
	noteDelivered,
	noteLoss,
	noteRead,
	noteSecond,
	noteSent,
	type Transmission,
} from "../../../simulator/world/check/ground-truth.js";
import { hour, minute, runUntil, second } from "../../../simulator/world/clock.js";
import { runScenario } from "../../../simulator/world/run.js";
import type { World } from "../../../simulator/world/state.js";
import { composeWorld } from "../../../simulator/world/world.js";

/** A firmware that answers every event with nothing, apart from its boot. */
function createIdleEngine(boot: Effect[] = []): Engine {
	return {
		async call(request) {
			const json = Buffer.from(request[0] === 0 ? JSON.stringify(boot) : "[]");
			const reply = new Uint8Array(replyLength + json.length);
			const view = new DataView(reply.buffer);
			view.setFloat64(0, -1);
			view.setUint32(8, json.length);
			reply.set(json, replyLength);
			return reply;
		},
		async close() {},
	};
}

function describeFrame({ bytes, snapshot }: MeterFrame): Transmission {
	return { serial: snapshot.serial, time: snapshot.time, snapshot, length: bytes.length };
}

describe("a subscriber", () => {
	const topic = "smarty/SAG1030700114004/state";
	const late = "smarty/SAG1030700114004/history";
	let world: World;

	beforeEach(() => {
		const epoch = Date.UTC(2027, 0, 1);
		world = composeWorld(createIdleEngine(), { seed: 1, epoch, onNote: () => {} });
	});

	/** The meter's reading after so many seconds, received whole, as a message. */
	async function read(seconds: number): Promise<Record<string, unknown>> {
		await runUntil(world.clock, seconds * second);
		const time = world.epoch + seconds * 1000;
		const frame = readMeter(world.meter, time);
		const tag = noteSent(world.groundTruth, describeFrame(frame), true, world.clock.now);
		noteRead(world.groundTruth, tag, frame.bytes.length, 1, world.clock.now);
		const values = Object.fromEntries(expectValues(frame.snapshot));
		const told = { serial: frame.snapshot.serial, time: new Date(time).toISOString() };
		return { verdict: "authenticated", ...told, ...values };
	}

	function publish(message: Record<string, unknown> | string, where = topic, quality = 1, retain = false): string[] {
		const payload = typeof message === "string" ? message : JSON.stringify(message);
		const before = world.checker.violations.length;
		checkPublication(world, { topic: where, payload, quality, retain, sentAt: world.clock.now, will: false });
		return world.checker.violations.slice(before);
	}

	test("is content with what is right", async () => {
		expect(publish(await read(10))).toEqual([]);
		expect(publish(await read(20))).toEqual([]);
		expect(world.groundTruth.delivered).toBe(2);
	});

	test("finds readings under a base of other levels, too", async () => {
		const message = await read(10);
		expect(publish(message, "house/cellar/SAG1030700114004/state")).toEqual([]);
		expect(world.groundTruth.delivered).toBe(1);
		expect(publish({ ...message, voltage_l1: 1 }, "house/cellar/SAG1030700114004/state").length).toBe(1);
	});

	test("notices a wrong number, a missing one, and one that no meter sends", async () => {
		const message = await read(10);
		expect(publish({ ...message, voltage_l1: 1 }).join()).toContain("1 wrong values");
		expect(publish({ ...message, voltage_l1: undefined }).join()).toContain("1 wrong values");
		expect(publish({ ...message, frequency: 50 }).join()).toContain("1 wrong values");
		expect(publish({ ...message, active_energy_import: String(message.active_energy_import) }).length).toBe(1);
		expect(world.checker.wrongValues).toBe(4);
	});

	test("notices a reading that never was", async () => {
		const message = await read(10);
		expect(publish({ ...message, time: "2027-01-01T00:00:11Z" }).join()).toContain("that no meter sent");
		expect(publish({ ...message, serial: "SAG1" }).join()).toContain("that no meter sent");
		expect(publish(message, "smarty/SAG2/state").join()).toContain("that no meter sent");
		expect(publish("nonsense").join()).toContain("no JSON");
		expect(publish("null").join()).toContain("no JSON");
	});

	test("notices a state that goes back, or is old", async () => {
		const first = await read(10);
		publish(await read(20));
		expect(publish(first).join()).toContain("went back from");
		const third = await read(30);
		await runUntil(world.clock, 90 * second);
		expect(publish(third).join()).toContain("has a reading of 60 s before as the newest");
	});

	test("notices energy that goes down", async () => {
		publish(await read(10));
		world.meter.energy.activeImport = 0;
		expect(publish(await read(20)).join()).toContain("active_energy_import");
	});

	test("notices history out of order or retained, and quality 0; what comes again does not count", async () => {
		const first = await read(10);
		const second = await read(20);
		const third = await read(30);
		expect(publish(second, late)).toEqual([]);
		expect(publish(first, late).join()).toContain("after");
		expect(publish(first, late)).toEqual([]);
		expect(publish(third, late, 0).join()).toContain("with quality 0");
		expect(publish(third, late, 1, true).join()).toContain("is retained");
		expect(world.groundTruth.duplicates).toBe(2);
	});

	test("notices exceptions, and a meter that is said to be well and is silent", async () => {
		await read(10);
		const where = "smarty/device/diagnostics";
		expect(publish({ exceptions: 0, meters: [{ name: null, state: "ok" }] }, where)).toEqual([]);
		expect(publish({ exceptions: 2, meters: [{ name: null, state: "ok" }] }, where).join()).toContain(
			"caught 2 exceptions",
		);
		await runUntil(world.clock, 120 * second);
		expect(publish({ exceptions: 2, meters: [{ name: null, state: "ok" }] }, where).join()).toContain(
			"said to be ok, 110 s",
		);
	});

	test("knows that a meter is well whose frames only lost their tags", async () => {
		await runUntil(world.clock, 120 * second);
		const time = world.epoch + 120_000;
		const frame = readMeter(world.meter, time);
		noteSent(world.groundTruth, describeFrame(frame), true, world.clock.now);
		const values = Object.fromEntries(expectValues(frame.snapshot));
		const told = { serial: frame.snapshot.serial, time: new Date(time).toISOString() };
		expect(publish({ verdict: "crc-only", ...told, ...values })).toEqual([]);
		const well = { exceptions: 0, meters: [{ name: null, state: "ok" }] };
		expect(publish(well, "smarty/device/diagnostics")).toEqual([]);
		await runUntil(world.clock, 200 * second);
		expect(publish(well, "smarty/device/diagnostics").join()).toContain("said to be ok, 80 s");
	});
});

describe("a reading is lost", () => {
	let groundTruth: GroundTruth;
	let meter: World["meter"];

	beforeEach(() => {
		groundTruth = createGroundTruth();
		const options = { seed: 1, epoch: Date.UTC(2027, 0, 1), onNote: () => {} };
		meter = composeWorld(createIdleEngine(), options).meter;
	});

	/** Received at so many seconds; the broker is there from `from` on, to the end of six hours. */
	function receive(...times: number[]): void {
		for (const time of times) {
			const frame = readMeter(meter, Date.UTC(2027, 0, 1) + time * 1000);
			const tag = noteSent(groundTruth, describeFrame(frame), true, time * second);
			noteRead(groundTruth, tag, frame.bytes.length, 1, time * second);
		}
	}

	function live(from: number): void {
		for (let at = 1; at <= 6 * 3600; at++) noteSecond(groundTruth, at * second, at >= from);
	}

	function lost(): number[] {
		return findLost(groundTruth).map(({ receivedAt }) => receivedAt / second);
	}

	test("when the broker was there within the hour", () => {
		receive(100, 110);
		live(3000);
		expect(lost()).toEqual([100, 110]);
		noteDelivered(groundTruth, groundTruth.sent[0]!);
		expect(lost()).toEqual([110]);
	});

	test("when it was not, and nothing of its quarter of an hour came", () => {
		receive(100, 110, 1000);
		live(8000);
		expect(lost()).toEqual([100, 110, 1000]);
		noteDelivered(groundTruth, groundTruth.sent[0]!);
		expect(lost()).toEqual([1000]);
	});

	test("when memory was lost after it had been written, and nothing of its quarter of an hour came", () => {
		receive(100, 110, 120);
		noteLoss(groundTruth, 123 * second);
		live(200);
		expect(lost()).toEqual([100, 110]);
		noteDelivered(groundTruth, groundTruth.sent[0]!);
		expect(lost()).toEqual([]);
	});

	test("not when the broker was never there, or the frame did not come whole, or the key was wrong", () => {
		receive(100);
		live(7 * 3600);
		expect(lost()).toEqual([]);
		const frame = readMeter(meter, Date.UTC(2027, 0, 1) + hour / 1000);
		noteRead(groundTruth, noteSent(groundTruth, describeFrame(frame), true, hour), 10, 1, hour);
		noteRead(groundTruth, noteSent(groundTruth, describeFrame(frame), false, hour), frame.bytes.length, 1, hour);
		for (let at = 1; at <= 3600; at++) noteSecond(groundTruth, 6 * hour + at * second, true);
		expect(lost()).toEqual([100]);
	});

	test("a frame with something in its middle, or over two boots, did not come whole", () => {
		const frame = readMeter(meter, Date.UTC(2027, 0, 1));
		const first = noteSent(groundTruth, describeFrame(frame), true, 0);
		noteRead(groundTruth, first, 10, 1, minute);
		noteRead(groundTruth, -1, 1, 1, minute);
		expect(noteRead(groundTruth, first, frame.bytes.length - 10, 1, minute)).toBe(false);
		const second = noteSent(groundTruth, describeFrame(frame), true, 0);
		noteRead(groundTruth, second, 10, 1, minute);
		expect(noteRead(groundTruth, second, frame.bytes.length - 10, 2, minute)).toBe(false);
	});
});

test("a firmware that only listens breaks the promises", async () => {
	const listen: Effect[] = [["uart", { line: 0, receivePin: 16, invert: true }]];
	const engine = createIdleEngine(listen);
	const summary = await runScenario({ scenario: "calm", seed: 1, hours: 0.5, engine: "node", replace: engine });
	const text = summary.violations.join("\n");
	expect(text).toContain("no session with the broker, although it could be had for 8 min");
	expect(text).toContain("status is not there at the end");
	expect(text).toContain("no diagnostics were ever published");
	expect(summary.readingsDelivered).toBe(0);
});
