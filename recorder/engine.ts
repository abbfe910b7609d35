/** The sink that is an engine of time series: lines into the spool, which is what makes them durable, and from there over HTTP. */
import { type IncomingMessage, Agent as PlainAgent, request as requestPlain } from "node:http";
import { request as requestSecure, Agent as SecureAgent } from "node:https";
import type { Socket } from "node:net";
import { formatLines } from "./lines.js";
import type { Sink } from "./sink.js";
import { openSpool } from "./spool.js";

/** In one request, unless a single line is longer. */
const mostBytes = 262_144;
const answerMs = 60_000;
/** After an engine that does not take lines, doubled up to the second. */
const firstPauseMs = 500;
const longestPauseMs = 60_000;

export interface EngineOptions {
	/** Where lines are written to: `http://host:8428/write`, `http://host:8086/write?db=smarty`, with all that the engine wants to know. */
	url: string;
	/** For the header `Authorization`, or null. */
	authorization: string | null;
	folder: string;
	/** Bytes that the spool may have. */
	limit: number;
	/** How long lines are kept after they were sent, in case that the engine loses what it had not written yet. */
	settleMs: number;
	note(line: string): void;
}

export interface EngineSink extends Sink {
	/** Resolves when nothing waits in the spool. */
	drain(): Promise<void>;
}

export function openEngine(options: EngineOptions): EngineSink {
	const url = new URL(options.url);
	if (!url.searchParams.has("precision")) url.searchParams.set("precision", "s");
	const isSecure = url.protocol === "https:";
	const agent = new (isSecure ? SecureAgent : PlainAgent)({ keepAlive: true, maxSockets: 1 });
	const spool = openSpool(options.folder, options.limit, options.settleMs, () => performance.now());
	const counts = { lines: 0, requests: 0, sent: 0, failures: 0, refused: 0, rewinds: 0 };
	let socket: Socket | null = null;
	let pause = 0;
	let isClosed = false;
	let wake: () => void = () => {};
	let most = mostBytes;

	/** The status and the beginning of what the engine says. */
	function post(body: Buffer): Promise<{ status: number; text: string; isNew: boolean }> {
		return new Promise((resolve, reject) => {
			const headers: Record<string, string | number> = {
				"Content-Type": "text/plain; charset=utf-8",
				"Content-Length": body.length,
			};
			if (options.authorization !== null) headers.Authorization = options.authorization;
			const send = isSecure ? requestSecure : requestPlain;
			let isNew = false;
			const outgoing = send(url, { method: "POST", agent, headers, timeout: answerMs }, (answer: IncomingMessage) => {
				let text = "";
				answer.setEncoding("utf8");
				answer.on("data", (chunk: string) => {
					if (text.length < 500) text += chunk;
				});
				answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text, isNew }));
				answer.on("error", reject);
			});
			outgoing.on("socket", used => {
				isNew = used !== socket;
				socket = used;
			});
			outgoing.on("timeout", () => outgoing.destroy(new Error("no answer")));
			outgoing.on("error", reject);
			outgoing.end(body);
		});
	}

	/** One request. Throws what is to be tried again. */
	async function sendNext(body: Buffer): Promise<void> {
		counts.requests += 1;
		const hadSocket = socket !== null;
		const { status, text, isNew } = await post(body);
		if (status === 413 || (status === 400 && !/partial write/i.test(text))) {
			// One of these lines, or their number, is not to its liking.
			if (body.indexOf(10) < body.length - 1) most = Math.max(1, Math.floor(body.length / 2));
			else {
				counts.refused += 1;
				options.note(`engine: it refuses ${body.toString().slice(0, 60).trim()}…: ${text.trim().slice(0, 200)}`);
				spool.confirm(body.length);
				most = mostBytes;
			}
			return;
		}
		if (status === 400) {
			counts.refused += 1;
			options.note(`engine: ${text.trim().slice(0, 200)}`);
		} else if (status < 200 || status > 299) throw new Error(`${status} ${text.trim().slice(0, 200)}`);
		spool.confirm(body.length);
		counts.sent += body.length;
		most = Math.min(mostBytes, most * 2);
		if (isNew && hadSocket) {
			// Another connection may be another run of the engine, which lost what the last one had only in memory.
			counts.rewinds += 1;
			spool.rewind();
		}
	}

	async function run(): Promise<void> {
		while (!isClosed) {
			const body = spool.peek(most);
			if (body === null) {
				await new Promise<void>(resolve => {
					wake = resolve;
				});
				continue;
			}
			try {
				await sendNext(body);
				if (pause > 0) options.note("engine: takes lines again");
				pause = 0;
			} catch (error) {
				if (isClosed) return;
				counts.failures += 1;
				if (pause === 0) options.note(`engine: ${(error as Error).message}; lines wait in ${options.folder}`);
				pause = Math.min(longestPauseMs, Math.max(firstPauseMs, pause * 2));
				// The second half by chance, so that a thousand recorders do not come back at once.
				const wait = pause / 2 + (Math.random() * pause) / 2;
				await new Promise<void>(resolve => {
					const timer = setTimeout(resolve, wait);
					stop = () => {
						clearTimeout(timer);
						resolve();
					};
				});
			}
		}
	}

	let stop = () => {};
	const running = run();
	return {
		name: "engine",
		async write(entries) {
			const text = formatLines(entries);
			spool.append(text);
			counts.lines += text.split("\n").length - 1;
			wake();
		},
		report: () => ({ ...counts, backlog: spool.backlog(), spool: spool.bytes() }),
		async drain() {
			while (spool.backlog() > 0) await new Promise(resolve => setTimeout(resolve, 20));
		},
		async close() {
			isClosed = true;
			agent.destroy();
			stop();
			wake();
			await running;
			spool.close();
		},
	};
}
