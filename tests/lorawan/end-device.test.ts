import { describe, expect, test } from "vitest";
import { airtime } from "../../modules/lorawan/airtime.js";
import { join, longestPayload, nextSendTime, send } from "../../modules/lorawan/end-device.js";
import { createEndDevice, type EndDeviceOptions } from "../../modules/lorawan/state.js";
import { transmit } from "../../simulator/lora/air.js";
import type { Answer } from "../../simulator/lora/network-server-state.js";
import { hex, toHex } from "./hex.js";
import { boot, createRig, credentials, exchange, joinNetwork, type Rig, schedule } from "./rig.js";

const reading = hex("0102030405060708090a0b");

describe("a join", () => {
	test("takes what the network says", () => {
		const rig = createRig();
		joinNetwork(rig);
		const { device, known } = rig;
		expect(device.session).toMatchObject({ devAddr: known.sessions[0]!.devAddr, fcntUp: 0, fcntDown: 0 });
		expect(device.link).toMatchObject({ delay: 5, secondDataRate: 3, dataRate: 3, mask: 0xff });
		expect([...device.link.frequencies.subarray(3, 8)]).toEqual(rig.server.options.channels);
		expect(rig.uplinks).toHaveLength(1);
		expect(device).toMatchObject({ joinTime: Infinity, deadline: Infinity });
		expect(rig.radio.asleep).toBe(true);
	});

	test("in the second window, and without a list of channels", () => {
		const rig = createRig({ server: { channels: [], delay: 1, firstOffset: 2 } });
		rig.server.misfortunes.second = 1;
		joinNetwork(rig);
		expect(rig.device.link).toMatchObject({ delay: 1, firstOffset: 2, mask: 7 });
		rig.server.misfortunes.second = 0;
		exchange(rig, 1, reading, true);
		expect(rig.device.acknowledged).toBe("yes");
	});

	test("at a slow data rate, which is the first one of the session", () => {
		const rig = createRig();
		// 16 dB below the noise: SF11 is heard, SF10 is not.
		rig.air.pathLoss = () => 147;
		joinNetwork(rig);
		expect(rig.uplinks.map(({ modulation }) => modulation.spreading)).toEqual([7, 8, 9, 10, 11]);
		expect(rig.device.link.dataRate).toBe(1);
	});

	test("of a device whose key the network has differently does not come about", () => {
		const rig = createRig({ device: { credentials: { ...credentials, appKey: hex("00".repeat(16)) } } });
		rig.clock.pass(3_600_000);
		expect(rig.device.session).toBeNull();
		expect(rig.known.devNonces).toEqual([]);
		expect(rig.server.strangers).toBeGreaterThan(10);
	});

	test("drops an accept for another key, and one that was there before", () => {
		const rig = createRig();
		const accepts: Answer[] = [];
		const { onAnswer } = rig;
		rig.onAnswer = answer => {
			accepts.push(answer);
			// The second request is answered by what the first one was.
			const bytes = (accepts.length === 2 ? accepts[0]! : answer).bytes.slice();
			if (accepts.length === 3) bytes[5]! ^= 1;
			onAnswer({ ...answer, bytes });
		};
		joinNetwork(rig);
		const before = rig.device.session;
		for (const drops of [{ replayed: 1 }, { replayed: 1, mic: 1 }]) {
			join(rig.device, rig.clock.now());
			schedule(rig);
			rig.clock.pass(600_000);
			expect(rig.device.drops).toMatchObject(drops);
			expect(rig.device.session).toBe(before);
		}
		join(rig.device, rig.clock.now());
		schedule(rig);
		rig.clock.pass(600_000);
		expect(rig.device.session).not.toBe(before);
		expect(rig.known.devNonces).toEqual([0, 1, 2, 3]);
	});

	test("that nobody answers is tried at every data rate, ever more seldom", () => {
		const rig = createRig();
		rig.server.misfortunes.silent = 1;
		rig.clock.pass(24 * 3_600_000);
		const { uplinks, known } = rig;
		expect(uplinks.slice(0, 6).map(({ modulation }) => modulation.spreading)).toEqual([7, 8, 9, 10, 11, 12]);
		expect(new Set(uplinks.map(({ modulation }) => modulation.frequency)).size).toBe(3);
		expect(known.devNonces).toEqual(uplinks.map((_, at) => at));
		const begin = uplinks[0]!.start;
		const airIn = (from: number, to: number): number =>
			uplinks.reduce((sum, { start, end }) => sum + (start - begin >= from && start - begin < to ? end - start : 0), 0);
		for (const [at, { start, end }] of uplinks.slice(0, 20).entries()) {
			expect(uplinks[at + 1]!.start - start).toBeGreaterThanOrEqual(100 * (end - start));
		}
		const hour = 3_600_000;
		// 36 s in the first hour, 36 s in the next ten, 8.7 s a day from then on.
		expect(airIn(0, hour)).toBeGreaterThan(20_000);
		expect(airIn(0, hour)).toBeLessThanOrEqual(36_000);
		expect(airIn(hour, 11 * hour)).toBeGreaterThan(20_000);
		expect(airIn(hour, 11 * hour)).toBeLessThanOrEqual(36_000);
		expect(airIn(11 * hour, 24 * hour)).toBeGreaterThan(1_000);
		expect(airIn(11 * hour, 24 * hour)).toBeLessThanOrEqual(8_700);
	});

	test("anew goes to the default channels, whatever the network said", () => {
		const rig = joined();
		rig.device.link.mask = 0x80;
		rig.server.misfortunes.silent = 1;
		for (let count = 0; count < 10; count += 1) {
			join(rig.device, Math.floor(rig.clock.now()));
			schedule(rig);
			rig.clock.pass(600_000);
		}
		expect(rig.uplinks).toHaveLength(11);
		for (const { modulation } of rig.uplinks) expect(modulation.frequency).toBeGreaterThan(868_000_000);
	});

	test("after a power cut in a street is not asked for by all at once", () => {
		const first = Array.from({ length: 20 }, (_, seed) => {
			const rig = createRig({ seed: seed * 10 });
			rig.clock.pass(60_000);
			return Math.floor(rig.uplinks[0]!.start / 200);
		});
		expect(new Set(first).size).toBeGreaterThan(5);
	});

	test("with the last nonce is the last", () => {
		const rig = createRig();
		rig.server.misfortunes.silent = 1;
		rig.device.storage.devNonce = 0xffff;
		rig.clock.pass(3_600_000);
		expect(rig.known.devNonces).toEqual([0xffff]);
		expect(rig.device).toMatchObject({ joinTime: Infinity, deadline: Infinity, phase: "idle" });
		boot(rig);
		rig.clock.pass(3_600_000);
		expect(rig.known.devNonces).toEqual([0xffff]);
	});
});

describe("an uplink", () => {
	test("arrives, and a confirmed one is acknowledged", () => {
		const rig = joined();
		expect(exchange(rig, 1, reading)).toBe(true);
		expect(rig.device.acknowledged).toBeNull();
		expect(exchange(rig, 3, hex("01"), true)).toBe(true);
		expect(rig.device.acknowledged).toBe("yes");
		expect(rig.known.delivered).toEqual([
			{ counter: 0, port: 1, bytes: reading, confirmed: false },
			{ counter: 1, port: 3, bytes: hex("01"), confirmed: true },
		]);
		rig.server.misfortunes.silent = 1;
		exchange(rig, 3, hex("02"), true);
		expect(rig.device.acknowledged).toBe("no");
	});

	test("is not acknowledged by an old downlink that is sent once more, also after a restart", () => {
		const rig = joined();
		exchange(rig, 1, reading, true);
		expect(rig.device.acknowledged).toBe("yes");
		rig.server.misfortunes.replay = 1;
		// The accept and the acknowledgement, by chance.
		for (let count = 0; count < 10; count += 1) {
			exchange(rig, 1, reading, true);
			expect(rig.device.acknowledged).toBe("no");
			if (count === 5) boot(rig);
		}
		expect(rig.device.drops.mic).toBeGreaterThan(0);
	});

	test("without a port is for the server to answer in", () => {
		const rig = joined();
		rig.known.queue.push({ port: 7, bytes: hex("aabb"), confirmed: false });
		exchange(rig, 0, new Uint8Array(0));
		expect(rig.device.downlink).toEqual({ port: 7, bytes: hex("aabb") });
		expect(rig.known.delivered).toEqual([]);
	});

	test("acknowledges a confirmed downlink, and knows that there is more", () => {
		const rig = joined();
		for (const bytes of ["01", "02"]) rig.known.queue.push({ port: 7, bytes: hex(bytes), confirmed: bytes === "01" });
		exchange(rig, 1, reading);
		expect(rig.device).toMatchObject({ isPending: true, owesAck: true, downlink: { bytes: hex("01") } });
		exchange(rig, 1, reading);
		expect(rig.known.acknowledgements).toBe(1);
		expect(rig.device).toMatchObject({ isPending: false, owesAck: false, downlink: { bytes: hex("02") } });
		exchange(rig, 1, reading);
		expect(rig.known.acknowledgements).toBe(1);
	});

	test("acknowledges a downlink once, where no other comes", () => {
		const rig = joined();
		rig.known.queue.push({ port: 7, bytes: hex("01"), confirmed: true });
		for (let count = 0; count < 3; count += 1) exchange(rig, 1, reading);
		expect(rig.known.acknowledgements).toBe(1);
	});

	test("asks for a link check", () => {
		const rig = joined();
		rig.device.asksLinkCheck = true;
		expect(longestPayload(rig.device)).toBe(114);
		exchange(rig, 1, reading);
		expect(rig.device).toMatchObject({ margin: 30, gateways: 1, asksLinkCheck: false });
	});

	test("is as long as its data rate allows, answers taken off", () => {
		const rig = joined();
		const { device, known } = rig;
		expect(longestPayload(device)).toBe(115);
		expect(send(device, 1, new Uint8Array(242), 116, false, 0)).toBe(false);
		known.commands = hex("06 03 0f ff00 01");
		exchange(rig, 1, reading);
		expect(longestPayload(device)).toBe(51 - 5);
		expect(send(device, 1, new Uint8Array(242), 47, false, 0)).toBe(false);
		expect(exchange(rig, 1, new Uint8Array(46))).toBe(true);
		expect(rig.uplinks.at(-1)!.bytes).toHaveLength(64);
		// 10 dB of SNR.
		expect(toHex(known.answers[0]!)).toBe("06000a0307");
	});

	test("is sent as often as the network says, with one counter, until a downlink comes", () => {
		const rig = joined();
		rig.known.commands = hex("03 3f ff00 03");
		exchange(rig, 1, reading);
		rig.clock.pass(3_600_000);
		rig.server.misfortunes.silent = 1;
		const before = rig.uplinks.length;
		exchange(rig, 1, reading, true);
		const repeats = rig.uplinks.slice(before).map(({ bytes }) => toHex(bytes));
		const pauses = rig.uplinks.slice(before + 1).map(({ start }, at) => start - rig.uplinks[before + at]!.end);
		// The second window, which lasts 0.4 s, and 1 to 3 s.
		for (const pause of pauses) expect(pause).toBeGreaterThan(7_300);
		for (const pause of pauses) expect(pause).toBeLessThan(9_600);
		expect(repeats).toHaveLength(3);
		expect(new Set(repeats).size).toBe(1);
		expect(rig.device.acknowledged).toBe("no");
		rig.server.misfortunes.silent = 0;
		exchange(rig, 1, reading, true);
		expect(rig.uplinks).toHaveLength(before + 4);
		expect(rig.device.acknowledged).toBe("yes");
		expect(rig.known.delivered).toHaveLength(3);
		expect(rig.known.violations).toEqual([]);
	});

	test("waits for the interval, the law and fair use, whichever is longest", () => {
		const rig = joined({ fairUse: true });
		const { device } = rig;
		rig.clock.pass(600_000);
		exchange(rig, 1, reading);
		const { lastUplink } = device;
		expect(nextSendTime(device, 11, 900_000, lastUplink + 10_000)).toBe(lastUplink + 900_000);
		// Neither the sub-bands' buckets nor that of fair use are empty yet.
		expect(nextSendTime(device, 11, 0, lastUplink + 10_000)).toBe(lastUplink + 10_000);
		for (let count = 0; count < 30; count += 1) exchange(rig, 1, reading);
		const wait = nextSendTime(device, 11, 0, rig.clock.now()) - device.lastUplink;
		// 27 s a day flow in, and a frame takes 206 ms.
		expect(wait).toBeGreaterThan(206 * 3_100);
		expect(wait).toBeLessThan(206 * 3_300);
		const legal = joined();
		legal.device.link.mask = 7;
		for (let count = 0; count < 30; count += 1) exchange(legal, 1, reading);
		const legalWait = nextSendTime(legal.device, 11, 0, legal.clock.now()) - legal.device.lastUplink;
		// 33 s an hour.
		expect(legalWait).toBeGreaterThan(206 * 108);
		expect(legalWait).toBeLessThan(206 * 110);
	});

	test("is not before the share of time that the network allows over all channels", () => {
		const rig = joined();
		rig.clock.pass(3_600_000);
		rig.known.commands = hex("04 08");
		exchange(rig, 1, reading);
		exchange(rig, 1, reading);
		const { lastUplink } = rig.device;
		expect(nextSendTime(rig.device, 11, 0, rig.clock.now())).toBe(lastUplink + airtime(9, 25, true) * 256);
	});

	test("is refused before a join, and while another is under way; ports that there are not throw", () => {
		const rig = createRig();
		expect(send(rig.device, 1, reading, 11, false, 0)).toBe(false);
		expect(nextSendTime(rig.device, 11, 0, 0)).toBe(Infinity);
		joinNetwork(rig);
		rig.clock.pass(60_000);
		expect(send(rig.device, 1, reading, 11, false, rig.clock.now())).toBe(true);
		expect(send(rig.device, 1, reading, 11, false, rig.clock.now())).toBe(false);
		expect(() => send(rig.device, 224, reading, 11, false, 0)).toThrow("a port is 0 to 223, not 224");
	});

	test("goes out with the power of settings and network, less the antenna's gain", () => {
		const rig = joined({ power: 14, antennaGain: 2.15 });
		exchange(rig, 1, reading);
		rig.known.commands = hex("03 f3 ff00 01");
		exchange(rig, 1, reading);
		exchange(rig, 1, reading);
		expect(rig.radio.powers.slice(-3)).toEqual([11, 11, 7]);
	});
});

describe("where the device listens", () => {
	test("follows what the network says, and says so until the network hears it", () => {
		const rig = joined();
		// First window two steps slower; second at DR0; 2 s; another frequency for channel 0 to 7.
		rig.known.commands = hex("05 20 d2ad84 08 02");
		exchange(rig, 1, reading);
		expect(rig.device.link).toMatchObject({ firstOffset: 2, secondDataRate: 0, delay: 2 });
		rig.server.misfortunes.silent = 1;
		for (let count = 0; count < 3; count += 1) exchange(rig, 1, reading);
		expect(rig.known.answers.map(bytes => toHex(bytes))).toEqual(["050708", "050708", "050708"]);
		rig.server.misfortunes.silent = 0;
		for (const second of [0, 1]) {
			rig.server.misfortunes.second = second;
			exchange(rig, 1, reading, true);
			expect(rig.device.acknowledged).toBe("yes");
		}
		expect(rig.known.answers).toHaveLength(4);
	});

	test("on another frequency after each channel", () => {
		const rig = joined();
		for (const channel of ["00", "01", "02"]) {
			rig.known.commands = hex(`0a ${channel} d2ad84`);
			exchange(rig, 1, reading);
		}
		exchange(rig, 1, reading);
		const heard: number[] = [];
		const { onAnswer } = rig;
		rig.onAnswer = answer => {
			heard.push(answer.modulation.frequency);
			onAnswer(answer);
		};
		for (let count = 0; count < 20; count += 1) {
			exchange(rig, 1, reading, true);
			expect(rig.device.acknowledged).toBe("yes");
		}
		expect(heard).toContain(869_525_000);
		expect(new Set(heard).size).toBeGreaterThan(2);
	});
});

describe("what fails", () => {
	test("a store that keeps nothing: no nonce and no counter goes out", () => {
		const rig = createRig();
		const write = rig.store.write;
		rig.store.write = () => {};
		rig.clock.pass(600_000);
		expect(rig.uplinks).toEqual([]);
		expect(rig.device.storeFailures).toBeGreaterThan(5);
		rig.store.write = write;
		joinNetwork(rig);
		expect(rig.known.devNonces[0]).toBeGreaterThan(5);
		rig.store.write = () => {
			throw new Error("worn out");
		};
		let sent = 0;
		while (exchange(rig, 1, reading)) sent += 1;
		expect(sent).toBe(16);
		rig.store.write = write;
		expect(exchange(rig, 1, reading)).toBe(true);
		expect(rig.known.violations).toEqual([]);
	});

	test("a radio that does not answer, now and then", () => {
		const rig = createRig();
		rig.radio.isBroken = true;
		rig.clock.pass(600_000);
		expect(rig.device.radioFailures).toBeGreaterThan(5);
		rig.radio.isBroken = false;
		joinNetwork(rig);
		rig.radio.isBroken = true;
		exchange(rig, 1, reading, true);
		expect(rig.device).toMatchObject({ acknowledged: "no", phase: "idle" });
		rig.radio.isBroken = false;
		exchange(rig, 1, reading, true);
		expect(rig.device.acknowledged).toBe("yes");
	});

	test("a radio that never ends its frame", () => {
		const rig = joined();
		rig.radio.look = () => "none";
		exchange(rig, 1, reading);
		expect(rig.device).toMatchObject({ radioFailures: 1, phase: "idle" });
	});

	test("a radio that always has something to say", () => {
		const rig = joined();
		const { look } = rig.radio;
		rig.radio.look = () => (rig.device.phase === "sending" ? look() : "damaged");
		exchange(rig, 1, reading);
		expect(rig.device).toMatchObject({ phase: "idle", radioFailures: 0 });
	});

	test("credentials and powers that cannot be throw", () => {
		const { options } = createRig().device;
		const make = (change: object) => () =>
			createEndDevice({ ...options, ...change, credentials: { ...credentials, ...change } }, 0);
		expect(make({ devEui: hex("01") })).toThrow("a DevEUI has 8 bytes, not 1");
		expect(make({ joinEui: hex("01") })).toThrow("a JoinEUI has 8 bytes, not 1");
		expect(make({ appKey: hex("01") })).toThrow("an AppKey has 16 bytes, not 1");
		expect(make({ power: 20 })).toThrow("power is 0 to 16 dBm EIRP, not 20");
	});
});

test("frames of others in the windows are dropped, and the answer after them is taken", () => {
	const rig = joined();
	const stranger = { name: "another network's gateway" };
	const { onAnswer } = rig;
	rig.onAnswer = answer => {
		const early = { ...answer.modulation };
		rig.clock.setAlarm(answer.start - rig.clock.now() - 900, () =>
			transmit(rig.air, stranger, early, hex("60 01020304 00 0100 aabbccdd"), 14),
		);
		onAnswer(answer);
	};
	exchange(rig, 1, reading, true);
	expect(rig.device).toMatchObject({ acknowledged: "yes", drops: { foreign: 1 } });
});

function joined(device: Partial<EndDeviceOptions> = {}): Rig {
	const rig = createRig({ device, server: { adapts: false } });
	joinNetwork(rig);
	return rig;
}
