import { describe, expect, test } from "vitest";
import { hex } from "./hex.js";
import { boot, createRig, exchange, joinNetwork } from "./rig.js";

describe("a join", () => {
	test("takes what the network says", () => {
		const rig = createRig();
		joinNetwork(rig);
		const { device, known } = rig;
		const [session] = known.sessions;
		expect(device.session).toMatchObject({ devAddr: session!.devAddr, fcntUp: 0, fcntDown: 0 });
		expect(device.link).toMatchObject({ delay: 5, secondDataRate: 3, dataRate: 3, mask: 0xff });
		expect(known.violations).toEqual([]);
	});
});

test("an uplink arrives", () => {
	const rig = createRig();
	joinNetwork(rig);
	expect(exchange(rig, 1, hex("0102030405060708090a0b"))).toBe(true);
	expect(rig.known.delivered).toEqual([
		{ counter: 0, port: 1, bytes: hex("0102030405060708090a0b"), confirmed: false },
	]);
	expect(exchange(rig, 3, hex("01"), true)).toBe(true);
	expect(rig.device.acknowledged).toBe("yes");
	boot(rig);
	expect(rig.device.session).not.toBeNull();
});
