/** What a board has of a meter that it has read for weeks: quarter hours in flash, an hour in memory, the power class account. */

import { slotName } from "../modules/health/boot-record.js";
import { addReading, type History, openHistory, writeDue } from "../modules/history/history.js";
import type { Recent } from "../modules/history/recent.js";
import { addReading as addToAccount, createAccount, packAccount } from "../modules/meter/account.js";
import { startOfMonth } from "../modules/p1/calendar.js";
import { registerIndex } from "../modules/p1/obis.js";
import { accept, createReader, type Telegram } from "../modules/p1/reader.js";
import type { Flash } from "../modules/ports/ports.js";
import { type Meter, readMeter } from "./meter.js";
import type { Remembered } from "./remember.js";

export interface Past {
	/** Names and values of the store. */
	stored: [string, string][];
	remembered: Remembered;
}

const quarterMs = 900_000;
const hourMs = 3_600_000;
const beatMs = 10_000;
/** More than the flash holds. */
const leastDays = 14;
const importPlace = registerIndex("active_energy_import");
const powerPlace = registerIndex("active_power_import");

/** When a past begins that ends at `now`, UTC in milliseconds: with the month, or two weeks before. */
export function beginPast(now: number): number {
	const begin = Math.min(startOfMonth(now), now - leastDays * 24 * hourMs);
	return Math.floor(begin / quarterMs) * quarterMs;
}

/** Lets the meter live from `beginPast` to `now`, and the board read it: each quarter hour, and in the last hour each ten seconds. `limit` in W. */
export function livePast(meter: Meter, flash: Flash, now: number, limit: number): Past {
	let history = openHistory(flash, "smarty");
	const account = createAccount(limit);
	const reader = createReader({ key: meter.key }, telegram => {
		keep(history, telegram, meter.serial);
		const { time, values } = telegram.readings;
		const register = values[importPlace];
		if (time !== null && register != null) addToAccount(account, { time, register, power: values[powerPlace] ?? 0 });
	});
	const read = (time: number) => {
		const { bytes } = readMeter(meter, time);
		accept(reader, bytes, 0, bytes.length, 0);
	};
	const last = Math.floor(now / 1_000) * 1_000 - beatMs;
	const hour = last - hourMs + beatMs;
	for (let time = meter.time; time < hour; time += quarterMs) read(time);
	// As after a restart: memory has nothing older than the hour.
	history = openHistory(flash, "smarty");
	for (let time = hour; time <= last; time += beatMs) read(time);
	return {
		stored: [
			[slotName("meter", 0), meter.serial],
			[slotName("power", 0), packAccount(account, meter.serial)],
		],
		remembered: describe(history.recent),
	};
}

/** All of it has been delivered. */
function keep(history: History, telegram: Telegram, name: string): void {
	const sequence = addReading(history, telegram, name);
	writeDue(history);
	history.settle(sequence);
}

function describe({ bytes, states, shapes, marks, open, nextFirst }: Recent): Remembered {
	return { bytes: [...bytes], states: [...states], marks: [...marks], shapes, open, nextFirst };
}
