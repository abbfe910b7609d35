/** Tests of simulator: device. */
import { expect, test } from "vitest";
import { createChance } from "../../../simulator/chance.js";
import type { Engine } from "../../../simulator/engines/contract.js";
import { createDevice } from "../../../simulator/world/board/device.js";
import { createWorldFlash } from "../../../simulator/world/board/flash.js";
import { createLine, type Line, transmit } from "../../../simulator/world/board/line.js";
import { post, switchOff, switchOn } from "../../../simulator/world/board/processor.js";
import { type Device, usualCost } from "../../../simulator/world/board/state.js";
import { createWorldStore } from "../../../simulator/world/board/store.js";
import { type Effect, headerLength, replyLength, requestKinds } from "../../../simulator/world/bridge/bridge.js";
import { createWorldClock, runUntil, second, type WorldClock } from "../../../simulator/world/clock.js";
import { createRadio } from "../../../simulator/world/network/network.js";
import { createInternet, createSockets } from "../../../simulator/world/network/socket.js";

interface Heard {
	kind: string;
	at: number;
	now: number;
	bytes: number;
	json: string;
}

interface Rig {
	clock: WorldClock;
	line: Line;
	device: Device;
	heard: Heard[];
	offs: string[];
	whole: number[];
}

/** A device whose firmware does what it is told to do: `effects` by the kind of event. */
function createRig(ring: number, effects: Partial<Record<string, Effect[]>> = {}, written = 0, length = 1000): Rig {
	const clock = createWorldClock();
	const line = createLine(clock);
	const radio = createRadio(clock, createChance(1));
	const heard: Heard[] = [];
	const offs: string[] = [];
	const whole: number[] = [];
	const engine: Engine = {
		async call(request) {
			const view = new DataView(request.buffer);
			const kind = requestKinds[view.getUint8(0)]!;
			const length = view.getUint32(17);
			const json = Buffer.from(request.subarray(headerLength, headerLength + length)).toString();
			const bytes = request.length - headerLength - length;
			heard.push({ kind, at: clock.now, now: view.getFloat64(1), bytes, json });
			return encode(effects[kind] ?? [], kind === "boot" ? 0 : written);
		},
		async close() {},
	};
	const counts = new Map<number, number>();
	const device = createDevice({
		clock,
		chance: createChance(2),
		engine,
		line,
		radio,
		sockets: createSockets(createInternet(clock, radio, () => null)),
		flash: createWorldFlash(2, createChance(3)),
		store: createWorldStore(createChance(4)),
		config: {},
		ring,
		hooks: {
			onRead(tag, count) {
				counts.set(tag, (counts.get(tag) ?? 0) + count);
				if (counts.get(tag) !== length) return false;
				whole.push(tag);
				return true;
			},
			onConsole: () => {},
			onBoot: () => {},
			onOff: reason => void offs.push(reason),
			onViolation: text => void offs.push(text),
		},
	});
	return { clock, line, device, heard, offs, whole };
}

function encode(effects: Effect[], written: number): Uint8Array {
	const json = Buffer.from(JSON.stringify(effects));
	const reply = new Uint8Array(replyLength + json.length + written);
	const view = new DataView(reply.buffer);
	view.setFloat64(0, -1);
	view.setUint32(8, json.length);
	reply.set(json, replyLength);
	return reply;
}

const listen: Effect[] = [["uart", { line: 0, receivePin: 16, invert: true }]];

async function sendThree(ring: number): Promise<Rig> {
	const rig = createRig(ring, { boot: listen });
	switchOn(rig.device, "power on");
	await runUntil(rig.clock, second);
	for (let tag = 0; tag < 3; tag++) transmit(rig.line, new Uint8Array(1000), tag);
	await runUntil(rig.clock, 5 * second);
	return rig;
}

test("while the firmware computes, bytes pile up: a ring that is too small loses some, the ESP32's does not", async () => {
	const small = await sendThree(256);
	expect(small.whole.length).toBeLessThan(3);
	expect(small.device.uart!.lost).toBeGreaterThan(0);
	expect(small.heard.some(({ json }) => json.includes('"fifoOverflows":1'))).toBe(true);
	const usual = await sendThree(4096);
	expect(usual.whole).toEqual([0, 1, 2]);
	expect(usual.device.uart!.lost).toBe(0);
});

/** A meter's telegrams, and a handshake that computes for `busy` seconds from `start` on. */
async function sendThrough(busy: number, start: number, length: number, period: number): Promise<Rig> {
	const rig = createRig(4096, { boot: listen }, 0, length);
	const { clock, device, line } = rig;
	switchOn(device, "power on");
	await runUntil(clock, second);
	const handshake = { kind: "console", json: '""', bytes: new Uint8Array(0), cost: busy * second } as const;
	for (let at = 0, next = 0; at < 40; at += 0.25) {
		if (at === start) post(device, () => handshake);
		if (at >= next) {
			transmit(line, new Uint8Array(length), next / period);
			next += period;
		}
		await runUntil(clock, (1 + at + 0.25) * second);
	}
	return rig;
}

test("a telegram that comes during a TLS handshake waits in the ring, whenever the handshake begins", async () => {
	// docs/performance.md: 9 s are longer than the longest chain of a broker takes; meters send each 10 s.
	for (let start = 0; start < 10; start += 0.5) {
		const { whole, device } = await sendThrough(9, start, 1519, 10);
		expect(whole, `from ${start} s on`).toEqual([0, 1, 2, 3]);
		expect(device.uart!.lost).toBe(0);
	}
	const { whole, device } = await sendThrough(4, 2, 647, 1);
	expect(whole).toHaveLength(40);
	expect(device.uart!.lost).toBe(0);
});

test("a meter that sends 1.2 KB each second loses some of them then, which is counted, and none after that", async () => {
	const { whole, device, heard } = await sendThrough(9, 2, 1234, 1);
	expect(whole.length).toBeLessThan(40);
	expect(device.uart!.lost).toBeGreaterThan(0);
	expect(heard.some(({ json }) => /"ringOverflows":[1-9]/.test(json))).toBe(true);
	expect(whole.slice(-20)).toEqual(Array.from({ length: 20 }, (_, at) => 20 + at));
});

test("an event waits until the one before is done with, and that takes what it costs", async () => {
	const { heard, device } = await sendThree(4096);
	const received = heard.filter(({ kind }) => kind === "receive");
	expect(received.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(3000);
	for (let at = 1; at < received.length; at++) {
		const before = received[at - 1]!;
		const took = usualCost.event + before.bytes * (usualCost.byte + usualCost.telegramByte);
		expect(received[at]!.at - before.at).toBeGreaterThanOrEqual(took);
	}
	expect(device.computed).toBeGreaterThan(3000 * usualCost.telegramByte + 3 * usualCost.telegram);
});

test("the firmware's time begins at its boot", async () => {
	const { clock, device, heard } = createRig(4096, { boot: listen });
	await runUntil(clock, 7 * second);
	switchOn(device, "power on");
	await runUntil(clock, 8 * second);
	expect(heard.map(({ kind, now }) => [kind, now])).toEqual([["boot", 0]]);
});

test("what the firmware was about to do is not done when the power goes first", async () => {
	const { clock, device, line } = createRig(4096, { boot: listen });
	switchOn(device, "power on");
	await runUntil(clock, usualCost.boot + 10);
	switchOff(device, "power cut");
	await runUntil(clock, 2 * second);
	expect(line.uart).toBeNull();
});

test("a write to flash can be the last: nothing after it happens, and the device comes back", async () => {
	const write: Effect[] = [
		["write", 0, 4],
		["erase", 1],
	];
	const { clock, device, line, offs, heard } = createRig(4096, { boot: listen, receive: write }, 4);
	switchOn(device, "power on");
	await runUntil(clock, second);
	device.flash!.cutAfter = 0;
	transmit(line, Uint8Array.of(1), -1);
	await runUntil(clock, 5 * second);
	expect(offs).toEqual(["power cut in a write"]);
	expect(device.flash!.erases).toEqual([0, 0]);
	expect(heard.filter(({ kind }) => kind === "boot")).toHaveLength(2);
});

test("so can a write of a small value, and the next boot finds what was left", async () => {
	const store: Effect[] = [
		["store", "name", "value"],
		["erase", 1],
	];
	const { clock, device, line, offs, heard } = createRig(4096, { boot: listen, receive: store });
	switchOn(device, "power on");
	await runUntil(clock, second);
	device.store.cutAfter = 0;
	transmit(line, Uint8Array.of(1), -1);
	await runUntil(clock, 5 * second);
	expect(offs).toEqual(["power cut in a write"]);
	expect(device.flash!.erases).toEqual([0, 0]);
	const boots = heard.filter(({ kind }) => kind === "boot").map(({ json }) => JSON.parse(json).store);
	expect(boots).toEqual([[], [...device.store.values]]);
});
