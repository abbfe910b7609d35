/** What settings need of the board's heap, and what to leave out where it is too little. */
import type { HeapPools } from "../ports/ports.js";
import type { IntegrationSettings } from "./integrations.js";
import type { Plug } from "./meters.js";

interface Cost extends HeapPools {
	readonly name: string;
	readonly isWanted: (settings: IntegrationSettings) => boolean;
}

/**
 * The least pools for a first setup, and by how much more comes with layouts, a server, an account, another meter or a counter: measured in XS with
 * 32 bits, to 32 slots and 1 KiB, by `npm run --silent heap -- --moments NAME=VALUE`; the basis also with the telegrams of `--worst`. `tests/tools/heap.test.ts` compares
 * them with the machine.
 */
const basis: HeapPools = Object.freeze({ slots: 1600, chunks: 52_224 });
const costs: readonly Cost[] = Object.freeze([
	// They are made one value at a time, however many these are: what is longer in memory is the telegram.
	cost("the layouts of single values", 32, 6_144, ({ layouts }) =>
		layouts.some(layout => layout !== "json" && layout !== "raw"),
	),
	// More than alone: with other layouts its text lives beside theirs.
	cost("raw", 32, 26_624, ({ layouts }) => layouts.includes("raw")),
	// All servers share one copy of a meter's telegram.
	cost("telegramPort", 64, 17_408, ({ telegramPorts, webPort }) => telegramPorts.length > 0 && webPort === null),
	// Of a long telegram a board with no telegram port keeps no copy.
	cost("webPort", 384, 7_168, ({ telegramPorts, webPort }) => telegramPorts.length === 0 && webPort !== null),
	cost(
		"telegramPort and webPort",
		416,
		24_576,
		({ telegramPorts, webPort }) => telegramPorts.length > 0 && webPort !== null,
	),
	cost("powerClass", 32, 1_024, ({ powerClasses }) => powerClasses.some(limit => limit !== null)),
]);
/** Another meter; with the page; with a telegram port besides also a copy of its longest telegram; and by how much more it needs a line of its own. */
const meter: HeapPools = Object.freeze({ slots: 256, chunks: 2_304 });
const shownMeter: HeapPools = Object.freeze({ slots: 384, chunks: 9_216 });
const servedMeter: HeapPools = Object.freeze({ slots: 416, chunks: 18_432 });
const line: HeapPools = Object.freeze({ slots: 160, chunks: 4_096 });
/** A counter of pulses. */
const counter: HeapPools = Object.freeze({ slots: 96, chunks: 256 });
/**
 * A session, in the SDK's own XS on Linux: with `webPort` and usual telegrams 2304 slots were too few and 2560 enough. Nobody is told to
 * leave it out.
 */
const tls: HeapPools = Object.freeze({ slots: 320, chunks: 0 });
/** What the SDK's modules take of the board's heap (sockets, MQTT, mDNS), which the measurements do not have: seen on an emulated one (`docs/verification.md`). */
const besides: HeapPools = Object.freeze({ slots: 512, chunks: 7_168 });
const slotLength = 16;

function cost(name: string, slots: number, chunks: number, isWanted: Cost["isWanted"]): Cost {
	return Object.freeze({ name, slots, chunks, isWanted });
}

/** The pools that these settings need with so many meters, on so many lines, and counters. `isSecure`: the broker speaks TLS. */
export function poolsFor(
	settings: IntegrationSettings,
	isSecure: boolean,
	meters: number,
	lines = 1,
	counters = 0,
): HeapPools {
	const wanted: HeapPools[] = costs.filter(({ isWanted }) => isWanted(settings));
	if (isSecure) wanted.push(tls);
	const shown = settings.telegramPorts.length > 0 ? servedMeter : shownMeter;
	const another = settings.webPort === null ? meter : shown;
	// The basis has one of each; a board that only counts pulses has none.
	for (let at = 1; at < meters; at += 1) wanted.push(another);
	for (let at = 1; at < lines; at += 1) wanted.push(line);
	for (let at = 0; at < counters; at += 1) wanted.push(counter);
	return sum([basis, ...wanted]);
}

/** The same on a board. */
export function boardPoolsFor(
	settings: IntegrationSettings,
	isSecure: boolean,
	meters: number,
	lines = 1,
	counters = 0,
): HeapPools {
	return sum([poolsFor(settings, isSecure, meters, lines, counters), besides]);
}

function sum(pools: readonly HeapPools[]): HeapPools {
	let [slots, chunks] = [0, 0];
	for (const pool of pools) {
		slots += pool.slots;
		chunks += pool.chunks;
	}
	return { slots, chunks };
}

/** Bytes that are missing. */
function lack(needed: HeapPools, there: HeapPools): number {
	return slotLength * Math.max(0, needed.slots - there.slots) + Math.max(0, needed.chunks - there.chunks);
}

/** Null where all fits, or where the device has what it needs. */
export function complainAboutHeap(
	settings: IntegrationSettings,
	isSecure: boolean,
	there: HeapPools | null,
	plugs: readonly Plug[],
	counters = 0,
): string | null {
	if (there === null) return null;
	const meters = plugs.length;
	const lines = new Set(plugs.map(({ receivePin }) => receivePin)).size;
	const needed = boardPoolsFor(settings, isSecure, meters, lines, counters);
	const missing = lack(needed, there);
	if (missing === 0) return null;
	const fitting = countFitting(settings, isSecure, there, meters, counters);
	const fewer =
		fitting === 0 || meters <= 1 ? null : `have ${fitting} meter${fitting === 1 ? "" : "s on one line"} at most`;
	const wanted = costs.filter(({ isWanted }) => isWanted(settings));
	const enough = wanted.filter(({ slots, chunks }) => {
		const rest = { slots: needed.slots - slots, chunks: needed.chunks - chunks };
		return lack(rest, there) === 0;
	});
	const names = (enough.length > 0 ? enough : wanted).map(({ name }) => name);
	if (wanted.length === 0) {
		return tell(missing, fewer ?? (counters > 0 ? "have fewer counters" : "nothing can be left out"));
	}
	const choice = `${enough.length > 0 || names.length === 1 ? "" : "more than one of "}${names.join(enough.length > 0 ? " or " : ", ")}`;
	return tell(missing, `leave out ${choice}${fewer === null ? "" : `, or ${fewer}`}`);
}

function tell(missing: number, remedy: string): string {
	return `these settings need about ${Math.ceil(missing / 1024)} KB more memory than this board has: ${remedy}.`;
}

/** How many meters on one line fit with these settings, up to `most`. */
function countFitting(
	settings: IntegrationSettings,
	isSecure: boolean,
	there: HeapPools,
	most: number,
	counters: number,
): number {
	let count = 0;
	while (count < most && lack(boardPoolsFor(settings, isSecure, count + 1, 1, counters), there) === 0) count += 1;
	return count;
}
