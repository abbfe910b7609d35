/** Processes around the firmware for the check with the SDK: broker, meter, relay, subscriber. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Packet, parser } from "mqtt-packet";
import { sendAtPace } from "../feed/board.js";

export async function waitUntil(what: string, milliseconds: number, isSo: () => boolean): Promise<void> {
	const end = Date.now() + milliseconds;
	while (!isSo()) {
		if (Date.now() > end) throw new Error(`waited ${milliseconds} ms in vain: ${what}`);
		await sleep(10);
	}
}

export async function findPort(): Promise<number> {
	const server = createServer();
	await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as { port: number };
	await new Promise<void>(resolve => server.close(() => resolve()));
	return port;
}

export interface Child {
	process: ChildProcess;
	lines: string[];
	/** The exit code, or the signal's name. */
	ended: Promise<number | string>;
}

const children = new Set<Child>();

/** Ends whatever is still there. */
export async function stopAll(): Promise<void> {
	await Promise.all([...children].map(child => stop(child)));
}

/** Starts a program and keeps the lines that it says. */
function start(command: string, options: readonly string[]): Child {
	const child = spawn(command, options, { stdio: ["pipe", "pipe", "pipe"] });
	const lines: string[] = [];
	let rest = "";
	const keep = (text: Buffer) => {
		const parts = (rest + text.toString("utf8")).split("\n");
		rest = parts.pop()!;
		lines.push(...parts);
	};
	child.stdout.on("data", keep);
	child.stderr.on("data", keep);
	child.stdin.on("error", () => {});
	const ended = new Promise<number | string>((resolve, reject) => {
		child.once("exit", (code, signal) => resolve(code ?? signal ?? "ended"));
		child.once("error", reject);
	});
	const record = { process: child, lines, ended };
	children.add(record);
	ended.then(
		() => children.delete(record),
		() => children.delete(record),
	);
	return record;
}

export async function stop(child: Child | null, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
	if (child === null) return;
	child.process.kill(signal);
	await child.ended;
}

/** mosquitto on a port of the loopback interface. */
export async function startMosquitto(folder: string, port: number, lines: readonly string[] = []): Promise<Child> {
	const file = join(folder, `mosquitto-${port}.conf`);
	const basis = [
		`listener ${port} 127.0.0.1`,
		"user root",
		"persistence false",
		"allow_anonymous true",
		"log_type all",
	];
	writeFileSync(file, [...basis, ...lines, ""].join("\n"));
	const child = start("mosquitto", ["-c", file]);
	await waitUntil("mosquitto listens", 5_000, () => child.lines.some(line => line.includes("running")));
	return child;
}

/** Payloads of the states, those that come late too, that a subscriber of its own, Debian's mosquitto_sub, gets. */
export async function subscribe(broker: Child, port: number): Promise<Child> {
	const child = start("stdbuf", [
		"-oL",
		"mosquitto_sub",
		"-p",
		String(port),
		"-q",
		"1",
		"-t",
		"smarty/+/state",
		"-t",
		"smarty/+/history",
		"-F",
		"%p",
	]);
	await waitUntil("the subscriber is subscribed", 5_000, () => broker.lines.some(line => line.includes("SUBACK")));
	return child;
}

export interface Line {
	/** What the firmware opens. */
	device: string;
	/** Sends at the speed of the real line; ends when the last byte is out. */
	send(bytes: Uint8Array): Promise<void>;
	close(): Promise<void>;
}

/** The meter's side of a pty. */
export async function openLine(folder: string): Promise<Line> {
	const device = join(folder, "p1");
	const child = start("socat", ["-u", "STDIN", `PTY,link=${device},raw,echo=0,wait-slave`]);
	await waitUntil("the pty is there", 5_000, () => existsSync(device));
	return {
		device,
		async send(bytes) {
			await sendAtPace(bytes, piece => child.process.stdin!.write(piece));
		},
		close: () => stop(child),
	};
}

/** The firmware in the headless host, for at most so many seconds. */
export function startFirmware(host: string, library: string, seconds: number): Child {
	return start(host, [String(seconds), library]);
}

export interface Tap {
	/** Accepted connections, as the broker's CONNACK says. */
	accepted: number[];
	/** Frame counters in the order in which they were published; late ones have a topic of their own. */
	published: { counter: number; late: boolean }[];
	/** Frame counters that the broker acknowledged. */
	acknowledged: Set<number>;
	close(): Promise<void>;
}

/** Between the firmware and the broker: hands every byte on as it is, and notes what the packets say. */
export async function openTap(port: number, target: number): Promise<Tap> {
	const sockets = new Set<Socket>();
	const tap = { accepted: [] as number[], published: [] as Tap["published"], acknowledged: new Set<number>() };
	const server: Server = createServer(client => {
		const broker = connect(target, "127.0.0.1");
		const flying = new Map<number, number>();
		sockets.add(client).add(broker);
		follow(client, broker, packet => {
			if (packet.cmd !== "publish" || !/\/(state|history)$/.test(packet.topic)) return;
			const counter = Number(JSON.parse(packet.payload.toString()).frame_counter);
			tap.published.push({ counter, late: packet.topic.endsWith("/history") });
			flying.set(packet.messageId!, counter);
		});
		follow(broker, client, packet => {
			if (packet.cmd === "connack" && packet.returnCode === 0) tap.accepted.push(Date.now());
			if (packet.cmd === "puback") {
				const counter = flying.get(packet.messageId!);
				if (counter !== undefined) tap.acknowledged.add(counter);
			}
		});
	});
	await new Promise<void>(resolve => server.listen(port, "127.0.0.1", resolve));
	return {
		...tap,
		async close() {
			for (const socket of sockets) socket.destroy();
			await new Promise<void>(resolve => server.close(() => resolve()));
		},
	};
}

function follow(from: Socket, to: Socket, onPacket: (packet: Packet) => void): void {
	const packets = parser({ protocolVersion: 4 });
	packets.on("packet", onPacket);
	from.on("data", bytes => {
		packets.parse(bytes);
		to.write(bytes);
	});
	from.on("close", () => to.destroy());
	from.on("error", () => to.destroy());
}

export interface Certificates {
	folder: string;
	/** In DER. */
	authority: string;
	/** For mosquitto's configuration: with the authority's certificate, and without. */
	lines: string[];
	leafOnly: string[];
}

/** An authority, or that of others, and a certificate that it signed for `name`: files under `folder`. */
export function createCertificates(folder: string, name: string, signer?: Certificates): Certificates {
	mkdirSync(folder, { recursive: true });
	const file = (end: string) => join(folder, end);
	const ofSigner = (end: string) => join(signer?.folder ?? folder, end);
	const openssl = (...options: string[]) => execFileSync("openssl", options, { stdio: "pipe" });
	const key = ["-newkey", "rsa:2048", "-nodes"];
	if (signer === undefined) {
		openssl(
			"req",
			"-x509",
			...key,
			"-keyout",
			file("ca.key"),
			"-out",
			file("ca.pem"),
			"-days",
			"30",
			"-subj",
			"/CN=Authority",
		);
		openssl("x509", "-in", file("ca.pem"), "-outform", "der", "-out", file("ca.der"));
	}
	openssl("req", ...key, "-keyout", file("server.key"), "-out", file("server.csr"), "-subj", `/CN=${name}`);
	writeFileSync(
		file("extensions"),
		`subjectAltName=DNS:${name}\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n`,
	);
	const signing = [
		"-CA",
		ofSigner("ca.pem"),
		"-CAkey",
		ofSigner("ca.key"),
		"-CAcreateserial",
		"-extfile",
		file("extensions"),
	];
	openssl("x509", "-req", "-in", file("server.csr"), ...signing, "-days", "20", "-out", file("server.pem"));
	writeFileSync(file("chain.pem"), readFileSync(file("server.pem"), "utf8") + readFileSync(ofSigner("ca.pem"), "utf8"));
	return {
		folder,
		authority: ofSigner("ca.der"),
		lines: [`certfile ${file("chain.pem")}`, `keyfile ${file("server.key")}`],
		leafOnly: [`certfile ${file("server.pem")}`, `keyfile ${file("server.key")}`],
	};
}
