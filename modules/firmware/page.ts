/** What the web page in a browser is made of: how the reader is, its log, its history and its settings, each in parts. */
import { formatLine } from "../health/log.js";
import { listQuarters, listRecent } from "../history/blocks.js";
import { encodeAccount } from "../meter/account.js";
import type { Latest } from "../meter/latest.js";
import { decodeUtf8 } from "../p1/hex-text.js";
import type { Ports } from "../ports/ports.js";
import { applyValues, type Change } from "../settings/apply.js";
import { findSetting } from "../settings/settings.js";
import { settingTable } from "../settings/table.js";
import { describeTls } from "../uplink/trust.js";
import { nameMeters } from "../web/meters.js";
import { type BodySink, collectBody, explain, json, type Response } from "../web/response.js";
import type { House, Sources } from "../web/route.js";
import { describeTelegrams, explainLine } from "./line-report.js";
import { labelOf, stateOf } from "./plugs.js";
import { readPulses } from "./pulses.js";
import { planRestart } from "./restart.js";
import { FirmwarePlace } from "./setup.js";
import type { Firmware } from "./state.js";

/** The name of the page among the files of the program. */
const pageName = "page.html.gz";

/** Their `House` is the firmware. */
export const sources: Sources = Object.freeze({
	readPage: house => ownerOf(house).ports.readResource?.(pageName) ?? null,
	describeStatus: (house, meters) => describeStatus(ownerOf(house), meters),
	describeLog: house => describeLog(ownerOf(house)),
	listRecent: (house, meter) => listRecent(ownerOf(house).history.recent, meter),
	listQuarters(house, after) {
		const { quarters } = ownerOf(house).history;
		return quarters === null ? describeNothing() : listQuarters(quarters, after);
	},
	describeSettings: house => describeSettings(ownerOf(house)),
	takeSettings: (house, length) => takeSettings(ownerOf(house), length),
} satisfies Sources);

/** The server gives back what it was given: below the firmware its type is not known. */
function ownerOf(house: House): Firmware {
	return house as Firmware;
}

function* describeNothing(): Generator<string, void> {}

/** Settings are changed where they are kept: on a computer they are in its file, its environment or its command line. */
function isWritable({ ports }: Firmware): boolean {
	return ports.medium !== "host";
}

/** How the reader and its meters are, as JSON (`docs/page.md`). */
function* describeStatus(firmware: Firmware, shown: readonly Latest[]): Generator<string, void> {
	const { ports, uplink, checked, meters, lines, pulses, lora, bootRecord } = firmware;
	const { network, supervisor, broker } = uplink;
	const now = ports.clock.now();
	yield JSON.stringify({
		version: ports.device.version,
		uptime: Math.floor(now / 1_000),
		boot: bootRecord.boots,
		medium: ports.medium,
	}).slice(0, -1);
	const address = JSON.stringify(network?.address ?? null);
	yield `,"network":"${supervisor.state}","address":${address},"signal":${network?.signalStrength ?? null},`;
	yield JSON.stringify({
		broker: checked.settings.broker === null ? null : broker.state,
		failure: broker.lastFailure,
		tls: describeTls(checked.settings, broker.shownKey, broker.needsTime),
		problems: checked.problems,
	}).slice(1, -1);
	if (lora !== null) {
		const { sender } = lora;
		yield `,"lora":${JSON.stringify([sender.state === "ready", sender.tell(now)[0]!.slice(10)])}`;
	}
	yield `,"update":${describeUpdate(ports)},"meters":[`;
	const names = nameMeters(shown);
	for (let at = 0; at < shown.length; at += 1) {
		const latest = shown[at];
		const { readings, account } = latest;
		const meter = meters.find(other => other.latest === latest);
		const line = meter?.line ?? lines.find(({ tally }) => tally.faults === latest.faults)!;
		yield (at === 0 ? "" : ",") +
			JSON.stringify({
				name: names[at],
				label: meter === undefined ? null : labelOf(firmware, meter.name),
				state: meter === undefined ? line.health.state : stateOf(meter, now),
				explanation: explainLine(line),
			}).slice(0, -1);
		const age = readings === null ? null : now - latest.time;
		yield `,"age":${age},"telegrams":${JSON.stringify(describeTelegrams(line.tally))}`;
		const power = account === null ? null : encodeAccount(account, checked.settings.integrations.powerPrice);
		yield `,"power":${power}}`;
	}
	yield `],"counters":${JSON.stringify(pulses.lines.map(readPulses))}}`;
}

/** Null where others replace the program. */
function describeUpdate({ program }: Ports): string {
	if (program === undefined) return "null";
	const { board, sequence, keys } = program;
	return JSON.stringify({ board, sequence, open: keys.length > 0, trial: program.isOnTrial() });
}

function* describeLog({ log }: Firmware): Generator<string, void> {
	for (const line of log.lines.slice()) yield `${formatLine(line)}\n`;
}

/** Values by name: null for what is not set, true for a secret that is; and what the page's form says of each setting. */
function* describeSettings(firmware: Firmware): Generator<string, void> {
	const { storage, built } = firmware;
	let text = `{"writable":${isWritable(firmware)},"values":{`;
	for (let at = 0; at < settingTable.length; at += 1) {
		const { name, secret } = settingTable[at];
		// Merged one by one: all of them would be 1 KB for as long as the page takes.
		const value = storage.values[at] ?? built[at] ?? null;
		text += `${at === 0 ? "" : ","}"${name}":${value === null ? null : secret || JSON.stringify(value)}`;
		if (at % 4 !== 3) continue;
		yield text;
		text = "";
	}
	yield `${text}},"table":[`;
	for (let at = 0; at < settingTable.length; at += 1) {
		const { name, secret, fallback, help } = settingTable[at];
		// As it is: nothing of it needs an escape, and `stringify` would take twice as long for it.
		const known = fallback === null ? null : `"${fallback}"`;
		yield `${at === 0 ? "" : ","}{"name":"${name}","secret":${secret},"fallback":${known},"help":"${help}"}`;
	}
	yield "]}";
}

/** A JSON object of texts by the settings' names; null takes one away. The reader restarts where something is new. */
function takeSettings(firmware: Firmware, length: number): BodySink | Response {
	if (!isWritable(firmware)) return explain(403, "On a computer settings come from its file or command line.\n");
	return collectBody(length, body => applySettings(firmware, body));
}

function applySettings(firmware: Firmware, body: Uint8Array): Response {
	const changes = readChanges(body);
	if (changes === null) return explain(400, "Settings are a JSON object of texts by their names.\n");
	const { complaints, changed } = applyValues(new FirmwarePlace(firmware), changes, true);
	// The next run, which comes every second, sees to the rest.
	if (changed) planRestart(firmware);
	const status = complaints.length === 0 ? 200 : 422;
	return { status, type: json, body: JSON.stringify({ complaints, restart: changed }) };
}

/** Null for anything else than an object of texts and nulls in UTF-8. An empty secret is kept as it is. */
function readChanges(body: Uint8Array): Change[] | null {
	try {
		const text = decodeUtf8(body) ?? null;
		if (text === null) return null;
		const found: unknown = JSON.parse(text);
		if (typeof found !== "object" || found === null || Array.isArray(found)) return null;
		const changes: Change[] = [];
		for (const [name, value] of Object.entries(found)) {
			if (value !== null && typeof value !== "string") return null;
			const text = value === null ? null : value.trim();
			if (text !== "" || settingTable[findSetting(name)]?.secret !== true) changes.push([name, text]);
		}
		return changes;
	} catch {
		return null;
	}
}
