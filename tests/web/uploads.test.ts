/** Tests of web: uploads. */
import { describe, expect, test } from "vitest";
import type { Request } from "../../modules/web/request.js";
import { type BodySink, explain, plain, type Response } from "../../modules/web/response.js";
import { type Context, dispatch, type Route } from "../../modules/web/route.js";
import { admitConnection, createWebServer, expireConnections } from "../../modules/web/server.js";
import { readAnswer } from "./bodies.js";
import { connect, type FakeClient, send, take } from "./fake-stream.js";

interface Uploaded {
	started: number[];
	text: string;
	largest: number;
	ended: number;
	aborted: number;
}

const failing: Iterator<string, void> = {
	next() {
		throw new Error("our mistake");
	},
};

/** A server with one route that takes a body of up to 2 000 bytes. */
function start({ token = null as string | null, guard = "read" as Route["guard"], fail = "", places = 2 } = {}) {
	const uploaded: Uploaded = { started: [], text: "", largest: 0, ended: 0, aborted: 0 };
	const sink: BodySink = {
		onBytes(bytes, from, until) {
			if (fail === "bytes" && uploaded.text.length > 3) throw new Error("our mistake");
			uploaded.text += Buffer.from(bytes.subarray(from, until)).toString("latin1");
			uploaded.largest = Math.max(uploaded.largest, until - from);
			return fail === "early" && uploaded.text.length > 3 ? explain(422, "not this\n") : null;
		},
		onEnd() {
			uploaded.ended += 1;
			if (fail === "end") throw new Error("our mistake");
			if (fail === "body") return { status: 200, type: "text/plain", body: failing };
			return explain(200, `took ${uploaded.text.length}\n`);
		},
		onAbort() {
			uploaded.aborted += 1;
			throw new Error("nobody is told of this");
		},
	};
	const routes: readonly Route[] = [
		{ method: "GET", path: "/box", guard: "read", needs: "nothing", answer: () => explain(200, "a box\n") },
		{
			method: "POST",
			path: "/box",
			guard,
			needs: "body",
			most: 2_000,
			type: guard === "write" ? "application/json" : null,
			onStart(_context, _request, length): BodySink | Response {
				uploaded.started.push(length);
				return fail === "start" ? plain(503) : sink;
			},
		},
		{ method: "PUT", path: "/only", guard, needs: "body", most: 10, type: null, onStart: () => sink },
	];
	const surroundings = { now: 0, network: "", signalStrength: null, macAddress: "", version: "", counters: [] };
	const context: Context = {
		meters: [],
		surroundings,
		access: { token, isReadGuarded: token !== null && guard !== "write", hosts: [] },
		actions: { identify() {}, update: () => plain(404) },
		sources: null,
		house: {},
	};
	const time = { now: 0 };
	const respond = (request: Request) => dispatch(routes, request, context);
	const server = createWebServer(places, respond, text => new TextEncoder().encode(text));
	return {
		uploaded,
		server,
		time,
		connect: (room?: number) => connect(accept => admitConnection(server, accept, () => time.now), room),
	};
}

const post = (length: number | string, extra = "", target = "/box", method = "POST") =>
	`${method} ${target} HTTP/1.1\r\nHost: a\r\n${length === "" ? "" : `Content-Length: ${length}\r\n`}${extra}\r\n`;

function answerOf({ received }: FakeClient): { status: number; body: string; header: string } {
	return readAnswer(received);
}

describe("a body", () => {
	test("comes to its sink, cut at any byte, and what follows it does not", () => {
		const text = `${post(20)}0123456789abcdefghij`;
		for (let cut = 1; cut < text.length; cut += 1) {
			const { uploaded, server, connect } = start();
			const client = connect();
			send(client, text.slice(0, cut));
			send(client, `${text.slice(cut)}GET / HTTP/1.1\r\n`);
			expect([uploaded.text, uploaded.started, uploaded.ended, uploaded.aborted], `${cut}`).toEqual([
				"0123456789abcdefghij",
				[20],
				1,
				0,
			]);
			expect([answerOf(client), client.closed]).toMatchObject([{ status: 200, body: "took 20\n" }, true]);
			expect(server.connections).toHaveLength(0);
		}
	});

	test("is answered early by a sink that has seen enough, which then hears nothing more", () => {
		const { uploaded, connect } = start({ fail: "early" });
		const client = connect();
		send(client, `${post(20)}01`);
		expect(client.received).toBe("");
		send(client, "234");
		expect(answerOf(client)).toMatchObject({ status: 422, body: "not this\n" });
		send(client, "56789abcdefghij");
		expect([uploaded.text, uploaded.ended, uploaded.aborted, client.closed]).toEqual(["01234", 0, 0, true]);
	});

	test("comes byte by byte, or not at all", () => {
		const { uploaded, connect } = start();
		const client = connect();
		send(client, `${post(5)}hello`, 1);
		expect([uploaded.text, uploaded.largest, answerOf(client).body]).toEqual(["hello", 1, "took 5\n"]);
		const empty = connect();
		send(empty, post(0));
		expect([uploaded.started, uploaded.ended, answerOf(empty).status]).toEqual([[5, 0], 2, 200]);
	});

	test.each([
		[411, post("")],
		[411, post("", "Transfer-Encoding: chunked\r\n")],
		[413, post(2_001)],
		[413, post(999_999_999)],
		[400, post("2e1")],
		[400, post("1234567890")],
		[404, post(5, "", "/nothing")],
		[405, post(5, "", "/box", "PUT")],
		[405, post(5, "", "/box", "DELETE")],
		[413, post(1_025, "", "/box", "GET")],
		[400, post(5, "Content-Length: 5\r\n")],
	])("is refused with %d before a byte of it is read", (status, head) => {
		const { uploaded, connect } = start();
		const client = connect();
		send(client, `${head}12345`);
		expect([answerOf(client).status, uploaded.started, uploaded.text]).toEqual([status, [], ""]);
	});

	test("that a route does not want is not kept, and its sender gets the answer", () => {
		const { connect } = start();
		const client = connect();
		send(client, `${post(1_000, "", "/box", "GET")}${"x".repeat(999)}`, 100);
		expect([answerOf(client).body, client.closed]).toEqual(["a box\n", false]);
		send(client, "x");
		expect(client.closed).toBe(true);
	});
});

test("Allow and what is there are made of the table", () => {
	const { connect } = start();
	const [wrong, none] = [connect(), connect()];
	const brew = start().connect();
	send(brew, post(0, "", "/", "BREW"));
	expect(answerOf(brew)).toMatchObject({
		status: 405,
		header: expect.stringContaining("\r\nAllow: GET, HEAD, POST, PUT\r\n"),
	});
	send(wrong, post(0, "", "/box", "PUT"));
	expect(answerOf(wrong).header).toContain("\r\nAllow: GET, HEAD, POST\r\n");
	send(none, post(0, "", "/"));
	expect(answerOf(none).body).toBe("Here are /box and PUT /only.\n");
});

test("the sender that is refused is listened to for a while, so that it reads why", () => {
	const { server, time, connect } = start();
	const client = connect();
	send(client, `${post(100_000)}${"x".repeat(500)}`);
	expect([answerOf(client).status, client.closed]).toEqual([413, false]);
	send(client, "x".repeat(5_000), 500);
	time.now = 1_999;
	expect(server.deadline).toBeLessThanOrEqual(2_000);
	expireConnections(server, 1_999);
	expect(client.closed).toBe(false);
	expireConnections(server, 2_000);
	expect([client.closed, server.connections.length]).toEqual([true, 0]);
	// It does not keep others out.
	const crowd = [connect(), connect()];
	for (const one of crowd) send(one, post(100_000));
	const next = connect();
	expect([next.closed, crowd.map(one => one.closed)]).toEqual([false, [true, false]]);
});

describe("Expect: 100-continue", () => {
	const waiting = post(5, "Expect: 100-continue\r\n");
	const goOn = "HTTP/1.1 100 Continue\r\n\r\n";

	test("is answered when the body will be taken", () => {
		const { uploaded, connect } = start();
		const client = connect();
		send(client, waiting);
		expect([client.received, client.closed, uploaded.started]).toEqual([goOn, false, [5]]);
		send(client, "hello");
		expect(client.received.slice(0, goOn.length)).toBe(goOn);
		expect(readAnswer(client.received.slice(goOn.length)).body).toBe("took 5\n");
	});

	test("and not when it will not, when it is there, or by HTTP/1.0", () => {
		const refused = start().connect();
		send(refused, post(5_000, "Expect: 100-continue\r\n"));
		expect(answerOf(refused).status).toBe(413);
		const hasty = start().connect();
		send(hasty, `${waiting}he`);
		send(hasty, "llo");
		expect(answerOf(hasty).body).toBe("took 5\n");
		const old = start().connect();
		send(old, waiting.replace("1.1", "1.0"));
		expect(old.received).toBe("");
	});

	test("goes out before an answer that cannot be made", () => {
		for (let room = 0; room < 40; room += 1) {
			const client = start({ fail: "body" }).connect(room);
			send(client, waiting);
			send(client, "hello");
			while (!client.closed) take(client, 7);
			expect(client.received.slice(0, goOn.length)).toBe(goOn);
			expect(readAnswer(client.received.slice(goOn.length)).status).toBe(500);
		}
	});

	test("goes out before the answer, however slowly", () => {
		const expected = `${goOn}HTTP/1.1 200 OK`;
		for (let room = 0; room < 40; room += 1) {
			const client = start().connect(room);
			send(client, waiting);
			send(client, "hello");
			while (!client.closed) take(client, 7);
			expect(client.received.slice(0, expected.length)).toBe(expected);
			expect(client.received).toMatch(/took 5\n$/);
		}
	});
});

describe("the sink hears of the end once", () => {
	test("when the client is gone", () => {
		const { uploaded, server, connect } = start();
		const client = connect();
		send(client, `${post(20)}0123`);
		client.events?.onEnd();
		client.events?.onEnd();
		expect([uploaded.aborted, uploaded.ended, server.connections.length]).toEqual([1, 0, 0]);
	});

	test("when the client is too slow: each kilobyte has its own ten seconds", () => {
		const { uploaded, server, time, connect } = start();
		const client = connect();
		send(client, post(2_000));
		for (const [at, count] of [
			[9_000, 1_000],
			[9_999, 24],
			[19_998, 500],
		] as const) {
			time.now = at;
			expireConnections(server, at);
			send(client, "x".repeat(count));
		}
		expect([uploaded.text.length, client.closed, server.deadline]).toEqual([1_524, false, 19_999]);
		expireConnections(server, 19_999);
		expect([uploaded.aborted, uploaded.ended, client.closed, server.dropped]).toEqual([1, 0, true, 1]);
	});

	test("when it fails: the sender gets a 500", () => {
		for (const [fail, aborted, ended] of [
			["bytes", 1, 0],
			["end", 0, 1],
		] as const) {
			const { uploaded, connect } = start({ fail });
			const client = connect();
			send(client, `${post(20)}0123456789abcdefghij`, 12);
			expect([answerOf(client).status, uploaded.aborted, uploaded.ended]).toEqual([500, aborted, ended]);
			client.events?.onEnd();
			expect([uploaded.aborted, uploaded.ended]).toEqual([aborted, ended]);
		}
	});

	test("and not at all when nobody takes the body", () => {
		const { uploaded, connect } = start({ fail: "start" });
		const client = connect();
		send(client, `${post(4)}0123`);
		expect([answerOf(client).status, uploaded.aborted, uploaded.ended]).toEqual([503, 0, 0]);
	});
});

test("a connection whose body comes keeps its place", () => {
	const { uploaded, connect } = start({ places: 1 });
	const client = connect();
	send(client, `${post(4)}01`);
	expect(connect().closed).toBe(true);
	send(client, "23");
	expect([uploaded.text, answerOf(client).status]).toEqual(["0123", 200]);
});

describe("who may write", () => {
	const by = (token: string | null, fields: string, host = "192.168.1.50", type = "application/json") => {
		const { uploaded, connect } = start({ token, guard: "write" });
		const client = connect();
		const all = `${fields}${type === "" ? "" : `Content-Type: ${type}\r\n`}`;
		send(client, `${post(2, all).replace("Host: a", `Host: ${host}`)}hi`);
		return [answerOf(client).status, uploaded.text];
	};
	const friend = "Authorization: Bearer password\r\n";

	test("with the token, by a name of this reader", () => {
		expect(by("password", friend)).toEqual([200, "hi"]);
		expect(by("password", "Authorization: Bearer Password\r\n")).toEqual([401, ""]);
		expect(by("password", "")).toEqual([401, ""]);
		expect(by("password", friend, "rebound.example")).toEqual([421, ""]);
	});

	test("nobody where no token is set", () => {
		expect(by(null, "")).toEqual([403, ""]);
		expect(by(null, friend)).toEqual([403, ""]);
	});

	test("nobody for another web site, even with the token", () => {
		const own = "Origin: http://192.168.1.50\r\nSec-Fetch-Site: same-origin\r\n";
		expect(by("password", friend + own)).toEqual([200, "hi"]);
		expect(by("password", `${friend}Sec-Fetch-Site: none\r\n`)).toEqual([200, "hi"]);
		expect(by("password", `${friend}Origin: HTTP://smarty.local:8080\r\n`, "Smarty.local:8080")).toEqual([200, "hi"]);
		for (const origin of ["http://192.168.1.51", "https://192.168.1.50", "http://192.168.1.50:81", "null", ""]) {
			expect(by("password", `${friend}Origin: ${origin}\r\n`)).toEqual([403, ""]);
		}
		for (const site of ["cross-site", "same-site", "anything"]) {
			expect(by("password", `${friend}${own}`.replace("same-origin", site))).toEqual([403, ""]);
		}
	});

	test("nobody with a body that a form can send", () => {
		const types = [
			"application/x-www-form-urlencoded",
			"multipart/form-data; boundary=a",
			"text/plain",
			"",
			"application/jsonp",
		];
		for (const type of types) expect(by("password", friend, undefined, type)).toEqual([415, ""]);
		for (const type of ["Application/JSON", "application/json; charset=utf-8", "application/json ;a=b"]) {
			expect(by("password", friend, undefined, type)).toEqual([200, "hi"]);
		}
	});

	test("no preflight gets leave", () => {
		const { connect } = start({ token: "password", guard: "write" });
		const client = connect();
		send(
			client,
			"OPTIONS /box HTTP/1.1\r\nHost: 192.168.1.50\r\nOrigin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n\r\n",
		);
		expect(answerOf(client).status).toBe(405);
		expect(answerOf(client).header).not.toMatch(/access-control/i);
	});
});
