/** A D1 mini as an adapter of the line: a stand-in for ESPHome's `stream_server` with the configuration of the docs, read by the gateway's source. */
import { readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { Source } from "../../gateway/source.js";
import { openTcp, parseTcp } from "../../gateway/tcp-source.js";
import { accept, createReader, expire, type Telegram } from "../../modules/p1/reader.js";
import { createChance } from "../../simulator/chance.js";
import { createMeter, type Meter, readMeter } from "../../simulator/meter.js";
import { findFreePort } from "../support/brokers.js";
import { bytesOf } from "../support/vectors.js";
import { waitUntil } from "../support/wait.js";

const page = readFileSync(new URL("../../docs/esp8266.md", import.meta.url), "utf8");
const configuration = /```yaml\n([\s\S]*?)```/.exec(page)![1]!;
const numberOf = (name: string) => Number(new RegExp(`^ +${name}: ([0-9]+)$`, "m").exec(configuration)![1]);
const key = bytesOf("000102030405060708090A0B0C0D0E0F");

describe("the configuration", () => {
	test("is of the meter's line, inverted by the hardware, and of no console", () => {
		expect(numberOf("baud_rate")).toBe(0);
		expect(configuration).toMatch(/^ {2}baud_rate: 115200\n {2}data_bits: 8\n {2}parity: NONE\n {2}stop_bits: 1$/m);
		expect(configuration).toMatch(/rx_pin:\n {4}number: GPIO3\n {4}inverted: true\n/);
		expect(configuration).not.toContain("tx_pin");
	});

	test("has room for a frame in both buffers, and a power of two where that must be", () => {
		const { bytes } = readMeter(createHouseMeter(), start);
		expect(numberOf("rx_buffer_size")).toBeGreaterThan(bytes.length);
		expect(numberOf("buffer_size")).toBeGreaterThan(bytes.length);
		expect(Math.log2(numberOf("buffer_size")) % 1).toBe(0);
	});

	test("has the port of the command beside it", () => {
		const address = /--port (tcp:\S+)/.exec(page)![1]!;
		expect(parseTcp(address)).toEqual({ host: "p1-adapter.local", port: numberOf("port") });
		expect(configuration).toContain("name: p1-adapter");
	});
});

const start = Date.parse("2026-06-01T10:00:00Z");

function createHouseMeter(): Meter {
	return createMeter(createChance(5), start, { key });
}

/** One ring for all clients, each of which begins where the ring is; what a full ring has not sent is lost. */
class Adapter {
	private readonly size = numberOf("buffer_size");
	private head = 0;
	private bytes = Buffer.alloc(0);
	private readonly clients: { socket: Socket; position: number }[] = [];
	/** Clients are not written to. */
	isStuck = false;
	lost = 0;
	private readonly server: Server;

	constructor(port: number) {
		this.server = createServer(socket => {
			socket.on("error", () => {});
			this.clients.push({ socket, position: this.head });
		});
		this.server.listen(port, "127.0.0.1");
	}

	get count(): number {
		return this.clients.length;
	}

	/** What came in at the UART since the loop ran last. */
	loop(piece: Uint8Array): void {
		this.bytes = Buffer.concat([this.bytes, piece]);
		this.head += piece.length;
		for (const client of this.clients) {
			const oldest = this.head - this.size;
			if (client.position < oldest) {
				this.lost += oldest - client.position;
				client.position = oldest;
			}
			if (this.isStuck) continue;
			client.socket.write(this.bytes.subarray(client.position - (this.head - this.bytes.length)));
			client.position = this.head;
		}
		this.bytes = this.bytes.subarray(Math.max(0, this.bytes.length - this.size));
	}

	/** The board restarts. */
	drop(): void {
		for (const { socket } of this.clients.splice(0)) socket.destroy();
	}

	close(): void {
		this.drop();
		this.server.close();
	}
}

let adapter: Adapter | null = null;
let source: Source | null = null;

afterEach(() => {
	source?.close();
	adapter?.close();
});

test("telegrams come whole through it, however it cuts them, and what it loses is one frame and no wrong value", async () => {
	const port = await findFreePort();
	adapter = new Adapter(port);
	const board = adapter;
	const meter = createHouseMeter();
	const telegrams: string[] = [];
	let now = 0;
	const reader = createReader({ key, authentication: "required" }, ({ verdict, readings }: Telegram) => {
		telegrams.push(`${verdict} ${new Date(readings.time!).toISOString().slice(11, 19)}`);
	});
	let received = 0;
	source = openTcp(
		{ host: "127.0.0.1", port },
		(bytes, count) => {
			received += count;
			accept(reader, bytes, 0, count, now);
		},
		() => {},
	);
	await waitUntil("the connection", () => board.count === 1);
	let sent = 0;
	/** A frame in pieces, as the board's loop takes them out of its UART; then ten seconds. */
	const send = async (time: number, begin = 0) => {
		const bytes = readMeter(meter, start + time * 1_000).bytes.subarray(begin);
		for (let at = 0; at < bytes.length; at += 173) board.loop(bytes.subarray(at, at + 173));
		sent += bytes.length;
		if (!board.isStuck) await waitUntil("its bytes", () => received === sent - board.lost);
		now += 10_000;
		expire(reader, now);
	};
	// The client joins in the middle of a frame.
	await send(0, 500);
	await send(10);
	await send(20);
	expect(telegrams).toEqual(["authenticated 10:00:10", "authenticated 10:00:20"]);
	// The client's network is gone for a while: the ring is overwritten.
	board.isStuck = true;
	for (const time of [30, 40, 50, 60, 70]) await send(time);
	board.isStuck = false;
	await send(80);
	await send(90);
	expect(board.lost).toBeGreaterThan(0);
	expect(telegrams.slice(-2)).toEqual(["authenticated 10:01:20", "authenticated 10:01:30"]);
	expect(telegrams.every(text => text.startsWith("authenticated "))).toBe(true);
	expect(new Set(telegrams).size).toBe(telegrams.length);
	// The board restarts; the gateway is back by itself.
	board.drop();
	await waitUntil("the gateway is back", () => board.count === 1);
	received = 0;
	sent = 0;
	board.lost = 0;
	await send(100);
	expect(telegrams.at(-1)).toBe("authenticated 10:01:40");
});
