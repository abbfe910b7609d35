/** The frames that the bench measures with. */

import { createCipheriv } from "node:crypto";
import { readFileSync } from "node:fs";
import { createChance } from "../../simulator/chance.js";
import { createMeter, readMeter } from "../../simulator/meter.js";

export const key = Buffer.from("D491470F47126332B07D1923B3504188", "hex");
const authenticationKey = Buffer.from("00112233445566778899AABBCCDDEEFF", "hex");
const title = Buffer.from("5341476770000001", "hex");

/** The key of meter `at`, from 0. */
export function keyOf(at: number): Buffer {
	const own = Buffer.from(key);
	own[15]! ^= at;
	return own;
}

function titleOf(at: number): Buffer {
	const own = Buffer.from(title);
	own[7]! += at;
	return own;
}

/** A telegram's frame, sealed with a counter of its own, because a repeated one would be a replay, by meter `at`. */
export function sealTelegram(telegram: string, frameCounter: number, at = 0): Buffer {
	const text = Buffer.from(telegram, "latin1");
	const counter = Buffer.alloc(4);
	counter.writeUInt32BE(frameCounter);
	const cipher = createCipheriv("aes-128-gcm", keyOf(at), Buffer.concat([titleOf(at), counter]), { authTagLength: 12 });
	cipher.setAAD(Buffer.concat([Uint8Array.of(0x30), authenticationKey]));
	const sealed = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
	const length = sealed.length + 5;
	const head = Buffer.concat([
		Uint8Array.of(0xdb, 8),
		titleOf(at),
		Uint8Array.of(0x82, length >> 8, length & 255, 0x30),
		counter,
	]);
	return Buffer.concat([head, sealed]);
}

/** What a frame has besides the telegram. */
export const overhead = sealTelegram("", 1).length;

function readVector(name: string): string {
	return JSON.parse(readFileSync(new URL(`../../tests/vectors/${name}.json`, import.meta.url), "utf8")).telegram;
}

/** The telegrams of the benchmark by the length of their frames: the real one of 2018, a new meter's with gas, the specification's. */
export function listTelegrams(): { length: number; telegram: string }[] {
	const meter = createMeter(createChance(1), Date.UTC(2026, 0, 15, 8), {
		key,
		devices: [{ type: 3, id: "7FLO21990000123" }],
	});
	const modern = readMeter(meter, Date.UTC(2026, 0, 15, 8, 0, 10)).telegram;
	const telegrams = [readVector("luxembourg-2018"), modern, readVector("luxembourg-spec-1.1.3")];
	return telegrams.map(telegram => ({ length: telegram.length + overhead, telegram: renameMeter(telegram) }));
}

/**
 * All telegrams are of one meter and one moment: another name would make the firmware announce another meter, and a reading that
 * is older than the one before is refused.
 */
function renameMeter(telegram: string): string {
	const text = telegram
		.replace(/^0-0:42\.0\.0\(.*\)/m, "0-0:42.0.0(53414731303330373030313134303034)")
		.replace(/^0-0:1\.0\.0\(.*\)/m, "0-0:1.0.0(260115090010W)")
		.replace(/![^!]*$/, "!");
	return `${text}${checksum(text)}\r\n`;
}

/** What one meter sends every ten seconds: a house with solar panels and gas; on demand with the five longest messages there can be. */
export interface Supply {
	next(withMessages?: boolean): string;
}

function nameMeter(at: number): string {
	return `SAG103070011409${at}`;
}

/** Which meter of a supply a telegram is of, from 0. */
export function meterOf(telegram: string): number {
	const own = /^0-0:42\.0\.0\((?:..)*3039(3[1-5])\)/m.exec(telegram);
	return own === null ? 0 : Number.parseInt(own[1]!, 16) - 0x30;
}

/** Of several meters, one after the other. */
export function createSupply(count = 1): Supply {
	let time = Date.UTC(2026, 0, 15, 8);
	const meters = Array.from({ length: count }, (_, at) => {
		const meter = createMeter(createChance(at + 1), time, {
			key,
			devices: [{ type: 3, id: `7FLO2199000012${at + 3}` }],
		});
		if (at > 0) meter.serial = nameMeter(at);
		return meter;
	});
	let turn = 0;
	return {
		next(withMessages = false) {
			time += 10_000;
			const meter = meters[turn]!;
			turn = (turn + 1) % count;
			meter.messages = withMessages ? new Array<string>(5).fill("M".repeat(1024)) : [];
			return readMeter(meter, time).telegram;
		},
	};
}

/** A telegram of exactly so many bytes: the lines of the specification's, as many as fit, then messages. */
export function padTelegram(length: number): string {
	const lines = readVector("luxembourg-spec-1.1.3").split("\r\n");
	const closing = 7;
	const filler = "0-0:98.1.0(";
	let text = `${lines[0]}\r\n\r\n0-0:42.0.0(53414731303330373030313134303034)\r\n`;
	for (const line of lines.slice(2, -2)) {
		if (/^0-0:(96\.13|42)/.test(line)) continue;
		if (text.length + line.length + 2 + 100 + closing <= length) text += `${line}\r\n`;
	}
	for (const code of [0, 2, 3, 4, 5]) {
		const name = `0-0:96.13.${code}(`;
		const rest = length - closing - text.length - name.length - 3 - filler.length - 3;
		// A message has at most 1024 characters, two digits each; the last line takes what remains.
		if (rest >= 2) text += `${name}${"4D".repeat(Math.min(1024, rest >> 1))})\r\n`;
	}
	const rest = length - closing - text.length;
	text += `${filler.padEnd(rest - 3, "7")})\r\n`;
	text += "!";
	return `${text}${checksum(text)}\r\n`;
}

/** CRC-16/ARC, bit by bit. */
function checksum(text: string): string {
	let crc = 0;
	for (const byte of Buffer.from(text, "latin1")) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
	}
	return crc.toString(16).toUpperCase().padStart(4, "0");
}
