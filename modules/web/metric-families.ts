/** The families of samples that `/metrics` has of the meters: tables in flash, and what follows from that of the registers. */

import { signedPower } from "../messages/active-power.js";
import type { CounterValues } from "../meter/latest.js";
import { withoutEnding } from "../p1/characters.js";
import { faultNames } from "../p1/faults.js";
import { isTotal, registers, type Unit } from "../p1/obis.js";
import type { MbusDevice, Readings } from "../p1/readings.js";

/** One meter as it was when the page was asked for. */
export interface MeterValues {
	/** `meter="…"` */
	readonly label: string;
	/** The same for what the reader counts; empty where there is one meter only. */
	readonly countLabel: string;
	/** Null where they are not of now. */
	readonly readings: Readings | null;
	readonly devices: readonly MbusDevice[];
	/** 1 where no good tag vouches for the readings, although one did before; null without readings. */
	readonly unproven: number | null;
	/** The meter's clock, UTC in milliseconds. */
	readonly time: number | null;
	/** Of the power class account, W and Wh; null where there is none. */
	readonly quarterPower: number | null;
	readonly quarterForecast: number | null;
	readonly exceededToday: number | null;
	readonly exceededMonth: number | null;
	readonly peakMonth: number | null;
	/** Of the meter's line, and of the first of its meters only, so that sums are right: accepted telegrams, in the order of `verdictNames`, and faults in that of `faultNames`. */
	readonly verdicts: readonly number[];
	readonly faults: readonly number[];
	readonly bytes: number | null;
	readonly discarded: number | null;
	/** Milliseconds since the last telegram; null before the first. */
	readonly age: number | null;
}

/** `name` ends in the unit, where there is one. */
export type Family = {
	readonly name: string;
	readonly kind: "counter" | "gauge";
	readonly unit: string;
	readonly help: string;
} & Samples;

/** Where a family's samples come from. */
type Samples =
	/** One of each register from `start` to `end`, with a label of its own from this phase on; 0 where it is of none. */
	| { of: "registers"; start: number; end: number; phase: number; factor: number; divisor: number }
	| { of: "devices"; read: (device: MbusDevice) => number | null }
	/** `counted` by the reader, or said by the meter. */
	| { of: "meter"; counted: boolean; read: (meter: MeterValues) => number | null }
	/** One of each name, which becomes the value of a label. */
	| { of: "counts"; label: string; names: readonly string[]; read: (meter: MeterValues) => readonly number[] };

const verdictNames: readonly string[] = Object.freeze(["authenticated", "crc-only", "plain"]);
/**
 * Prometheus' base unit as it appears in names, and what thousandths of ours are multiplied with and divided by. First energies, of which
 * each but a net one is a counter; then those that are measured of the phases together, too.
 */
const units: readonly (readonly [Unit, string, number, number])[] = Object.freeze(
	[
		["kWh", "joules", 3600, 1],
		["kvarh", "var_seconds", 3600, 1],
		["kVAh", "volt_ampere_seconds", 3600, 1],
		["kW", "watts", 1, 1],
		["kvar", "vars", 1, 1],
		["kVA", "volt_amperes", 1, 1],
		["1", "ratio", 1, 1000],
		["V", "volts", 1, 1000],
		["A", "amperes", 1, 1000],
		["Hz", "hertz", 1, 1000],
		["°", "degrees", 1, 1000],
		["time", "seconds", 1, 1000],
		["", "", 1, 1],
	],
	true,
);
const commonUnits = 7;

/** Words of registers' names that say too little alone. No name has two of them. */
const longer: readonly (readonly [string, string])[] = Object.freeze(
	[
		["import", "from the grid"],
		["export", "to the grid"],
		["state", "state (0 off, 1 on, 2 ready)"],
	],
	true,
);

/** Of counters of pulses. */
export type CounterFamily = Pick<Family, "name" | "kind" | "unit" | "help"> & {
	readonly read: (values: CounterValues) => number | null;
};

export const counterFamilies: readonly CounterFamily[] = Object.freeze(
	[
		{ name: "smarty_pulses", kind: "counter", unit: "", help: "Pulses of a counter.", read: ({ count }) => count },
		{
			name: "smarty_pulse_energy_joules",
			kind: "counter",
			unit: "joules",
			help: "Energy of a counter's pulses.",
			read: ({ energy }) => toJoules(energy),
		},
		{
			name: "smarty_pulse_power_watts",
			kind: "gauge",
			unit: "watts",
			help: "Power of a counter's pulses.",
			read: ({ power }) => (power === null ? null : Math.round(power)),
		},
	],
	true,
);

/** Families besides those of registers. */
const otherFamilies: readonly Family[] = Object.freeze(
	[
		{
			name: "smarty_mbus_cubic_meters",
			kind: "counter",
			unit: "cubic_meters",
			help: "Index of a meter on the M-Bus.",
			of: "devices",
			read: ({ value, unit }) => (unit === "m³" && value !== null ? value / 1000 : null),
		},
		{
			name: "smarty_mbus_joules",
			kind: "counter",
			unit: "joules",
			help: "Index of a meter on the M-Bus.",
			of: "devices",
			read: readEnergy,
		},
		{
			name: "smarty_mbus_time_seconds",
			kind: "gauge",
			unit: "seconds",
			help: "When the index was captured.",
			of: "devices",
			read: ({ time }) => toSeconds(time),
		},
		ofMeter("meter_time", "seconds", "The meter's clock.", ({ time }) => toSeconds(time)),
		ofMeter("active_power", "watts", "Active power, import less export.", ({ readings }) =>
			readings === null ? null : signedPower(readings),
		),
		ofMeter("quarter_power", "watts", "Mean since the quarter hour began.", meter => meter.quarterPower),
		ofMeter(
			"quarter_forecast",
			"watts",
			"Mean of the quarter hour if the power stays.",
			meter => meter.quarterForecast,
		),
		ofMeter("exceeded_today", "joules", "Energy above the power class since midnight.", meter =>
			toJoules(meter.exceededToday),
		),
		ofMeter("exceeded_month", "joules", "Energy above the power class this month.", meter =>
			toJoules(meter.exceededMonth),
		),
		ofMeter("peak_month", "watts", "Highest mean of a quarter hour this month.", meter => meter.peakMonth),
		{
			name: "smarty_telegrams",
			kind: "counter",
			unit: "",
			help: "Accepted telegrams.",
			of: "counts",
			label: "verdict",
			names: verdictNames,
			read: ({ verdicts }) => verdicts,
		},
		{
			name: "smarty_faults",
			kind: "counter",
			unit: "",
			help: "Refused bytes, frames and lines by reason.",
			of: "counts",
			label: "fault",
			names: faultNames,
			read: ({ faults }) => faults,
		},
		{
			name: "smarty_unproven",
			kind: "gauge",
			unit: "",
			help: "1 while readings have no good tag, although earlier ones had one.",
			of: "meter",
			counted: false,
			read: ({ unproven }) => unproven,
		},
		ofReader("received", "counter", "bytes", "Bytes from the meter.", ({ bytes }) => bytes),
		ofReader("discarded", "counter", "bytes", "Bytes that belonged to no frame.", ({ discarded }) => discarded),
		ofReader("telegram_age", "gauge", "seconds", "Time since the last telegram.", ({ age }) => toSeconds(age)),
	],
	true,
);

function ofMeter(name: string, unit: string, help: string, read: (meter: MeterValues) => number | null): Family {
	return { name: `smarty_${name}_${unit}`, kind: "gauge", unit, help, of: "meter", counted: false, read };
}

function ofReader(
	name: string,
	kind: Family["kind"],
	unit: string,
	help: string,
	read: (meter: MeterValues) => number | null,
): Family {
	return { name: `smarty_${name}_${unit}`, kind, unit, help, of: "meter", counted: true, read };
}

/** Families are called by the first of their registers of which some meter has a reading; those besides come after all registers. */
export const familiesEnd = registers.length + otherFamilies.length;

/** The next family from `at` on. */
export function findFamily(at: number, meters: readonly MeterValues[]): number {
	if (at >= registers.length) return at;
	let found = registers.length;
	for (let meter = 0; meter < meters.length; meter += 1) {
		const { readings } = meters[meter];
		if (readings !== null) found = Math.min(found, findReading(readings, at));
	}
	return found;
}

/** The first register from `start` on of which there is a reading. */
function findReading({ values, others }: Readings, start: number): number {
	for (let at = start; at < values.length; at += 1) if (values[at] !== null) return at;
	let found = Infinity;
	for (let index = 0; index < others.length; index += 1) {
		const { at } = others[index];
		if (at >= start && at < found) found = at;
	}
	return found;
}

/** Those of registers are made when they are told: as a table they would take 22 KB of flash. */
export function familyAt(at: number): Family {
	return at < registers.length ? describeRegisters(at) : otherFamilies[at - registers.length];
}

function describeRegisters(start: number): Family {
	const { name, code, unit } = registers[start];
	const last = name.charCodeAt(name.length - 1) - 48;
	const base = last < 1 || last > 3 ? name : withoutEnding(name, `_l${last}`);
	const isPhase = base !== name;
	let place = 0;
	while (units[place][0] !== unit) place += 1;
	const scale = units[place];
	const word = scale[1];
	const isCount = isTotal(registers[start]) || (unit === "" && !name.endsWith("_state") && name !== "tariff");
	// Three phases of the power are another family than their sum, with which a query must not mix them.
	const prefix = isPhase && place < commonUnits ? "smarty_phase_" : "smarty_";
	return {
		name: word === "" ? prefix + base : `${prefix}${base}_${word}`,
		kind: isCount ? "counter" : "gauge",
		unit: word,
		help: describeHelp(base, code, isPhase),
		of: "registers",
		start,
		// Those of phases stand side by side, up to the third.
		end: isPhase ? start + 4 - last : start + 1,
		phase: isPhase ? last : 0,
		factor: scale[2],
		divisor: scale[3],
	};
}

/** `Active energy from the grid (1-0:1.8.0).` */
function describeHelp(base: string, code: string, isPhase: boolean): string {
	let text = base.replaceAll("_", " ");
	for (let at = 0; at < longer.length; at += 1) {
		if (!text.includes(longer[at][0])) continue;
		text = text.replace(longer[at][0], longer[at][1]);
		break;
	}
	text = text.charAt(0).toUpperCase() + text.slice(1);
	return isPhase ? `${text} of each phase (${code} and so on).` : `${text} (${code}).`;
}

/** Joules of an index, or null where it is none of energy. */
function readEnergy({ value, unit }: MbusDevice): number | null {
	if (value === null) return null;
	if (unit === "GJ") return value * 1_000_000;
	return unit === "kWh" ? value * 3_600 : null;
}

function toJoules(wattHours: number | null): number | null {
	return wattHours === null ? null : wattHours * 3600;
}

function toSeconds(milliseconds: number | null): number | null {
	return milliseconds === null ? null : milliseconds / 1000;
}
