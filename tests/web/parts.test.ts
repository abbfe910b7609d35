/** Long bodies of texts and bytes, part by part, through connections that take little at a time. */
import { describe, expect, test } from "vitest";
import type { Part } from "../../modules/web/response.js";
import { admitConnection, createWebServer, expireConnections } from "../../modules/web/server.js";
import { readAnswer } from "./bodies.js";
import { connect, send, take } from "./fake-stream.js";

const encoder = new TextEncoder();

function serve(parts: () => Iterator<Part, void>, delay?: number) {
	let time = 0;
	const more = delay === undefined ? {} : { delay };
	const respond = () => ({ status: 200, type: "application/octet-stream", body: parts(), ...more });
	const server = createWebServer(2, respond, text => encoder.encode(text));
	return {
		server,
		connect: (room: number) => connect(stream => admitConnection(server, stream, () => time), room),
		pass(milliseconds: number) {
			time += milliseconds;
			expireConnections(server, time);
		},
	};
}

/** Texts with characters of one to four bytes, and bytes of all lengths. */
function* mix(): Generator<Part, void> {
	const piece = new Uint8Array(256);
	for (let at = 0; at < 40; at += 1) {
		yield `${at}: é€😀\n`.repeat(at % 5);
		for (let index = 0; index < piece.length; index += 1) piece[index] = 33 + ((index + at) % 90);
		// One piece of memory for all, as the flash is read.
		yield piece.subarray(0, (at * 37) % 257);
	}
}

function collect(): string {
	return Array.from(mix(), part => (typeof part === "string" ? part : Buffer.from(part).toString("latin1"))).join("");
}

describe("a body of texts and bytes", () => {
	test.each([1, 7, 100, 511, 4_096])("comes whole where %i bytes are taken at a time", room => {
		const { connect } = serve(mix);
		const client = connect(room);
		send(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
		while (!client.closed) take(client, room);
		const { status, body, chunks } = readAnswer(client.received);
		expect(status).toBe(200);
		expect(body).toBe(collect());
		expect(Math.max(...chunks)).toBeLessThanOrEqual(512);
	});
});

test("an answer that is delayed goes out at its time, however much room there is", () => {
	const { connect, pass, server } = serve(() => ["late"].values(), 1_000);
	const client = connect(4_096);
	send(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	take(client, 4_096);
	pass(999);
	expect(client.received).toBe("");
	pass(1);
	expect(readAnswer(client.received).body).toBe("late");
	expect(client.closed).toBe(true);
	expect(server.connections).toEqual([]);
	// Who goes meanwhile is forgotten.
	const other = connect(4_096);
	send(other, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	other.events?.onEnd();
	pass(1_000);
	expect(server.connections).toEqual([]);
});
