/** Runs a scenario and sums it up. */

import type { Engine, EngineName } from "../engines/contract.js";
import { createEngine } from "../engines/engine.js";
import { switchOn } from "./board/processor.js";
import { findLost } from "./check/ground-truth.js";
import { judgeLora } from "./check/lora.js";
import { startMonitor } from "./check/monitor.js";
import { judgePulseCount } from "./check/pulses.js";
import { hour, minute, runUntil } from "./clock.js";
import { calmDown, type Scenario, scenarios } from "./scenarios.js";
import type { Scraper, World, WorldOptions } from "./state.js";
import { composeWorld, startMeter } from "./world.js";

export interface RunOptions {
	scenario: string;
	seed: number;
	hours: number;
	engine: EngineName;
	/** Another firmware in the place of ours. */
	replace?: Engine;
	/** How many meters: one, unless given or the scenario has more. */
	meters?: number;
	/** Of flash for the history, 64 unless given. */
	sectors?: number;
	/** Sees each line of the run as it happens. */
	onNote?: (line: object) => void;
}

/** The last line of a run. */
export interface Summary {
	kind: "summary";
	scenario: string;
	seed: number;
	hours: number;
	telegramsSent: number;
	telegramsReceived: number;
	telegramsLostOnLine: number;
	readingsDelivered: number;
	readingsLost: number;
	duplicates: number;
	outOfOrder: number;
	wrongValues: number;
	reconnectMsMax: number;
	restarts: number;
	maxQueue: number;
	violations: string[];
}

/** After the scenario everything is well for so long: what was kept must come to the broker by then. */
const calm = 20 * minute;
const mostErases = 100;

/** Lives through a scenario. Rejects for a scenario that does not exist, and for faults of the world itself. */
export async function runScenario(options: RunOptions): Promise<Summary> {
	const { scenario, seed, hours, engine, replace, sectors, onNote } = options;
	const meters = options.meters ?? scenarios[scenario]?.house?.habits.length ?? 1;
	const plot = scenarios[scenario];
	if (plot === undefined) throw new Error(`there is no scenario ${scenario}`);
	const firmware = replace ?? (await createEngine(engine, new URL("./bridge/guest.ts", import.meta.url)));
	const world = composeWorld(firmware, {
		seed,
		epoch: plot.epoch,
		...(plot.meter === undefined ? {} : { meter: plot.meter }),
		...(meters > 1 && { house: drawHouse(plot, meters, seed) }),
		...(plot.isNew && { isNew: true }),
		...(plot.mistakenKey && { mistakenKey: true }),
		...(plot.medium && { medium: plot.medium }),
		...(plot.flashes && { flashes: true }),
		...(plot.settings && { settings: plot.settings }),
		...(plot.updates && { updates: true }),
		...(plot.hasLora && { hasLora: true }),
		...(sectors === undefined ? {} : { sectors }),
		onNote: onNote ?? (() => {}),
	});
	try {
		const duration = hours * hour;
		plot.arrange(world, duration);
		startMonitor(world);
		startMeter(world);
		switchOn(world.device, "power on");
		await runUntil(world.clock, duration);
		calmDown(world);
		// Several meters may be silent for longer before they are offline.
		const end = duration + calm + (meters > 1 ? 5 * minute : 0);
		await runUntil(world.clock, duration + calm - minute);
		checkStatuses(world, "online");
		world.sending = false;
		await runUntil(world.clock, end);
		judgeEnd(world);
		return summarize(world, scenario, seed, hours);
	} finally {
		await world.device.engine.close();
	}
}

/** On how many lines the meters are is the seed's choice: all on one, or up to three lines. */
function drawHouse({ house }: Scenario, meters: number, seed: number): NonNullable<WorldOptions["house"]> {
	const habits = Array.from({ length: meters }, (_, at) => house?.habits[at] ?? (at % 2 === 0 ? "prompt" : "beat"));
	const unreadable = (house?.unreadable ?? []).filter(at => at < meters);
	return { habits, unreadable, lines: 1 + (seed % Math.min(3, meters)) };
}

function judgeEnd(world: World): void {
	const { groundTruth, checker, flash, clock } = world;
	const lost = findLost(groundTruth);
	if (lost.length > 0) {
		const times = lost.slice(0, 5).map(sent => new Date(sent.time).toISOString().slice(0, 19));
		world.reportViolation(`${lost.length} readings lost: ${times.join(", ")}${lost.length > 5 ? ", …" : ""}`);
	}
	const days = Math.max(1, clock.now / (24 * hour));
	const erases = Math.max(...flash.erases) / days;
	if (erases > mostErases) world.reportViolation(`a sector was erased ${erases} times a day`);
	// The meter has been silent for a minute.
	checkStatuses(world, "offline");
	if (world.device.pulses !== null) judgePulseCount(world, world.device.pulses);
	if (checker.diagnostics === null) world.reportViolation("no diagnostics were ever published");
	if (world.lora !== null) judgeLora(world, world.lora);
	if (world.scraper !== null) judgeScraper(world, world.scraper);
}

/** Who asks each second gets nearly all pages, whatever becomes of the broker. */
function judgeScraper(world: World, { asked, answered, compared, refused, cut }: Scraper): void {
	world.note("scraped", { asked, answered, compared, refused, cut });
	if (answered < 0.98 * asked) world.reportViolation(`${answered} of ${asked} scrapes were answered`);
	if (compared < 0.5 * answered) world.reportViolation(`${compared} of ${answered} scrapes had the meter's energy`);
}

/** The reader is online, the meter as it is, and every meter that was replaced is offline. */
function checkStatuses(world: World, meter: "online" | "offline"): void {
	const { retained } = world.broker;
	const { stations } = world;
	const present = stations.length === 0 ? [world.meter] : stations.filter(one => one.isReadable).map(one => one.meter);
	const own = present.map(({ serial }) => `smarty/${serial}/status`);
	const topics = [...retained.keys()].filter(topic => topic.endsWith("/status"));
	for (const topic of own) if (!retained.has(topic)) world.reportViolation(`${topic} is not there at the end`);
	if (!topics.some(isReaderStatus)) world.reportViolation("the reader's status is not there at the end");
	for (const topic of topics) {
		const wanted = isReaderStatus(topic) ? "online" : own.includes(topic) ? meter : "offline";
		if (retained.get(topic) !== wanted) world.reportViolation(`${topic} is ${retained.get(topic)} at the end`);
	}
}

function isReaderStatus(topic: string): boolean {
	return topic.includes("/smarty-xs-");
}

function summarize(world: World, scenario: string, seed: number, hours: number): Summary {
	const { groundTruth, checker, monitor, restarts } = world;
	const sent = groundTruth.sent.length;
	const received = groundTruth.sent.filter(frame => frame.receivedAt >= 0).length;
	return {
		kind: "summary",
		scenario,
		seed,
		hours,
		telegramsSent: sent,
		telegramsReceived: received,
		telegramsLostOnLine: sent - received,
		readingsDelivered: groundTruth.delivered,
		readingsLost: findLost(groundTruth).length,
		duplicates: groundTruth.duplicates,
		outOfOrder: checker.outOfOrder,
		wrongValues: checker.wrongValues,
		reconnectMsMax: monitor.reconnectMax,
		restarts: restarts.length,
		maxQueue: groundTruth.maxQueue,
		violations: [...new Set(checker.violations)],
	};
}
