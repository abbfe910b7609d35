/** Whom the owner has said to trust, and what is known of the broker's key. */

import type { MqttError } from "../ports/mqtt.js";
import type { Ports } from "../ports/ports.js";
import type { Trust, TrustedBroker } from "../ports/tls.js";
import { collectAuthorities } from "../settings/authorities.js";
import type { Settings } from "../settings/settings.js";

/** What became of the key that the broker showed last, with TLS. */
export interface ShownKey {
	/** Its fingerprint as the setting `brokerKey` takes it, `sha256/…`; null before a broker showed one. For people. */
	fingerprint: string | null;
	/** `unknown`: neither a pin nor an authority says whether it is to be trusted, so that an owner may keep it. */
	verdict: "none" | "unknown" | "refused" | "trusted";
	/** The dates of its certificates were not looked at, because nobody knew the time. */
	withoutDates: boolean;
}

export function createShownKey(): ShownKey {
	return { fingerprint: null, verdict: "none", withoutDates: false };
}

export function noteTrusted(shown: ShownKey, { shownKey, withoutDates }: TrustedBroker): void {
	Object.assign(shown, { fingerprint: shownKey, verdict: "trusted", withoutDates });
}

/** True when the error was about trust. */
export function noteDistrusted(shown: ShownKey, { kind, shownKey }: MqttError): boolean {
	if (kind !== "certificate" && kind !== "unknown") return false;
	shown.fingerprint = shownKey ?? null;
	shown.verdict = kind === "unknown" ? "unknown" : "refused";
	shown.withoutDates = false;
	return true;
}

/** The certificates are read anew for each connection that shows some: as a list they would lie in memory for ever. */
export function createTrust(settings: Settings, ports: Ports): Trust {
	return { pin: settings.brokerKey, authorities: () => collectAuthorities(settings.authorities, ports) };
}

/**
 * Whether a connection needs the time: for the dates of a chain. A pinned key has none, and a key that is only looked at neither.
 * Authorities that cannot be read count as some.
 */
export function needsTime(settings: Settings, ports: Ports): boolean {
	return settings.broker?.secure === true && collectAuthorities(settings.authorities, ports).length > 0;
}

/** Why no broker is trusted, or null. */
export function findTrustProblem(settings: Settings, ports: Ports): string | null {
	if (settings.broker?.secure !== true) return null;
	const authorities = collectAuthorities(settings.authorities, ports);
	return typeof authorities === "string" ? `No broker is trusted: ${authorities}.` : null;
}

/** For the diagnostics message; null without TLS. */
export function describeTls({ broker, brokerKey }: Settings, shown: ShownKey, hasDates: boolean): object | null {
	if (broker?.secure !== true) return null;
	const dates = !hasDates ? "not needed" : shown.withoutDates ? "unchecked" : "checked";
	return { key: shown.fingerprint, verdict: shown.verdict, pinned: brokerKey !== null, dates };
}

/** What an owner can do about a key, for the console; null where there is nothing to do. */
export function adviseKey({ fingerprint, verdict }: ShownKey): string | null {
	if (fingerprint === null) return null;
	if (verdict === "unknown") return `the broker shows a key; to keep it: set brokerKey ${fingerprint}`;
	return null;
}
