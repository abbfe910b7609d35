/** Telegrams of a house, one after the other, for tests of history and rate. */

import { registers, usualCount } from "../../modules/p1/obis.js";
import type { Telegram } from "../../modules/p1/reader.js";
import { createReadings } from "../../modules/p1/readings.js";
import type { Chance } from "./chance.js";

/** Telegrams of a house with three phases: energy rises, power, voltage and current change all the time. */
export interface HouseholdStream {
	readonly serial: string;
	/** UTC in seconds. */
	time: number;
	next(seconds: number): Telegram;
}

export function createHouseholdStream(
	chance: Chance,
	serial = "SAG1030700114004",
	time = 1_760_000_400,
): HouseholdStream {
	const usual = registers.slice(0, usualCount);
	const values: (number | null)[] = usual.map(({ unit, name }) => {
		if (name.startsWith("relay")) return null;
		return unit === "kWh" || unit === "kvarh" ? chance.integer(0, 40_000_000) : chance.integer(0, 50);
	});
	let frameCounter = chance.integer(1, 1_000_000);
	let gas = chance.integer(0, 9_000_000);
	const house: HouseholdStream = {
		serial,
		time,
		next(seconds) {
			house.time += seconds;
			frameCounter++;
			gas += chance.integer(0, 3);
			usual.forEach(({ unit, name }, at) => {
				if (values[at] === null) return;
				if (unit === "kWh" || unit === "kvarh") values[at]! += chance.integer(0, 30);
				else if (unit === "V") values[at] = 100 * chance.integer(2_280, 2_340);
				else if (unit === "A" && name.startsWith("current_l")) values[at] = 1_000 * chance.integer(0, 25);
				else if (unit === "kW" || unit === "kvar" || unit === "kVA") values[at] = chance.integer(0, 9_000);
			});
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
