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

export function measureSteps(): StepTimes[] {
	return listTelegrams().map(({ telegram }) => {
		const length = telegram.length;
		const bytes = new Uint8Array(length);
		bytes.set(Buffer.from(telegram, "latin1"));
		const search = createTextSearch(bytes);
		const faults = createFaults();
		const crcEnd = parseClosing(bytes, 0, length).mark + 1;
		return {
			length,
			bytes: shortest(() => addBytes(bytes)),
			digits: shortest(() => addNumbers(bytes)),
			search: shortest(() => {
				search.searched = 0;
				return findTextEnd(search, bytes, 0, length, false);
			}),
			crc: shortest(() => crc16(bytes, 0, crcEnd)),
			parse: shortest(() => parseTelegram(bytes, 0, length, faults)),
		};
	});
}

function shortest(step: () => unknown): number {
	let most = 0;
	for (let round = 0; round < rounds; round += 1) most = Math.max(most, time(step));
	return Math.round(1e8 / most) / 100;
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
