import { describe, expect, test } from "vitest";
import { join } from "../../modules/lorawan/end-device.js";
import { drawInteger } from "../../simulator/chance.js";
import { hex } from "./hex.js";
import { boot, createRig, exchange, type Rig, schedule } from "./rig.js";

const reading = hex("0102030405060708090a0b");
const leavings = ["old", "none", "part", "new"] as const;

/** The power is cut in the write with this number from now on; nothing runs afterwards. */
function cutAt(rig: Rig, at: number, leaves: (typeof leavings)[number]): void {
	const { store } = rig;
	store.cut = { at: store.writes + at, leaves };
}

/** Until the cut or the end of the course: a join, uplinks, downlinks, another join. Says whether it was cut. */
function live(rig: Rig): boolean {
	const { store } = rig;
	const isCut = (): boolean => {
		rig.isOff = store.cut !== null && store.writes >= store.cut.at;
		return rig.isOff;
	};
	const write = store.write;
	store.write = (name, value) => {
		try {
			write.call(store, name, value);
		} finally {
			if (isCut()) rig.radio.isBroken = true;
		}
	};
	try {
		for (let count = 0; count < 600 && rig.device.session === null && !isCut(); count += 1) rig.clock.pass(1_000);
		for (let count = 0; count < 20 && !isCut(); count += 1) {
			if (count % 5 === 2) rig.known.queue.push({ port: 5, bytes: hex("0a"), confirmed: true });
			exchange(rig, 1, reading, count % 7 === 3);
		}
		if (!isCut()) {
			join(rig.device, Math.floor(rig.clock.now()));
			schedule(rig);
			rig.clock.pass(600_000);
		}
		for (let count = 0; count < 3 && !isCut(); count += 1) exchange(rig, 1, reading);
		return isCut();
	} finally {
		store.write = write;
	}
}

/** Every frame that went out, by what must not repeat in it. */
function expectNoRepeats(rig: Rig): void {
	expect(rig.known.violations).toEqual([]);
	const nonces = rig.uplinks.filter(({ bytes }) => bytes[0] === 0).map(({ bytes }) => bytes[17]! + 256 * bytes[18]!);
	expect(nonces).toEqual([...nonces].sort((one, other) => one - other));
	expect(new Set(nonces).size).toBe(nonces.length);
	const counters = rig.uplinks
		.filter(({ bytes }) => bytes[0] !== 0)
		.map(({ bytes }) => Buffer.from(bytes.subarray(1, 5)).toString("hex") + (bytes[6]! + 256 * bytes[7]!));
	expect(new Set(counters).size).toBe(counters.length);
}

describe("the power is cut", () => {
	test.each(leavings)("in each write in turn, which leaves what is %s: no nonce and no counter repeats", leaves => {
		let at = 1;
		for (; at < 60; at += 1) {
			const rig = createRig({ seed: at });
			cutAt(rig, at, leaves);
			if (!live(rig)) break;
			rig.store.cut = null;
			boot(rig);
			expect(live(rig)).toBe(false);
			expectNoRepeats(rig);
			expect(rig.device.session).not.toBeNull();
		}
		// A request and its accept, twice, some uplinks' blocks and each downlink.
		expect(at).toBeGreaterThan(8);
		expect(at).toBeLessThan(60);
	});

	test("again and again, by chance", () => {
		for (let seed = 0; seed < 20; seed += 1) {
			const rig = createRig({ seed: seed * 10 });
			for (let count = 0; count < 10; count += 1) {
				cutAt(rig, 1 + drawInteger(rig.chance, 12), leavings[drawInteger(rig.chance, 4)]!);
				live(rig);
				rig.store.cut = null;
				boot(rig);
			}
			live(rig);
			expectNoRepeats(rig);
			expect(rig.known.delivered.length).toBeGreaterThan(20);
		}
	});

	test("at any other moment: the session goes on, with all that was agreed on", () => {
		const rig = createRig({ server: { adapts: false } });
		live(rig);
		rig.known.commands = hex("03 42 0f00 02 05 10 d2ad84 08 03 07 09 184f84 40");
		exchange(rig, 1, reading);
		const { session, link } = rig.device;
		boot(rig);
		expect(rig.device.session).toEqual({ ...session, fcntUp: session!.reserved });
		expect(rig.device.link).toEqual(link);
		exchange(rig, 1, reading, true);
		expect(rig.device.acknowledged).toBe("yes");
		expectNoRepeats({ ...rig, uplinks: rig.uplinks.filter(({ bytes }, at) => bytes !== rig.uplinks[at - 1]?.bytes) });
	});
});

describe("what the store has", () => {
	test("of another device is not taken up, but its nonces are not used again", () => {
		const rig = createRig();
		live(rig);
		const used = rig.device.storage.devNonce;
		const { credentials } = rig.device.options;
		boot(rig, { credentials: { ...credentials, appKey: hex("00".repeat(16)) } });
		expect(rig.device.session).toBeNull();
		expect(rig.device.storage).toMatchObject({ devNonce: used, joinNonce: -1 });
	});

	test("takes one write for 16 uplinks", () => {
		const rig = createRig({ server: { adapts: false } });
		live(rig);
		const before = rig.store.writes;
		for (let count = 0; count < 160; count += 1) exchange(rig, 1, reading);
		expect(rig.store.writes - before).toBeLessThanOrEqual(10 + 4);
	});

	test("and is damaged, is as if it were not there", () => {
		const rig = createRig();
		live(rig);
		for (const damage of ["", " ", "0", "1 zz", `0 ${"00".repeat(185)}`, "12345 01"]) {
			rig.store.values.set("lora0", damage);
			rig.store.values.set("lora1", damage);
			boot(rig);
			expect(rig.device).toMatchObject({ session: null, storage: { generation: 0, devNonce: 0 } });
		}
	});
});
