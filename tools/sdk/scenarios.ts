/** The scenarios of the check with the SDK. */

import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createChance } from "../../simulator/chance.js";
import { createMeter, readMeter } from "../../simulator/meter.js";
import {
	type Child,
	type Line,
	openLine,
	openTap,
	startFirmware,
	startMosquitto,
	stop,
	subscribe,
	type Tap,
	waitUntil,
} from "./rig.js";

export const key = "6F1C2A93D4075BE8116CA2F09D347E58";
/** Between the telegrams of the outages: three a second, where a meter sends at most one. */
const pause = 250;
/** The rate of a new meter is 1/s, of an old one 0.1/s: "line speed" is eleven a second, one behind the other. */
const telegramCount = 200;

export interface Stage {
	folder: string;
	host: string;
	library: string;
	/** The port in the image's broker URL. */
	port: number;
	/** Ports of the image's own servers: telegrams in clear, and HTTP. */
	telegramPort: number;
	webPort: number;
}

/** A meter whose telegrams are 10 s apart by its own clock. */
export function createSource(seed: number) {
	const meter = createMeter(createChance(seed), Date.now(), {
		key: new Uint8Array(Buffer.from(key, "hex")),
		frameCounter: 1,
	});
	return {
		next() {
			const { bytes, frameCounter, telegram } = readMeter(meter, meter.time + 10_000);
			return { bytes, counter: frameCounter!, telegram, energy: /1\.8\.0\((\d+\.\d+)/.exec(telegram)![1]! };
		},
	};
}

/** Connections that the broker accepted from the firmware. */
export function countAccepted(broker: Child): number {
	return broker.lines.filter(text => /New client connected from \S+ as smarty-xs/.test(text)).length;
}

/** The first telegram names the meter, after which the firmware connects again with the meter's own last will. */
export async function introduce(line: Line, source: ReturnType<typeof createSource>, broker: Child): Promise<void> {
	await waitUntil("the firmware is at the broker", 30_000, () => countAccepted(broker) >= 1);
	await line.send(source.next().bytes);
}

/** 200 sealed telegrams at line speed, to mosquitto, and from there to a subscriber. */
export async function runSteady(stage: Stage): Promise<string[]> {
	const broker = await startMosquitto(stage.folder, stage.port);
	const subscriber = await subscribe(broker, stage.port);
	const line = await openLine(stage.folder);
	const firmware = startFirmware(stage.host, stage.library, 90);
	try {
		const source = createSource(1);
		await introduce(line, source, broker);
		const sent = new Map<number, string>();
		const started = Date.now();
		let bytes = 0;
		for (let count = 0; count < telegramCount; count++) {
			const { bytes: frame, counter, energy } = source.next();
			sent.set(counter, energy);
			bytes += frame.length;
			await line.send(frame);
		}
		const duration = (Date.now() - started) / 1000;
		const received = () => readStates(subscriber.lines);
		await waitUntil("all telegrams arrived", 10_000, () =>
			[...sent.keys()].every(counter => received().has(counter)),
		).catch(() => {});
		const states = received();
		const missing = [...sent].filter(
			([counter, energy]) => states.get(counter)?.active_energy_import !== Number(energy),
		);
		if (missing.length > 0)
			throw new Error(
				`${missing.length} of ${telegramCount} telegrams are missing or wrong: ${missing.slice(0, 5).join("; ")}`,
			);
		for (const [counter, state] of states)
			if (state.verdict !== "authenticated") throw new Error(`telegram ${counter} came as ${state.verdict}`);
		const servers = await askServers(stage, line, source);
		return [
			servers,
			`${telegramCount} telegrams, ${bytes} bytes in ${duration.toFixed(1)} s: all at the subscriber, authenticated`,
		];
	} catch (error) {
		throw explain(error, firmware);
	} finally {
		await stop(firmware);
		await line.close();
		await stop(subscriber);
		await stop(broker);
	}
}

/** What others get of the board without a broker: telegrams in clear over TCP, and HTTP. */
async function askServers(stage: Stage, line: Line, source: ReturnType<typeof createSource>): Promise<string> {
	const client = connect(stage.telegramPort, "127.0.0.1");
	let heard = "";
	client.on("data", bytes => {
		heard += bytes.toString("latin1");
	});
	client.on("error", () => {});
	await new Promise<void>(resolve => client.once("connect", resolve));
	let last = source.next();
	let expected = "";
	for (let count = 0; count < 3; count++) {
		expected += last.telegram;
		await line.send(last.bytes);
		await sleep(1_000);
		if (count < 2) last = source.next();
	}
	await waitUntil("three telegrams in clear came over TCP", 5_000, () => heard.endsWith(expected));
	client.destroy();
	const state = await fetch(`http://127.0.0.1:${stage.webPort}/state`);
	const { frame_counter } = (await state.json()) as { frame_counter: number };
	if (frame_counter !== last.counter) throw new Error(`/state is of telegram ${frame_counter}, not ${last.counter}`);
	const missing = await fetch(`http://127.0.0.1:${stage.webPort}/nothing`);
	if (missing.status !== 404) throw new Error(`/nothing was answered with ${missing.status}`);
	return "servers: three telegrams in clear over TCP, /state of the last one over HTTP";
}

function readStates(lines: readonly string[]): Map<number, { active_energy_import: number; verdict: string }> {
	const states = lines.filter(line => line.startsWith("{")).map(line => JSON.parse(line));
	return new Map(states.map(state => [state.frame_counter, state]));
}

interface Outage {
	name: string;
	/** Ends the broker's service, and gives it back. */
	run(broker: Child): Promise<Child>;
}

/** The broker goes away five times. What was received while it was there arrives, and what came last always does. */
export async function runOutages(stage: Stage, brokerPort: number): Promise<string[]> {
	const restart = async (broker: Child, signal: NodeJS.Signals, pause: number) => {
		await stop(broker, signal);
		await sleep(pause);
		return startMosquitto(stage.folder, brokerPort);
	};
	const freeze = async (broker: Child, pause: number) => {
		broker.process.kill("SIGSTOP");
		await sleep(pause);
		broker.process.kill("SIGCONT");
		return broker;
	};
	const outages: Outage[] = [
		{ name: "killed (SIGKILL), 1 s", run: broker => restart(broker, "SIGKILL", 1_000) },
		{ name: "stopped (SIGSTOP), 3 s", run: broker => freeze(broker, 3_000) },
		{ name: "restarted (SIGTERM), 0.2 s", run: broker => restart(broker, "SIGTERM", 200) },
		{ name: "killed (SIGKILL), 8 s", run: broker => restart(broker, "SIGKILL", 8_000) },
		{ name: "stopped (SIGSTOP), 25 s: longer than anybody waits", run: broker => freeze(broker, 25_000) },
	];
	let broker = await startMosquitto(stage.folder, brokerPort);
	const tap = await openTap(stage.port, brokerPort);
	const line = await openLine(stage.folder);
	const firmware = startFirmware(stage.host, stage.library, 240);
	const report: string[] = [];
	try {
		const source = createSource(2);
		await introduce(line, source, broker);
		for (const outage of outages) {
			const sent: number[] = [];
			for (let count = 0; count < 20; count++) {
				const { bytes, counter } = source.next();
				sent.push(counter);
				await line.send(bytes);
				await sleep(pause);
			}
			const missing = () => sent.filter(counter => !tap.acknowledged.has(counter));
			await waitUntil("all are acknowledged", 10_000, () => missing().length === 0).catch(error => {
				throw new Error(`${error.message}: ${missing().length} of ${sent.length} are not`);
			});
			// One more on the wire as the broker goes, and some while it is gone.
			const connections = tap.accepted.length;
			const send = async () => {
				const { bytes, counter } = source.next();
				sent.push(counter);
				await line.send(bytes);
			};
			await send();
			const gone = outage.run(broker);
			for (let count = 0; count < 4; count++) await send();
			broker = await gone;
			const back = Date.now();
			await waitUntil("what came in the outage arrived", 60_000, () => missing().length === 0).catch(error => {
				throw new Error(`broker ${outage.name}: ${error.message}: ${missing().length} of ${sent.length} did not`);
			});
			const again = tap.accepted.slice(connections);
			const how = again.length === 0 ? "on the same connection" : `connected again after ${again.at(-1)! - back} ms`;
			report.push(`broker ${outage.name}: all ${sent.length} telegrams acknowledged, ${how}`);
		}
		checkOrder(tap);
		return report;
	} catch (error) {
		throw explain(error, firmware);
	} finally {
		await stop(firmware);
		await line.close();
		await tap.close();
		await stop(broker);
	}
}

/** The state never goes back; what is older comes under its own topic. */
function checkOrder(tap: Tap): void {
	let highest = 0;
	for (const { counter, late } of tap.published) {
		if (!late && counter < highest) throw new Error(`telegram ${counter} was published after ${highest}`);
		highest = Math.max(highest, counter);
	}
}

/** With what the firmware said last. */
export function explain(error: unknown, firmware: Child): Error {
	const message = error instanceof Error ? error.message : String(error);
	return new Error(`${message}\nthe firmware said last:\n${firmware.lines.slice(-15).join("\n")}`);
}
