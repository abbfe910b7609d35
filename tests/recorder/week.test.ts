/** An accelerated week with everything that can go: nothing lost, nothing doubled, nothing wrong. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../recorder/database.js";
import { createQueries } from "../../recorder/queries.js";
import { createFleet, type Fleet } from "../../simulator/fleet/fleet.js";
import type { HouseReading } from "../../simulator/fleet/house.js";
import type { Child } from "../gateway/process.js";
import { findFreePort } from "../support/brokers.js";
import { createChance } from "../support/chance.js";
import { waitUntil, waitUntilQuiet } from "../support/wait.js";
import {
	createDisk,
	createInflux,
	createKeepingBroker,
	createVictoria,
	type Engine,
	exportInflux,
	exportVictoria,
	startRecorder,
} from "./programs.js";
import { makeFolder } from "./samples.js";

type Series = Map<string, [time: number, imported: number][]>;

const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

/** Readings that the broker has acknowledged, each once, by meter and in order: what must be there. */
interface Truth {
	readonly readings: Map<string, HouseReading>;
	/** When each was acknowledged, milliseconds since 1970. */
	readonly times: Map<string, number>;
	series(scale: number): Series;
}

function createTruth(): Truth & { note(reading: HouseReading): void } {
	const readings = new Map<string, HouseReading>();
	const times = new Map<string, number>();
	return {
		readings,
		times,
		note(reading) {
			const key = `${reading.meter} ${reading.time}`;
			readings.set(key, reading);
			if (!times.has(key)) times.set(key, Date.now());
		},
		series(scale) {
			const found: Series = new Map();
			const all = [...readings.values()].sort((one, other) => one.time - other.time);
			for (const { meter, time, imported } of all) {
				const list = found.get(meter) ?? [];
				list.push([time, imported / scale]);
				found.set(meter, list);
			}
			return found;
		},
	};
}

function startFleet(
	broker: Engine,
	readers: number,
	doubles: number,
	truth: ReturnType<typeof createTruth>,
	start: number,
): Fleet {
	const fleet = createFleet({
		broker: { host: "127.0.0.1", port: broker.port, password: null },
		readers,
		doubles,
		seed: 5,
		base: "smarty",
		start,
		outages: 1 / 400,
		outageMs: 1_500,
		onAcknowledged: truth.note,
	});
	onTestFinished(fleet.close);
	return fleet;
}

/** Lets `steps` telegrams of each meter pass, as quickly as they are taken, and does what `plan` says before the step of its number. */
async function pass(
	fleet: Fleet,
	start: number,
	steps: number,
	seconds: number,
	plan: Map<number, () => void>,
): Promise<void> {
	for (let step = 1; step <= steps; step += 1) {
		plan.get(step)?.();
		for (let at = 0; at < fleet.readers.length; at += 1) fleet.offer(at, start + step * seconds);
		if (step % 4 === 0) await pause(0);
		// While the broker is away readings wait as in the readers, and time goes on, but not at any speed.
		while (step % 20 === 0 && fleet.report().waiting > 400) await pause(5);
	}
	await waitUntil(
		"the broker has all",
		() => fleet.report().waiting === 0,
		() => JSON.stringify(fleet.report()),
	);
}

async function untilTaken(address: string): Promise<void> {
	interface Counts {
		broker: { messages: number; connected: number };
		intake: { waiting: number };
		engine?: { backlog: number };
	}
	let messages = 0;
	await waitUntil("the recorder is idle", async () => {
		try {
			const report = (await (await fetch(`${address}/status`)).json()) as Counts;
			messages = report.broker.messages;
			return report.broker.connected === 1 && report.intake.waiting === 0 && (report.engine?.backlog ?? 0) === 0;
		} catch {
			return false;
		}
	});
	await waitUntilQuiet("messages come no more", () => messages);
}

function readFile(path: string): { series: Series; report: { readings: number } } {
	const file = openDatabase(path);
	const queries = createQueries(file);
	const series: Series = new Map();
	let readings = 0;
	for (const { id, name } of queries.listMeters()) {
		const rows = queries.readPoints(id, 0, 4e9).map(({ time, imported }): [number, number] => [time, imported!]);
		readings += rows.length;
		series.set(name, rows);
	}
	void file.close();
	return { series, report: { readings } };
}

test("kills of recorder and engine, stops of the broker, a full disk: all of a week is there once, in the file and in the engine", async () => {
	const folder = makeFolder();
	const data = join(folder, "data");
	const broker = await createKeepingBroker(join(folder, "broker"));
	const victoria = await createVictoria(join(folder, "victoria"));
	await Promise.all([broker.start(), victoria.start()]);
	onTestFinished(() => broker.kill("SIGKILL"));
	onTestFinished(() => victoria.kill("SIGKILL"));
	const disk = createDisk(folder, data);
	const port = await findFreePort();
	const words = [
		...["--broker", `mqtt://127.0.0.1:${broker.port}`, "--file", join(data, "recorder.db"), "--days", "40"],
		...["--engine", `${victoria.address}/write`, "--spool", join(data, "spool"), "--settle", "20"],
		...["--linger", "0.05", "--port", String(port)],
	];
	const { mkdirSync } = await import("node:fs");
	mkdirSync(data);
	const output: string[] = [];
	const start = () => startRecorder(words, disk.environment);
	let recorder: Child = start();
	onTestFinished(() => void recorder.stop("SIGKILL"));
	await recorder.waitFor("broker: connected");
	const seconds = 120;
	const steps = (7 * 86_400) / seconds;
	const began = Math.floor(Date.now() / 1000 / seconds) * seconds - steps * seconds - 3_600;
	const truth = createTruth();
	const fleet = startFleet(broker, 4, 1, truth, began);
	const source = createChance(22);
	const chance = (most: number) => source.integer(0, most);
	const done: Record<string, number> = {};
	// One after the other: each is over before the next begins.
	let chain = Promise.resolve();
	const faults: Record<string, () => Promise<void>> = {
		async recorder() {
			// Every other time while it cannot write: what it had only in memory must not have been acknowledged.
			const isFull = (done.recorder ?? 0) % 2 === 1;
			if (isFull) disk.fill();
			if (isFull) await pause(600);
			await recorder.stop("SIGKILL");
			disk.free();
			output.push(...recorder.output);
			await pause(chance(500));
			recorder = start();
		},
		async engine() {
			await victoria.kill("SIGKILL");
			await pause(chance(700));
			await victoria.start();
		},
		async broker() {
			await broker.kill("SIGTERM");
			await pause(chance(300));
			await broker.start();
		},
		async disk() {
			disk.fill();
			await pause(300 + chance(1_200));
			disk.free();
		},
	};
	const plan = new Map<number, () => void>();
	const names = Object.keys(faults);
	for (let count = 0; count < 16; count += 1) {
		const name = names[count % names.length]!;
		plan.set(Math.floor(((count + 0.2 + chance(60) / 100) / 16) * steps), () => {
			chain = chain.then(faults[name]!).then(() => {
				done[name] = (done[name] ?? 0) + 1;
			});
		});
	}
	await pass(fleet, began, steps, seconds, plan);
	await chain;
	expect(done).toEqual({ recorder: 4, engine: 4, broker: 4, disk: 4 });
	await untilTaken(`http://127.0.0.1:${port}`);
	const status = (await (await fetch(`http://127.0.0.1:${port}/status`)).json()) as Record<
		string,
		Record<string, number>
	>;
	expect(status.dropped).toEqual({ topic: 0, length: 0, json: 0, time: 0, number: 0, register: 0 });
	// What became of the disk was said, and that it was over.
	output.push(...recorder.output);
	expect(output.join("")).toContain("nothing is acknowledged until it is kept");
	expect(output.join("")).toContain("broker: connected, with what it kept meanwhile");
	expect(output.join("")).not.toContain("it has forgotten the session");
	expect(await recorder.stop("SIGTERM")).toBe(0);

	expect(truth.readings.size).toBe(3 * steps);
	const { series, report } = readFile(join(data, "recorder.db"));
	expect(report.readings).toBe(truth.readings.size);
	expect(series).toEqual(truth.series(1));
	expect(await exportVictoria(victoria, "smarty_active_energy_import")).toEqual(truth.series(1_000));
});

test("kill -9 of the broker: what is missing is what it had acknowledged after its last snapshot, and nothing else", async () => {
	const folder = makeFolder();
	const broker = await createKeepingBroker(join(folder, "broker"), 1);
	await broker.start();
	onTestFinished(() => broker.kill("SIGKILL"));
	const port = await findFreePort();
	const path = join(folder, "recorder.db");
	const url = `mqtt://127.0.0.1:${broker.port}`;
	const words = ["--broker", url, "--file", path, "--days", "400", "--linger", "0.05", "--port", String(port)];
	let recorder = startRecorder(words);
	onTestFinished(() => void recorder.stop("SIGKILL"));
	await recorder.waitFor("broker: connected");
	const seconds = 600;
	const began = Math.floor(Date.now() / 1000 / seconds) * seconds - 40 * 86_400;
	const truth = createTruth();
	const fleet = startFleet(broker, 3, 0, truth, began);
	await waitUntil("the readers are connected", () => fleet.report().open === 3);
	await waitUntil("a snapshot with the recorder's session", () => {
		try {
			return statSync(join(folder, "broker", "mosquitto.db")).size > 200;
		} catch {
			return false;
		}
	});
	await pause(1_500);
	// While it is away its messages lie at the broker alone.
	let killed = 0;
	let snapshot = 0;
	const plan = new Map<number, () => void>();
	let chain = Promise.resolve();
	plan.set(700, () => {
		chain = chain.then(async () => {
			await recorder.stop("SIGTERM");
			await pause(2_500);
		});
	});
	plan.set(1_400, () => {
		chain = chain.then(async () => {
			await broker.kill("SIGKILL");
			killed = Date.now();
			snapshot = statSync(join(folder, "broker", "mosquitto.db")).mtimeMs;
			await broker.start();
			recorder = startRecorder(words);
		});
	});
	await pass(fleet, began, 1_300, seconds, plan);
	await chain;
	await pause(300);
	await pass(fleet, began + 1_300 * seconds, 700, seconds, new Map([[100, plan.get(1_400)!]]));
	await chain;
	await untilTaken(`http://127.0.0.1:${port}`);
	expect(await recorder.stop("SIGTERM")).toBe(0);
	const { series, report } = readFile(path);
	const missing: string[] = [];
	for (const [key, { meter, time, imported }] of truth.readings) {
		const found = series.get(meter)!.find(([at]) => at === time);
		if (found === undefined) missing.push(key);
		else expect(found[1]).toBe(imported);
	}
	expect(report.readings).toBe(truth.readings.size - missing.length);
	// Named: each was acknowledged between the beginning of the last snapshot and the kill.
	for (const key of missing) {
		expect(truth.times.get(key)!).toBeGreaterThan(snapshot - 1_000);
		// An acknowledgement may be read shortly after the broker has gone.
		expect(truth.times.get(key)!).toBeLessThanOrEqual(killed + 1_000);
	}
	console.log(`kill -9 of the broker: ${missing.length} of ${truth.readings.size} readings lost with it`);
});

test.each([2, 4])(
	"%i recorders share a subscription, one of them is killed: an engine has everything once",
	async count => {
		const folder = makeFolder();
		const broker = await createKeepingBroker(join(folder, "broker"));
		const influx = await createInflux(join(folder, "influx"));
		await Promise.all([broker.start(), influx.start()]);
		onTestFinished(() => broker.kill("SIGKILL"));
		onTestFinished(() => influx.kill("SIGKILL"));
		await fetch(`${influx.address}/query?q=${encodeURIComponent("CREATE DATABASE smarty")}`, { method: "POST" });
		const start = (at: number) =>
			startRecorder([
				...["--broker", `mqtt://127.0.0.1:${broker.port}`, "--file", "none", "--group", "all", "--linger", "0.05"],
				...["--engine", `${influx.address}/write?db=smarty`, "--spool", join(folder, `spool-${at}`)],
			]);
		const recorders = Array.from({ length: count }, (_, at) => start(at));
		onTestFinished(() => void recorders.map(recorder => recorder.stop("SIGKILL")));
		for (const recorder of recorders) await recorder.waitFor("broker: connected");
		await pause(300);
		const truth = createTruth();
		const seconds = 300;
		const began = Math.floor(Date.now() / 1000 / seconds) * seconds - 8 * 86_400;
		const fleet = startFleet(broker, 6, 1, truth, began);
		let chain = Promise.resolve();
		const plan = new Map<number, () => void>([
			[
				200,
				() => {
					chain = chain.then(async () => {
						await recorders[0]!.stop("SIGKILL");
						await influx.kill("SIGKILL");
						await pause(400);
						await influx.start();
						recorders[0] = start(0);
					});
				},
			],
		]);
		await pass(fleet, began, 600, seconds, plan);
		await chain;
		const expected = truth.series(1_000);
		let found: Series = new Map();
		const total = (series: Series) => [...series.values()].reduce((sum, list) => sum + list.length, 0);
		await waitUntil(
			"all is in the engine",
			async () => {
				found = await exportInflux(influx, "smarty", "active_energy_import");
				return total(found) >= truth.readings.size;
			},
			() => `: ${total(found)} of ${truth.readings.size}`,
		);
		expect(found).toEqual(expected);
		for (const recorder of recorders) expect(await recorder.stop("SIGTERM")).toBe(0);
	},
);
