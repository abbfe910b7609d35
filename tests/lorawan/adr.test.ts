import { expect, test } from "vitest";
import { hex } from "./hex.js";
import { createRig, exchange, joinNetwork, type Rig } from "./rig.js";

const reading = hex("0102030405060708090a0b");

test("the network makes a device that it hears well faster and quieter", () => {
	const rig = createRig();
	// 14 dBm less 110 dB: 21 dB over the noise, of which a receiver tells 10.
	rig.air.pathLoss = () => 110;
	joinNetwork(rig);
	for (let count = 0; count < 60; count += 1) exchange(rig, 1, reading);
	expect(rig.device.link).toMatchObject({ dataRate: 5, mask: 0xff, transmissions: 1 });
	expect(rig.known.delivered).toHaveLength(60);
});

test("a device that nobody hears gets louder and slower, step by step, and comes back", () => {
	const rig = createRig({ server: { adapts: false } });
	joinNetwork(rig);
	rig.known.commands = hex("03 55 f800 03");
	exchange(rig, 1, reading);
	expect(rig.device.link).toMatchObject({ dataRate: 5, powerIndex: 5, mask: 0xf8, transmissions: 3 });
	// The gateway is gone.
	rig.air.pathLoss = () => 200;
	const seen: string[] = [];
	for (let count = 0; count < 64 + 32 * 9; count += 1) {
		const asks = (): boolean => (rig.uplinks.filter(({ bytes }) => bytes[0] !== 0).at(-1)!.bytes[5]! & 0x40) !== 0;
		exchange(rig, 1, reading);
		const { dataRate, powerIndex, mask, transmissions } = rig.device.link;
		const state = `DR${dataRate} power ${powerIndex} mask ${mask} times ${transmissions}${asks() ? " asks" : ""}`;
		if (!seen.at(-1)?.endsWith(state)) seen.push(`${count}: ${state}`);
	}
	expect(seen).toEqual([
		"0: DR5 power 5 mask 248 times 3",
		"64: DR5 power 5 mask 248 times 3 asks",
		"96: DR5 power 0 mask 248 times 3 asks",
		"128: DR4 power 0 mask 248 times 3 asks",
		"160: DR3 power 0 mask 248 times 3 asks",
		"192: DR2 power 0 mask 248 times 3 asks",
		"224: DR1 power 0 mask 248 times 3 asks",
		"256: DR0 power 0 mask 248 times 3 asks",
		"288: DR0 power 0 mask 255 times 1 asks",
	]);
	// All was tried: from now on it asks for a new session now and then, and keeps its own.
	const { session } = rig.device;
	const nonces = () => rig.device.storage.devNonce;
	const before = nonces();
	expect(before).toBe(2);
	for (let count = 0; count < 64; count += 1) exchange(rig, 1, reading);
	expect(nonces()).toBe(before + 2);
	expect(rig.device.session).toBe(session);
	rig.air.pathLoss = () => 100;
	comeBack(rig);
	expect(rig.known.violations).toEqual([]);
});

/** Heard again, by the session that it has or by a new one. */
function comeBack(rig: Rig): void {
	const before = rig.known.delivered.length;
	for (let count = 0; count < 3; count += 1) exchange(rig, 1, reading);
	expect(rig.known.delivered).toHaveLength(before + 3);
	expect(rig.device.unanswered).toBeLessThanOrEqual(3);
	rig.known.commands = hex("03 50 ff00 01");
	exchange(rig, 1, reading);
	expect(rig.device.link.dataRate).toBe(5);
	exchange(rig, 1, reading);
	expect(rig.uplinks.at(-1)!.bytes[5]! & 0x40).toBe(0);
}

test("where no channel is left for a data rate, the default channels are used", () => {
	const rig = createRig({ server: { adapts: false } });
	joinNetwork(rig);
	// Channel 8 for DR5 alone, and only that one; then it goes.
	for (const commands of ["07 08 184f84 55", "03 50 0001 01", "07 08 000000 55"]) {
		rig.known.commands = hex(commands);
		exchange(rig, 1, reading);
	}
	expect(exchange(rig, 1, reading, true)).toBe(true);
	expect(rig.device).toMatchObject({ acknowledged: "yes", link: { mask: 7 } });
	// Again, and it slows down.
	for (const commands of ["07 08 184f84 55", "03 50 0001 01"]) {
		rig.known.commands = hex(commands);
		exchange(rig, 1, reading);
	}
	expect(rig.device.link).toMatchObject({ dataRate: 5, mask: 0x100 });
	rig.device.unanswered = 128;
	expect(exchange(rig, 1, reading, true)).toBe(true);
	expect(rig.device).toMatchObject({ acknowledged: "yes", link: { dataRate: 4, mask: 0x107 } });
});

test("a network that forgot its device is joined anew", () => {
	const rig = createRig({ server: { adapts: false } });
	joinNetwork(rig);
	rig.known.sessions = [];
	const { session } = rig.device;
	rig.device.unanswered = 64 + 32 * 6;
	rig.device.link.dataRate = 0;
	exchange(rig, 1, reading);
	rig.clock.pass(600_000);
	expect(rig.device.session).not.toBe(session);
	expect(rig.device.link).toMatchObject({ dataRate: 3, mask: 0xff });
	expect(exchange(rig, 1, reading, true)).toBe(true);
	expect(rig.device.acknowledged).toBe("yes");
});
