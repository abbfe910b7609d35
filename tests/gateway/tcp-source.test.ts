/** Tests of `gateway/tcp-source.ts`. */
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { readGatewayArguments } from "../../gateway/arguments.js";
import { openTcpListener } from "../../gateway/listener.js";
import type { Source } from "../../gateway/source.js";
import { openTcp, parseTcp } from "../../gateway/tcp-source.js";
import { findFreePort } from "../support/brokers.js";
import { waitUntil } from "../support/wait.js";

let server: Server | null = null;
let source: Source | null = null;

afterEach(() => {
	source?.close();
	server?.close();
});

test("addresses", () => {
	expect(parseTcp("tcp://192.168.1.50:2000")).toEqual({ host: "192.168.1.50", port: 2000 });
	expect(parseTcp("TCP://adapter.local:23/")).toEqual({ host: "adapter.local", port: 23 });
	expect(parseTcp("/dev/ttyUSB0")).toBeNull();
	expect(parseTcp("COM3")).toBeNull();
	for (const text of ["tcp://192.168.1.50", "tcp://:2000", "tcp://a:0", "tcp://a:65536", "tcp://a:b", "udp://a:1"]) {
		expect(parseTcp(text), text).toBe("it looks like tcp://192.168.1.50:2000");
	}
	expect(readGatewayArguments(["--port", "tcp://a:1"], {})).toMatchObject({ port: "tcp://a:1" });
	expect(readGatewayArguments(["--port", "tcp://a"], {})).toBe(
		"--port: it looks like tcp://192.168.1.50:2000, or like /dev/ttyUSB0",
	);
});

test("an adapter is connected again when it was not there, has gone, or says nothing any more", async () => {
	const port = await findFreePort();
	const bytes: number[] = [];
	const states: string[] = [];
	const receive = (piece: Uint8Array, count: number) => bytes.push(...piece.slice(0, count));
	source = openTcp({ host: "127.0.0.1", port }, receive, text => states.push(text), 1_500);
	await waitUntil("the refusal", () => states.some(text => text.includes("ECONNREFUSED")));
	const clients: Socket[] = [];
	server = createServer(client => {
		clients.push(client);
		client.on("error", () => {});
	});
	server.listen(port, "127.0.0.1");
	await waitUntil("a connection", () => clients.length === 1);
	clients[0]!.write(Uint8Array.from([1, 2, 3]));
	await waitUntil("its bytes", () => bytes.length === 3);
	clients[0]!.end();
	await waitUntil("another one", () => clients.length === 2);
	clients[1]!.write(Uint8Array.from([4]));
	await waitUntil("its byte", () => bytes.length === 4);
	// It is switched off: nothing comes, and no end.
	await waitUntil("a third one", () => clients.length === 3);
	expect(bytes).toEqual([1, 2, 3, 4]);
	const name = `tcp://127.0.0.1:${port}`;
	expect(states.slice(1)).toEqual([
		`reading ${name}`,
		`${name} has closed the connection`,
		`reading ${name}`,
		`${name} sends nothing`,
		`reading ${name}`,
	]);
	source.close();
	await waitUntil("its end", () => clients[2]!.closed || clients[2]!.destroyed || clients[2]!.readableEnded);
	clients.at(-1)!.destroy();
});

test("a server says that it is open when it is, and not before", async () => {
	const port = await findFreePort();
	const trouble: string[] = [];
	let opened = 0;
	const first = openTcpListener(
		port,
		null,
		() => null,
		text => trouble.push(text),
	);
	first.whenOpen?.(() => {
		opened += 1;
	});
	expect(opened).toBe(0);
	await waitUntil("it is open", () => opened === 1);
	const second = openTcpListener(
		port,
		null,
		() => null,
		text => trouble.push(text),
	);
	second.whenOpen?.(() => {
		opened += 10;
	});
	await waitUntil("the trouble", () => trouble.length > 0);
	expect(trouble[0]).toContain("EADDRINUSE");
	expect(opened).toBe(1);
	first.close();
	second.close();
});
