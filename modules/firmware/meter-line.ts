/** What one telegram does to the record of its meter. */
import { slotName } from "../health/boot-record.js";
import { note } from "../health/log.js";
import { noteTelegram } from "../health/meter.js";
import { noteReadings } from "../messages/homeassistant/discovery.js";
import { describeState } from "../messages/json.js";
import { addReading, packAccount } from "../meter/account.js";
import { admitReading, type Source } from "../meter/freshness.js";
import { forgetTotals, holdImplausible } from "../meter/plausibility.js";
import { registerIndex } from "../p1/obis.js";
import { copyTelegram, sayUnproven } from "../p1/plain.js";
import type { Telegram } from "../p1/reader.js";
import { isUnderstood } from "../p1/readings.js";
import { pickFor } from "../settings/setting.js";
import { compareClocks } from "./clocks.js";
import { noteCounter } from "./counters.js";
import { guard } from "./guard.js";
import { findMeter, nameMeter } from "./identity.js";
import { offerLora } from "./lora.js";
import { accountName, addMeterLine, createMeterLine, latestOf, mostMeters, placeMeter } from "./meter-record.js";
import { noteTitle, numberOfMeter } from "./plugs.js";
import { offerReading, offerUnproven } from "./publish.js";
import { comparePulses } from "./pulses.js";
import { wake } from "./run.js";
import { serveTelegram } from "./servers.js";
import type { Arrival, Firmware, Line, MeterLine } from "./state.js";
import { tellStatus } from "./status.js";
import { refuseStranger } from "./strangers.js";

/** The wall clock follows the meter's when they differ by more. */
const clockMs = 2_000;

const importPlace = registerIndex("active_energy_import");
const powerPlace = registerIndex("active_power_import");

/** A telegram that the line's reader believes: to the outbox, and what else can be learnt from it. */
export function acceptTelegram(firmware: Firmware, { line, telegram }: { line: Line; telegram: Telegram }): void {
	const now = firmware.ports.clock.now();
	const { readings } = telegram;
	// The meter tells no time that can be read; the message says whose it is.
	if (readings.clock === "reader") readings.time = wholeSeconds(firmware.ports.clock.time());
	const time = readings.clock === "reader" ? null : readings.time;
	const known = findMeter(firmware, line, telegram);
	const name = known?.name ?? nameMeter(firmware, line, telegram);
	// Nothing in it says whose it is, and the reader itself has no name yet: the next one will do.
	if (name === null) return;
	const refusal = known === null ? refuseStranger(firmware, name, telegram) : null;
	if (refusal !== null) {
		refuse(firmware, refusal, now);
		return;
	}
	const meter = known ?? createMeterLine(firmware, line, name, telegram.systemTitle, now);
	const source = findSource(meter, telegram);
	if (source === "unproven" && firmware.checked.settings.integrations.unproven === "omit") {
		refuse(firmware, "a telegram without a good tag was left out", now);
		return;
	}
	// Before anything is made of it: what somebody recorded and plays is no sign of the meter either.
	if (!admitReading(meter.freshness, time, now, source)) {
		refuse(firmware, "a reading older than the one before was refused, or one of another month", now);
		return;
	}
	if (known === null && !addMeterLine(firmware, meter, source, now)) {
		refuse(firmware, `more than ${mostMeters} meters: one is not read`, now);
		return;
	}
	noteSource(firmware, meter, line, telegram, source, now);
	meter.lastTelegram = now;
	noteHealth(firmware, line, telegram, now);
	if (!meter.online) {
		meter.online = true;
		tellStatus(firmware, meter);
	}
	if (time !== null && (source === "tagged" || !firmware.lines.some(({ knowsTags }) => knowsTags))) {
		followClock(firmware, meter, time, source === "tagged");
		compareClocks(firmware, time, now);
	}
	use(firmware, meter, telegram, source, now);
	wake(firmware);
}

function refuse(firmware: Firmware, text: string, now: number): void {
	firmware.refused += 1;
	note(firmware.log, text, now);
}

/** What the telegram's tag, or that it has none, says about the meter. */
function noteSource(
	firmware: Firmware,
	meter: MeterLine,
	line: Line,
	{ verdict, systemTitle, readings }: Telegram,
	source: Source,
	now: number,
): void {
	const isUnproven = source === "unproven";
	if (isUnproven && !meter.isUnproven) {
		note(firmware.log, `${meter.name}: a telegram that is only ${verdict}, after authenticated ones`, now);
	}
	meter.isUnproven = isUnproven;
	if (isUnproven) return;
	meter.line = line;
	meter.systemTitle = systemTitle ?? meter.systemTitle;
	meter.equipment = readings.equipment ?? meter.equipment;
	if (source !== "tagged") return;
	if (systemTitle !== null) noteTitle(firmware, line, systemTitle, meter.name, now);
	line.knowsTags = true;
	if (meter.isAuthenticated) return;
	meter.isAuthenticated = true;
	meter.keptQuarter = -1;
	// What somebody else sent before does not hold back what a tag vouches for.
	forgetTotals(meter.plausibility);
	placeMeter(firmware, meter);
}

function findSource({ isAuthenticated }: MeterLine, { verdict }: Telegram): Source {
	if (verdict === "authenticated") return "tagged";
	return isAuthenticated ? "unproven" : "untagged";
}

function noteHealth(firmware: Firmware, { health, tally }: Line, telegram: Telegram, now: number): void {
	const before = health.state;
	noteTelegram(health, tally.faults, tally.counters.bytes, isUnderstood(telegram.readings), now);
	if (health.state === before) return;
	note(firmware.log, `meter: ${health.state}, ${telegram.verdict}`, now);
	firmware.nextDiagnostics = now;
}

/** Each use apart, so that what goes wrong in one leaves the others alone. */
function use(firmware: Firmware, meter: MeterLine, telegram: Telegram, source: Source, now: number): void {
	holdImplausible(meter.plausibility, telegram, now, source);
	const arrival: Arrival = { meter, telegram, state: describeState(telegram), sequence: null, now };
	if (source !== "unproven" && meter === firmware.meters[0]) guard(firmware, "pulses", comparePulses, arrival);
	if (source === "tagged") guard(firmware, "counter", noteCounter, arrival);
	if (source === "unproven") {
		guard(firmware, "layouts", offerUnproven, arrival);
	} else {
		guard(firmware, "power", accountFor, arrival);
		guard(firmware, "layouts", offerReading, arrival);
		guard(firmware, "discovery", describe, arrival);
		guard(firmware, "lora", offerLora, arrival);
	}
	guard(firmware, "servers", show, arrival);
}

/** Adds a telegram to the power class account, which is stored once per quarter hour. */
function accountFor(firmware: Firmware, { meter, telegram }: Arrival): void {
	const { account, name, slot } = meter;
	const { time, values } = telegram.readings;
	const register = values[importPlace];
	if (account === null || time === null || register === null) return;
	addReading(account, { time, register, power: values[powerPlace] ?? 0 });
	if (!account.changed) return;
	account.changed = false;
	if (slot < 0) return;
	guard(
		firmware,
		"store",
		({ ports }) => ports.store.write(slotName(accountName, slot), packAccount(account, name)),
		null,
	);
}

/** What of it Home Assistant has to be told about. */
function describe(_: Firmware, { meter, telegram }: Arrival): void {
	if (meter.discovery !== null) noteReadings(meter.discovery, telegram.readings);
}

/** Of longer telegrams, which have messages to the customer, a board without a telegram port keeps no copy. */
export const longestShown = 4_096;

/** Copies a telegram for the servers, where there are any to pay for. */
function show(firmware: Firmware, { meter, telegram, now }: Arrival): void {
	const { web, telegrams } = firmware.servers;
	const server = telegrams.length === 0 ? null : pickFor(telegrams, numberOfMeter(firmware, meter));
	if (server === null && web === null) return;
	// The one before goes first: each may have 11 KB.
	if (meter.latest !== null) meter.latest.telegram = new Uint8Array(0);
	if (server !== null) server.last = null;
	// Only who asks for it would take it: no page of the board's memory is held for the longest there can be.
	const isLong = telegram.end - telegram.start > longestShown && firmware.ports.device.capacity.heap !== null;
	const before = meter.isUnproven ? sayUnproven(telegram.verdict) : "";
	const bytes = server === null && isLong ? new Uint8Array(0) : copyTelegram(telegram, before);
	serveTelegram(server, bytes, now);
	if (web === null) return;
	const latest = latestOf(meter);
	latest.readings = telegram.readings;
	latest.meter = meter.name;
	latest.isUnproven = meter.isUnproven;
	latest.verdict = telegram.verdict;
	latest.frameCounter = telegram.frameCounter;
	latest.telegram = bytes;
	latest.time = now;
	// Its plug may have changed its place.
	latest.faults = meter.line.tally.faults;
	latest.counters = meter.line.tally.counters;
}

function wholeSeconds(time: number | null): number | null {
	return time === null ? null : Math.floor(time / 1_000) * 1_000;
}

/** The meter's clock is the device's: TLS needs one, and it comes with no server and no network. Of several it is the first one's, as long as that sends. */
function followClock({ ports, meters }: Firmware, meter: MeterLine, time: number, authenticated: boolean): void {
	const { clock } = ports;
	const own = clock.time();
	const first = meters[0];
	if (own !== null && first !== undefined && first !== meter && first.online) return;
	if (own === null || (authenticated && Math.abs(own - time) > clockMs)) clock.setTime(time);
}
