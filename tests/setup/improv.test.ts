/** Improv: npm's own client against the board's console over two streams, and the packets by themselves. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import type { Firmware } from "../../modules/firmware/state.js";
import { createGuard, type Guard } from "../../modules/ports/guard.js";
import type { Console, OnPacket } from "../../modules/ports/ports.js";
import { findSetting } from "../../modules/settings/settings.js";
import { openSettingsStorage } from "../../modules/settings/storage.js";
import { createPacketFilter, encodePacket, filterByte, giveUpHeld } from "../../modules/setup/packets.js";
import { load } from "../device/stand-in.js";
import { createChance } from "../support/chance.js";
import { createFakeStore, createFakeWorld, type FakeStore, type FakeWorld } from "../support/fake-ports.js";
import { type Air, addAir } from "./phones.js";

/** What is used of the client's class. */
interface Client {
	info?: { firmware: string; version: string; chipFamily: string; name: string };
	state?: number;
	nextUrl?: string;
	initialize(timeout: number): Promise<Client["info"]>;
	provision(name: string, password: string, timeout: number): Promise<void>;
	scan(timeout: number): Promise<{ name: string; rssi: number; secured: boolean }[]>;
	requestCurrentState(): Promise<void>;
	getHostname(): Promise<string>;
	close(): Promise<void>;
}

type ClientClass = new (port: object, logger: object) => Client;
interface Typed {
	onBytes(bytes: Uint8Array, count: number): void;
}
type BoardConsole = new (guard: Guard, uarts: object, onLine: (line: string) => void, onPacket: OnPacket) => Console;

const folder = mkdtempSync(join(tmpdir(), "smarty-improv-"));
const ready = 2;
const provisioned = 4;
let ImprovSerial: ClientClass;
let BoardConsole: BoardConsole;

let world: FakeWorld;
let air: Air;
let firmware: Firmware;
let client: Client;
let ticker: ReturnType<typeof setInterval> | undefined;
/** All bytes that the board sent. */
let sent: number[];
let typed: Typed;
let reader: ReadableStreamDefaultController<Uint8Array>;

/** Its modules import files without an extension, which only a bundler finds. */
beforeAll(async () => {
	const outfile = join(folder, "client.mjs");
	const entry = "node_modules/improv-wifi-serial-sdk/dist/serial.js";
	await build({ entryPoints: [entry], bundle: true, format: "esm", outfile, logLevel: "silent" });
	ImprovSerial = ((await import(pathToFileURL(outfile).href)) as { ImprovSerial: ClientClass }).ImprovSerial;
	const texts = {
		"device/console": "export const openConsolePort = (uarts, typed) => uarts.openTerminal(typed);",
		timer:
			"export default { set: (work, delay) => setTimeout(work, delay), clear: timer => void clearTimeout(timer) };",
	};
	const { module } = await load<{ BoardConsole: BoardConsole }>("modules/device/console.ts", texts);
	BoardConsole = module.BoardConsole;
	// The SDK's own, on the board.
	Object.assign(ArrayBuffer, { fromString: (text: string) => new TextEncoder().encode(text).buffer });
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A board with the real console over two streams; its clock runs a hundred times as fast as ours. */
function plugIn(store: FakeStore = createFakeStore(), config: Record<string, string> = {}): void {
	world = createFakeWorld(createChance(1), store);
	air = addAir(world);
	world.network.only = { name: "home of 10", password: "correct horse" };
	world.network.inReach = [
		{ name: "home of 10", strength: -60, isOpen: false },
		{ name: "guests", strength: -70, isOpen: true },
	];
	sent = [];
	const readable = new ReadableStream<Uint8Array>({
		start(controller) {
			reader = controller;
		},
	});
	const writable = new WritableStream<Uint8Array>({ write: bytes => typed.onBytes(bytes, bytes.length) });
	world.ports.openConsole = (onLine, onPacket) =>
		new BoardConsole(
			createGuard(error => {
				throw error;
			}),
			{
				openTerminal(who: Typed) {
					typed = who;
					return {
						write(bytes: Uint8Array) {
							sent.push(...bytes);
							reader.enqueue(bytes.slice());
							return bytes.length;
						},
					};
				},
			},
			onLine,
			onPacket,
		);
	firmware = createFirmware(config, world.ports);
	startFirmware(firmware);
	ticker = setInterval(() => world.clock.pass(500), 5);
	const nothing = () => {};
	client = new ImprovSerial({ readable, writable }, { log: nothing, debug: nothing, error: nothing });
}

afterEach(async () => {
	clearInterval(ticker);
	await client?.close();
});

function kept(name: string): string | null {
	return openSettingsStorage(world.store).values[findSetting(name)] ?? null;
}

function sentText(): string {
	return Buffer.from(sent).toString("latin1");
}

async function until(condition: () => boolean): Promise<void> {
	for (let tries = 0; !condition(); tries += 1) {
		if (tries > 2_000) throw new Error("it does not come");
		await new Promise(done => setTimeout(done, 5));
	}
}

describe("npm's client", () => {
	test("finds a new board, its networks, and gives it WiFi; the answer has the page with its token", async () => {
		plugIn();
		expect(await client.initialize(5_000)).toMatchObject({
			firmware: "smarty-xs",
			version: "test",
			chipFamily: "ESP32",
		});
		expect(client.state).toBe(ready);
		expect(await client.scan(5_000)).toEqual([
			{ name: "guests", rssi: -70, secured: false },
			{ name: "home of 10", rssi: -60, secured: true },
		]);
		await client.provision("home of 10", "correct horse", 45_000);
		expect(client.state).toBe(provisioned);
		const token = kept("webToken")!;
		expect(client.nextUrl).toBe(`http://192.168.1.50/#token=${token}`);
		expect([kept("wifi"), kept("wifiPassword"), kept("webPort")]).toEqual(["home of 10", "correct horse", "80"]);
		await until(() => world.restarts > 0);
		expect(air.options).toBeNull();
		expect(sentText()).not.toContain("correct horse");
		expect(firmware.log.lines.map(({ text }) => text).join()).not.toMatch(new RegExp(`correct horse|${token}`));
		expect(firmware.exceptions).toBe(0);
	});

	test("hears that a password is wrong, and may try again", async () => {
		plugIn();
		await client.initialize(5_000);
		await expect(client.provision("home of 10", "wrong horse!!", 45_000)).rejects.toMatch(/connect/i);
		expect(kept("wifi")).toBeNull();
		await client.requestCurrentState();
		expect(client.state).toBe(ready);
		await expect(client.provision("home of 10", "short", 45_000)).rejects.toMatch(/connect/i);
		await client.provision("home of 10", "correct horse", 45_000);
		expect(client.nextUrl).toContain("#token=");
		expect(sentText()).not.toMatch(/horse|short/);
	});

	test("speaks to a reader at work: where its page is, and another WiFi; one that is wrong leaves it in the one before", async () => {
		const config = { wifi: "home of 10", wifiPassword: "correct horse", broker: "mqtt://10.0.0.1", webPort: "8080" };
		plugIn(createFakeStore(), config);
		await until(() => firmware.uplink.broker.state === "online");
		await client.initialize(5_000);
		expect(client.state).toBe(provisioned);
		expect(client.nextUrl).toBe("http://192.168.1.50:8080/");
		await expect(client.provision("elsewhere", "another horse", 45_000)).rejects.toMatch(/connect/i);
		await until(() => firmware.uplink.broker.state === "online");
		expect(world.network.credentials).toEqual({ name: "home of 10", password: "correct horse" });
		expect(world.restarts).toBe(0);
		world.network.only = { name: "new home", password: "another horse" };
		await client.provision("new home", "another horse", 45_000);
		expect(client.nextUrl).toBe(`http://192.168.1.50:8080/#token=${kept("webToken")}`);
		await until(() => world.restarts > 0);
		expect([...world.broker.violations, ...world.network.violations]).toEqual([]);
	});

	test("what it may ask besides is unknown, and said so", async () => {
		plugIn();
		await client.initialize(5_000);
		await expect(client.getHostname()).rejects.toMatch(/unknown/i);
	});

	test("lines of the log and answers of the console between packets do no harm", async () => {
		plugIn();
		const typing = setInterval(() => typed.onBytes(new TextEncoder().encode("status\r"), 7), 3);
		try {
			await client.initialize(5_000);
			expect(await client.scan(5_000)).toHaveLength(2);
		} finally {
			clearInterval(typing);
		}
	});
});

/** What is typed, and which packets are found, where these bytes come. */
function filterAll(bytes: readonly number[]): { typed: number[]; packets: [number, number[] | null][] } {
	const filter = createPacketFilter();
	const typed: number[] = [];
	const packets: [number, number[] | null][] = [];
	const type = (byte: number) => void typed.push(byte);
	for (const byte of bytes) {
		filterByte(filter, byte, type, (kind, data) => packets.push([kind, data === null ? null : [...data]]));
	}
	giveUpHeld(filter, type);
	return { typed, packets };
}

const text = (word: string) => [...new TextEncoder().encode(word)];

describe("packets", () => {
	test("are what the protocol says, byte by byte", () => {
		// A request for the state: the name, the version, the type, two bytes of data, and the sum of all of them.
		const wanted = [10, 0x49, 0x4d, 0x50, 0x52, 0x4f, 0x56, 1, 3, 2, 2, 0, 0xe5, 10];
		expect([...encodePacket(3, Uint8Array.of(2, 0))]).toEqual(wanted);
	});

	test("are taken by their length, whatever is in them, and nothing of them is typed", () => {
		for (let length = 0; length <= 255; length += 1) {
			const data = Uint8Array.from({ length }, (_, at) => [10, 13, 0x49, 0, 255][at % 5]!);
			const packet = [...encodePacket(3, data)].slice(1);
			const { typed, packets } = filterAll([...text("set wi"), ...packet, ...text("fi x\r")]);
			expect(packets).toEqual([[3, [...data]]]);
			expect(typed).toEqual([...text("set wi"), 10, ...text("fi x\r")]);
		}
	});

	test("that are damaged are told, and typed no more than others", () => {
		const packet = [...encodePacket(3, Uint8Array.of(2, 0))].slice(1, -1);
		packet[9] = 7;
		expect(filterAll([...packet, ...text("status\r")])).toEqual({ typed: text("status\r"), packets: [[3, null]] });
	});

	test("that are cut off leave nothing to be typed", () => {
		const packet = [...encodePacket(3, Uint8Array.from(text("a password")))].slice(1);
		for (let end = 7; end < packet.length - 1; end += 1) {
			expect(filterAll(packet.slice(0, end))).toEqual({ typed: [], packets: [] });
		}
	});

	test.each(["I", "IMPROV", "IIMPROVE", "IMIMPROVIMPROV", "set wifi IMPROVED\r", "IMPRO\r", "an I, and an IM\r"])(
		"%j is none, and typed as it is",
		word => expect(filterAll(text(word))).toEqual({ typed: text(word), packets: [] }),
	);

	test("are found in anything that is typed", () => {
		const chance = createChance(11);
		for (let round = 0; round < 500; round += 1) {
			const letters = Array.from({ length: chance.integer(0, 30) }, () => "IMPROV\rx".charCodeAt(chance.integer(0, 7)));
			const packet = [...encodePacket(3, Uint8Array.of(2, 0))].slice(1, -1);
			const { typed, packets } = filterAll([...letters, ...packet, ...letters]);
			expect(packets).toEqual([[3, [2, 0]]]);
			expect(typed).toEqual([...letters, ...letters]);
		}
	});
});
