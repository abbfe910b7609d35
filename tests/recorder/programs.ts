/** Programs around the recorder, each in a process of its own on the loopback interface: broker, engines, the recorder itself. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Child, startChild } from "../gateway/process.js";
import { findFreePort } from "../support/brokers.js";
import { waitUntil } from "../support/wait.js";

/** A program that can be killed, and started again with what it has on its disk. */
export interface Engine {
	/** Where it listens. */
	readonly address: string;
	readonly port: number;
	kill(signal: NodeJS.Signals): Promise<void>;
	start(): Promise<void>;
	isRunning(): boolean;
}

function createEngine(
	port: number,
	command: string,
	words: readonly string[],
	isReady: () => Promise<boolean>,
): Engine {
	let child: ChildProcess | null = null;
	let ended: Promise<void> = Promise.resolve();
	return {
		port,
		address: `http://127.0.0.1:${port}`,
		isRunning: () => child !== null,
		async kill(signal) {
			child?.kill(signal);
			await ended;
			child = null;
		},
		async start() {
			const own = spawn(command, words, { stdio: "ignore" });
			child = own;
			let failure: Error | null = null;
			ended = new Promise(resolve => {
				own.once("exit", () => resolve());
				own.once("error", error => {
					failure = error;
					resolve();
				});
			});
			await waitUntil(`${command} at port ${port}`, () => {
				if (failure !== null)
					throw new Error(`${command} does not start (npm run setup installs it): ${failure.message}`);
				return isReady();
			});
		},
	};
}

const answers = (url: string) => async () => {
	try {
		return (await fetch(url)).ok;
	} catch {
		return false;
	}
};

/** Debian's VictoriaMetrics; the same sample twice is one (docs/fleet.md). */
export async function createVictoria(folder: string): Promise<Engine> {
	const port = await findFreePort();
	const words = [
		`-storageDataPath=${folder}`,
		`-httpListenAddr=127.0.0.1:${port}`,
		"-retentionPeriod=100y",
		"-dedup.minScrapeInterval=1ms",
		"-memory.allowedBytes=100000000",
	];
	return createEngine(port, "victoria-metrics", words, answers(`http://127.0.0.1:${port}/health`));
}

/** Debian's InfluxDB 1.6. */
export async function createInflux(folder: string): Promise<Engine> {
	mkdirSync(folder, { recursive: true });
	const [port, own] = [await findFreePort(), await findFreePort()];
	const path = join(folder, "influxdb.conf");
	const lines = [
		"reporting-disabled = true",
		`bind-address = "127.0.0.1:${own}"`,
		`[meta]\ndir = "${folder}/meta"`,
		`[data]\ndir = "${folder}/data"\nwal-dir = "${folder}/wal"`,
		`[http]\nbind-address = "127.0.0.1:${port}"\nlog-enabled = false`,
		"[monitor]\nstore-enabled = false",
		"[subscriber]\nenabled = false",
	];
	writeFileSync(path, `${lines.join("\n")}\n`);
	return createEngine(port, "influxd", ["-config", path], answers(`http://127.0.0.1:${port}/ping`));
}

/** Debian's mosquitto, which keeps its sessions over a clean stop, and every `autosave` seconds. */
export async function createKeepingBroker(folder: string, autosave = 1_800): Promise<Engine> {
	mkdirSync(folder, { recursive: true });
	const port = await findFreePort();
	const path = join(folder, "mosquitto.conf");
	const lines = [
		`listener ${port} 127.0.0.1`,
		"user root",
		"allow_anonymous true",
		"persistence true",
		`persistence_location ${folder}/`,
		`autosave_interval ${autosave}`,
		"max_queued_messages 0",
		"max_inflight_messages 1000",
	];
	writeFileSync(path, `${lines.join("\n")}\n`);
	const { connect } = await import("node:net");
	const isOpen = () =>
		new Promise<boolean>(resolve => {
			const socket = connect(port, "127.0.0.1", () => {
				socket.destroy();
				resolve(true);
			});
			socket.on("error", () => resolve(false));
		});
	return createEngine(port, "mosquitto", ["-c", path], isOpen);
}

export interface Disk {
	readonly environment: Record<string, string>;
	fill(): void;
	free(): void;
}

/** A disk that can be full: what is written under `folder` fails, or ends in the middle. */
export function createDisk(folder: string, under: string): Disk {
	const library = join(folder, "full-disk.so");
	const source = fileURLToPath(new URL("full-disk.c", import.meta.url));
	execFileSync("gcc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]);
	const flag = join(folder, "full");
	return {
		environment: { LD_PRELOAD: library, SMARTY_FULL: flag, SMARTY_FULL_UNDER: under },
		fill: () => writeFileSync(flag, ""),
		free: () => rmSync(flag, { force: true }),
	};
}

export function startRecorder(words: readonly string[], environment: Record<string, string> = {}): Child {
	return startChild(process.execPath, ["--import", "tsx", "recorder/main.ts", ...words], environment);
}

/** What VictoriaMetrics has of a metric: by meter, times in seconds and values. */
export async function exportVictoria({ address }: Engine, metric: string): Promise<Map<string, [number, number][]>> {
	await fetch(`${address}/internal/force_flush`);
	const answer = await fetch(`${address}/api/v1/export?match[]=${metric}`);
	const found = new Map<string, [number, number][]>();
	for (const line of (await answer.text()).split("\n").filter(text => text !== "")) {
		const { metric: labels, values, timestamps } = JSON.parse(line);
		const list = found.get(labels.meter) ?? [];
		for (const [at, value] of values.entries()) list.push([timestamps[at] / 1000, value]);
		found.set(labels.meter, list);
	}
	for (const list of found.values()) list.sort((one, other) => one[0] - other[0]);
	return found;
}

/** What InfluxDB has of a field, the same way. */
export async function exportInflux(
	{ address }: Engine,
	database: string,
	field: string,
): Promise<Map<string, [number, number][]>> {
	const query = encodeURIComponent(`SELECT ${field} FROM smarty GROUP BY meter`);
	const answer = await fetch(`${address}/query?db=${database}&epoch=s&q=${query}`);
	const { results } = (await answer.json()) as {
		results: { series?: { tags: { meter: string }; values: [number, number][] }[] }[];
	};
	return new Map((results[0]?.series ?? []).map(({ tags, values }) => [tags.meter, values]));
}
