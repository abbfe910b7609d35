/** The topics of our own messages. */
import { letters, replaceOthers } from "../p1/characters.js";
import type { Telegram } from "../p1/reader.js";

/**
 * The topic level that names a meter or a device. Characters that MQTT gives a meaning (`/`, `+`, `#`) and everything else
 * that is not a letter, a digit, `-`, `_` or `.` become `_`, so that no meter can write outside of its own level.
 */
export function topicLevel(name: string): string {
	return replaceOthers(name, `${letters}09__..--`, "_");
}

/**
 * What a meter is called: its serial number, or else its equipment identifier, or else the system title of its frames. Null where the
 * telegram has none of them, so that the reader must name the meter by the line that it is on.
 */
export function identifyMeter({ readings, systemTitle }: Telegram): string | null {
	return readings.serial ?? readings.equipment ?? systemTitle;
}

/** The same, and `unknown` where nothing names the meter. */
export function meterName(telegram: Telegram): string {
	return identifyMeter(telegram) ?? "unknown";
}

/** `<base>/<meter>/state`: the JSON of each telegram. */
export function stateTopic(base: string, meter: string): string {
	return `${base}/${topicLevel(meter)}/state`;
}

/** `<base>/<meter>/status`: `online` or, as the session's last will, `offline`; retained. */
export function statusTopic(base: string, meter: string): string {
	return `${base}/${topicLevel(meter)}/status`;
}

/** `<base>/<device>/diagnostics`: how the reader itself fares. */
export function diagnosticsTopic(base: string, device: string): string {
	return `${base}/${topicLevel(device)}/diagnostics`;
}

/** `<base>/<device>/update`: which program runs, and which one could. */
export function updateTopic(base: string, device: string): string {
	return `${base}/${topicLevel(device)}/update`;
}

/** `<base>/<device>/update/set`: `install` asks for the update that `updateUrl` offers. */
export function updateCommandTopic(base: string, device: string): string {
	return `${updateTopic(base, device)}/set`;
}

/** `<base>/<meter>/telegram`: layout `raw`. */
export function telegramTopic(base: string, meter: string): string {
	return `${base}/${topicLevel(meter)}/telegram`;
}

/** `<base>/<meter>/power`: the energy above the power class. */
export function powerTopic(base: string, meter: string): string {
	return `${base}/${topicLevel(meter)}/power`;
}

/** `<base>/<meter>/history`: readings that come late, each with its own time. */
export function historyTopic(base: string, meter: string): string {
	return `${base}/${topicLevel(meter)}/history`;
}

/** `<base>/<meter>`: what the topics of one meter begin with. */
export function meterRoot(base: string, meter: string): string {
	return `${base}/${topicLevel(meter)}`;
}
