/** An update over HTTP, and what the new program does before it is kept. */
import { beforeEach, describe, expect, test } from "vitest";
import { createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import type { Firmware } from "../../modules/firmware/state.js";
import type { Admit, Ports } from "../../modules/ports/ports.js";
import {
	boot as bootSlots,
	createImage,
	createProgram,
	flashByCable,
	type Slots,
	sectors,
} from "../../simulator/world/board/slots.js";
import { createChance } from "../support/chance.js";
import { telegramOf } from "../support/checksum.js";
import { createFakeFlash, type FakeFlash } from "../support/fake-flash.js";
import { createFakeStore, createFakeWorld, type FakeStore, type FakeWorld } from "../support/fake-ports.js";
import { seal } from "../support/sealer.js";
import { hexOf, realFrame, textBytes } from "../support/vectors.js";
import { createUpdate, key } from "../update/updates.js";
import { readAnswer } from "../web/bodies.js";
import { connect, type FakeClient } from "../web/fake-stream.js";

const token = "a-token-of-the-owner";
const config = {
	wifi: "home",
	wifiPassword: "12345678",
	broker: "mqtt://10.0.0.1",
	key: hexOf(realFrame.key),
	webPort: "80",
	webToken: token,
};
const trialMs = 15 * 60_000;
const chance = createChance(1);
const update = createUpdate(createImage(chance.bytes(3_000)));

let world: FakeWorld;
let firmware: Firmware;
let slots: Slots<FakeFlash>;
let store: FakeStore;
let flashLog: string[];
let admit: Admit | null;
let sent = 0;

/** Boots the program in the slots, whose version is what the real one would say. */
function boot(version = "0.1.0", keys = [key], changed: Partial<Ports> = {}): void {
	bootSlots(slots);
	world = createFakeWorld(createChance(1), store);
	admit = null;
	const ports: Ports = {
		...world.ports,
		device: { ...world.ports.device, version: `smarty-xs ${version}` },
		program: createProgram(slots, keys, 1, flashLog),
		openListener(_port, given) {
			admit = given;
			return { close: () => {} };
		},
		...changed,
	};
	firmware = createFirmware(config, ports);
	startFirmware(firmware);
	world.clock.pass(5_000);
}

/** A telegram, each newer than the one before. */
function send(): void {
	sent += 1;
	const clock = `0-0:1.0.0(2701131200${10 + sent}W)`;
	const text = telegramOf([clock, "0-0:42.0.0(53414731303330373030313134303034)", `1-0:1.8.0(00012${sent}.000*kWh)`]);
	const frame = seal(textBytes(text), { key: realFrame.key, frameCounter: 1_000 + sent });
	world.receive(frame, frame.length, null);
	world.clock.pass(1_000);
}

function head(length: number, authorization = `Authorization: Bearer ${token}\r\n`): string {
	return `POST /update HTTP/1.1\r\nHost: 192.168.1.9\r\n${authorization}Content-Length: ${length}\r\n\r\n`;
}

function give(client: FakeClient, bytes: Uint8Array, size = 1_400): void {
	for (let at = 0; at < bytes.length && !client.closed; at += size) {
		const piece = bytes.slice(at, at + size);
		client.events!.onData(piece, piece.length);
	}
}

function upload(bytes: Uint8Array, header = head(bytes.length)): { status: number; body: string } {
	const client = connect(admit!);
	give(client, Buffer.from(header, "latin1"));
	give(client, bytes);
	return readAnswer(client.received);
}

function logged(): string[] {
	return firmware.log.lines.map(({ text }) => text).filter(text => text.startsWith("update: "));
}

beforeEach(() => {
	slots = flashByCable(createFakeFlash(sectors, createChance(2)), createImage(chance.bytes(2_000)));
	store = createFakeStore();
	flashLog = [];
	boot();
});

describe("POST /update", () => {
	test("writes the next program, says so and restarts", () => {
		expect(upload(update)).toMatchObject({ status: 200, body: expect.stringMatching(/^0\.2\.0 is written/) });
		expect(flashLog).toEqual(["open", "complete"]);
		expect(world.restarts).toBe(0);
		world.clock.pass(3_000);
		expect(world.restarts).toBe(1);
		expect(upload(update).status).toBe(409);
	});

	test.each([
		["without the token", head(update.length, ""), 401],
		["with another one", head(update.length, "Authorization: Bearer another-one\r\n"), 401],
		["for another host", head(update.length).replace("192.168.1.9", "evil.example"), 421],
		["without a length", "POST /update HTTP/1.1\r\nHost: 192.168.1.9\r\n\r\n", 401],
		["of no length", head(0), 422],
		["of a header alone", head(256), 422],
		["too long for any slot", head(5_000_000), 413],
	])("%s touches nothing", (_, header, status) => {
		const { operations } = slots.flash;
		expect(upload(update, header).status).toBe(status);
		expect(flashLog).toEqual([]);
		expect(slots.flash.operations).toBe(operations);
	});

	test("of an image that is not signed is refused at its header, in words and in the log", () => {
		const forged = update.slice();
		forged[24]! ^= 1;
		const client = connect(admit!);
		give(client, Buffer.from(head(forged.length), "latin1"));
		give(client, forged.slice(0, 300), 10);
		expect(readAnswer(client.received)).toMatchObject({ status: 422, body: expect.stringContaining("not signed") });
		expect(logged()).toEqual([expect.stringContaining("not signed")]);
		expect(flashLog).toEqual([]);
		expect(upload(update).status).toBe(200);
	});

	test("damaged, cut off or stalled leaves this program and room for the next try", () => {
		const damaged = update.slice();
		damaged[2_000]! ^= 1;
		expect(upload(damaged)).toMatchObject({ status: 422, body: "This update was damaged on its way.\n" });
		const gone = connect(admit!);
		give(gone, Buffer.from(head(update.length), "latin1"));
		give(gone, update.slice(0, 1_000));
		expect(upload(update).status).toBe(409);
		gone.events!.onEnd();
		const slow = connect(admit!);
		give(slow, Buffer.from(head(update.length), "latin1"));
		give(slow, update.slice(0, 1_000));
		world.clock.pass(31_000);
		expect(slow.closed).toBe(true);
		expect(flashLog).toEqual(["open", "close", "open", "close", "open", "close"]);
		expect(upload(update).status).toBe(200);
	});

	test("is refused by a program without a key, or that others replace", () => {
		boot("0.1.0", []);
		expect(upload(update)).toMatchObject({ status: 403, body: expect.stringContaining("without a key") });
		boot("0.1.0", [key], { program: createProgram(slots, [], 1) });
		const { program: _, ...without } = firmware.ports;
		firmware = createFirmware(config, without);
		startFirmware(firmware);
		world.clock.pass(5_000);
		expect(upload(update)).toMatchObject({ status: 403, body: "No updates: others replace this program.\n" });
	});

	test("flash that fails is said, and nothing is kept of it", () => {
		const broken = () => {
			throw new Error("write failed");
		};
		const program = { ...createProgram(slots, [key], 1), openSlot: broken };
		boot("0.1.0", [key], { program });
		expect(upload(update).status).toBe(500);
		expect(firmware.updates.receiver).toBeNull();
	});
});

describe("a new program", () => {
	function install(): void {
		upload(update);
		world.clock.pass(3_000);
		boot("0.2.0");
	}

	test("is kept when network, broker and meter are there again, as before", () => {
		send();
		install();
		expect(firmware.ports.program!.isOnTrial()).toBe(true);
		expect(upload(update)).toMatchObject({ status: 503 });
		world.clock.pass(60_000);
		expect(firmware.ports.program!.isOnTrial()).toBe(true);
		send();
		expect(firmware.ports.program!.isOnTrial()).toBe(false);
		expect(logged().at(-1)).toBe("update: smarty-xs 0.2.0 is kept");
		boot("0.2.0");
		expect(logged()).toEqual([]);
	});

	test("waits for nothing that did not work before", () => {
		install();
		expect(firmware.ports.program!.isOnTrial()).toBe(false);
	});

	test("is given up after 15 minutes without the meter, and the one before says so", () => {
		send();
		install();
		world.clock.pass(trialMs);
		expect(flashLog.at(-1)).toBe("given up");
		expect(logged()).toContainEqual(expect.stringMatching(/given up: meter did not come back/));
		boot("0.1.0");
		expect(logged()).toEqual(["update: 0.2.0 was given up for smarty-xs 0.1.0"]);
		boot("0.1.0");
		expect(logged()).toEqual([]);
	});

	test("…and so after a power cut in its trial", () => {
		send();
		install();
		boot("0.1.0");
		expect(firmware.ports.program!.isOnTrial()).toBe(false);
		expect(logged()).toEqual(["update: 0.2.0 was given up for smarty-xs 0.1.0"]);
	});

	test("stays where there is none to go back to", () => {
		send();
		install();
		// The slot of the one before is damaged.
		slots.flash.bytes.fill(0, 2 * 4_096, 2 * 4_096 + 100);
		world.clock.pass(trialMs);
		expect(firmware.ports.program!.isOnTrial()).toBe(false);
		expect(logged()).toContain("update: there is no program before this one");
	});

	test("is kept by its address alone where the store could not remember", () => {
		const write = store.write;
		store.write = (name, value) => {
			if (name === "update") throw new Error("full");
			write(name, value);
		};
		send();
		install();
		expect(firmware.ports.program!.isOnTrial()).toBe(false);
	});
});
