/** Tests of web: answers. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addReading, createAccount } from "../../modules/meter/account.js";
import { createLatest, type Latest } from "../../modules/meter/latest.js";
import { createFaults } from "../../modules/p1/faults.js";
import { copyTelegram } from "../../modules/p1/plain.js";
import type { Stream } from "../../modules/ports/ports.js";
import { type Body, formatHeader, type Response } from "../../modules/web/response.js";
import { respond } from "../../modules/web/routes.js";
import { admitConnection, createWebServer } from "../../modules/web/server.js";
import { createChance } from "../support/chance.js";
import { changeLine, readTelegram } from "../support/telegrams.js";
import { specificationTelegram, textBytes } from "../support/vectors.js";
import { readAnswer, readBody } from "./bodies.js";
import { connect, type FakeClient, send, take } from "./fake-stream.js";

const encode = (text: string) => new TextEncoder().encode(text);

function ask(
	respond: Parameters<typeof createWebServer>[1],
	{ room = Infinity, path = "/", version = "1.1", method = "GET" } = {},
): FakeClient {
	const server = createWebServer(4, respond, encode);
	const client = connect(accept => admitConnection(server, accept, () => 0), room);
	send(client, `${method} ${path} HTTP/${version}\r\nHost: a\r\n\r\n`);
	return client;
}

function* partsOf(texts: readonly string[]): Generator<string, void> {
	yield* texts;
}

const page = (body: Body, extra = ""): Response => ({ status: 200, type: "text/plain", body, extra });

describe("a body that is made in parts", () => {
	const texts = ["a", "", "bc", "ü€😀".repeat(300), "x".repeat(2_000), "\ud800", "end"];
	const whole = Buffer.from(texts.join("")).toString();

	test("goes out in chunks of at most 1.5 KB, and no character is torn", () => {
		const { received, closed } = ask(() => page(partsOf(texts)));
		const { body, chunks, header } = readAnswer(received);
		expect([body, closed]).toEqual([whole, true]);
		expect(Math.max(...chunks)).toBeLessThanOrEqual(1_560);
		expect(chunks.length).toBeLessThan(15);
		expect(header).not.toContain("Content-Length");
	});

	test("is ended by the end of the connection for a client of HTTP/1.0", () => {
		const { received, closed } = ask(() => page(partsOf(texts)), { version: "1.0" });
		expect(received).not.toMatch(/Transfer-Encoding|Content-Length/);
		expect([readAnswer(received).body, closed]).toEqual([whole, true]);
	});

	test("is not made for who asks for the header only", () => {
		const body: Body = {
			next() {
				throw new Error("made for nobody");
			},
		};
		const { received, closed } = ask(() => page(body), { method: "HEAD" });
		expect([received, closed]).toEqual([`${formatHeader(page(body), "Transfer-Encoding: chunked\r\n")}\r\n`, true]);
	});

	test("is made when there is room for it, and not before", () => {
		let made = 0;
		function* count(): Generator<string, void> {
			for (; made < 100; made += 1) yield "0123456789".repeat(10);
		}
		const client = ask(() => page(count()), { room: 0 });
		expect(made).toBeLessThan(6);
		take(client, 600);
		expect(made).toBeLessThan(12);
		take(client, Infinity);
		expect(readAnswer(client.received).body).toHaveLength(10_000);
	});

	test("that fails is a 500 when nothing was sent, and else cut off where its reader sees it", () => {
		function* fail(after: number): Generator<string, void> {
			for (let at = 0; at < after; at += 1) yield "x".repeat(100);
			throw new Error("our mistake");
		}
		expect(readAnswer(ask(() => page(fail(1))).received)).toMatchObject({
			status: 500,
			body: "Internal Server Error\n",
		});
		const cut = ask(() => page(fail(50)));
		expect(cut.closed).toBe(true);
		expect(cut.received).toMatch(/^HTTP\/1.1 200 OK/);
		expect(() => readAnswer(cut.received)).toThrow("has no end");
	});

	test("may be empty", () => {
		expect(readAnswer(ask(() => page(partsOf([]))).received)).toMatchObject({ status: 200, body: "", chunks: [] });
		expect(readAnswer(ask(() => page(partsOf(["", ""]))).received).body).toBe("");
		expect(readAnswer(ask(() => page("")).received).body).toBe("");
		expect(readAnswer(ask(() => page(new Uint8Array(0))).received).body).toBe("");
	});
});

test("bytes are written from where they lie", () => {
	const body = textBytes("flash".repeat(2_000));
	const written: Uint8Array[] = [];
	const stream: Stream = {
		write(bytes, start, end) {
			if (bytes === body) written.push(bytes.slice(start, end));
			return end - start;
		},
		close() {},
	};
	const server = createWebServer(4, () => page(body), encode);
	const events = admitConnection(
		server,
		() => stream,
		() => 0,
	);
	const request = textBytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	events?.onData(request, request.length);
	expect(Buffer.concat(written).equals(body)).toBe(true);
});

test("a header may be longer than what is made of it at a time", () => {
	const extra = `Content-Security-Policy: ${"'sha256-0123456789' ".repeat(60)}\r\n`;
	for (const body of ["short", textBytes("bytes"), partsOf(["one ", "two"])]) {
		const { received } = ask(() => page(body, extra));
		expect(received).toContain(`${extra}\r\n`);
		expect(readAnswer(received).body).toMatch(/^(short|bytes|one two)$/);
	}
});

const surroundings = {
	now: 5_000,
	network: "Stuff",
	signalStrength: -61,
	macAddress: "a0b1",
	version: "smarty-xs 0.1.0",
	counters: [],
};
const counters = () => ({ bytes: 3_000, discarded: 12, telegrams: 3, authenticated: 2, crcOnly: 1, plain: 0 });

function show(latest: Latest, text: string): void {
	const telegram = readTelegram(text);
	const { readings, verdict, frameCounter } = telegram;
	const { values, time, serial } = readings;
	if (latest.account !== null) addReading(latest.account, { time: time!, register: values[0]!, power: values[4]! });
	Object.assign(latest, { readings, meter: serial, verdict, frameCounter, telegram: copyTelegram(telegram) });
}

function createShown(text: string): Latest {
	const latest = createLatest(createFaults(), counters(), createAccount(3_000));
	show(latest, text);
	return latest;
}

const longMessage = Buffer.from('"Störung" \\ '.repeat(80)).toString("hex");
const wordy = changeLine(specificationTelegram, "0-0:96.13.0", `0-0:96.13.0(${longMessage})`);
const paths = ["/state", "/metrics", "/healthz", "/api", "/api/v1/data", "/api/v1/telegram", "/nothing"];
const answerWith = (latest: Latest) => (request: Parameters<typeof respond>[0]) =>
	respond(request, [latest], surroundings, { token: null, isReadGuarded: false, hosts: [] });

test("a slow reader gets the same bytes as a fast one, whatever it takes at a time", () => {
	const latest = createShown(wordy);
	const answer = answerWith(latest);
	for (const path of paths) {
		const fast = ask(answer, { path }).received;
		for (let seed = 1; seed <= 40; seed += 1) {
			const chance = createChance(seed);
			const most = chance.pick([1, 3, 40, 600, 3_000]);
			const slow = ask(answer, { path, room: chance.integer(0, most) });
			while (!slow.closed) take(slow, chance.integer(0, most));
			expect(slow.received, path).toBe(fast);
		}
	}
});

test("any body is what its reader gets, at any speed", () => {
	const text = fc.oneof(fc.string({ unit: "binary", maxLength: 900 }), fc.string({ maxLength: 2_000 }));
	fc.assert(
		fc.property(
			fc.array(text, { maxLength: 8 }),
			fc.integer({ min: 1, max: 2_000 }),
			fc.boolean(),
			(texts, room, old) => {
				const client = ask(() => page(partsOf(texts)), { room, version: old ? "1.0" : "1.1" });
				while (!client.closed) take(client, room);
				expect(readAnswer(client.received).body).toBe(Buffer.from(texts.join("")).toString());
				const whole = ask(() => page(texts.join("")), { room });
				while (!whole.closed) take(whole, room);
				expect(readAnswer(whole.received).body).toBe(Buffer.from(texts.join("")).toString());
			},
		),
		{ numRuns: 300 },
	);
});

test("a telegram that comes while a client reads is not in its answer", () => {
	const next = ["1-0:1.8.0", "1-0:1.7.0", "1-0:32.7.0", "0-0:1.0.0"].reduce((text, code) => {
		const values: Record<string, string> = { "0-0:1.0.0": "200706104207S", "1-0:32.7.0": "111.0*V" };
		const value = values[code] ?? (code === "1-0:1.8.0" ? "000777.777*kWh" : "07.777*kW");
		return changeLine(text, code, `${code}(${value})`);
	}, wordy);
	for (const path of paths) {
		const before = ask(answerWith(createShown(wordy)), { path }).received;
		const after = ask(answerWith(createShown(next)), { path }).received;
		if (!["/healthz", "/api", "/nothing"].includes(path)) expect(after, path).not.toBe(before);
		for (const taken of [0, 1, 300, 700, 1_200]) {
			const latest = createShown(wordy);
			const client = ask(answerWith(latest), { path, room: taken });
			show(latest, next);
			Object.assign(latest.counters, { bytes: 9_999, authenticated: 99 });
			latest.faults.damaged += 7;
			latest.time = 5_000;
			take(client, Infinity);
			expect(client.received, `${path} after ${taken}`).toBe(before);
		}
	}
});

test("parts are short, so that little is in memory at a time", () => {
	const latest = createShown(wordy);
	for (const path of paths) {
		const request = {
			method: "GET",
			path,
			query: "",
			isOld: false,
			host: null,
			authorization: null,
			accept: "",
			language: "",
		};
		const response = answerWith(latest)({
			...request,
			bodyLength: null,
			contentType: null,
			origin: null,
			site: null,
			isWaiting: false,
		});
		if ("onBytes" in response || typeof response.body === "string" || response.body instanceof Uint8Array) continue;
		const lengths: number[] = [];
		const { body } = response;
		for (let part = body.next(); part.value !== undefined; part = body.next()) lengths.push(part.value.length);
		expect(Math.max(...lengths), path).toBeLessThanOrEqual(300);
	}
	expect(readBody("short")).toBe("short");
});
