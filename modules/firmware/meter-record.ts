/** The records of meters: made, given a place in memory and in the store, and given up. */
import { rememberMeter, slotName } from "../health/boot-record.js";
import { note } from "../health/log.js";
import { newestTime } from "../history/history.js";
import { addMeter, removeMeter } from "../messages/homeassistant/discovery.js";
import { type Account, createAccount, unpackAccount } from "../meter/account.js";
import { createFreshness, type Source } from "../meter/freshness.js";
import { createLatest, type Latest } from "../meter/latest.js";
import { createPlausibility } from "../meter/plausibility.js";
import { createRate } from "../meter/rate.js";
import { pickFor } from "../settings/setting.js";
import { isVouched, listVouched, quarterOf, readKept } from "./counters.js";
import { labelOf, numberOf } from "./plugs.js";
import { limitOutbox } from "./publish.js";
import type { Firmware, Line, MeterLine } from "./state.js";

/** Meters at a time: as many as a reader can have. */
export const mostMeters = 6;
/** The store's name of the power class account. */
export const accountName = "power";

/** Made before the telegram is believed, and kept nowhere until then. */
export function createMeterLine(
	firmware: Firmware,
	line: Line,
	name: string,
	systemTitle: string | null,
	now: number,
): MeterLine {
	const { checked, history } = firmware;
	const { mode, period, deadBands, powerClasses } = checked.settings.integrations;
	const powerClass = pickFor(powerClasses, numberOf(firmware, line, systemTitle, name));
	const account = powerClass === null ? null : createAccount(powerClass);
	const kept = readKept(firmware, firmware.bootRecord.meters.indexOf(name));
	return {
		name,
		line,
		systemTitle: null,
		equipment: null,
		isAuthenticated: isVouched(firmware, kept),
		slot: -1,
		keptCounter: kept?.frameCounter ?? -1,
		keptQuarter: kept === null || kept.clock === null ? -1 : quarterOf(kept.clock, now),
		keptRequired: kept?.isRequired ?? false,
		// What is known from before the boot was so when the boot began.
		freshness: createFreshness(kept?.clock ?? newestTime(history, name), 0),
		plausibility: createPlausibility(),
		rate: createRate(mode, period, deadBands),
		unprovenRate: null,
		account,
		values: null,
		nextValues: null,
		discovery: null,
		latest: null,
		isUnproven: false,
		firstTelegram: now,
		lastTelegram: now,
		online: false,
		expired: firmware.outbox.expired,
	};
}

/** What the pages show of a meter: made when the first one asks. */
export function latestOf(meter: MeterLine): Latest {
	const { line, account } = meter;
	meter.latest ??= createLatest(line.tally.faults, line.tally.counters, account, line.interval);
	return meter.latest;
}

/** The meter is believed: it takes its slot, and what is stored there. False where there are too many meters. */
export function addMeterLine(firmware: Firmware, meter: MeterLine, source: Source, now: number): boolean {
	const { meters, discovery } = firmware;
	const hasTag = source === "tagged" || meter.isAuthenticated;
	if (meters.length >= mostMeters && !forgetMeter(firmware, hasTag)) return false;
	meter.slot = findSlot(firmware, meter, hasTag);
	if (meter.account !== null) restoreAccount(firmware, meter, meter.account);
	if (discovery !== null)
		meter.discovery = addMeter(discovery, meter.name, meter.account !== null, labelOf(firmware, meter.name));
	placeMeter(firmware, meter);
	limitOutbox(firmware);
	if (meters.length > 1) note(firmware.log, `meter: another one, ${meter.name}`, now);
	return true;
}

/** Behind the meters whose tag was found good, which so come first. */
export function placeMeter({ meters }: Firmware, meter: MeterLine): void {
	const before = meters.indexOf(meter);
	if (before >= 0) meters.splice(before, 1);
	const at = meter.isAuthenticated ? meters.findIndex(other => !other.isAuthenticated) : -1;
	meters.splice(at < 0 ? meters.length : at, 0, meter);
}

/** A meter without a tag takes no slot of one that had one. A meter with one takes another's if it must, one without a tag first. */
function findSlot(firmware: Firmware, meter: MeterLine, hasTag: boolean): number {
	const { meters, bootRecord, ports } = firmware;
	const take = (spared: string[]) => rememberMeter(bootRecord, ports.store, meter.name, spared);
	const namesOf = (found: MeterLine[]) => found.map(({ name }) => name);
	const vouched = listVouched(firmware);
	let slot = take(namesOf(meters).concat(vouched));
	if (slot >= 0 || !hasTag) return slot;
	slot = take(namesOf(meters.filter(({ isAuthenticated }) => isAuthenticated)).concat(vouched));
	for (const other of meters) if (other.slot === slot) other.slot = -1;
	return slot >= 0 ? slot : take(namesOf(meters));
}

/**
 * Gives up the meter that is silent for longest, one without a tag first. False where all of them send; for a meter whose tag is good,
 * one that has none is given up all the same, and for one without a tag none that had one.
 */
function forgetMeter({ meters, discovery }: Firmware, hasTag: boolean): boolean {
	let found: MeterLine | null = null;
	for (const meter of meters) {
		if (meter.isAuthenticated ? meter.online || !hasTag : meter.online && !hasTag) continue;
		const isFirst = found === null || (found.isAuthenticated && !meter.isAuthenticated);
		const isOlder = found?.isAuthenticated === meter.isAuthenticated && meter.lastTelegram < found.lastTelegram;
		if (isFirst || isOlder) found = meter;
	}
	if (found === null) return false;
	meters.splice(meters.indexOf(found), 1);
	if (discovery !== null && found.discovery !== null) removeMeter(discovery, found.discovery);
	return true;
}

/** A stored account of another class or of another meter, or a damaged one, does not count: the account begins anew. */
function restoreAccount({ ports }: Firmware, { slot, name }: MeterLine, account: Account): void {
	const stored = slot < 0 ? null : ports.store.read(slotName(accountName, slot));
	if (stored !== null) unpackAccount(account, stored, name);
}
