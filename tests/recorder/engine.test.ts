/** The sink that is an engine, against one that does whatever an engine may do. */
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openEngine } from "../../recorder/engine.js";
import { openSpool } from "../../recorder/spool.js";
import { waitUntil } from "../support/wait.js";
import { createVictoria, exportVictoria } from "./programs.js";
import { makeFolder, sample } from "./samples.js";

interface FakeEngine {
	readonly url: string;
	/** Every line that was taken, in order. */
	readonly taken: string[];
	/** The header Authorization of each request. */
	readonly authorizations: (string | undefined)[];
	/** Status and text of the next answers; then 204. */
	readonly answers: [status: number, text?: string][];
	/** What it has to say against a request, or null. */
	refuse: ((lines: string[]) => [number, string] | null) | null;
	/** Drops connections, as a restart does. */
	restart(): void;
	stop(): Promise<void>;
}

async function startFakeEngine(): Promise<FakeEngine> {
	const sockets = new Set<Socket>();
	const engine: Omit<FakeEngine, "url" | "stop"> = {
		taken: [],
		authorizations: [],
		answers: [],
		refuse: null,
		restart() {
			for (const socket of sockets) socket.destroy();
		},
	};
	const server: Server = createServer((request, response) => {
		let text = "";
		request.on("data", chunk => (text += chunk));
		request.on("end", () => {
			const lines = text.split("\n").slice(0, -1);
			engine.authorizations.push(request.headers.authorization);
			const [status, words = ""] = engine.answers.shift() ?? engine.refuse?.(lines) ?? [204];
			if (status === 204 || /partial write/.test(words)) engine.taken.push(...lines);
			response.writeHead(status).end(words);
		});
	});
	server.on("connection", socket => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
	});
	await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
	const stop = async () => {
		engine.restart();
		await new Promise<void>(resolve => server.close(() => resolve()));
	};
	onTestFinished(stop);
	return Object.assign(engine, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/write?db=x`, stop });
}

function open(url: string, changes: Partial<Parameters<typeof openEngine>[0]> = {}) {
	const notes: string[] = [];
	const note = (line: string) => void notes.push(line);
	const rest = { authorization: null, folder: makeFolder(), limit: 1e9, settleMs: 60_000, note };
	const sink = openEngine({ url, ...rest, ...changes });
	onTestFinished(() => sink.close());
	return { sink, notes };
}

const times = (lines: readonly string[]) => lines.map(line => Number(line.split(" ")[2]));

test("lines go in order, with the header that was given", async () => {
	const engine = await startFakeEngine();
	const { sink } = open(engine.url, { authorization: "Token abc" });
	for (let at = 0; at < 20; at += 1) await sink.write([sample(at, at)]);
	await sink.drain();
	expect(times(engine.taken)).toEqual(Array.from({ length: 20 }, (_, at) => at));
	expect(new Set(engine.authorizations)).toEqual(new Set(["Token abc"]));
});

test("while it is busy, missing or shut, lines wait, and come in order afterwards", async () => {
	const engine = await startFakeEngine();
	engine.answers.push([503, "busy"], [404, "database not found"], [401, "who are you"], [429]);
	const { sink, notes } = open(engine.url);
	await sink.write([sample(1, 1), sample(2, 2)]);
	await sink.write([sample(3, 3)]);
	await sink.drain();
	expect([...new Set(times(engine.taken))]).toEqual([1, 2, 3]);
	expect(notes[0]).toContain("503 busy");
	expect(notes.at(-1)).toContain("takes lines again");
	expect(sink.report()).toMatchObject({ failures: 4, refused: 0, backlog: 0 });
});

test("on another connection what was sent lately is sent again", async () => {
	const engine = await startFakeEngine();
	const { sink } = open(engine.url);
	await sink.write([sample(1, 1)]);
	await sink.drain();
	engine.restart();
	await new Promise(resolve => setTimeout(resolve, 50));
	await sink.write([sample(2, 2)]);
	await waitUntil("again", () => engine.taken.length >= 4);
	await sink.drain();
	expect(times(engine.taken).sort()).toEqual([1, 1, 2, 2]);
	expect(sink.report().rewinds).toBe(1);
});

test("VictoriaMetrics, killed with what it had in memory only, gets it again", async () => {
	const folder = makeFolder();
	const victoria = await createVictoria(join(folder, "victoria"));
	await victoria.start();
	onTestFinished(() => victoria.kill("SIGKILL"));
	const { sink } = open(`${victoria.address}/write`);
	const start = Math.floor(Date.now() / 1000) - 86_400;
	for (let at = 0; at < 50; at += 1) await sink.write([sample(start + at, at)]);
	// It has said that it has them all.
	await sink.drain();
	await victoria.kill("SIGKILL");
	await victoria.start();
	await sink.write([sample(start + 50, 50)]);
	await waitUntil("sent again", () => sink.report().rewinds === 1);
	await sink.drain();
	const found = await exportVictoria(victoria, "smarty_active_energy_import");
	expect(found.get("SAG1030700114004")).toEqual(Array.from({ length: 51 }, (_, at) => [start + at, at / 1_000]));
});

test("a line that it refuses is found, named and left out; all others arrive", async () => {
	const engine = await startFakeEngine();
	engine.refuse = lines => (times(lines).includes(7) ? [400, "unable to parse"] : null);
	const { sink, notes } = open(engine.url);
	await sink.write(Array.from({ length: 30 }, (_, at) => sample(at, at)));
	await sink.drain();
	expect(times(engine.taken)).toEqual(Array.from({ length: 30 }, (_, at) => at).filter(at => at !== 7));
	expect(sink.report().refused).toBe(1);
	expect(notes.join()).toContain("unable to parse");
	engine.refuse = lines => (lines.length > 3 ? [413, "too large"] : null);
	await sink.write(Array.from({ length: 9 }, (_, at) => sample(100 + at, at)));
	await sink.drain();
	expect(times(engine.taken).filter(time => time >= 100)).toHaveLength(9);
	expect(sink.report().refused).toBe(1);
});

test("the spool is read again after a kill: all whole lines, and nothing of a torn one", async () => {
	const folder = makeFolder();
	const first = openSpool(folder, 1e9, 60_000, () => 0);
	first.append("one\ntwo\n");
	first.append("three\n");
	const [name] = readdirSync(folder);
	appendFileSync(join(folder, name!), "fo");
	const again = openSpool(folder, 1e9, 60_000, () => 0);
	expect(again.peek(1e6)!.toString()).toBe("one\ntwo\nthree\n");
	expect(readFileSync(join(folder, name!), "utf8")).toBe("one\ntwo\nthree\n");
	again.append("five\n");
	again.confirm(14);
	expect(again.peek(1e6)!.toString()).toBe("five\n");
	again.rewind();
	expect(again.peek(5)!.toString()).toBe("one\n");
	again.close();
	first.close();
});

test("what was sent goes when it has settled, and a full spool refuses whole batches", async () => {
	const folder = makeFolder();
	let now = 0;
	const spool = openSpool(folder, 20, 1_000, () => now);
	spool.append("0123456789\n");
	expect(() => spool.append("0123456789\n")).toThrow("the spool is full");
	spool.confirm(11);
	now = 500;
	expect(() => spool.append("0123456789\n")).toThrow("the spool is full");
	now = 2_000;
	spool.append("abc\n");
	expect(spool.peek(100)!.toString()).toBe("abc\n");
	expect(readdirSync(folder)).toHaveLength(1);
	spool.close();
});
