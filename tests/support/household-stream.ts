/** Telegrams of a house, one after the other, for tests of history and rate. */

import { registers, usualCount } from "../../modules/p1/obis.js";
import type { Telegram } from "../../modules/p1/reader.js";
import { createReadings } from "../../modules/p1/readings.js";
import type { Chance } from "./chance.js";

/** Telegrams of a house with three phases, in which every number changes each time. */
export interface HouseholdStream {
	readonly serial: string;
	/** UTC in seconds. */
	time: number;
	next(seconds: number): Telegram;
}

interface Phase {
	/** W and var, negative where the house delivers. */
	active: number;
	reactive: number;
	/** mV. */
	voltage: number;
}

/**
 * Each phase's power wanders by some ten W and var each time, and leaps by up to some kW once in five minutes; voltage wanders by a few steps.
 * With `leaps` all of them leap each time, without any sense: no house is like that.
 */
export function createHouseholdStream(
	chance: Chance,
	serial = "SAG1030700114004",
	time = 1_760_000_400,
	leaps = false,
): HouseholdStream {
	const usual = registers.slice(0, usualCount);
	const values: (number | null)[] = usual.map(({ unit, name }) => {
		if (name.startsWith("relay")) return null;
		return unit === "kWh" || unit === "kvarh" ? chance.integer(0, 40_000_000) : chance.integer(0, 50);
	});
	const phases: Phase[] = [0, 0, 0].map(() => ({
		active: chance.integer(-2_000, 3_000),
		reactive: 100,
		voltage: 231_000,
	}));
	let frameCounter = chance.integer(1, 1_000_000);
	let gas = chance.integer(0, 9_000_000);
	const put = (name: string, value: number) => {
		values[usual.findIndex(register => register.name === name)] = value;
	};
	const putFlow = (kind: string, end: string, value: number) => {
		put(`${kind}_import${end}`, Math.max(0, value));
		put(`${kind}_export${end}`, Math.max(0, -value));
	};
	const changePhase = (phase: Phase) => {
		if (leaps || chance.integer(0, 29) === 0) phase.active = chance.integer(-4_000, 6_000);
		if (leaps) phase.reactive = chance.integer(-4_000, 4_000);
		phase.active += chance.integer(1, 30) * chance.pick([-1, 1]);
		phase.reactive += chance.integer(1, 12) * chance.pick([-1, 1]);
		phase.voltage += 100 * chance.integer(1, leaps ? 60 : 4) * (phase.voltage > 231_000 ? -1 : 1);
	};
	const house: HouseholdStream = {
		serial,
		time,
		next(seconds) {
			house.time += seconds;
			frameCounter++;
			gas += chance.integer(0, 3);
			for (const phase of phases) changePhase(phase);
			const active = phases.reduce((sum, phase) => sum + phase.active, 0);
			const reactive = phases.reduce((sum, phase) => sum + phase.reactive, 0);
			for (const name of ["active", "reactive"]) {
				for (const way of ["import", "export"]) {
					const at = usual.findIndex(register => register.name === `${name}_energy_${way}`);
					values[at]! += chance.integer(1, 30);
				}
			}
			putFlow("active_power", "", active);
			putFlow("reactive_power", "", reactive);
			putFlow("apparent_power", "", Math.round(Math.hypot(active, reactive)) * Math.sign(active || 1));
			for (const [at, phase] of phases.entries()) {
				putFlow("active_power", `_l${at + 1}`, phase.active);
				putFlow("reactive_power", `_l${at + 1}`, phase.reactive);
				put(`voltage_l${at + 1}`, phase.voltage);
				const current = (Math.hypot(phase.active, phase.reactive) / phase.voltage) * 1_000;
				put(`current_l${at + 1}`, 1_000 * Math.round(current));
			}
			return {
				verdict: "authenticated",
				systemTitle: "534147677001BD54",
				frameCounter,
				bytes: new Uint8Array(0),
				start: 0,
				end: 0,
				readings: {
					...createReadings("Lux5\\253663629_D"),
					version: "42",
					time: house.time * 1_000,
					clock: "meter",
					serial,
					values: values.slice(),
					devices: [
						{
							type: "gas",
							id: "ELS1234567890123",
							channel: 1,
							value: gas,
							unit: "m³",
							time: house.time * 1_000,
							valve: 1,
						},
					],
					understood: true,
				},
			};
		},
	};
	return house;
}
