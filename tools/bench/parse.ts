/** Measures telegrams per second in Node, beside other libraries. */

import { createDecipheriv } from "node:crypto";
import { createRequire } from "node:module";
import { createNodeCipher } from "../../gateway/cipher.js";
import { registers, usualCount } from "../../modules/p1/obis.js";
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
	/** Times the speed of the fastest peer at the same work, and of the fastest one that finds the energy registers. */
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
	/** Whether it is a peer, and whether it begins with a sealed frame. */
	peer: boolean;
	sealed: boolean;
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
	const open = createOpener(telegram);
	const contestants = [
		createSealed(telegram, "smarty-xs, sealed, as on the gateway", createNodeCipher),
		createSealed(telegram, "smarty-xs, sealed, as on the board"),
		...createPeers(open).map(peer => ({ ...peer, name: `node:crypto, then ${peer.name}`, sealed: true })),
		createPlain(bytes),
		...createPeers(() => bytes),
	];
	const energy = Number(/1-0:1\.8\.0\(([0-9.]+)/.exec(telegram)![1]);
	const readings = new Map(contestants.map(({ name, read }) => [name, read()]));
	for (const [name, value] of readings) {
		if (value !== null && value !== energy) throw new Error(`${name} reads ${value} instead of ${energy}`);
	}
	const best = new Map(contestants.map(({ name }) => [name, 0]));
	for (let round = 0; round < rounds; round += 1) {
		for (const { name, read } of contestants) best.set(name, Math.max(best.get(name)!, time(read)));
	}
	return contestants.map(({ name, checks, count, sealed }) => {
		const peers = contestants.filter(other => other.peer && other.sealed === sealed).map(other => other.name);
		const fastest = Math.max(...peers.map(other => best.get(other)!));
		const reading = peers.filter(other => readings.get(other) !== null);
		const fastestReading = Math.max(...reading.map(other => best.get(other)!));
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

/** Sealed beforehand: the meter's work is not ours. */
function sealMany(telegram: string): Buffer[] {
	return Array.from({ length: 200 }, (_, at) => sealTelegram(telegram, at + 1));
}

/** What a program has to do that reads sealed frames with a library for telegrams: each call gives the next one's bytes. */
function createOpener(telegram: string): () => Buffer {
	const frames = sealMany(telegram);
	const additional = Buffer.from("3000112233445566778899AABBCCDDEEFF", "hex");
	let at = 0;
	return () => {
		const frame = frames[at % frames.length]!;
		at += 1;
		const nonce = Buffer.concat([frame.subarray(2, 10), frame.subarray(14, 18)]);
		const decipher = createDecipheriv("aes-128-gcm", key, nonce, { authTagLength: 12 });
		decipher.setAAD(additional).setAuthTag(frame.subarray(-12));
		return Buffer.concat([decipher.update(frame.subarray(18, -12)), decipher.final()]);
	};
}

function createSealed(telegram: string, name: string, createCipher?: typeof createNodeCipher): Contestant {
	const frames = sealMany(telegram);
	// A reader made anew does not see the counters as replays.
	let reader = openReader(createCipher);
	let at = frames.length;
	return {
		name,
		checks: "tag and CRC",
		peer: false,
		sealed: true,
		read() {
			if (at === frames.length) {
				reader = openReader(createCipher);
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
		sealed: false,
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
	/** What peers give: values under names. */
	named: Record<string, number | null>;
}

function openReader(createCipher?: typeof createNodeCipher): Opened {
	const opened: Opened = {
		readings: null,
		named: {},
		reader: createReader({ key, ...(createCipher !== undefined && { createCipher }) }, ({ readings }) => {
			opened.readings = readings;
			opened.named = nameValues(readings);
		}),
	};
	return opened;
}

/**
 * Our reader tells values by their places in a table. A record with one field for each usual register is made of them by one statement
 * each, as somebody would write it by hand: an object that is filled in a loop is a slow dictionary in V8 from the 13th name on.
 */
const createRecord = new Function(
	"values",
	`return {${registers
		.slice(0, usualCount)
		.map(({ name }, at) => `${name}: values[${at}] === null ? null : values[${at}] / 1000`)
		.join(",")}};`,
) as (values: readonly (number | null)[]) => Record<string, number | null>;

function nameValues({ values, others }: Readings): Record<string, number | null> {
	const named = createRecord(values);
	for (const { at, value } of others) named[registers[at]!.name] = value / 1000;
	return named;
}

function energyOf({ named }: Opened): number {
	return named.active_energy_import!;
}

function countReadings(opened: Opened): number {
	const { values, messages, devices, objects, ...single } = opened.readings!;
	const lists = [values, messages, Object.values(single)].map(list => list.filter(value => value !== null).length);
	return lists.reduce((sum, length) => sum + length, devices.length * 5 + objects.length);
}

/** Like ours, they are given the bytes that a serial port delivers; who works on text makes it of them, in the fastest way. */
function createPeers(next: () => Buffer): Contestant[] {
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
			sealed: false,
			read() {
				const { objects } = dsmr.parse(next().toString("latin1"));
				parsed = objects;
				return objects["electricity delivered tariff 0"] ?? null;
			},
			count: () => countValues(parsed),
		},
		{
			name: "p1-reader",
			checks: "nothing",
			peer: true,
			sealed: false,
			read() {
				parsed = parsePacket(next().toString("latin1"));
				return null;
			},
			count: () => countValues(parsed),
		},
		{
			name: "smartmeter-obis",
			checks: "nothing",
			peer: true,
			sealed: false,
			read() {
				const bytes = next();
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
