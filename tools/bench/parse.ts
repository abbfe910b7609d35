/** Measures telegrams per second in Node, beside other libraries. */

import { createRequire } from "node:module";
import { accept, createReader, type Reader } from "../../modules/p1/reader.js";
import type { Readings } from "../../modules/p1/readings.js";
import { key, listTelegrams, sealTelegram } from "./frames.js";

/** Telegrams per second of processor time in Node, in one process, in turns: an indication, and never a gate. */
export interface ParseSpeed {
	name: string;
	/** Length of the telegram in bytes. */
	length: number;
	perSecond: number;
	/** Whether it checks what it reads: the authentication tag, the CRC, or nothing. */
	checks: "tag and CRC" | "CRC" | "nothing";
	/** How many values it gives back of it, and whether the energy registers are among them. */
	values: number;
	findsEnergy: boolean;
	/** Times the speed of the fastest peer on the same telegram, and of the fastest one that finds its energy registers. */
	ratio: number;
	ratioToReading: number;
}

interface Contestant {
	name: string;
	checks: ParseSpeed["checks"];
	/** Reads the telegram once and tells the active import energy in kWh, or null where it does not find that register. */
	read(): number | null;
	/** How many values the latest reading gave. */
	count(): number;
	/** Whether it is a peer. */
	peer: boolean;
}

/** Our reader on a telegram in clear. */
export const plainName = "smarty-xs, plain";

const load = createRequire(import.meta.url);
const rounds = 9;
/** Milliseconds. */
const slice = 80;

export function measureParse(): ParseSpeed[] {
	// p1-reader prints each line it does not know, which would cost it most of its time.
	const { log, error } = console;
	console.log = () => {};
	console.error = () => {};
	try {
		return listTelegrams().flatMap(({ telegram }) => race(telegram));
	} finally {
		Object.assign(console, { log, error });
	}
}

function race(telegram: string): ParseSpeed[] {
	const bytes = Buffer.from(telegram, "latin1");
	const contestants = [createSealed(telegram), createPlain(bytes), ...createPeers(bytes)];
	const energy = Number(/1-0:1\.8\.0\(([0-9.]+)/.exec(telegram)![1]);
	const readings = new Map(contestants.map(({ name, read }) => [name, read()]));
	for (const [name, value] of readings) {
		if (value !== null && value !== energy) throw new Error(`${name} reads ${value} instead of ${energy}`);
	}
	const best = new Map(contestants.map(({ name }) => [name, 0]));
	for (let round = 0; round < rounds; round += 1) {
		for (const { name, read } of contestants) best.set(name, Math.max(best.get(name)!, time(read)));
	}
	const peers = contestants.filter(({ peer }) => peer).map(({ name }) => name);
	const fastest = Math.max(...peers.map(name => best.get(name)!));
	const fastestReading = Math.max(...peers.filter(name => readings.get(name) !== null).map(name => best.get(name)!));
	return contestants.map(({ name, checks, count }) => {
		const perSecond = Math.round(best.get(name)!);
		const [ratio, ratioToReading] = [fastest, fastestReading].map(other => Math.round((perSecond / other) * 100) / 100);
		const findsEnergy = readings.get(name) !== null;
		return {
			name,
			length: telegram.length,
			checks,
			perSecond,
			values: count(),
			findsEnergy,
			ratio: ratio!,
			ratioToReading: ratioToReading!,
		};
	});
}

/** How often a second of the processor's time, which other processes disturb least. */
export function time(read: () => unknown): number {
	const began = process.cpuUsage();
	let count = 0;
	let used = 0;
	do {
		for (let at = 0; at < 50; at += 1) read();
		count += 50;
		const { user, system } = process.cpuUsage(began);
		used = (user + system) / 1000;
	} while (used < slice);
	return (count * 1000) / used;
}

function createSealed(telegram: string): Contestant {
	// Sealed beforehand: the meter's work is not ours. A reader made anew would not see the counters as replays.
	const frames = Array.from({ length: 200 }, (_, at) => sealTelegram(telegram, at + 1));
	let reader = openReader();
	let at = frames.length;
	return {
		name: "smarty-xs, sealed",
		checks: "tag and CRC",
		peer: false,
		read() {
			if (at === frames.length) {
				reader = openReader();
				at = 0;
			}
			const frame = frames[at]!;
			at += 1;
			accept(reader.reader, frame, 0, frame.length, 0);
			return energyOf(reader);
		},
		count: () => countReadings(reader),
	};
}

function createPlain(bytes: Uint8Array): Contestant {
	const reader = openReader();
	return {
		name: plainName,
		checks: "CRC",
		peer: false,
		read() {
			accept(reader.reader, bytes, 0, bytes.length, 0);
			return energyOf(reader);
		},
		count: () => countReadings(reader),
	};
}

interface Opened {
	reader: Reader;
	readings: Readings | null;
}

function openReader(): Opened {
	const opened: Opened = {
		readings: null,
		reader: createReader({ key }, ({ readings }) => {
			opened.readings = readings;
		}),
	};
	return opened;
}

function energyOf({ readings }: Opened): number {
	return readings!.values[0]! / 1000;
}

function countReadings(opened: Opened): number {
	const { values, messages, devices, objects, ...single } = opened.readings!;
	const lists = [values, messages, Object.values(single)].map(list => list.filter(value => value !== null).length);
	return lists.reduce((sum, length) => sum + length, devices.length * 5 + objects.length);
}

/** Like ours, they are given the bytes that a serial port delivers; who works on text makes it of them, in the fastest way. */
function createPeers(bytes: Buffer): Contestant[] {
	const dsmr = load("dsmr-parser");
	const parsePacket = load("p1-reader/lib/parsePacket");
	const Protocol = load("smartmeter-obis/lib/protocols/D0Protocol");
	let objects: Record<string, { values: { value: number }[] }> = {};
	const protocol = new Protocol(
		{ debug: 0, logger: () => {}, obisFallbackMedium: 1 },
		(_: unknown, result: typeof objects) => {
			if (result) objects = result;
		},
	);
	let parsed: unknown;
	return [
		{
			name: "dsmr-parser",
			checks: "CRC",
			peer: true,
			read() {
				const { objects } = dsmr.parse(bytes.toString("latin1"));
				parsed = objects;
				return objects["electricity delivered tariff 0"] ?? null;
			},
			count: () => countValues(parsed),
		},
		{
			name: "p1-reader",
			checks: "nothing",
			peer: true,
			read() {
				parsed = parsePacket(bytes.toString("latin1"));
				return null;
			},
			count: () => countValues(parsed),
		},
		{
			name: "smartmeter-obis",
			checks: "nothing",
			peer: true,
			read() {
				protocol.initState();
				protocol.checkMessage(bytes);
				const rest = protocol.handleMessage(bytes);
				protocol.checkMessage(rest);
				protocol.handleMessage(rest);
				return objects["1-0:1.8.0"]!.values[0]!.value;
			},
			count: () => Object.keys(objects).length,
		},
	];
}

/** Leaves that are neither null nor a unit. */
function countValues(tree: unknown): number {
	if (tree === null || tree === undefined) return 0;
	if (typeof tree !== "object" || tree instanceof Date) return 1;
	return Object.entries(tree).reduce((sum, [name, branch]) => sum + (name === "unit" ? 0 : countValues(branch)), 0);
}
