/** Reads frames of plain LoRa, sealed or SmartyReader's, that a receiver wrote down. */

import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { textPort } from "../modules/lorawan/payload.js";
import { sealedHead, sealedMark, sealedTag } from "../modules/lorawan/sealed.js";
import { gatewayAddress, smartyReaderHead } from "../modules/lorawan/smartyreader.js";
import { createGcm, open } from "../modules/p1/gcm.js";

/** One frame: what it says, or what is wrong with it. */
export type LoraLine = { kind: "lora" } & Record<string, unknown>;

type Decode = (input: { bytes: number[]; fPort: number }) => { data?: unknown; errors?: string[] };

/** One frame a line in hexadecimal digits, or one frame as it is. */
export function splitFrames(input: Uint8Array): Uint8Array[] {
	const text = Buffer.from(input).toString("latin1");
	if (!/^[0-9a-f\s]*$/i.test(text)) return [input];
	return text
		.split("\n")
		.map(line => line.replace(/\s/g, ""))
		.filter(line => line !== "")
		.map(line => Uint8Array.from(Buffer.from(line, "hex")));
}

/** `key`: of sealed frames; null where nobody gave one. */
export function createLoraDecoder(key: Uint8Array | null): (frame: Uint8Array) => LoraLine {
	const gcm = key === null ? null : createGcm(key);
	const context: { decodeUplink?: Decode } = {};
	runInNewContext(readFileSync(new URL("../contrib/lorawan/decoder.js", import.meta.url), "utf8"), context);
	const decode = context.decodeUplink!;
	const newest = new Map<string, number>();

	function read(bytes: Uint8Array, port: number): Record<string, unknown> {
		// What is made in another context has another Array and Object.
		const { data, errors } = JSON.parse(JSON.stringify(decode({ bytes: [...bytes], fPort: port })));
		return errors !== undefined && errors.length > 0 ? { problem: errors.join("; ") } : { data };
	}

	function readSealed(frame: Uint8Array): LoraLine {
		const view = Buffer.from(frame);
		const device = view.toString("hex", 2, 10);
		const number = view.readUInt32BE(10);
		const head = { kind: "lora", form: "sealed", device, number, port: frame[1]! } as const;
		if (gcm === null) return { ...head, problem: "no key was given" };
		const text = frame.slice();
		const end = text.length - sealedTag;
		const nonce = frame.subarray(2, sealedHead);
		if (!open(gcm, nonce, frame.subarray(0, sealedHead), text, sealedHead, end, sealedTag))
			return { ...head, problem: "its tag is wrong: another key, or not what the device sent" };
		const before = newest.get(device) ?? -1;
		if (number <= before) return { ...head, problem: `it came before: ${before} was the newest` };
		newest.set(device, number);
		return { ...head, ...read(text.subarray(sealedHead, end), head.port) };
	}

	return frame => {
		if (frame[0] === sealedMark && frame.length > sealedHead + sealedTag) return readSealed(frame);
		const isText = frame[0] === gatewayAddress || frame[0] === 0xff;
		if (isText && frame.length === smartyReaderHead + (frame[3] ?? -1)) {
			const head = { kind: "lora", form: "smartyreader", sender: frame[1]!, number: frame[2]! } as const;
			return { ...head, ...read(frame.subarray(smartyReaderHead), textPort) };
		}
		return { kind: "lora", problem: "neither a sealed frame nor SmartyReader's" };
	};
}
