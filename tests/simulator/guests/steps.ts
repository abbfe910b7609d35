/** A guest: the reader in steps, with the next frame prepared between two chunks. */
import { formatHex, parseHex } from "../../../modules/p1/hex.js";
import {
	type AuthenticationPolicy,
	accept,
	createReader,
	finish,
	isPreparing,
	isReading,
	prepare,
	proceed,
	type Reader,
} from "../../../modules/p1/reader.js";
import { decodeText, encodeText } from "../../../simulator/text.js";

export interface StepOptions {
	/** 32 hexadecimal digits. */
	key: string;
	authentication: AuthenticationPolicy;
	inSteps: boolean;
	cutFrom?: number;
}

export interface StepReply {
	telegrams: object[];
	counters: object;
	faults: object;
	/** Blocks that were encrypted for this chunk, before anything was prepared. */
	encrypted: number;
}

/** Everything that is held of the line, and of the key stream. */
export interface Held {
	line: string;
	blocks: string;
}

function tell({ search, decryptor: { prepared } }: Reader): Held {
	const { bytes, start, end } = search;
	const { blocks } = prepared;
	return { line: formatHex(bytes, start, end), blocks: formatHex(blocks, 0, blocks.length) };
}

/**
 * The first byte of a request: 0 and options as JSON; 1, time (8 bytes), the most steps to take afterwards and the most slices to prepare
 * (a byte each), and bytes of the line; 2 the end of the capture; 3 tells what is held.
 */
export function createGuest() {
	let reader: Reader | null = null;
	let telegrams: object[] = [];
	let encrypted = 0;

	function configure({ key, authentication, inSteps, cutFrom }: StepOptions): Reader {
		const options = { authentication, inSteps, ...(cutFrom !== undefined && { cutFrom }) };
		const made = createReader({ key: parseHex(key), ...options }, telegram => {
			const { verdict, systemTitle, frameCounter, bytes, start, end, readings } = telegram;
			telegrams.push({ verdict, systemTitle, frameCounter, telegram: formatHex(bytes, start, end), readings });
		});
		const { cipher } = made.decryptor.keys.gcm!;
		const { encrypt } = cipher;
		// Assigned, it would be refused: in XS the prototype is in flash.
		Object.defineProperty(cipher, "encrypt", {
			value: (block: number[]) => {
				encrypted += 1;
				return encrypt.call(cipher, block);
			},
		});
		return made;
	}

	function take(target: Reader, request: ArrayBuffer): void {
		const view = new DataView(request);
		const bytes = new Uint8Array(request, 11);
		accept(target, bytes, 0, bytes.length, view.getFloat64(1));
		for (let left = view.getUint8(9); left > 0 && isReading(target); left -= 1) proceed(target);
	}

	return {
		handle(request: ArrayBuffer): ArrayBuffer {
			const view = new DataView(request);
			const kind = view.getUint8(0);
			if (kind === 0) reader = configure(JSON.parse(decodeText(new Uint8Array(request, 1))));
			if (reader === null) throw new Error("there are no options");
			telegrams = [];
			encrypted = 0;
			if (kind === 1) take(reader, request);
			else if (kind === 2) finish(reader);
			const taken = encrypted;
			if (kind === 1) for (let left = view.getUint8(10); left > 0 && isPreparing(reader); left -= 1) prepare(reader);
			const { counters, faults } = reader;
			if (kind === 3) return encodeText(JSON.stringify(tell(reader)));
			const reply: StepReply = { telegrams, counters, faults, encrypted: taken };
			return encodeText(JSON.stringify(reply));
		},
	};
}
