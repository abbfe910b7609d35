import fc from "fast-check";
import { expect, test } from "vitest";
import { advance } from "../../modules/lorawan/advance.js";
import { takeCommands } from "../../modules/lorawan/commands.js";
import { send } from "../../modules/lorawan/end-device.js";
import { canUse } from "../../modules/lorawan/link.js";
import type { Radio, RadioEvent } from "../../modules/lorawan/radio.js";
import { createEndDevice, type EndDevice } from "../../modules/lorawan/state.js";
import { createChance, draw, drawBytes, drawInteger } from "../../simulator/chance.js";
import { createFakeStore } from "../support/fake-ports.js";
import { hex } from "./hex.js";
import { createRig, credentials, joinNetwork } from "./rig.js";

/** All that a frame could change, as text. */
function snapshot(device: EndDevice): string {
	const { options, drops, frame, deadline, windowEnd, taken, ...rest } = device;
	return JSON.stringify([rest, [...options.store.read("lora0")!], taken]);
}

test("100 000 random downlinks, the device's own address in most of them, are dropped and change nothing", () => {
	const rig = createRig();
	joinNetwork(rig);
	const { device } = rig;
	const chance = createChance(5);
	let next: Uint8Array = new Uint8Array(0);
	const events: RadioEvent[] = [];
	// No clock and no air here: a radio that has a frame whenever it is looked at.
	const radio: Radio = {
		send: () => {},
		receive: () => {},
		sleep: () => {},
		look: () => events.shift() ?? "none",
		get frame() {
			return next;
		},
		get length() {
			return next.length;
		},
		rssi: -100,
		snr: 0,
	};
	const own = createEndDevice({ ...device.options, radio, store: rig.store }, 0);
	for (const isJoin of [false, true]) {
		own.session = device.session;
		expect(send(own, 1, hex("01"), 1, true, 0)).toBe(true);
		Object.assign(own, { isJoin, phase: "first", end: 0, channel: 0, dataRate: 3 });
		const before = snapshot(own);
		for (let count = 0; count < 50_000; count += 1) {
			next = drawBytes(chance, drawInteger(chance, 70));
			if (next.length > 8 && draw(chance) < 0.8) {
				next[0] = [0x60, 0xa0, 0x20, 0x20][drawInteger(chance, 4)]!;
				for (let at = 0; at < 4; at += 1) next[1 + at] = (device.session!.devAddr >> (8 * at)) & 255;
				// Few options, so that the frame is whole.
				next[5]! &= draw(chance) < 0.8 ? 0xf1 : 0xff;
			}
			events.push("header", "received");
			advance(own, 1_000);
		}
		expect(snapshot(own)).toBe(before);
		const { foreign, malformed, mic } = own.drops;
		expect(foreign + malformed + mic).toBe(isJoin ? 100_000 : 50_000);
		expect(mic).toBeGreaterThan(1_000);
		expect(malformed).toBeGreaterThan(1_000);
		own.phase = "idle";
	}
	expect(own.radioFailures).toBe(0);
});

test("any MAC commands of a network leave a device that can send and listen", () => {
	const command = fc.oneof(
		fc.uint8Array({ maxLength: 20 }),
		fc
			.tuple(fc.constantFrom(2, 3, 4, 5, 6, 7, 8, 9, 10, 13), fc.uint8Array({ minLength: 5, maxLength: 5 }))
			.map(
				([number, rest]) =>
					new Uint8Array([number, ...rest.subarray(0, [2, 4, 1, 4, 0, 5, 1, 1, 4, 0, 0, 5][number - 2])]),
			),
	);
	const { options } = createRig().device;
	fc.assert(
		fc.property(fc.array(command, { maxLength: 30 }), lists => {
			const device = createEndDevice({ ...options, credentials, store: createFakeStore() }, 0);
			for (const bytes of lists) takeCommands(device, bytes, 0, bytes.length);
			const { link } = device;
			expect(link.answersLength).toBeLessThanOrEqual(15);
			expect(canUse(link, link.mask, link.dataRate)).toBe(true);
			expect(link.transmissions).toBeGreaterThan(0);
			expect(link.dataRate).toBeLessThanOrEqual(5);
			for (let channel = 0; channel < 16; channel += 1) {
				if ((link.mask >> channel) & 1) expect(link.frequencies[channel]).toBeGreaterThan(863_000_000);
			}
			expect([...link.frequencies.subarray(0, 3)]).toEqual([868_100_000, 868_300_000, 868_500_000]);
		}),
		{ numRuns: 2_000 },
	);
});
