import { encodeLayout, type TopicRoots } from "../messages/formats.js";
import { beginPass, createDiscovery, type Discovery, noteReadings } from "../messages/homeassistant/discovery.js";
import { encodeSgrimeeUnits } from "../messages/sgrimee.js";
import { powerTopic } from "../messages/topics.js";
import {
	type Account,
	addReading,
	createAccount,
	encodeAccount,
	packAccount,
	unpackAccount,
} from "../meter/account.js";
import { createLatest, type Latest } from "../meter/latest.js";
import { createPlausibility, type Plausibility } from "../meter/plausibility.js";
import { createRate, isDue, type Rate } from "../meter/rate.js";
import { copyTelegram } from "../p1/plain.js";
import type { Reader, Telegram } from "../p1/reader.js";
import type { Store } from "../ports/ports.js";
import type { IntegrationSettings } from "../settings/integrations.js";
import type { Settings } from "../settings/settings.js";
import { type Outbox, offer } from "../uplink/outbox.js";

/** All that is given besides the state message: other layouts, Home Assistant, the power class, and what the servers show. */
export interface Integrations {
	readonly settings: IntegrationSettings;
	readonly roots: TopicRoots;
	readonly totals: Plausibility;
	readonly policy: Rate;
	/** Null where it is switched off. */
	readonly discovery: Discovery | null;
	readonly account: Account | null;
	readonly snapshot: Latest;
}

/** The store's name of the power class account. */
const accountName = "power";
const diagnosticsMs = 60_000;

export function createIntegrations(settings: Settings, reader: Reader, version: string, store: Store): Integrations {
	const { integrations, base } = settings;
	const { mode, period, deadBands, powerClass, discovery: style } = integrations;
	const account = powerClass === null ? null : createAccount(powerClass);
	const stored = account === null ? null : store.read(accountName);
	// An account of another class, or a damaged one, begins anew.
	if (account !== null && stored !== null) unpackAccount(account, stored);
	const options = {
		prefix: integrations.discoveryPrefix,
		base,
		version,
		statePeriod: period,
		diagnosticsPeriod: diagnosticsMs,
		power: account !== null,
	};
	// Entities show fields of the state message.
	const isTold = style !== "off" && integrations.layouts.includes("json");
	return {
		settings: integrations,
		roots: {
			base,
			smartyreader: integrations.smartyreaderBase,
			sgrimee: integrations.sgrimeeBase,
			dsmrReader: integrations.dsmrReaderBase,
		},
		totals: createPlausibility(),
		policy: createRate(mode, period, deadBands),
		discovery: isTold ? createDiscovery({ ...options, style }) : null,
		account,
		snapshot: createLatest(reader.faults, reader.counters, account),
	};
}

/** How many topics can wait in the outbox because of these settings. */
export function countTopics({ layouts }: IntegrationSettings): number {
	const perValue = layouts.filter(layout => layout !== "json" && layout !== "raw").length;
	const units = layouts.includes("sgrimee") ? 40 : 0;
	return 72 * perValue + units;
}

/** The topic on which Home Assistant says that it has started, or null where it does not matter. */
export function birthTopic({ discovery }: Integrations): string | null {
	// Home Assistant's default, whatever the prefix of its discovery is.
	return discovery === null ? null : "homeassistant/status";
}

/** A telegram in all layouts but the state message to the outbox; false when the policy wants none of it now. */
export function offerReadings(
	integrations: Integrations,
	outbox: Outbox,
	telegram: Telegram,
	meter: string,
	now: number,
): boolean {
	const { policy, settings, roots, account } = integrations;
	if (!isDue(policy, telegram.readings, now)) return false;
	const { valuesQuality: quality, valuesRetain: retain, layouts } = settings;
	for (const layout of layouts) {
		if (layout === "json") continue;
		encodeLayout(layout, telegram, meter, roots, (topic, payload) =>
			offer(outbox, { topic, payload, quality, retain, sequence: null, late: false }),
		);
	}
	const power = account === null ? null : encodeAccount(account, settings.powerPrice);
	if (power !== null) {
		const { stateQuality, stateRetain } = settings;
		const topic = powerTopic(roots.base, meter);
		offer(outbox, { topic, payload: power, quality: stateQuality, retain: stateRetain, sequence: null, late: false });
	}
	return true;
}

/** Adds a telegram to the power class account. Stores it once per quarter hour; `onFailure` hears when that failed. */
export function accountFor(
	{ account }: Integrations,
	telegram: Telegram,
	meter: string,
	store: Store,
	onFailure: (error: unknown) => void,
): void {
	const { time, values } = telegram.readings;
	// The first two of each: active energy and active power, import.
	const register = values[0];
	if (account === null || time === null || register === null) return;
	addReading(account, meter, { time, register, power: values[4] ?? 0 });
	if (!account.changed) return;
	account.changed = false;
	try {
		store.write(accountName, packAccount(account));
	} catch (error) {
		onFailure(error);
	}
}

/** Tells Home Assistant everything, once nothing else waits. `device` is the reader's name, `status` the topic that says `online`. */
export function announce({ discovery }: Integrations, device: string, status: string): void {
	if (discovery !== null) beginPass(discovery, device, status);
}

/** True when the messages must be sent again, because the telegram has something new. */
export function noteDiscovery({ discovery }: Integrations, telegram: Telegram, meter: string): boolean {
	return discovery !== null && noteReadings(discovery, meter, telegram.readings);
}

/** What does not change, once per connection. */
export function offerConstants({ settings, roots }: Integrations, outbox: Outbox): void {
	if (!settings.layouts.includes("sgrimee")) return;
	encodeSgrimeeUnits(roots.sgrimee, (topic, payload) =>
		offer(outbox, { topic, payload, quality: 1, retain: true, sequence: null, late: false }),
	);
}

/** Shows a telegram on the web pages; returns its bytes in clear, for the telegram server. */
export function showTelegram({ snapshot }: Integrations, telegram: Telegram, meter: string, now: number): Uint8Array {
	const bytes = copyTelegram(telegram);
	snapshot.readings = telegram.readings;
	snapshot.meter = meter;
	snapshot.verdict = telegram.verdict;
	snapshot.frameCounter = telegram.frameCounter;
	snapshot.telegram = bytes;
	snapshot.time = now;
	return bytes;
}
