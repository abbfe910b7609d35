/** The tables of `docs/performance.md`. */

import type { Bench } from "./measure.js";
import { sumPools } from "./meters.js";
import { plainName } from "./parse.js";

/** The benchmark for people, in Markdown. */
export function formatReport(bench: Bench): string {
	const heap = [formatMemory, formatMoments, formatMeters, formatRequests, formatHandshakes];
	const rest = [formatLorawan, formatFlash, formatLinked, formatEngines];
	const tables = [formatOpen, formatTelegram, formatGrowth, formatRuns, ...heap, ...rest, formatParse, formatSteps];
	return tables
		.map(format => format(bench))
		.filter(text => text !== "")
		.join("\n");
}

function formatOpen({ open, estimate }: Bench): string {
	const own = open[0]!;
	const rows = open.map(cost => [
		cost.name,
		millions(cost.instructions),
		`${(cost.instructions / own.instructions).toFixed(2)} ×`,
		milliseconds(cost.instructions, estimate),
		thousands(cost.computrons),
		kilobytes(cost.bytesAllocated),
		kilobytes(cost.importedBytes),
		cost.preloads ? "yes" : "no",
		String(cost.tagLength),
	]);
	return table(
		"Open: AES-128-GCM, 1 KiB and 17 bytes of additional data, key already set",
		[
			"",
			"Xtensa instructions",
			"to ours",
			"ESP32, estimated",
			"computrons",
			"allocated",
			"heap if not in flash",
			"works from flash",
			"tag",
		],
		rows,
	);
}

function formatHandshakes({ handshakes, estimate }: Bench): string {
	const rows = handshakes.map(({ name, instructions, heap, stack }) => [
		name,
		millions(instructions),
		milliseconds(instructions, estimate),
		kilobytes(heap),
		kilobytes(stack),
	]);
	return table(
		"Handshake: certificates and key exchange of a broker with TLS, checked before anything is sent",
		["chain", "instructions", "ESP32, estimated", "heap that must be free", "stack"],
		rows,
	);
}

function formatTelegram({ telegram, estimate }: Bench): string {
	const rows = telegram.map(({ length, instructions, computrons, bytesAllocated, stages }) => [
		`${length} bytes`,
		millions(instructions),
		milliseconds(instructions, estimate),
		thousands(computrons),
		kilobytes(bytesAllocated),
		...[stages.gcm, stages.opener, stages.parse, stages.encode].map(millions),
		millions(instructions - stages.gcm - stages.opener - stages.parse - stages.encode),
	]);
	return table(
		"Telegram: from the last byte to the state message in the broker port's hands, whole firmware",
		[
			"frame",
			"instructions",
			"ESP32, estimated",
			"computrons",
			"allocated",
			"GCM",
			"CRC and text",
			"parse",
			"message",
			"the rest, with garbage",
		],
		rows,
	);
}

function formatGrowth({ growth }: Bench): string {
	const rows = growth.map(({ length, instructions }) => [
		`${length} bytes`,
		millions(instructions),
		thousands(Math.round(instructions / length)),
	]);
	return table("Growth: the same by the telegram's length", ["telegram", "instructions", "a byte"], rows);
}

function formatRuns({ runs, hostile, estimate }: Bench): string {
	const rows = [
		["longest run while telegrams come as expected", runs.expected],
		["longest run of the first telegram, with discovery, but for its opening", runs.first],
		["that opening, in one run", runs.opening],
		["longest run with all layouts, and five messages of 1024 characters", runs.layouts],
		["a byte of what begins like a recorded frame every 23 bytes", hostile.instructions],
	] as const;
	return table(
		"Runs: how long the firmware is busy without a pause",
		["", "instructions", "ESP32, estimated"],
		rows.map(([name, count]) => [name, millions(count), milliseconds(count, estimate)]),
	);
}

function formatMemory({ memory }: Bench): string {
	const rows = (["core", "firmware"] as const).map(part => {
		const { afterBoot, smallest, growth, stack } = memory[part];
		return [part, ...[afterBoot, smallest, stack].map(kilobytes), `${growth} bytes`];
	});
	return table(
		`Memory: XS heap, all modules in flash (the board gives ${kilobytes(memory.device)})`,
		["", "after boot", "smallest for 1000 telegrams, stack included", "stack", "growth from telegram 499 to 1000"],
		rows,
	);
}

function formatMoments({ moments }: Bench): string {
	const rows = moments.map(({ name, slots, chunks, leastSlots, leastChunks }) => [
		name,
		kilobytes(slots * 16 + chunks),
		`${leastSlots} slots, ${kilobytes(leastSlots * 16)}`,
		kilobytes(leastChunks),
		kilobytes(leastSlots * 16 + leastChunks),
	]);
	return table(
		"Moments: the firmware's heap, and what it needs to come so far, without the stack",
		["", "alive then", "fewest slots", "fewest bytes of chunks", "both"],
		rows,
	);
}

export function formatMeters({ meters, estimate }: Bench): string {
	const rows = meters.map(cost => [
		cost.name,
		String(cost.slots),
		kilobytes(cost.chunks),
		kilobytes(sumPools(cost)),
		millions(cost.longestRun),
		milliseconds(cost.longestRun, estimate),
	]);
	return table(
		"Meters: the least pools for a first setup, and the longest run while telegrams of all come as expected",
		["", "slots", "chunks", "with the board's stack", "longest run", "ESP32, estimated"],
		rows,
	);
}

export function formatRequests({ requests, browsers }: Pick<Bench, "requests" | "browsers">): string {
	const rows = requests.map(({ path, first, again, waiting, length, instructions }) => [
		path,
		`${length} bytes`,
		...[first, again, waiting].map(kilobytes),
		millions(instructions),
	]);
	const { waiting, asked, peak } = browsers;
	const both = `the page in two browsers at once: ${asked} while ${waiting} waits`;
	rows.push([both, "", "", kilobytes(peak), "", ""]);
	return table(
		"Requests: what a page over HTTP takes of the firmware's heap, its connection included",
		[
			"",
			"answer",
			"needed for the first",
			"for the next",
			"alive while a client takes no more",
			"instructions with a browser's header",
		],
		rows,
	);
}

function formatLorawan({ lorawan, estimate }: Bench): string {
	const { created, joined, allocated, uplink, accept, downlink, foreign } = lorawan;
	const heap = ({ slots, chunks }: typeof created) =>
		`${slots} slots and ${chunks} bytes, ${kilobytes(16 * slots + chunks)}`;
	const cost = (count: number) => `${millions(count)} instructions, ${milliseconds(count, estimate)}`;
	return table(
		"LoRaWAN: the stack alone",
		["", ""],
		[
			["heap of a device before its join", heap(created)],
			["heap of a device with a session", heap(joined)],
			["an uplink of 11 bytes: payload and MIC", `${cost(uplink)}; ${kilobytes(allocated)} of garbage`],
			["a join accept with five channels, and the write of the session", cost(accept)],
			["a downlink of 11 bytes, and the write of its counter", cost(downlink)],
			["a frame for another device", cost(foreign)],
		],
	);
}

function formatFlash({ memory }: Bench): string {
	const rows = Object.entries(memory.flash).map(([folder, size]) => [folder, kilobytes(size)]);
	return table("Flash: byte code", ["", "bytes"], rows);
}

/** Empty where it was not measured. */
export function formatLinked({ linked }: Pick<Bench, "linked">): string {
	if (linked === null) return "";
	const { flash, objects, aliases, image, share } = linked;
	return table(
		"Flash: linked by the Moddable SDK for the ESP32, its own modules included (`mc.xs.c`)",
		["in all", "of it objects and tables", "RAM for what may be written", "whole image, estimated", "of its slot"],
		[[kilobytes(flash), kilobytes(objects), `${aliases} bytes`, kilobytes(image), `${(100 * share).toFixed(1)} %`]],
	);
}

/** Empty where it was not measured. */
export function formatEngines({ engines }: Pick<Bench, "engines">): string {
	if (engines === null) return "";
	return table(
		"Engines: the firmware in the XS of npm, as everywhere else here, and in the Moddable SDK's",
		["", "npm's", "the SDK's", ""],
		engines.map(({ name, own, sdk }) => [
			name,
			thousands(Math.round(own)),
			thousands(Math.round(sdk)),
			`${sdk < own ? "−" : "+"}${(100 * Math.abs(sdk / own - 1)).toFixed(1)} %`,
		]),
	);
}

function formatSteps({ steps, parse }: Bench): string {
	const rows = steps.map(({ length, bytes, digits, search, crc, parse: reading }) => {
		const own = parse.find(speed => speed.length === length && speed.name === plainName)!;
		const all = 1e6 / own.perSecond;
		const times = [bytes, digits, search, crc, reading, all, (all * own.ratio) / 5];
		return [`${length} bytes`, ...times.map(time => time.toFixed(2))];
	});
	return table(
		"Parse: microseconds in Node for a plain telegram, step by step",
		[
			"telegram",
			"only adding its bytes up",
			"only making numbers of its digits",
			"search",
			"CRC",
			"lines",
			"reader in all",
			"a fifth of the fastest peer",
		],
		rows,
	);
}

function formatParse({ parse }: Bench): string {
	const rows = parse.map(({ name, length, checks, perSecond, values, findsEnergy, ratio, ratioToReading }) => [
		`${length} bytes`,
		name,
		checks,
		String(values),
		findsEnergy ? "yes" : "no",
		String(perSecond),
		`${ratio.toFixed(2)} ×`,
		`${ratioToReading.toFixed(2)} ×`,
	]);
	return table(
		"Parse: telegrams a second of processor time in Node, in one process",
		[
			"telegram",
			"",
			"checks",
			"values",
			"finds energy",
			"a second",
			"to the fastest peer",
			"to the fastest that finds energy",
		],
		rows,
	);
}

/** With aligned columns, as the formatter wants them. */
function table(title: string, head: string[], rows: string[][]): string {
	const widths = head.map((cell, at) => Math.max(3, cell.length, ...rows.map(row => row[at]!.length)));
	const line = (cells: string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(" | ")} |`;
	const rule = line(widths.map(width => "-".repeat(width)));
	return [`## ${title}`, "", line(head), rule, ...rows.map(line), ""].join("\n");
}

function millions(count: number): string {
	return `${(count / 1e6).toFixed(2)} M`;
}

function thousands(count: number): string {
	return `${(count / 1e3).toFixed(1)} k`;
}

function kilobytes(count: number): string {
	return `${(count / 1024).toFixed(1)} KB`;
}

function milliseconds(instructions: number, { megahertz, cyclesPerInstruction }: Bench["estimate"]): string {
	const [low, high] = cyclesPerInstruction.map(cycles => Math.round((instructions * cycles) / megahertz / 1000));
	return `${low}–${high} ms`;
}
