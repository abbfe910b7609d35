/** How much of their answers the board's TCP holds for clients, and that this keeps nobody waiting. */
import { expect, test } from "vitest";
import type { Body } from "../../modules/web/response.js";
import { admitConnection, createWebServer, expireConnections } from "../../modules/web/server.js";
import { createChance } from "../support/chance.js";
import { readAnswer } from "./bodies.js";
import { Net, segmentLength, TcpClient } from "./fake-tcp.js";

const long = Array.from({ length: 900 }, (_, at) => `line ${at} of it`).join("\n");
const bytes = Buffer.from(long);
const bodies: Readonly<Record<string, () => Body>> = {
	"/bytes": () => bytes,
	"/text": () => long,
	"/parts": () => long.match(/[\s\S]{1,200}/g)!.values(),
	"/short": () => long.slice(0, 300),
};
const whole = (path: string) => (path === "/short" ? long.slice(0, 300) : long);

function serve() {
	const net = new Net();
	const server = createWebServer(
		4,
		({ path }) => ({ status: 200, type: "text/plain", body: bodies[path]!(), held: 0 }),
		text => new TextEncoder().encode(text),
	);
	const ask = (path: string, way = 2, isDead = false) => {
		const client = new TcpClient(net, accept => admitConnection(server, accept, () => net.now), way, isDead);
		client.ask(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
		return client;
	};
	return { net, server, ask };
}

const bodyOf = ({ received }: TcpClient) => readAnswer(Buffer.from(received).toString()).body;

test.each(Object.keys(bodies))("one client gets %s without a wait, and two segments are held for it", path => {
	const { net, ask } = serve();
	const client = ask(path);
	net.run(150);
	expect(bodyOf(client)).toBe(whole(path));
	expect([client.isClosed, client.waits, net.held]).toEqual([true, 0, 0]);
	expect(net.peak).toBeLessThanOrEqual(2 * segmentLength);
});

test("for two clients at once three segments are held, and each gets its answer", () => {
	const { net, ask } = serve();
	const clients = [ask("/bytes"), ask("/parts")];
	expect(net.held).toBe(3 * segmentLength);
	net.run(50);
	expect(net.held).toBeLessThanOrEqual(2 * segmentLength);
	net.run();
	for (const client of clients) expect([bodyOf(client), client.isClosed]).toEqual([long, true]);
	expect(net.peak).toBeLessThanOrEqual(3 * segmentLength);
	expect(net.held).toBe(0);
});

test("a client that is switched off in the middle makes others slower, and stops none", () => {
	const { net, server, ask } = serve();
	const dead = ask("/bytes", 2, true);
	for (const path of Object.keys(bodies)) {
		const start = net.now;
		const client = ask(path);
		net.run();
		expect(bodyOf(client), path).toBe(whole(path));
		expect(net.now - start).toBeLessThan(3_000);
	}
	expect(dead.pending).toBe(2 * segmentLength);
	expect(net.peak).toBeLessThanOrEqual(4 * segmentLength);
	net.now = 10_000;
	expireConnections(server, net.now);
	expect(server.connections).toEqual([]);
});

test("whoever asks for what, and however long its way is, gets it whole, and little is held", () => {
	for (let seed = 1; seed <= 15; seed += 1) {
		const chance = createChance(seed);
		const { net, server, ask } = serve();
		const clients: [path: string, client: TcpClient][] = [];
		for (let at = 0; at < 12; at += 1) {
			const dead = server.connections.filter(({ stream }) => (stream as TcpClient).received.length === 0).length;
			if (server.connections.length < 4) {
				const path = chance.pick(Object.keys(bodies));
				const isDead = dead === 0 && chance.integer(0, 5) === 0;
				const client = ask(path, chance.integer(0, 90), isDead);
				if (!isDead) clients.push([path, client]);
			}
			net.run(net.now + chance.integer(0, 700));
		}
		net.run();
		for (const [path, client] of clients) expect([bodyOf(client), client.isClosed]).toEqual([whole(path), true]);
		expect(net.peak).toBeLessThanOrEqual(8 * segmentLength);
	}
});
