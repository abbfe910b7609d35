/** Real MQTT brokers for tests: mosquitto and aedes. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedBroker } from "../../simulator/embedded-broker.js";
import { waitUntil } from "./wait.js";

export interface Broker {
	port: number;
	/** Ends it at once, without a goodbye to its clients. */
	stop(): Promise<void>;
}

/** A port of the loopback interface that nobody listens on. */
export async function findFreePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as { port: number };
	await new Promise<void>(resolve => server.close(() => resolve()));
	return port;
}

/** Debian's mosquitto on a free port or the given one, with lines added to its configuration. */
export async function startMosquitto(
	options: { port?: number; lines?: string[] } = {},
): Promise<Broker & { process: ChildProcess }> {
	const { port = await findFreePort(), lines = [] } = options;
	const folder = mkdtempSync(join(tmpdir(), "smarty-mosquitto-"));
	const file = join(folder, "mosquitto.conf");
	const anonymous = lines.some(line => line.startsWith("allow_anonymous")) ? [] : ["allow_anonymous true"];
	writeFileSync(
		file,
		[`listener ${port} 127.0.0.1`, "user root", "persistence false", ...anonymous, ...lines, ""].join("\n"),
	);
	const process = spawn("mosquitto", ["-c", file], { stdio: "ignore" });
	const ended = new Promise<void>((resolve, reject) => {
		process.once("exit", () => resolve());
		process.once("error", error =>
			reject(new Error(`mosquitto does not start (npm run setup installs it): ${error.message}`)),
		);
	});
	let gone = false;
	const failure = ended.then(() => Promise.reject(new Error("mosquitto ended at once")));
	failure.catch(() => {
		gone = true;
	});
	await Promise.race([waitUntil(`something listens on port ${port}`, () => gone || isOpen(port)), failure]);
	return {
		port,
		process,
		async stop() {
			process.kill("SIGKILL");
			await ended;
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

/** The broker that `npm start` brings along. */
export async function startAedes(): Promise<Broker> {
	const broker = await startEmbeddedBroker();
	return { port: broker.address.port, stop: broker.close };
}

export interface ReceivedMessage {
	topic: string;
	payload: string;
	quality: number;
	retain: boolean;
}

export interface Subscriber {
	/** Everything so far, in order. */
	messages: ReceivedMessage[];
	/** Waits until `wanted` is true of the messages. */
	waitFor(wanted: (messages: ReceivedMessage[]) => boolean): Promise<void>;
	stop(): void;
}

/** `mosquitto_sub` on a filter, ready when this returns. */
export async function subscribe(port: number, filter: string, ...options: string[]): Promise<Subscriber> {
	const format = ["-F", "%r %q %t %p"];
	const where = ["-h", "127.0.0.1", "-p", String(port), "-t", filter, "-q", "1", "-d"];
	// Without stdbuf the lines would wait in the pipe's buffer.
	const command = ["-oL", "mosquitto_sub", ...where, ...format, ...options];
	const process = spawn("stdbuf", command, { stdio: ["ignore", "pipe", "inherit"] });
	const messages: ReceivedMessage[] = [];
	let text = "";
	let ready = false;
	process.stdout.setEncoding("utf8").on("data", (chunk: string) => {
		const lines = (text + chunk).split("\n");
		text = lines.pop()!;
		for (const line of lines) {
			const match = /^([01]) ([012]) (\S+) (.*)$/.exec(line);
			if (match)
				messages.push({ retain: match[1] === "1", quality: Number(match[2]), topic: match[3]!, payload: match[4]! });
			else if (line.startsWith("Subscribed")) ready = true;
		}
	});
	await waitUntil("mosquitto_sub has subscribed", () => ready);
	return {
		messages,
		async waitFor(wanted) {
			await waitUntil("messages", () => wanted(messages));
		},
		stop: () => void process.kill(),
	};
}

function isOpen(port: number): Promise<boolean> {
	return new Promise(resolve => {
		const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
		socket.on("connect", () => socket.destroy());
	});
}
