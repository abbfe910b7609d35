/** One meter's record, and what one telegram does to it. */
import { rememberMeter, slotName } from "../health/boot-record.js";
import { note } from "../health/log.js";
import { noteTelegram } from "../health/meter.js";
import { newestTime } from "../history/history.js";
import { addMeter, noteReadings, removeMeter } from "../messages/homeassistant/discovery.js";
import { describeState } from "../messages/json.js";
import { type Account, addReading, createAccount, packAccount, unpackAccount } from "../meter/account.js";
import { admitReading, createFreshness } from "../meter/freshness.js";
import { createLatest } from "../meter/latest.js";
import { createPlausibility, holdImplausible } from "../meter/plausibility.js";
import { createRate } from "../meter/rate.js";
import { registerIndex } from "../p1/obis.js";
import { copyTelegram } from "../p1/plain.js";
import type { Telegram } from "../p1/reader.js";
import { isUnderstood } from "../p1/readings.js";
import { attempt } from "../ports/guard.js";
import { compareClocks } from "./clocks.js";
import { guard, noteException } from "./guard.js";
import { findMeter, nameMeter } from "./identity.js";
import { limitOutbox, offerReading } from "./publish.js";
import { wake } from "./run.js";
import { serveTelegram } from "./servers.js";
import type { Firmware, Line, MeterLine } from "./state.js";
import { tellStatus } from "./status.js";

/** Meters at a time: as many as a reader can have. */
const mostMeters = 6;
/** The wall clock follows the meter's when they differ by more. */
const clockMs = 2_000;
/** The store's name of the power class account. */
const accountName = "power";

const importPlace = registerIndex("active_energy_import");
const powerPlace = registerIndex("active_power_import");

/** A telegram that the line's reader believes: to the outbox, and what else can be learnt from it. */
export function acceptTelegram(firmware: Firmware, line: Line, telegram: Telegram): void {
	const now = firmware.ports.clock.now();
	const { readings } = telegram;
	// The meter tells no time that can be read; the message says whose it is.
	if (readings.clock === "reader") readings.time = wholeSeconds(firmware.ports.clock.time());
	const { time } = readings;
	const known = findMeter(firmware, line, telegram);
	const name = known?.name ?? nameMeter(firmware, line, telegram);
	// Nothing in it says whose it is, and the reader itself has no name yet: the next one will do.
	if (name === null) return;
	const meter = known ?? createMeterLine(firmware, line, name, now);
	// Before anything is made of it: what somebody recorded and plays is no sign of the meter either.
	if (!admitReading(meter.freshness, readings.clock === "reader" ? null : time, now)) {
		firmware.refused += 1;
		note(firmware.log, "a reading older than the one before was refused", now);
		return;
	}
	if (known === null && !addMeterLine(firmware, meter, now)) {
		firmware.refused += 1;
		note(firmware.log, `more than ${mostMeters} meters: one is not read`, now);
		return;
	}
	meter.line = line;
	meter.lastTelegram = now;
	meter.systemTitle = telegram.systemTitle ?? meter.systemTitle;
	meter.equipment = telegram.readings.equipment ?? meter.equipment;
	noteHealth(firmware, line, telegram, now);
	if (!meter.online) {
		meter.online = true;
		tellStatus(firmware, meter);
	}
	if (time !== null && readings.clock !== "reader") {
		followClock(firmware, time, telegram.verdict === "authenticated");
		compareClocks(firmware, time, now);
	}
	use(firmware, meter, telegram, now);
	wake(firmware);
}

function noteHealth(firmware: Firmware, { health, reader }: Line, telegram: Telegram, now: number): void {
	const before = health.state;
	noteTelegram(health, reader.faults, reader.counters.bytes, isUnderstood(telegram.readings), now);
	if (health.state === before) return;
	note(firmware.log, `meter: ${health.state}, ${telegram.verdict}`, now);
	firmware.nextDiagnostics = now;
}

/** Each use apart, so that what goes wrong in one leaves the others alone. */
function use(firmware: Firmware, meter: MeterLine, telegram: Telegram, now: number): void {
	const { discovery } = meter;
	holdImplausible(meter.plausibility, telegram, now);
	const state = describeState(telegram);
	guard(firmware, "power", () => accountFor(firmware, meter, telegram));
	guard(firmware, "layouts", () => offerReading(firmware, meter, telegram, state, now));
	guard(firmware, "discovery", () => discovery !== null && noteReadings(discovery, telegram.readings));
	guard(firmware, "servers", () => show(firmware, meter, telegram, now));
}

/** Made before the telegram is believed, and kept nowhere until then. */
function createMeterLine(firmware: Firmware, line: Line, name: string, now: number): MeterLine {
	const { checked, history } = firmware;
	const { mode, period, deadBands, powerClass } = checked.settings.integrations;
	const account = powerClass === null ? null : createAccount(powerClass);
	return {
		name,
		line,
		systemTitle: null,
		equipment: null,
		slot: -1,
		freshness: createFreshness(newestTime(history, name), now),
		plausibility: createPlausibility(),
		rate: createRate(mode, period, deadBands),
		account,
		discovery: null,
		latest: createLatest(line.reader.faults, line.reader.counters, account),
		firstTelegram: now,
		lastTelegram: now,
		online: false,
		expired: firmware.outbox.expired,
	};
}

/** The meter is believed: it takes its slot, and what is stored there. False where there are too many meters. */
function addMeterLine(firmware: Firmware, meter: MeterLine, now: number): boolean {
	const { meters, bootRecord, ports, discovery } = firmware;
	if (meters.length >= mostMeters && !forgetMeter(firmware)) return false;
	meter.slot = rememberMeter(
		bootRecord,
		ports.store,
		meter.name,
		meters.map(({ name }) => name),
	);
	if (meter.account !== null) restoreAccount(firmware, meter, meter.account);
	if (discovery !== null) meter.discovery = addMeter(discovery, meter.name);
	meters.push(meter);
	limitOutbox(firmware);
	if (meters.length > 1) note(firmware.log, `meter: another one, ${meter.name}`, now);
	return true;
}

/** Gives up the meter that is silent for longest; false where all of them send. */
function forgetMeter({ meters, discovery }: Firmware): boolean {
	let oldest: MeterLine | null = null;
	for (const meter of meters) {
		if (!meter.online && (oldest === null || meter.lastTelegram < oldest.lastTelegram)) oldest = meter;
	}
	if (oldest === null) return false;
	meters.splice(meters.indexOf(oldest), 1);
	if (discovery !== null && oldest.discovery !== null) removeMeter(discovery, oldest.discovery);
	return true;
}

/** A stored account of another class or of another meter, or a damaged one, does not count: the account begins anew. */
function restoreAccount({ ports }: Firmware, { slot, name }: MeterLine, account: Account): void {
	const stored = slot < 0 ? null : ports.store.read(slotName(accountName, slot));
	if (stored !== null) unpackAccount(account, stored, name);
}

/** Adds a telegram to the power class account, which is stored once per quarter hour. */
function accountFor(firmware: Firmware, { account, name, slot }: MeterLine, telegram: Telegram): void {
	const { time, values } = telegram.readings;
	const register = values[importPlace];
	if (account === null || time === null || register === null) return;
	addReading(account, { time, register, power: values[powerPlace] ?? 0 });
	if (!account.changed) return;
	account.changed = false;
	if (slot < 0) return;
	attempt(
		() => firmware.ports.store.write(slotName(accountName, slot), packAccount(account, name)),
		error => noteException(firmware, "store", error),
	);
}

/** Copies a telegram for the servers, where there are any to pay for. */
function show({ servers }: Firmware, meter: MeterLine, telegram: Telegram, now: number): void {
	if (servers.telegrams === null && servers.web === null) return;
	const { latest } = meter;
	// The one before goes first: each may have 11 KB.
	latest.telegram = new Uint8Array(0);
	if (servers.telegrams !== null) servers.telegrams.last = null;
	const bytes = copyTelegram(telegram);
	latest.readings = telegram.readings;
	latest.meter = meter.name;
	latest.verdict = telegram.verdict;
	latest.frameCounter = telegram.frameCounter;
	latest.telegram = bytes;
	latest.time = now;
	// Its plug may have changed its place.
	latest.faults = meter.line.reader.faults;
	latest.counters = meter.line.reader.counters;
	serveTelegram(servers, bytes, now);
}

function wholeSeconds(time: number | null): number | null {
	return time === null ? null : Math.floor(time / 1_000) * 1_000;
}

/** The meter's clock is the device's: TLS needs one, and it comes with no server and no network. */
function followClock({ ports: { clock } }: Firmware, time: number, authenticated: boolean): void {
	const own = clock.time();
	if (own === null || (authenticated && Math.abs(own - time) > clockMs)) clock.setTime(time);
}
