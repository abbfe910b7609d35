/** Counters of pulses: opened at the boot, looked at each second, kept and published. */
import { note } from "../health/log.js";
import { describePulses } from "../messages/pulses.js";
import { stateTopic } from "../messages/topics.js";
import type { CounterValues } from "../meter/latest.js";
import { registerIndex } from "../p1/obis.js";
import type { Ports } from "../ports/ports.js";
import { calibrate, createCalibration, restartCalibration } from "../pulses/calibration.js";
import { advanceCounter, createCounter, energyAt } from "../pulses/counter.js";
import { keepCounter, restoreCounter, retainCounter } from "../pulses/kept.js";
import type { PulseSettings } from "../settings/pulses.js";
import { offer } from "../uplink/outbox.js";
import { isOnline } from "../uplink/uplink.js";
import { guard } from "./guard.js";
import type { Arrival, Firmware, PulseLine, Pulses } from "./state.js";

const lookMs = 1_000;
const reopenMs = 30_000;
/** Between two messages of a counter that changes, and of one that does not. */
const changeMs = 10_000;
export const sameMs = 60_000;
/** A message that could not be sent for so long is given up. */
const freshMs = 15_000;

const importPlace = registerIndex("active_energy_import");
const exportPlace = registerIndex("active_energy_export");
const importPowerPlace = registerIndex("active_power_import");
const exportPowerPlace = registerIndex("active_power_export");

/** With what the store has of them. */
export function createPulses(ports: Ports, counters: readonly PulseSettings[], now: number): Pulses {
	const lines = counters.map((settings, place): PulseLine => {
		const counter = createCounter(settings.name, settings.constant, settings.start);
		const kept = restoreCounter(counter, place, ports.store, ports.retained);
		const calibration = settings.isOfMeter ? createCalibration() : null;
		return {
			settings,
			counter,
			kept,
			calibration,
			input: null,
			openTime: now,
			told: null,
			toldTime: -Infinity,
			isTooFast: false,
		};
	});
	return { lines, sample: { count: 0, first: 0, newest: 0, now: 0 }, nextLook: lines.length === 0 ? Infinity : now };
}

/** To be called in each run. */
export function runPulses(firmware: Firmware, now: number): void {
	const { pulses } = firmware;
	if (now < pulses.nextLook) return;
	pulses.nextLook = now + lookMs;
	for (const line of pulses.lines) {
		guard(firmware, "pulses", look, line);
		guard(firmware, "store", keep, line);
		guard(firmware, "pulses", offerState, line);
	}
}

function keep({ ports }: Firmware, { kept, counter }: PulseLine): void {
	keepCounter(kept, counter, ports.store, ports.clock.now());
}

function keepAtOnce({ ports }: Firmware, { kept, counter }: PulseLine): void {
	keepCounter(kept, counter, ports.store, ports.clock.now(), true);
}

function look(firmware: Firmware, line: PulseLine): void {
	const { ports, pulses, log } = firmware;
	const { sample } = pulses;
	const now = ports.clock.now();
	const { counter, settings } = line;
	if (line.input === null) {
		if (now < line.openTime) return;
		if (ports.openPulses === undefined) note(log, "pulses: this board counts none", now);
		line.openTime = ports.openPulses === undefined ? Infinity : now + reopenMs;
		line.input = ports.openPulses?.(settings) ?? null;
		return;
	}
	line.input.take(sample);
	const isTooFast = !advanceCounter(counter, sample);
	if (isTooFast && line.calibration !== null) restartCalibration(line.calibration);
	if (isTooFast && !line.isTooFast) {
		note(log, `pulses: ${settings.name} has more than 100 kW, which is not counted`, now);
	}
	// Only once in a row of them; whether one pulse fits in between says little.
	if (isTooFast || sample.count > 0) line.isTooFast = isTooFast;
	if (sample.count > 0 && ports.retained !== undefined) retainCounter(line.kept, counter, ports.retained);
}

/** What is known of it, and may be told: no pulse that a loss of power could take back. */
export function readPulses({ counter, kept, settings }: PulseLine): CounterValues {
	const { told: count } = kept;
	return { name: settings.name, count, energy: energyAt(counter, count), power: counter.power.watts };
}

function offerState({ outbox, uplink, checked, ports }: Firmware, line: PulseLine): void {
	const now = ports.clock.now();
	const { told, toldTime } = line;
	// Mostly it is not time yet: nothing is made for that.
	if (now < toldTime + changeMs || line.input === null || !isOnline(uplink)) return;
	const state = readPulses(line);
	const isSame = told !== null && told.count === state.count && told.power === state.power;
	if (isSame && now < toldTime + sameMs) return;
	line.told = state;
	line.toldTime = now;
	const { stateQuality: quality, stateRetain: retain } = checked.settings.integrations;
	const topic = stateTopic(uplink.settings.base, state.name);
	const payload = describePulses(state, ports.clock.time());
	// What waits for a broker that comes back is not what is now.
	offer(outbox, { topic, payload, quality, retain, sequence: null, late: false, expires: now + freshMs });
}

/** Compares the counter of the meter's light with what a good telegram says. */
export function comparePulses(firmware: Firmware, { telegram }: Arrival): void {
	const { values } = telegram.readings;
	const bought = values[importPlace];
	if (bought === null) return;
	const register = bought + (values[exportPlace] ?? 0);
	const isIdle = values[importPowerPlace] === 0 && (values[exportPowerPlace] ?? 0) === 0;
	for (const line of firmware.pulses.lines) {
		const { calibration, counter } = line;
		if (calibration === null) continue;
		// Up to this moment: in a second there may be 300 of them.
		look(firmware, line);
		calibrate(calibration, register, isIdle, counter.count);
	}
}

/** Before an end: what was counted since the last write. */
export function keepPulses(firmware: Firmware): void {
	for (const line of firmware.pulses.lines) guard(firmware, "store", keepAtOnce, line);
}

/** For the diagnostics message. */
export function describePulseLines({ pulses }: Firmware): object[] {
	return pulses.lines.map(({ settings, counter, kept, calibration, input }) => ({
		name: settings.name,
		open: input !== null,
		count: counter.count,
		kept: kept.count,
		refused: counter.refused,
		...(calibration !== null && { constant_measured: roundConstant(calibration.measured), stray: calibration.stray }),
	}));
}

function roundConstant(measured: number | null): number | null {
	return measured === null ? null : Math.round(measured * 10) / 10;
}

/** For the console's `status`. */
export function describePulseStatus({ pulses }: Firmware): string[] {
	return pulses.lines.map(line => {
		const { counter, calibration, input } = line;
		const { name, count, energy, power } = readPulses(line);
		const measured = calibration?.measured ?? null;
		const text = input === null ? "not open" : `${power === null ? "no power yet" : `${Math.round(power)} W`}`;
		const compared = measured === null ? "" : `, measured ${roundConstant(measured)} pulses per kWh`;
		const refused = counter.refused === 0 ? "" : `, ${counter.refused} too fast`;
		return `pulses    ${name}: ${text}, ${energy / 1000} kWh, ${count} pulses${refused}${compared}`;
	});
}
