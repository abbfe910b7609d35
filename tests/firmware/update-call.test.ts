/** The update that `updateUrl` offers: what Home Assistant is told of it, and what becomes of its command. */
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import type { Firmware } from "../../modules/firmware/state.js";
import type { Ports, Stream, StreamEvents } from "../../modules/ports/ports.js";
import type { Program } from "../../modules/ports/program.js";
import { createAnswer, readHead } from "../../modules/update/answer.js";
import {
	boot as bootSlots,
	createImage,
	createProgram,
	flashByCable,
	type Slots,
	sectors,
} from "../../simulator/world/board/slots.js";
import { createChance } from "../support/chance.js";
import { createFakeFlash, type FakeFlash } from "../support/fake-flash.js";
import { createFakeStore, createFakeWorld, type FakeStore, type FakeWorld } from "../support/fake-ports.js";
import { textBytes } from "../support/vectors.js";
import { createUpdate, key } from "../update/updates.js";

const hour = 3_600_000;
const chance = createChance(1);
const update = createUpdate(createImage(chance.bytes(3_000)));
const config = {
	wifi: "home",
	wifiPassword: "12345678",
	broker: "mqtt://10.0.0.1",
	updateUrl: "http://ha.local:8123/local/smarty-xs.bin",
};

/** One call of the firmware's, in the hands of a test. */
interface Call {
	host: string;
	port: number;
	nameServers: readonly string[];
	events: StreamEvents;
	asked: string;
	closed: boolean;
}

let world: FakeWorld;
let firmware: Firmware;
let slots: Slots<FakeFlash>;
let store: FakeStore;
let flashLog: string[];
let calls: Call[];
let reader: string;

function boot(changed: { ports?: Partial<Ports>; program?: Partial<Program>; config?: object; version?: string } = {}) {
	bootSlots(slots);
	world = createFakeWorld(createChance(1), store);
	calls = [];
	flashLog = [];
	const ports: Ports = {
		...world.ports,
		device: { ...world.ports.device, version: `smarty-xs ${changed.version ?? "0.1.0"}` },
		program: { ...createProgram(slots, [key], 1, flashLog), ...changed.program },
		dial(host, port, nameServers, events) {
			const call: Call = { host, port, nameServers, events, asked: "", closed: false };
			calls.push(call);
			const stream: Stream = {
				write(bytes, start, end) {
					call.asked += Buffer.from(bytes.subarray(start, end)).toString("latin1");
					return end - start;
				},
				close() {
					call.closed = true;
				},
			};
			return stream;
		},
		...changed.ports,
	};
	firmware = createFirmware({ ...config, ...changed.config }, ports);
	startFirmware(firmware);
	world.clock.pass(10_000);
	reader = `smarty-xs-${firmware.uplink.network!.macAddress}`;
}

/** The server in the house answers the latest call. */
function answer(
	body: Uint8Array,
	{ head = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`, size = 500, pause = 0 } = {},
) {
	const call = calls.at(-1)!;
	call.events.onWritable();
	const bytes = Buffer.concat([Buffer.from(head, "latin1"), body]);
	for (let at = 0; at < bytes.length && !call.closed; at += size) {
		const piece = new Uint8Array(bytes.subarray(at, at + size));
		call.events.onData(piece, piece.length);
		world.clock.pass(pause);
	}
	if (!call.closed) call.events.onEnd();
	world.clock.pass(500);
}

function command(word = "install", topic = `smarty/${reader}/update/set`): void {
	world.broker.connections.at(-1)!.publish(topic, textBytes(word));
	world.clock.pass(1_500);
}

function states(): Record<string, unknown>[] {
	return world.broker.received
		.filter(({ topic }) => topic === `smarty/${reader}/update`)
		.map(({ payload }) => JSON.parse(payload));
}

function logged(): string[] {
	return firmware.log.lines.map(({ text }) => text).filter(text => text.startsWith("update: "));
}

function find(topic: string): string | undefined {
	return world.broker.received.filter(message => message.topic === topic).at(-1)?.payload;
}

beforeEach(() => {
	slots = flashByCable(createFakeFlash(sectors, createChance(2)), createImage(chance.bytes(2_000)));
	store = createFakeStore();
	boot();
});

describe("what is offered", () => {
	test("is looked for a minute after the boot, by its header alone, and Home Assistant is told", () => {
		expect(calls).toEqual([]);
		expect(states()).toEqual([{ installed_version: "0.1.0", in_progress: false, update_percentage: null }]);
		world.clock.pass(60_000);
		expect(calls).toHaveLength(1);
		expect(calls[0]).toMatchObject({ host: "ha.local", port: 8123, nameServers: firmware.uplink.network!.nameServers });
		answer(update);
		expect(calls[0]!.asked).toBe(
			"GET /local/smarty-xs.bin HTTP/1.1\r\nHost: ha.local:8123\r\nConnection: close\r\n\r\n",
		);
		expect(calls[0]!.closed).toBe(true);
		expect(states().at(-1)).toEqual({
			installed_version: "0.1.0",
			latest_version: "0.2.0",
			in_progress: false,
			update_percentage: null,
		});
		expect(flashLog).toEqual([]);
		expect(logged()).toEqual([]);
		world.clock.pass(11 * hour);
		expect(calls).toHaveLength(1);
		world.clock.pass(hour);
		expect(calls).toHaveLength(2);
	});

	test.each([
		["the same as what is installed", 1, "0.1.0"],
		["older", 0, "0.0.9"],
	])("and %s is no news, whoever signed it", (_, sequence, version) => {
		world.clock.pass(60_000);
		const own = createUpdate(createImage(chance.bytes(300)), { sequence, version });
		own[255]! ^= 1;
		answer(own);
		expect(states().at(-1)).toMatchObject({ installed_version: "0.1.0", latest_version: "0.1.0" });
		expect(logged()).toEqual([]);
	});

	test("is looked for again after an hour where that failed, and the log says why", () => {
		const other = createUpdate(createImage(chance.bytes(300)), { board: "other" });
		const forged = update.slice();
		forged[25]! ^= 1;
		const cases: [string, () => void][] = [
			["the answer is 404", () => answer(update, { head: "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n" })],
			["the answer is 301", () => answer(update, { head: "HTTP/1.1 301 Moved\r\nLocation: https://a/\r\n\r\n" })],
			["no answer that HTTP knows", () => answer(update, { head: "SSH-2.0-OpenSSH\r\n\r\n" })],
			["the answer does not say its length", () => answer(update, { head: "HTTP/1.1 200 OK\r\n\r\n" })],
			["This update is for other, not for lolin_d32.", () => answer(other)],
			["This update is not signed with a key that this program knows.", () => answer(forged)],
			["This is no update for this kind of reader.", () => answer(new Uint8Array(600))],
			["the connection ended", () => answer(update.slice(0, 100))],
			["the connection ended", () => calls.at(-1)!.events.onEnd()],
			["no answer in time", () => world.clock.pass(31_000)],
		];
		world.clock.pass(60_000);
		for (const [at, [sentence, happen]] of cases.entries()) {
			expect(calls, sentence).toHaveLength(at + 1);
			happen();
			expect(calls[at]!.closed, sentence).toBe(true);
			expect(logged().at(-1), sentence).toBe(`update: updateUrl: ${sentence}`);
			world.clock.pass(hour);
		}
		expect(flashLog).toEqual([]);
		expect(states().every(state => state.latest_version === undefined)).toBe(true);
	});

	test("is no matter of a build without a key, of a program that others replace, or without updateUrl", () => {
		for (const changed of [
			{ program: { keys: [] } },
			{ config: { updateUrl: undefined } },
			{ ports: { dial: undefined } as unknown as Partial<Ports> },
		]) {
			boot(changed);
			command();
			world.clock.pass(13 * hour);
			expect(calls).toEqual([]);
			expect(states()).toEqual([]);
			expect(find(`homeassistant/device/${reader}/config`)).not.toMatch(/"firmware"/);
		}
		boot({ program: { keys: [] } });
		expect(firmware.checked.problems).toContainEqual(expect.stringContaining("built without a key"));
		world.type("status");
		expect(world.printed).toContainEqual(expect.stringMatching(/^update +none: .* without a key/));
	});
});

describe("Home Assistant", () => {
	test("gets an entity of the platform update, in both styles", () => {
		const entity = {
			uniq_id: `${reader}_firmware`,
			name: "Firmware",
			dev_cla: "firmware",
			ent_cat: "config",
			cmd_t: `smarty/${reader}/update/set`,
			pl_inst: "install",
			stat_t: `smarty/${reader}/update`,
		};
		const device = JSON.parse(find(`homeassistant/device/${reader}/config`)!);
		expect(device.cmps.firmware).toEqual({ p: "update", ...entity });
		boot({ config: { discovery: "entity" } });
		world.clock.pass(5_000);
		expect(JSON.parse(find(`homeassistant/update/${reader}/firmware/config`)!)).toMatchObject(entity);
		world.type("forget reader");
		world.clock.pass(60_000);
		for (const topic of [`homeassistant/update/${reader}/firmware/config`, `smarty/${reader}/update`])
			expect(find(topic), topic).toBe("");
	});

	test("installs with its command what is signed and newer, and sees how far it is", () => {
		command();
		expect(calls).toHaveLength(1);
		answer(update, { size: 290, pause: 1_000 });
		expect(flashLog).toEqual(["open", "complete"]);
		const percentages = states()
			.filter(state => state.in_progress)
			.map(state => Number(state.update_percentage));
		expect(percentages).toEqual([...percentages].sort((a, b) => a - b));
		expect(percentages[0]).toBe(0);
		expect(percentages.at(-1)).toBeGreaterThanOrEqual(80);
		world.clock.pass(3_000);
		expect(world.restarts).toBe(1);
		expect(store.read("update")).toMatch(/^0\.2\.0\n/);
		boot({ version: "0.2.0" });
		expect(firmware.ports.program!.isOnTrial()).toBe(false);
		expect(states().at(-1)).toMatchObject({ installed_version: "0.2.0", in_progress: false });
	});

	test("changes nothing with it where nothing newer is signed", () => {
		const damaged = update.slice();
		damaged[2_000]! ^= 1;
		const same = createUpdate(createImage(chance.bytes(3_000)), { sequence: 1, version: "0.1.0" });
		for (const [body, log] of [
			[same, []],
			[damaged, ["open", "close"]],
			[update.slice(0, 2_000), ["open", "close"]],
		] as const) {
			flashLog.length = 0;
			command();
			answer(body, { head: `HTTP/1.1 200 OK\r\nContent-Length: ${update.length}\r\n\r\n` });
			expect(flashLog).toEqual(log);
			expect(firmware.updates).toMatchObject({ call: null, receiver: null });
			expect(states().at(-1)).toMatchObject({ in_progress: false, update_percentage: null });
		}
		world.clock.pass(5_000);
		expect(world.restarts).toBe(0);
	});

	test("is not heard in other words, on other topics, or again while it is under way", () => {
		for (const word of ["", "Install", "install ", "http://evil.example/x.bin", "x".repeat(2_000)]) command(word);
		command("install", `smarty/${reader}/update`);
		command("install", "homeassistant/status");
		expect(calls).toEqual([]);
		command();
		command();
		expect(calls).toHaveLength(1);
	});

	test("waits for an upload, and an upload for it", () => {
		command();
		const { events } = calls[0]!;
		events.onWritable();
		const piece = Buffer.concat([
			Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${update.length}\r\n\r\n`, "latin1"),
			update.slice(0, 1_000),
		]);
		events.onData(new Uint8Array(piece), piece.length);
		expect(firmware.updates.receiver).not.toBeNull();
		// Each KB in ten seconds, or none at all.
		world.clock.pass(9_000);
		expect(calls[0]!.closed).toBe(false);
		const more = update.slice(1_000, 2_100);
		events.onData(more, more.length);
		world.clock.pass(9_000);
		expect(calls[0]!.closed).toBe(false);
		world.clock.pass(2_000);
		expect(calls[0]!.closed).toBe(true);
		expect(flashLog).toEqual(["open", "close"]);
		// What still comes of a call that is over is nothing.
		events.onData(more, more.length);
		events.onEnd();
		expect(flashLog).toEqual(["open", "close"]);
		expect(firmware.exceptions).toBe(0);
	});

	test("hears of flash that fails, and nothing else happens", () => {
		const openSlot = () => {
			throw new Error("write failed");
		};
		boot({ program: { openSlot } });
		command();
		answer(update);
		expect(logged().at(-1)).toBe("update: updateUrl: it could not be written");
		expect(firmware.updates).toMatchObject({ call: null, receiver: null });
	});
});

describe("an answer's head", () => {
	test("is read however it is cut, and the body begins right behind it", () => {
		const head = Buffer.from("HTTP/1.0 200 OK\r\nServer: x\r\ncontent-length:  77 \r\nX: y\r\n\r\n", "latin1");
		const all = Uint8Array.from([...head, 1, 2, 3]);
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 0, max: all.length }), { maxLength: 8 }), cuts => {
				const answer = createAnswer();
				let at = 0;
				for (const end of [...cuts, all.length].sort((a, b) => a - b)) {
					const place = readHead(answer, all, at, end);
					expect(typeof place).toBe("number");
					if (answer.length !== null) {
						expect(place).toBe(head.length);
						expect(answer.length).toBe(77);
						return;
					}
					at = end;
				}
				throw new Error("the head was never whole");
			}),
		);
	});

	test.each([
		["HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "does not say its length"],
		["HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "does not say its length"],
		["HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Encoding: gzip\r\n\r\n", "does not say its length"],
		["HTTP/1.1 200 OK\r\nContent-Length: 123456789\r\n\r\n", "does not say its length"],
		[`HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(400)}`, "no answer"],
		["\0".repeat(3_000), "no answer"],
	])("of %j is refused", (text, reason) => {
		const bytes = Buffer.from(text, "latin1");
		expect(readHead(createAnswer(), bytes, 0, bytes.length)).toMatch(reason);
	});
});
