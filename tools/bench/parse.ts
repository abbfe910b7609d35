import { createRequire } from "node:module";
import { accept, createReader, type Reader } from "../../modules/p1/reader.js";
import { key, listTelegrams, sealTelegram } from "./frames.js";

/** Telegrams per second of processor time in Node, in one process, in turns: an indication, and never a gate. */
export interface ParseSpeed {
	name: string;
	/** Length of the telegram in bytes. */
	length: number;
	perSecond: number;
	/** Whether it checks what it reads: the authentication tag, the CRC, or nothing. */
	checks: "tag and CRC" | "CRC" | "nothing";
	/** Times the speed of the fastest peer on the same telegram. */
	ratio: number;
}

interface Contestant {
	name: string;
	checks: ParseSpeed["checks"];
	/** Reads the telegram once and tells the active import energy in kWh, or null where it does not know that register. */
	read(): number | null;
	/** Whether it is a peer. */
	peer: boolean;
}

const load = createRequire(import.meta.url);
const rounds = 7;
const slice = 120;

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
	const contestants = [createSealed(telegram), createPlain(telegram), ...createPeers(telegram)];
	const energy = Number(/1-0:1\.8\.0\(([0-9.]+)/.exec(telegram)![1]);
	const able = contestants.filter(({ name, read }) => {
		const value = read();
		if (value !== null && value !== energy) throw new Error(`${name} reads ${value} instead of ${energy}`);
		return true;
	});
	const best = new Map(able.map(({ name }) => [name, 0]));
	for (let round = 0; round < rounds; round += 1) {
		for (const { name, read } of able) best.set(name, Math.max(best.get(name)!, time(read)));
	}
	const fastest = Math.max(...able.filter(({ peer }) => peer).map(({ name }) => best.get(name)!));
	return able.map(({ name, checks }) => {
		const perSecond = Math.round(best.get(name)!);
		return { name, length: telegram.length, checks, perSecond, ratio: Math.round((perSecond / fastest) * 100) / 100 };
	});
}

/** Per second of the processor's time, which other processes disturb least. */
function time(read: () => unknown): number {
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
			return reader.energy;
		},
	};
}

function createPlain(telegram: string): Contestant {
	const bytes = Buffer.from(telegram, "latin1");
	const reader = openReader();
	return {
		name: "smarty-xs, plain",
		checks: "CRC",
		peer: false,
		read() {
			accept(reader.reader, bytes, 0, bytes.length, 0);
			return reader.energy;
		},
	};
}

function openReader(): { reader: Reader; energy: number } {
	const opened = {
		energy: -1,
		reader: createReader({ key }, telegram => {
			opened.energy = telegram.readings.values[0]! / 1000;
		}),
	};
	return opened;
}

/** Each of them may be given text, which spares them the decoding. */
function createPeers(telegram: string): Contestant[] {
	const dsmr = load("dsmr-parser");
	const parsePacket = load("p1-reader/lib/parsePacket");
	const Protocol = load("smartmeter-obis/lib/protocols/D0Protocol");
	let values: Record<string, { values: { value: number }[] }> = {};
	const protocol = new Protocol(
		{ debug: 0, logger: () => {}, obisFallbackMedium: 1 },
		(_: unknown, result: typeof values) => {
			if (result !== null) values = result;
		},
	);
	return [
		{
			name: "dsmr-parser",
			checks: "CRC",
			peer: true,
			read() {
				dsmr.parse(telegram);
				return null;
			},
		},
		{
			name: "p1-reader",
			checks: "nothing",
			peer: true,
			read() {
				parsePacket(telegram);
				return null;
			},
		},
		{
			name: "smartmeter-obis",
			checks: "nothing",
			peer: true,
			read() {
				protocol.initState();
				protocol.checkMessage(telegram);
				protocol.checkMessage(protocol.handleMessage(telegram));
				protocol.handleMessage(telegram);
				return values["1-0:1.8.0*255"]?.values[0]?.value ?? null;
			},
		},
	];
}
