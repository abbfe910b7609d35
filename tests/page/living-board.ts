/** A board with the whole firmware and a house that has been lived in: days in its flash, an hour in its memory, HTTP at a real port. */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { openTcpListener } from "../../gateway/listener.js";
import { createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import type { Firmware } from "../../modules/firmware/state.js";
import { addReading, openHistory, writeDue } from "../../modules/history/history.js";
import { accept, createReader } from "../../modules/p1/reader.js";
import type { Network, Ports } from "../../modules/ports/ports.js";
import { createArrayFlash } from "../../simulator/array-flash.js";
import { createChance } from "../../simulator/chance.js";
import { createMeter, type Meter, type MeterFrame, readMeter } from "../../simulator/meter.js";
import { pageFile } from "../../tools/page.js";
import { findFreePort } from "../support/brokers.js";
import { createChance as createTestChance } from "../support/chance.js";
import { createFakeStore, createFakeWorld, type FakeStore, type FakeWorld } from "../support/fake-ports.js";
import { createFakePulses } from "../support/fake-pulses.js";

export interface LivingBoard {
	readonly world: FakeWorld;
	readonly firmware: Firmware;
	readonly store: FakeStore;
	/** `http://127.0.0.1:…` */
	readonly address: string;
	/** What was sent in the last hour, oldest first. */
	readonly sent: MeterFrame[];
	/** Time goes on, with a telegram each ten seconds if `sends`. */
	live(seconds: number, sends?: boolean): void;
	close(): void;
}

export interface BoardOptions {
	settings?: Record<string, string>;
	store?: FakeStore;
	/** Of quarter hours, and seconds at full resolution. */
	days?: number;
	hour?: number;
	/** The last of the days ends then, UTC in milliseconds. */
	now?: number;
	/** Further meters on the same line. */
	meters?: number;
	messages?: readonly string[];
	seed?: number;
	medium?: Ports["medium"];
	/** Milliseconds from one pulse of GPIO 34 to the next. */
	pulse?: number;
	/** What takes updates. */
	program?: Ports["program"];
	version?: string;
	/** The page, if it is another than what is committed. */
	page?: Uint8Array;
	/** Of HTTP, as a board keeps its own over a restart. */
	port?: number;
}

/** A computer's own network is there before the program. */
const hostNetwork: Network = {
	medium: "host",
	state: "ready",
	address: "127.0.0.1",
	signalStrength: null,
	macAddress: "a1b2c3d4e5f6",
	nameServers: [],
	connect() {},
	disconnect() {},
};

const key = "0123456789ABCDEF0123456789ABCDEF";
const quarterMs = 900_000;
/** For the steps in which telegrams are read. */
const readingMs = 500;
const telegramMs = 10_000;
const sectorSize = 4_096;

/** An evening in June: the sun goes, and dinner comes. */
export const usualNow = Date.UTC(2026, 5, 18, 17, 20, 30);

export async function createLivingBoard(options: BoardOptions = {}): Promise<LivingBoard> {
	const { settings = {}, days = 0, hour = 0, now = usualNow, meters: count = 1, seed = 7 } = options;
	const start = now - hour * 1_000 - days * 86_400_000;
	const meters = Array.from({ length: count }, (_, at) => {
		const title = Uint8Array.of(0x53, 0x41, 0x47, 0x67, 0x70, 0x01, 0xbd, 0x54 + at);
		return createMeter(createChance(seed + at), start, {
			key: Buffer.from(key, "hex"),
			systemTitle: title,
			frameCounter: 1_000,
			messages: options.messages ?? [],
			devices: [
				{ type: 3, id: "FLO189900060355", index: 2_851_103 },
				{ type: 7, id: "WTR210000012345", index: 512_406 },
			],
		});
	});
	const flash = createArrayFlash(new Uint8Array(96 * sectorSize).fill(0xff), sectorSize);
	fillFlash(flash, meters, start, now - hour * 1_000);
	const port = options.port ?? (await findFreePort());
	const store = options.store ?? createFakeStore();
	const world = createFakeWorld(createTestChance(seed), store);
	const committed = gunzipSync(readFileSync(pageFile)).length > 0 ? new Uint8Array(readFileSync(pageFile)) : null;
	const page = options.page ?? committed;
	const listeners: { close(): void }[] = [];
	const pulses = createFakePulses(world.clock);
	const { pulse } = options;
	if (pulse !== undefined)
		pulses.times.set(
			34,
			Array.from({ length: 10_000 }, (_, at) => at * pulse),
		);
	const ports: Ports = {
		...world.ports,
		...pulses.ports,
		medium: options.medium ?? "wifi",
		flash,
		...(options.medium === "host" && { openNetwork: () => hostNetwork }),
		device: { ...world.ports.device, version: `smarty-xs ${options.version ?? "0.1.0"}` },
		...(options.program && { program: options.program }),
		readResource: name => (name === "page.html.gz" ? page : null),
		openListener(number, admit) {
			const listener = openTcpListener(number, "127.0.0.1", admit, () => {});
			listeners.push(listener);
			return listener;
		},
	};
	const base = { wifi: "home", wifiPassword: "12345678", broker: "mqtt://10.0.0.1", key, webPort: String(port) };
	const firmware = createFirmware({ ...base, ...settings }, ports);
	startFirmware(firmware);
	world.clock.pass(5_000);
	const board: LivingBoard = {
		world,
		firmware,
		store,
		address: `http://127.0.0.1:${port}`,
		sent: [],
		live(seconds, sends = true) {
			for (let passed = 0; passed < seconds; passed += 10) {
				world.clock.pass(telegramMs - readingMs);
				for (const meter of meters) {
					const frame = readMeter(meter, meter.time + telegramMs);
					if (!sends) continue;
					world.receive(frame.bytes, frame.bytes.length, null);
					board.sent.push(frame);
				}
				world.clock.pass(readingMs);
			}
		},
		close() {
			for (const listener of listeners) listener.close();
		},
	};
	board.live(hour);
	return board;
}

/** The first reading of each quarter hour, by the firmware's own history. */
function fillFlash(flash: Ports["flash"], meters: Meter[], start: number, end: number): void {
	const history = openHistory(flash, "smarty");
	for (const meter of meters) {
		const reader = createReader({ key: Buffer.from(key, "hex") }, telegram => {
			const sequence = addReading(history, telegram, meter.serial);
			writeDue(history);
			history.settle(sequence);
		});
		for (let time = Math.ceil(start / quarterMs) * quarterMs + 4_000; time < end; time += quarterMs) {
			const { bytes } = readMeter(meter, time);
			accept(reader, bytes, 0, bytes.length, 0);
		}
		readMeter(meter, end);
	}
}
