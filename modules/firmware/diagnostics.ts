/** The diagnostics message: how the reader fares. */
import { type Chunks, Pieces } from "../messages/chunks.js";
import type { Tally } from "../p1/reader.js";
import type { DeviceMemory } from "../ports/ports.js";
import { readerName } from "../uplink/names.js";
import { describeTls } from "../uplink/trust.js";
import { expectedName } from "./identity.js";
import { explainLine } from "./line-report.js";
import { describeLora } from "./lora.js";
import { stateOf } from "./plugs.js";
import { describePulseLines } from "./pulses.js";
import { tellRefusal } from "./refusals.js";
import type { Firmware, Line, MeterLine } from "./state.js";

/** The parts of the diagnostics message, in its order: an object of all of them would be 130 slots of the heap at once. */
const sections: readonly ((firmware: Firmware, now: number) => object)[] = Object.freeze([
	describeReader,
	describeUplink,
	describeBroker,
	({ uplink: { settings, broker } }: Firmware) => ({ tls: describeTls(settings, broker.shownKey, broker.needsTime) }),
	describeOutbox,
	(firmware: Firmware) => ({ history: describeHistory(firmware), servers: describeServers(firmware) }),
	describeTotals,
]);

/**
 * The diagnostics message (`docs/topics.md`): how the reader itself fares. Holds no secret and no reading. In pieces, because a text of six
 * meters, 4 KB, would be there twice while it is joined and once more while it is encoded.
 */
export function describeDiagnostics(firmware: Firmware): Chunks {
	const now = firmware.ports.clock.now();
	const pieces: string[] = [];
	for (const section of sections)
		pieces.push(`${pieces.length === 0 ? "{" : ","}${encodeFields(section(firmware, now))}`);
	if (firmware.lora !== null) pieces.push(`,${encodeFields({ lora: describeLora(firmware) })}`);
	let separator = ',"meters":[';
	for (const meter of firmware.meters) {
		pieces.push(`${separator}${JSON.stringify(describeMeter(meter, now))}`);
		separator = ",";
	}
	for (const line of firmware.lines) {
		if (firmware.meters.some(meter => meter.line === line)) continue;
		pieces.push(`${separator}${JSON.stringify(describeUnheard(firmware, line, now))}`);
		separator = ",";
	}
	pieces.push(separator === "," ? "]}" : `${separator}]}`);
	return new Pieces(pieces);
}

/** Without its braces. */
function encodeFields(section: object): string {
	return JSON.stringify(section).slice(1, -1);
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

function describeMeter(meter: MeterLine, now: number): object {
	const { line, name, lastTelegram } = meter;
	const age = Math.floor((now - lastTelegram) / 1_000);
	return { name, state: stateOf(meter, now), age, ...describeLine(line, now) };
}

/** A line on which no meter was heard yet. */
function describeUnheard(firmware: Firmware, line: Line, now: number): object {
	return { name: expectedName(firmware, line), state: line.health.state, age: null, ...describeLine(line, now) };
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
