/** The lines of the console's `status`. */
import { tellExplanation } from "../p1/explain.js";
import type { Ports } from "../ports/ports.js";
import { adviseKey } from "../uplink/trust.js";
import { networkNames } from "../uplink/uplink.js";
import { expectedName } from "./identity.js";
import { describeTelegrams, explainLine } from "./line-report.js";
import { isSwapped } from "./plugs.js";
import { describePulseStatus } from "./pulses.js";
import { tellRefusal } from "./refusals.js";
import type { Firmware, Line } from "./state.js";
import { whyNoUpdates } from "./update.js";

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
