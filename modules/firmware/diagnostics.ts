/** How the reader fares: the diagnostics message, and the lines of the console's `status`. */
import { recentFaults } from "../health/meter.js";
import { type Explanation, explain, tellExplanation } from "../p1/explain.js";
import type { Tally } from "../p1/reader.js";
import type { DeviceMemory, Ports } from "../ports/ports.js";
import { readerName } from "../uplink/names.js";
import { adviseKey, describeTls } from "../uplink/trust.js";
import { networkNames } from "../uplink/uplink.js";
import { expectedName } from "./identity.js";
import { describeLora } from "./lora.js";
import { isSwapped, stateOf } from "./plugs.js";
import { describePulseLines, describePulseStatus } from "./pulses.js";
import { tellRefusal } from "./refusals.js";
import type { Firmware, Line } from "./state.js";
import { whyNoUpdates } from "./update.js";

/** The parts of the diagnostics message, in its order: an object of all of them would be 130 slots of the heap at once. */
const sections: readonly ((firmware: Firmware, now: number) => object)[] = Object.freeze([
	describeReader,
	describeUplink,
	describeBroker,
	({ uplink: { settings, broker } }: Firmware) => ({ tls: describeTls(settings, broker.shownKey, broker.needsTime) }),
	describeOutbox,
	(firmware: Firmware) => ({ history: describeHistory(firmware), servers: describeServers(firmware) }),
	describeTotals,
	(firmware: Firmware, now: number) => ({
		...(firmware.lora !== null && { lora: describeLora(firmware) }),
		meters: describeMeters(firmware, now),
	}),
]);

/** The diagnostics message (`docs/topics.md`): how the reader itself fares. Holds no secret and no reading. */
export function describeDiagnostics(firmware: Firmware): string {
	const now = firmware.ports.clock.now();
	let text = "";
	for (let at = 0; at < sections.length; at += 1) {
		text += `${at === 0 ? "{" : ","}${JSON.stringify(sections[at]!(firmware, now)).slice(1, -1)}`;
	}
	return `${text}}`;
}

function describeReader(firmware: Firmware, now: number): object {
	const { ports, bootRecord, uplink, checked } = firmware;
	const memory = ports.device.readMemory();
	return {
		device: readerName(uplink),
		version: ports.device.version,
		uptime: Math.floor(now / 1_000),
		reset_reason: ports.device.resetReason,
		boots: bootRecord.boots,
		last_abort: bootRecord.lastAbort,
		exceptions: firmware.exceptions,
		longest_run: firmware.longestRun,
		free_memory: memory?.free ?? null,
		memory: memory === null ? null : describeMemory(firmware, memory),
		settings: checked.problems,
		clock_difference: firmware.clockDifference,
	};
}

function describeUplink({ ports, uplink: { supervisor, network } }: Firmware): object {
	return {
		network: {
			medium: ports.medium,
			...(ports.medium === "wifi" && { signal_strength: network?.signalStrength ?? null }),
			address: network?.address ?? null,
			tries: supervisor.tries,
			connects: supervisor.connects,
			losses: supervisor.losses,
		},
	};
}

function describeBroker({ uplink: { broker, delivery } }: Firmware): object {
	return {
		broker: {
			tries: broker.tries,
			connects: broker.connects,
			failures: broker.failures,
			stuck: broker.stuck,
			last_failure: broker.lastFailure,
			published: delivery.published,
			acknowledged: delivery.acknowledged,
			overflows: delivery.overflows,
		},
	};
}

function describeOutbox({ outbox, uplink: { delivery } }: Firmware): object {
	return {
		outbox: {
			waiting: outbox.waiting.length,
			replaced: outbox.replaced,
			refused: outbox.refused,
			set_aside: delivery.refusals.count,
		},
	};
}

function describeTotals(firmware: Firmware): object {
	const { meters, lines } = firmware;
	return {
		held: meters.reduce((sum, { plausibility }) => sum + plausibility.held, 0),
		recovery: describeRecovery(firmware),
		telegrams: lines.reduce((sum, { tally }) => sum + tally.counters.telegrams, 0),
		faults: lines.reduce((sum, { tally }) => sum + countFaults(tally), 0),
		...(firmware.pulses.lines.length > 0 && { pulses: describePulseLines(firmware) }),
	};
}

/** In bytes, and what was given up since the boot. */
function describeMemory({ memory }: Firmware, { least, largestBlock, stackLeft, failures }: DeviceMemory): object {
	const { stage, shortages, clients, messages } = memory;
	return { least, largest_block: largestBlock, stack: stackLeft, failures, stage, shortages, clients, messages };
}

function countFaults({ faults }: Tally): number {
	return Object.values(faults).reduce((sum, count) => sum + count, 0);
}

/** One entry for each meter, and for each line on which no meter was heard yet. */
function describeMeters(firmware: Firmware, now: number): object[] {
	const { lines, meters } = firmware;
	const found: object[] = meters.map(meter => {
		const { line, name, lastTelegram } = meter;
		return {
			name,
			state: stateOf(meter, now),
			age: Math.floor((now - lastTelegram) / 1_000),
			...describeLine(line, now),
		};
	});
	for (const line of lines) {
		if (meters.some(meter => meter.line === line)) continue;
		found.push({ name: expectedName(firmware, line), state: line.health.state, age: null, ...describeLine(line, now) });
	}
	return found;
}

function describeLine(source: Line, now: number): object {
	const { tally, health } = source;
	const { line } = health;
	return {
		explanation: explainLine(source),
		refusal: tellRefusal(source, now),
		line: {
			breaks: line.breaks,
			framing_errors: line.framingErrors,
			fifo_overflows: line.fifoOverflows,
			ring_overflows: line.ringOverflows,
		},
		reader: tally.counters,
		faults: tally.faults,
	};
}

function describeHistory(firmware: Firmware): object {
	const { history, outbox } = firmware;
	const { recent, quarters } = history;
	return {
		waiting: recent.waiting,
		dropped: recent.dropped,
		late: outbox.late,
		expired: outbox.expired,
		refused: firmware.refused,
		writes: quarters?.archive.writes ?? 0,
		erases: quarters?.archive.erases ?? 0,
		failures: quarters?.failures ?? 0,
		lost: quarters?.lost ?? 0,
	};
}

function describeServers({ servers: { telegrams, web, failures } }: Firmware): object {
	return {
		failures,
		telegram_clients: telegrams.reduce((sum, { clients }) => sum + clients.length, 0),
		telegram_dropped: telegrams.reduce((sum, { dropped }) => sum + dropped, 0),
		web_answered: web?.answered ?? 0,
		web_dropped: (web?.dropped ?? 0) + (web?.refused ?? 0),
	};
}

function describeRecovery(firmware: Firmware): object {
	const { networkRestarts, requestRestarts } = firmware.recovery;
	return { network: networkRestarts, device: firmware.bootRecord.restarts, request: requestRestarts };
}

/** Lines for the console. */
export function describeStatus(firmware: Firmware): string[] {
	const { ports, uplink, bootRecord, checked, outbox } = firmware;
	const { broker } = uplink;
	const now = ports.clock.now();
	const time = ports.clock.time();
	return [
		`${ports.device.version}, up ${Math.floor(now / 1_000)} s, boot ${bootRecord.boots}: ${ports.device.resetReason}`,
		`time      ${time === null ? "unknown" : new Date(time).toISOString()}`,
		`settings  ${checked.problems.length === 0 ? "ok" : `${checked.problems.length} problems, see show`}`,
		describeNetwork(firmware),
		`broker    ${broker.state}${broker.lastFailure === null ? "" : `, last failure: ${broker.lastFailure}`}`,
		...describeKey(firmware),
		...firmware.lines.flatMap(line => describeLineStatus(firmware, line, now)),
		...describePulseStatus(firmware),
		`outbox    ${outbox.waiting.length} waiting, ${firmware.history.recent.waiting} late readings`,
		describeUpdates(ports),
		...describeMemoryStatus(firmware),
		`trouble   ${firmware.exceptions} exceptions, last abort: ${bootRecord.lastAbort ?? "none"}`,
	];
}

/** With TLS: the broker's key, and what to do about it. */
function describeKey({ uplink: { broker, settings } }: Firmware): string[] {
	const { fingerprint, verdict, withoutDates } = broker.shownKey;
	if (fingerprint === null) return [];
	const advice = adviseKey(broker.shownKey);
	const caution = withoutDates ? ", dates of its certificate not checked" : "";
	// `authority list` names them.
	const told =
		verdict === "trusted" ? `trusted by ${settings.brokerKey === null ? "an authority" : "brokerKey"}` : verdict;
	return [`key       ${fingerprint}, ${told}${caution}`, ...(advice === null ? [] : [`          ${advice}`])];
}

function describeUpdates(ports: Ports): string {
	const { program } = ports;
	const reason = whyNoUpdates(ports);
	if (program === undefined || reason !== null) return `update    none: ${reason}`;
	return `update    sequence ${program.sequence} for ${program.board}${program.isOnTrial() ? ", on trial" : ""}`;
}

/** `npm run feed` reads this line. */
function describeMemoryStatus({ ports }: Firmware): string[] {
	const memory = ports.device.readMemory();
	if (memory === null) return [];
	const { free, least, largestBlock, stackLeft, failures } = memory;
	return [
		`memory    ${free} free, ${least} at least, largest block ${largestBlock}, stack ${stackLeft}, ${failures} failures`,
	];
}

function describeNetwork({ ports, uplink: { network, supervisor } }: Firmware): string {
	const name = networkNames[ports.medium].padEnd(9);
	const text = `${name} ${supervisor.state}, ${network?.address ?? "no address"}`;
	if (ports.medium !== "wifi") return text;
	const strength = network?.signalStrength ?? null;
	return `${text}, ${strength === null ? "no signal" : `${strength} dBm`}`;
}

/** Why no telegram comes on the line, in one word; null while telegrams come, or before that can be told. */
export function explainLine(line: Line): Explanation | null {
	const { wire, tally, health } = line;
	// What came on the wire says nothing about one that is not asked.
	if (wire.current !== line) return null;
	if (health.state === "ok" || health.state === "notUnderstood" || health.state === "waiting") return null;
	const { search, decryptor } = wire.reader;
	const { counters, faults } = tally;
	const received = counters.bytes - health.bytesBefore;
	return explain(search.hints, recentFaults(health, faults), decryptor.notifications, received);
}

/** The line's state with its meters, and what was read on it. */
function describeLineStatus(firmware: Firmware, line: Line, now: number): string[] {
	const names = firmware.meters.filter(meter => meter.line === line).map(({ name }) => name);
	const name = names.length > 0 ? names.join(", ") : (expectedName(firmware, line) ?? "no name yet");
	const swapped = isSwapped(line, now) ? ", whose line is another one: plugs were swapped" : "";
	const explanation = explainLine(line);
	const refusal = tellRefusal(line, now);
	return [
		`meter     ${line.health.state}, ${name}${swapped}`,
		...(explanation === null ? [] : [`          ${tellExplanation(explanation)}`]),
		...(refusal === null ? [] : [`          ${refusal}`]),
		`telegrams ${describeTelegrams(line.tally)}`,
	];
}

/** How many telegrams came, by how they were verified, and what was refused: `authenticated 8640; no faults`. */
export function describeTelegrams({ counters, faults }: Tally): string {
	const { authenticated, crcOnly, plain } = counters;
	const verdicts = { authenticated, "crc-only": crcOnly, plain };
	return `${listCounts(verdicts, "none")}; ${listCounts(faults, "no faults")}`;
}

/** Those above zero, or `none`. */
function listCounts(given: object, none: string): string {
	const counts = given as Readonly<Record<string, number>>;
	// Not by entries, each of which is an array.
	const found = Object.keys(counts).filter(name => counts[name]! > 0);
	return found.length === 0 ? none : found.map(name => `${name} ${counts[name]}`).join(", ");
}
