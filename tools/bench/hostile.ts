/** Telegrams made to need memory, and the search for the one that needs most. */
import type { Memory } from "../../simulator/engines/contract.js";
import { computeChecksum } from "../../simulator/telegram.js";
import { createHarness, type Harness } from "./harness.js";

/** Bytes of a telegram that a frame can carry: the cap less security control, frame counter and tag. */
export const longestTelegram = 16_384 - 17;

/** One after the other, each kind of line that costs memory. `at`: which of its kind, so that no two are the same object. */
const kinds: Readonly<Record<string, (at: number) => string>> = {
	"short unknown objects": at => `0-1:77.${at % 256}.${at >> 8}(0)`,
	"long unknown objects": at => `0-1:78.${at % 256}.${at >> 8}(${"7".repeat(480)})`,
	"unknown objects of quotes": at => `0-1:79.${at % 256}.${at >> 8}(${'"\\'.repeat(30)})`,
	"unknown objects of bytes above 127": at => `0-1:80.${at % 256}.${at >> 8}(${"\xe9\x80".repeat(30)})`,
	"one unknown object of many lines": () => "0-1:81.1.1(1)",
	"values of known objects that they cannot have": at => `1-0:${(at % 80) + 1}.7.0(x${at})`,
	"registers of all countries": at => `1-0:${(at % 99) + 1}.${[7, 8, 6, 4][at % 4]}.${at % 5}(000123.456*kW)`,
	"meters on the bus": at => `0-${(at % 4) + 1}:96.1.0(${String(at).padStart(200, "4D")})`,
	"power failures": () => `1-0:99.97.0(9)(0-0:96.7.19)${"(260101000000W)(0000000300*s)".repeat(40)}`,
	"messages in hexadecimal": at => `0-0:96.13.${[0, 2, 3, 4, 5][at % 5]}(${"4D".repeat(1_024)})`,
	"messages of UTF-8": at => `0-0:96.13.${[0, 2, 3, 4, 5][at % 5]}(${"C3A9".repeat(512)})`,
	"messages of quotes": at => `0-0:96.13.${[0, 2, 3, 4, 5][at % 5]}(${"225C".repeat(512)})`,
	"messages as they are printed": at => `0-0:96.13.${[0, 2, 3, 4, 5][at % 5]}(${"Hello ".repeat(500)})`,
	"names of kilobytes": at => `${["0-0:96.1.1", "1-3:0.2.8", "0-0:96.1.0"][at % 3]}(${"x".repeat(2_000)})`,
	"no form at all": at => `${"()".repeat(20)}${at}`,
};
export const kindNames: readonly string[] = Object.keys(kinds);

/** How many bytes of lines of each kind, in this order. */
export type Mixture = readonly (readonly [kind: string, bytes: number])[];

/** A telegram of these lines, of `longestTelegram` bytes at most, of one meter; `minute` is its clock's. */
export function composeTelegram(mixture: Mixture, minute: number): string {
	const closing = 8;
	let text = `/Lux5\\253663653_B\r\n\r\n0-0:42.0.0(53414731303330373030313134303034)\r\n0-0:1.0.0(260115${time(minute)}W)\r\n`;
	for (const [kind, bytes] of mixture) {
		const limit = Math.min(text.length + bytes, longestTelegram - closing);
		for (let at = 0; ; at += 1) {
			const line = `${kinds[kind]!(at)}\r\n`;
			if (text.length + line.length > limit) break;
			text += line;
		}
	}
	text += "!";
	return `${text}${computeChecksum(text).toString(16).toUpperCase().padStart(4, "0")}\r\n`;
}

function time(minute: number): string {
	return `${String(9 + Math.floor(minute / 60)).padStart(2, "0")}${String(minute % 60).padStart(2, "0")}00`;
}

const roomy = { slots: 1 << 14, chunks: 1 << 19 };
const coarse = { slots: 32, chunks: 1_024 };

/** Whether a firmware with pools of this size comes through the telegram, twice, and through a usual one after it. */
export async function survivesTelegram(mixture: Mixture, { slots, chunks }: typeof roomy): Promise<boolean> {
	const memory: Memory = { chunks: [chunks, 0], slots: [slots, 0], stack: 2048, keys: [64, 32] };
	let harness: Harness | null = null;
	try {
		harness = await createHarness("x32", memory);
		for (let minute = 0; minute < 3; minute += 1) {
			await harness.feed(composeTelegram(minute < 2 ? mixture : [], minute));
		}
		const { exceptions, telegrams } = await harness.describe();
		if (exceptions > 0 || telegrams !== 3) throw new Error(`${mixture}: the firmware did not run well`);
		return true;
	} catch (error) {
		if (!/memory full/.test(String(error))) throw error;
		return false;
	} finally {
		await harness?.close();
	}
}

export interface Need {
	mixture: Mixture;
	/** The fewest slots and bytes of chunks with which it is survived, each with plenty of the other, and both in bytes. */
	slots: number;
	chunks: number;
	bytes: number;
}

const slotSize = 16;

export async function measureNeed(mixture: Mixture): Promise<Need> {
	const [slots, chunks] = [await findLeast(mixture, "slots"), await findLeast(mixture, "chunks")];
	return { mixture, slots, chunks, bytes: slots * slotSize + chunks };
}

async function findLeast(mixture: Mixture, pool: "slots" | "chunks"): Promise<number> {
	const step = coarse[pool];
	let [bad, good] = [1, roomy[pool] / step];
	while (good - bad > 1) {
		const middle = (bad + good) >> 1;
		if (await survivesTelegram(mixture, { ...roomy, [pool]: middle * step })) good = middle;
		else bad = middle;
	}
	return good * step;
}

/**
 * Looks for the telegram that needs most: each kind alone, then step by step the best mixture with part of it given to another kind, as
 * long as that needs more. Calls `onMeasured` with each. Takes some minutes.
 */
export async function findWorst(onMeasured: (need: Need) => void): Promise<Need> {
	let worst: Need | null = null;
	const measure = async (mixture: Mixture) => {
		const need = await measureNeed(mixture);
		onMeasured(need);
		if (worst === null || need.bytes > worst.bytes) worst = need;
		return need;
	};
	for (const kind of kindNames) await measure([[kind, longestTelegram]]);
	for (let before = 0; worst !== null && (worst as Need).bytes > before; ) {
		const { mixture, bytes }: Need = worst;
		before = bytes;
		for (const kind of kindNames) {
			if (mixture.some(([other]) => other === kind)) continue;
			await measure([[kind, longestTelegram >> 2], ...mixture]);
		}
	}
	return worst!;
}
