/** Tests of `modules/web/server.ts`. */
import { describe, expect, test } from "vitest";
import type { Request } from "../../modules/web/request.js";
import { createRequestParser, decodeAscii, type Progress, parseRequest } from "../../modules/web/request-parser.js";
import { plain, type Response } from "../../modules/web/response.js";
import { admitConnection, createWebServer, expireConnections } from "../../modules/web/server.js";
import { measureProcessorTime } from "../support/processor.js";
import { textBytes } from "../support/vectors.js";
import { connect, send, take } from "./fake-stream.js";

function parse(text: string, size = text.length): { progress: Progress; request: Request | null } {
	const parser = createRequestParser();
	const bytes = textBytes(text);
	for (let at = 0; at < bytes.length; at += size) {
		const piece = bytes.slice(at, at + size);
		const progress = parseRequest(parser, piece, piece.length, decodeAscii);
		if (progress !== "more") return { progress, request: parser.request };
	}
	return { progress: "more", request: parser.request };
}

const good =
	"GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\nauthorization:  Bearer t \r\nAccept: text/plain\r\nAccept: b\r\n\r\n";

describe("requests", () => {
	test("whole, byte by byte, with more behind, and with bare line feeds", () => {
		const expected = {
			method: "GET",
			path: "/metrics",
			query: "x=1",
			isOld: false,
			host: "a",
			authorization: "Bearer t",
			accept: "text/plain,b,",
			language: "",
			bodyLength: null,
			contentType: null,
			origin: null,
			site: null,
			isWaiting: false,
		};
		for (const [text, size] of [
			[good, good.length],
			[good, 1],
			[`\r\n${good}GET /`, 1000],
			[good.replace(/\r/g, ""), 7],
		] as const) {
			expect(parse(text, size)).toEqual({ progress: "whole", request: expected });
		}
		for (let length = 0; length < good.length; length += 1) expect(parse(good.slice(0, length)).progress).toBe("more");
	});

	test("up to where the body begins", () => {
		const head = "POST /a?b=c#d HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n";
		const expected = { method: "POST", path: "/a", query: "b=c", bodyLength: 5, isWaiting: true };
		for (const text of [head, `${head}12345`]) {
			const parser = createRequestParser();
			expect(parseRequest(parser, textBytes(text), text.length, decodeAscii)).toBe("whole");
			expect([parser.end, parser.request]).toMatchObject([head.length, expected]);
		}
		expect(parse(head.replace("1.1", "1.0")).request).toMatchObject({ isOld: true, isWaiting: false });
	});

	test("with what does not matter before, behind and in between", () => {
		const fields = [
			"X: y",
			"hOsT: a",
			"Hos: b",
			"Hosts: b",
			"Acceptt: no",
			"Xccept: no",
			"cookie: c",
			`x:${"y".repeat(600)}`,
		];
		const { progress, request } = parse(
			`GET / HTTP/1.1\r\n${fields.join("\r\n")}\r\nExpect: \r\nACCEPT: yes\r\n\r\n`,
			13,
		);
		expect([progress, request]).toMatchObject(["whole", { host: "a", accept: "yes,", isWaiting: false }]);
	});

	test("with longer values than are kept, which are as good as wrong", () => {
		const long = (name: string) => parse(`GET / HTTP/1.1\r\nHost: a\r\n${name}: ${"1".repeat(1_000)}\r\n\r\n`);
		// 512 characters of a line.
		expect(long("Authorization").request?.authorization).toBe("1".repeat(512 - "Authorization: ".length));
		expect(long("Accept").progress).toBe("whole");
		expect(long("Content-Length").progress).toBe(400);
		expect(parse(`GET / HTTP/1.1\r\nHost: ${"a".repeat(1_000)}\r\n\r\n`).request?.host).toHaveLength(512 - 6);
		for (const size of [1, 7, 511, 512, 513, 600]) {
			const { request } = parse(`GET / HTTP/1.1\r\nHost: ${"a".repeat(1_000)}\r\n\r\n`, size);
			expect(request?.host, `${size} at a time`).toBe("a".repeat(512 - 6));
		}
	});

	test.each([
		[400, "GET / HTTP/1.1\r\n\r\n"],
		[400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"],
		[400, "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"],
		[400, "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"],
		[400, "get / HTTP/1.1\r\nHost: a\r\n\r\n"],
		[400, "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n"],
		[400, "GET / HTTP/1.1\r\nHost : a\r\n\r\n"],
		[400, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"],
		[400, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"],
		[400, "GET / HTTP/1.1\0"],
		[400, "\x16\x03\x01\x02"],
		[411, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"],
		// Of what does not matter nothing is looked at but where it ends.
		["whole", "GET / HTTP/1.1\r\nHost: a\r\nX: \u007f\r\n\r\n"],
		["whole", "GET / HTTP/1.1\r\nHost: a\r\nX(: b\r\n\r\n"],
		[400, "GET / HTTP/1.1\r\nHost: a\r\nX: ä\r\n\r\n"],
		[400, "GET / HTTP/1.1\r\nHost: a\u007f\r\n\r\n"],
		["whole", 'GET / HTTP/1.1\r\nHost: a\r\nAccept: text/plain;a="\\b"\tc\r\n\r\n'],
		[400, 'GET / HTTP/1.1\r\nHost: a\r\nAccept: text/plain;a="b"\x01\r\n\r\n'],
		[400, 'GET / HTTP/1.1\r\nHost: a\r\nAccept: text/plain;a="b"\x7f\r\n\r\n'],
		[400, "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n"],
		[400, "GET / HTTP/1.1\r\nHost: a\r\nX\u0001: b\r\n\r\n"],
		[400, "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n"],
		[400, "GET / HTTP/1.1\r\nHost: a\r\n: no name\r\n\r\n"],
		[400, "GET / HTTP/1.1\rHost: a\r\n\r\n"],
		[400, "GET / HTTP/1.11\r\nHost: a\r\n\r\n"],
		[400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"],
		[431, `GET /${"a".repeat(600)} HTTP/1.1\r\nHost: a\r\n\r\n`],
		[400, "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"],
		["whole", "\r\n\nGET / HTTP/1.7\r\nHost: a\r\n\r\n"],
		[431, `GET / HTTP/1.1\r\nHost: a\r\n${"x".repeat(600)}: b\r\n\r\n`],
		[431, `GET / HTTP/1.1\r\nHost: a\r\n${"X: yyyyyyyyyyyyyyyy\r\n".repeat(110)}`],
		[431, `GET / HTTP/1.1\r\nHost: a\r\nCookie: ${"c".repeat(3000)}`],
		[431, `GET /${"a".repeat(3000)}`],
		[505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"],
		[400, "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"],
		[400, "GET / HTTP/1.1\r\nHost:\r\nHost:\r\n\r\n"],
		["whole", "GET / HTTP/1.1\r\nHost:\r\n\r\n"],
		["whole", "GET / HTTP/1.0\r\n\r\n"],
	] as const)("%s", (status, text) => expect(parse(text, 11).progress).toBe(status));
});

test("a body that is no text may come with the header, at every place of the cut", () => {
	const head = textBytes("POST /a HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\nContent-Length: 6\r\n\r\n");
	const whole = Uint8Array.from([...head, 0xff, 10, 10, 0, 0x80, 13]);
	for (let cut = 1; cut < whole.length; cut += 1) {
		const parser = createRequestParser();
		const first = parseRequest(parser, whole.slice(0, cut), cut, decodeAscii);
		expect(first).toBe(cut < head.length ? "more" : "whole");
		if (first === "whole") expect(parser.end).toBe(head.length);
		else expect(parseRequest(parser, whole.slice(cut), whole.length - cut, decodeAscii)).toBe("whole");
		if (first === "more") expect(parser.end).toBe(head.length - cut);
		expect(parser.request).toMatchObject({ method: "POST", host: "a", bodyLength: 6 });
	}
});

describe("a request of one size costs the same, whatever is in it", () => {
	test.each([
		["whole", `A:${" ".repeat(1900)}x`],
		["whole", `A:x${" ".repeat(1900)}x`],
		["whole", `A:${"x ".repeat(950)}x`],
		["whole", `A:${" ".repeat(1900)}\rx`],
		["whole", `A:x${" \t".repeat(950)}\rx`],
		[400, `Accept:${" ".repeat(400)}\rx`],
		[400, `Accept:x${" \t".repeat(200)}\rx`],
	] as const)("%s", (status, line) => {
		const cost = measureProcessorTime(() =>
			expect(parse(`GET / HTTP/1.1\r\nHost: a\r\n${line}\r\n\r\n`).progress).toBe(status),
		);
		// A search that goes back takes seconds for these on a computer, and minutes on a board, whose watchdog waits for 20 s.
		expect(cost).toBeLessThan(500);
	});
});

describe("connections", () => {
	const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	const page: Response = { status: 200, type: "text/plain", body: "m³\n" };

	function start(places: number, respond: () => Response = () => page) {
		let time = 0;
		const server = createWebServer(places, respond, text => new TextEncoder().encode(text));
		return {
			server,
			setTime(next: number) {
				time = next;
			},
			connect: (room?: number) => connect(accept => admitConnection(server, accept, () => time), room),
		};
	}

	test("one answer, its length in bytes, and the end", () => {
		const { server, connect } = start(4);
		const client = connect();
		send(client, request + request, 5);
		expect(client.received).toBe(
			"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\nCache-Control: no-store\r\nConnection: close\r\n\r\nm³\n",
		);
		expect(client.closed).toBe(true);
		expect(server.connections).toHaveLength(0);
		const head = connect();
		send(head, request.replace("GET", "HEAD"));
		expect(head.received).toMatch(/Content-Length: 4\r\n.*\r\n\r\n$/s);
	});

	test("a bad request, and a page that throws, get their status and harm nobody", () => {
		const { connect } = start(4, () => {
			throw new Error("our mistake");
		});
		const bad = connect();
		send(bad, "garbage\r\n\r\n");
		expect(bad.received).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
		const broken = connect();
		send(broken, request);
		expect(broken.received).toMatch(/^HTTP\/1.1 500 /);
		expect([bad.closed, broken.closed]).toEqual([true, true]);
		expect(plain(405, "Allow: GET\r\n").extra).toBe("Allow: GET\r\n");
	});

	test("a slow reader gets its answer in pieces, or is dropped after a while", () => {
		const { server, connect, setTime } = start(4);
		const slow = connect(10);
		send(slow, request);
		take(slow, 30);
		expect(slow.closed).toBe(false);
		take(slow, 1000);
		expect(slow.received).toMatch(/m³\n$/);
		const stuck = connect(10);
		send(stuck, request);
		expect(server.deadline).toBe(10_000);
		setTime(10_000);
		expireConnections(server, 10_000);
		expect([stuck.closed, server.connections.length, server.dropped]).toEqual([true, 0, 1]);
		expect(server.deadline).toBe(Infinity);
	});

	test("fifty connections that ask nothing keep nobody out", () => {
		const { server, connect, setTime } = start(4);
		const idle = Array.from({ length: 50 }, () => connect());
		expect(server.connections).toHaveLength(4);
		const client = connect();
		send(client, request);
		expect(client.received).toContain("200 OK");
		expect(idle.filter(other => !other.closed)).toHaveLength(3);
		setTime(9_999);
		expireConnections(server, 9_999);
		expect(server.connections).toHaveLength(3);
		expireConnections(server, 10_000);
		expect(idle.every(other => other.closed)).toBe(true);
	});

	test("when all places are answering, who comes is refused", () => {
		const { server, connect } = start(2);
		const busy = [connect(1), connect(1)];
		for (const client of busy) send(client, request);
		expect(connect().closed).toBe(true);
		expect(server.refused).toBe(1);
		busy[0].events?.onEnd();
		expect(connect().closed).toBe(false);
		expireConnections(server, 10_000);
		expect(server.connections).toHaveLength(0);
	});

	test("clients that do not read cannot fill the memory with answers", () => {
		let made = 0;
		const { server, connect, setTime } = start(4, () => {
			made += 1;
			return { ...page, body: "m".repeat(12_000) };
		});
		const slow = Array.from({ length: 4 }, () => connect(100));
		for (const client of slow) send(client, request);
		expect([made, server.connections.length]).toEqual([2, 4]);
		take(slow[2], 1000);
		expect(slow[2].received).toMatch(
			/^HTTP\/1.1 503 Service Unavailable\r\n.*\r\nRetry-After: 1\r\n\r\nService Unavailable\n$/s,
		);
		expect(slow[2].closed).toBe(true);
		take(slow[0], 20_000);
		expect(slow[0].received).toMatch(/^HTTP\/1.1 200 OK\r\n.*\r\n\r\nm{12000}$/s);
		const next = connect();
		send(next, request);
		expect(next.received).toMatch(/m{12000}$/);
		expireConnections(server, 10_000);
		expect(server.connections).toHaveLength(0);
		setTime(10_000);
		const last = Array.from({ length: 3 }, () => connect(20_000));
		for (const client of last) send(client, request);
		for (const client of last) expect(client.received).toMatch(/^HTTP\/1.1 200 OK\r\n.*\r\n\r\nm{12000}$/s);
	});
});
