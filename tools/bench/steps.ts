/** Measures each step of a telegram in clear in Node. */

import { crc16 } from "../../modules/p1/crc16.js";
import { createFaults } from "../../modules/p1/faults.js";
import { parseTelegram } from "../../modules/p1/telegram.js";
import { createTextSearch, findTextEnd, parseClosing } from "../../modules/p1/text.js";
import { listTelegrams } from "./frames.js";
import { time } from "./parse.js";

/** Microseconds of processor time in Node for a plain telegram, each step alone: an indication, and never a gate. */
export interface StepTimes {
	/** Length of the telegram in bytes. */
	length: number;
	/** Yardsticks: a loop that adds the bytes up, and one that makes numbers of the digits and keeps none. */
	bytes: number;
	digits: number;
	/** The reader's own steps. */
	search: number;
	crc: number;
	parse: number;
}

const rounds = 9;

type Steps = Record<Exclude<keyof StepTimes, "length">, () => unknown>;

/** In turns, so that what else the computer does for a moment hits one round of each. */
export function measureSteps(): StepTimes[] {
	const telegrams = listTelegrams().map(({ telegram }) => {
		const bytes = new Uint8Array(Buffer.from(telegram, "latin1"));
		const times: StepTimes = { length: bytes.length, bytes: 0, digits: 0, search: 0, crc: 0, parse: 0 };
		return { times, steps: Object.entries(listSteps(bytes)) as [keyof Steps, () => unknown][] };
	});
	for (let round = 0; round < rounds; round += 1) {
		for (const { times, steps } of telegrams) {
			for (const [name, step] of steps) {
				const microseconds = Math.round(1e8 / time(step)) / 100;
				if (round === 0 || microseconds < times[name]) times[name] = microseconds;
			}
		}
	}
	return telegrams.map(({ times }) => times);
}

function listSteps(bytes: Uint8Array): Steps {
	const { length } = bytes;
	const search = createTextSearch(bytes);
	const faults = createFaults();
	const crcEnd = parseClosing(bytes, 0, length).mark + 1;
	return {
		bytes: () => addBytes(bytes),
		digits: () => addNumbers(bytes),
		search() {
			search.searched = 0;
			return findTextEnd(search, bytes, 0, length, false);
		},
		crc: () => crc16(bytes, 0, crcEnd),
		parse: () => parseTelegram(bytes, 0, length, faults),
	};
}

function addBytes(bytes: Uint8Array): number {
	let sum = 0;
	for (let at = 0; at < bytes.length; at += 1) sum = (sum + bytes[at]!) | 0;
	return sum;
}

function addNumbers(bytes: Uint8Array): number {
	let sum = 0;
	let number = 0;
	for (let at = 0; at < bytes.length; at += 1) {
		const digit = bytes[at]! ^ 48;
		if (digit <= 9) {
			number = (number * 10 + digit) | 0;
		} else {
			sum = (sum + number) | 0;
			number = 0;
		}
	}
	return sum;
}
