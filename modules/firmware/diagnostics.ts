import type { Reader } from "../p1/reader.js";
import { deviceName } from "../uplink/names.js";
import type { Firmware } from "./state.js";

/** The diagnostics message (`docs/topics.md`): how the reader itself fares. Holds no secret and no reading. */
export function describeDiagnostics(firmware: Firmware): string {
	const { ports, bootRecord, meter, reader, outbox, uplink, checked } = firmware;
	const { supervisor, broker, delivery, network } = uplink;
	const now = ports.clock.now();
	return JSON.stringify({
		device: deviceName(uplink),
		version: ports.device.version,
		uptime: Math.floor(now / 1_000),
		reset_reason: ports.device.resetReason,
		boots: bootRecord.boots,
		last_abort: bootRecord.lastAbort,
		exceptions: firmware.exceptions,
		free_memory: ports.device.freeMemory(),
		settings: checked.problems,
		wifi: {
			signal_strength: network?.signalStrength ?? null,
			address: network?.address ?? null,
			tries: supervisor.tries,
			connects: supervisor.connects,
			losses: supervisor.losses,
		},
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
		outbox: { waiting: outbox.waiting.length, replaced: outbox.replaced, refused: outbox.refused },
		history: describeHistory(firmware),
		servers: describeServers(firmware),
		held: firmware.integrations.totals.held,
		recovery: describeRecovery(firmware),
		meter: {
			name: uplink.meter,
			state: meter.state,
			age: meter.telegrams === 0 ? null : Math.floor((now - meter.lastTelegram) / 1_000),
		},
		line: {
			breaks: meter.line.breaks,
			framing_errors: meter.line.framingErrors,
			fifo_overflows: meter.line.fifoOverflows,
			ring_overflows: meter.line.ringOverflows,
		},
		reader: reader.counters,
		faults: reader.faults,
	});
}

function describeHistory(firmware: Firmware): object {
	const { history, outbox } = firmware;
	const { recent, quarters } = history;
	return {
		waiting: recent.waiting,
		dropped: recent.dropped,
		late: outbox.late,
		expired: outbox.expired,
		refused: firmware.freshness.refused,
		writes: quarters?.archive.writes ?? 0,
		erases: quarters?.archive.erases ?? 0,
		failures: quarters?.failures ?? 0,
		lost: quarters?.lost ?? 0,
	};
}

function describeServers({ servers: { telegrams, web } }: Firmware): object {
	return {
		telegram_clients: telegrams?.clients.length ?? 0,
		telegram_dropped: (telegrams?.dropped ?? 0) + (telegrams?.refused ?? 0),
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
	const { ports, meter, reader, uplink, bootRecord, checked, outbox } = firmware;
	const { supervisor, broker, network } = uplink;
	const now = ports.clock.now();
	const strength = network?.signalStrength ?? null;
	const time = ports.clock.time();
	return [
		`${ports.device.version}, up ${Math.floor(now / 1_000)} s, boot ${bootRecord.boots}: ${ports.device.resetReason}`,
		`time      ${time === null ? "unknown" : new Date(time).toISOString()}`,
		`settings  ${checked.problems.length === 0 ? "ok" : `${checked.problems.length} problems, see show`}`,
		`WiFi      ${supervisor.state}, ${network?.address ?? "no address"}, ${strength === null ? "no signal" : `${strength} dBm`}`,
		`broker    ${broker.state}${broker.lastFailure === null ? "" : `, last failure: ${broker.lastFailure}`}`,
		`meter     ${meter.state}, ${uplink.meter ?? "no name yet"}`,
		`telegrams ${describeTelegrams(reader)}`,
		`outbox    ${outbox.waiting.length} waiting, ${firmware.history.recent.waiting} late readings`,
		`trouble   ${firmware.exceptions} exceptions, last abort: ${bootRecord.lastAbort ?? "none"}`,
	];
}

/** How many telegrams came, by what vouches for them, and what was refused: `authenticated 8640; no faults`. */
export function describeTelegrams({ counters, faults }: Reader): string {
	const { authenticated, crcOnly, plain } = counters;
	const verdicts = { authenticated, "crc-only": crcOnly, plain };
	return `${listCounts(verdicts, "none")}; ${listCounts(faults, "no faults")}`;
}

/** Those above nought, or `none`. */
function listCounts(counts: object, none: string): string {
	const found = Object.entries(counts).filter(([, count]) => count > 0);
	return found.length === 0 ? none : found.map(([name, count]) => `${name} ${count}`).join(", ");
}
