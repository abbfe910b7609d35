/** Tests of `modules/web/telegram-server.ts`. */
import { expect, test } from "vitest";
import {
	admitClient,
	broadcast,
	closeTelegramServer,
	createTelegramServer,
} from "../../modules/web/telegram-server.js";
import { specificationTelegram, textBytes } from "../support/vectors.js";
import { connect, send, take } from "./fake-stream.js";

const bytes = textBytes(specificationTelegram);
const text = specificationTelegram;

test("everyone gets each telegram, and the last one at once", () => {
	const server = createTelegramServer(4);
	const early = connect(accept => admitClient(server, accept, 0));
	expect(early.received).toBe("");
	broadcast(server, bytes, 1000);
	const late = connect(accept => admitClient(server, accept, 5000));
	expect([early.received, late.received]).toEqual([text, text]);
	broadcast(server, bytes, 11_000);
	expect([early.received, late.received]).toEqual([text + text, text + text]);
});

test("an old telegram is not given for a new one", () => {
	const server = createTelegramServer(4);
	broadcast(server, bytes, 0);
	expect(connect(accept => admitClient(server, accept, 60_000)).received).toBe("");
});

test("a slow client gets its telegram in pieces, and is dropped when the next one comes first", () => {
	const server = createTelegramServer(4);
	const slow = connect(accept => admitClient(server, accept, 0), 100);
	const quick = connect(accept => admitClient(server, accept, 0));
	broadcast(server, bytes, 0);
	expect(slow.received).toHaveLength(100);
	take(slow, 500);
	take(slow, 5000);
	expect(slow.received).toBe(text);
	slow.room = 10;
	broadcast(server, bytes, 10_000);
	expect(slow.closed).toBe(false);
	broadcast(server, bytes, 20_000);
	expect([slow.closed, quick.closed]).toEqual([true, false]);
	expect(quick.received).toBe(text + text + text);
	expect(server.clients).toHaveLength(1);
	expect(server.dropped).toBe(1);
});

test("no more clients than there are places; who leaves makes one", () => {
	const server = createTelegramServer(4);
	const clients = Array.from({ length: 50 }, () => connect(accept => admitClient(server, accept, 0)));
	expect(clients.filter(client => !client.closed)).toEqual(clients.slice(46));
	expect(server).toMatchObject({ admitted: 50, dropped: 46 });
	for (const client of clients.slice(46)) send(client, "garbage\0".repeat(1000));
	clients[48].events?.onEnd();
	clients[48].closed = true;
	const next = connect(accept => admitClient(server, accept, 0));
	expect(server).toMatchObject({ admitted: 51, dropped: 46 });
	broadcast(server, bytes, 0);
	expect(next.received).toBe(text);
	expect(clients[48].received).toBe("");
	closeTelegramServer(server);
	expect(next.closed).toBe(true);
});

test("the oldest silent client makes room: first one that does not take what it gets, then the first that came", () => {
	const server = createTelegramServer(3);
	const [quick, slow, slower] = [Infinity, 10, 10].map(room => connect(accept => admitClient(server, accept, 0), room));
	broadcast(server, bytes, 0);
	const isClosed = () => [quick, slow, slower].map(({ closed }) => closed);
	const news = [1, 2, 3].map(at => {
		const client = connect(accept => admitClient(server, accept, at));
		expect(client.received).toBe(text);
		return [at, ...isClosed()];
	});
	expect(news).toEqual([
		[1, false, true, false],
		[2, false, true, true],
		[3, true, true, true],
	]);
	// Who went does not take another one along when its connection ends.
	quick.events?.onEnd();
	expect(server.clients).toHaveLength(3);
});
