/** All measurements of the bench. */

import { readFileSync } from "node:fs";
import { type HandshakeCost, measureHandshakes } from "./handshakes.js";
import { installPeers, readLock } from "./install.js";
import { type LinkedSize, measureLinked } from "./linked.js";
import { type LorawanCost, measureLorawan } from "./lorawan.js";
import { type MemoryCosts, measureMemory } from "./memory.js";
import { type MeterCost, measureMeters } from "./meters.js";
import { type Moment, measureMoments } from "./moments.js";
import { measureOpen, type OpenCost } from "./open.js";
import { measureParse, type ParseSpeed } from "./parse.js";
import { type BrowserCost, measureBrowsers, measureRequests, type RequestCost } from "./requests.js";
import { type HostileCost, measureHostile, measureRuns, type RunCosts } from "./runs.js";
import { compareEngines, type EngineCount } from "./sdk-engine.js";
import { measureSteps, type StepTimes } from "./steps.js";
import { type GrowthCost, measureGrowth, measureTelegrams, type TelegramCost } from "./telegram.js";

/** What repeats to the digit on every computer that has the same compilers. */
export interface Counts {
	open: OpenCost[];
	telegram: TelegramCost[];
	growth: GrowthCost[];
	runs: RunCosts;
	hostile: HostileCost;
	memory: MemoryCosts;
	meters: MeterCost[];
	requests: RequestCost[];
	browsers: BrowserCost;
	handshakes: HandshakeCost[];
	lorawan: LorawanCost;
}

export interface Bench extends Counts {
	/** The firmware's heap with the settings of a first setup. */
	moments: Moment[];
	parse: ParseSpeed[];
	steps: StepTimes[];
	/** Null where there is no Moddable SDK. */
	linked: LinkedSize | null;
	engines: EngineCount[] | null;
	versions: Record<string, string>;
	/** How instructions become milliseconds. Assumed, not measured. */
	estimate: { megahertz: number; cyclesPerInstruction: [number, number] };
}

export const estimate: Bench["estimate"] = { megahertz: 240, cyclesPerInstruction: [1.35, 1.7] };

/** Some five minutes on two idle cores. `say` is told what is going on. */
export async function measureCounts(say: (what: string) => void = () => {}): Promise<Counts> {
	installPeers();
	say("open: GCM and its peers in XS");
	const open = await measureOpen();
	say("telegram: the whole firmware, by stage");
	const telegram = await measureTelegrams();
	say("growth: the cost of a telegram by its length");
	const growth = await measureGrowth();
	say("runs: how long the firmware is busy without a pause");
	const runs = await measureRuns();
	const hostile = await measureHostile();
	say("memory: a thousand telegrams in ever smaller heaps");
	const memory = await measureMemory();
	say("meters: the least pools and the longest run for one, three and six");
	const meters = await measureMeters();
	say("requests: pages over HTTP in a heap that is nearly full");
	const requests = await measureRequests();
	const browsers = await measureBrowsers(requests);
	say("handshakes: TLS before a broker is told anything");
	const handshakes = await measureHandshakes();
	say("lorawan: heap and instructions of the stack");
	const lorawan = await measureLorawan();
	return { open, telegram, growth, runs, hostile, memory, meters, requests, browsers, handshakes, lorawan };
}

export async function measureAll(say: (what: string) => void): Promise<Bench> {
	const counts = await measureCounts(say);
	say("moments: when the firmware's heap is needed");
	const moments = await measureMoments({ settings: {}, meters: 1 });
	say("parse: telegrams a second in Node");
	const speeds = { parse: measureParse(), steps: measureSteps() };
	const linked = await measureLinked(process.env);
	if (linked === null) say("linked: left out, for it takes MODDABLE, IDF_PATH and a compiler for Xtensa");
	const engines = await compareEngines(process.env);
	if (engines === null) say("engines: left out, for it takes MODDABLE and `npm run xs x32Sdk xtensaSdk`");
	return { ...counts, moments, ...speeds, linked, engines, versions: readVersions(), estimate };
}

function readVersions(): Record<string, string> {
	const lock = JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8"));
	const packages = { ...readLock().packages, ...lock.packages };
	const names = [
		"aes-js",
		"@noble/ciphers",
		"asmcrypto.js",
		"node-forge",
		"sjcl",
		"dsmr-parser",
		"p1-reader",
		"smartmeter-obis",
	];
	const versions: Record<string, string> = { XS: "13.3.0 (@agoric/xsnap 0.15.0)", node: process.version };
	for (const name of names) versions[name] = packages[`node_modules/${name}`].version;
	return versions;
}
