/** Decrypts a capture with OpenSSL, and says what readings it should give. */

import { createDecipheriv } from "node:crypto";
import { oracleRead } from "./oracle.js";

export interface OpenedFrame {
	frameCounter: number;
	telegram: string;
}

/** Opens undamaged frames that stand one after another, with OpenSSL. Throws on anything else. */
export function openCapture(capture: Uint8Array, key: Uint8Array): OpenedFrame[] {
	const opened: OpenedFrame[] = [];
	const bytes = Buffer.from(capture);
	for (let start = 0; start < bytes.length; ) {
		if (bytes.toString("hex", start, start + 2) !== "db08" || bytes[start + 10] !== 0x82) throw new Error("no frame");
		const end = start + 13 + bytes.readUInt16BE(start + 11);
		const vector = Buffer.concat([bytes.subarray(start + 2, start + 10), bytes.subarray(start + 14, start + 18)]);
		const decipher = createDecipheriv("aes-128-gcm", key, vector, { authTagLength: 12 });
		decipher.setAAD(Buffer.from("3000112233445566778899AABBCCDDEEFF", "hex"));
		decipher.setAuthTag(bytes.subarray(end - 12, end));
		const text = Buffer.concat([decipher.update(bytes.subarray(start + 18, end - 12)), decipher.final()]);
		opened.push({ frameCounter: bytes.readUInt32BE(start + 14), telegram: text.toString("latin1") });
		start = end;
	}
	return opened;
}

/** The readings of `docs/topics.md` that a telegram should become, by the oracle's reading of it. */
export function expectReadings(telegram: string): Record<string, unknown> {
	const { identification, serial, version, time, values, messages, devices, objects } = oracleRead(telegram);
	const expected: Record<string, unknown> = { identification };
	if (serial !== null) expected.serial = serial;
	if (version !== null) expected.version = version;
	if (time !== null) expected.time = formatTime(time);
	for (const [name, value] of Object.entries(values)) {
		const counted = /state|failures|sags|swells/.test(name);
		expected[name] = counted ? value : value / 1000;
	}
	messages.forEach((message, at) => {
		if (message !== null) expected[at === 0 ? "message" : `message_${at + 1}`] = message;
	});
	if (devices.length > 0) {
		expected.devices = devices.map(({ type, channel, id, value, unit, time, valve }) => ({
			type,
			channel,
			id,
			...(value === null ? {} : { value: value / 1000, unit }),
			...(time === null ? {} : { time: formatTime(time) }),
			valve_state: valve,
		}));
	}
	if (objects.length > 0) expected.objects = Object.fromEntries(objects);
	return expected;
}

function formatTime(time: number): string {
	return new Date(time).toISOString().replace(".000Z", "Z");
}
