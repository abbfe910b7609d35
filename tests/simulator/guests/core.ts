/** A guest: the reader and its state messages. */
import type { Message } from "../../../modules/messages/chunks.js";
import { encodeState } from "../../../modules/messages/json.js";
import { meterName, stateTopic } from "../../../modules/messages/topics.js";
import { formatHex, parseHex } from "../../../modules/p1/hex.js";
import { accept, createReader, expire, finish, type Reader, type Telegram } from "../../../modules/p1/reader.js";
import { decodeText, encodeText } from "../../../simulator/text.js";

interface CoreOptions {
	/** First level of the topics. */
	base: string;
	/** 32 hexadecimal digits. */
	key: string;
}

/**
 * The firmware's core as a guest of an engine: bytes and time in, accepted telegrams and their messages out. The first byte of
 * a request says what it is: 0 options as JSON, 1 time (8 bytes) and bytes of the line, 2 time, 3 the end of the capture.
 */
export function createGuest() {
	let reader: Reader | null = null;
	let base = "";
	let telegrams: object[] = [];
	let messages: Message[] = [];

	function onTelegram(telegram: Telegram): void {
		const { verdict, systemTitle, frameCounter, bytes, start, end } = telegram;
		telegrams.push({ verdict, systemTitle, frameCounter, telegram: formatHex(bytes, start, end) });
		const topic = stateTopic(base, meterName(telegram));
		messages.push({ topic, payload: encodeState(telegram), quality: 0, retain: true });
	}

	function configure(options: CoreOptions): void {
		base = options.base;
		reader = createReader({ key: parseHex(options.key) }, onTelegram);
	}

	return {
		handle(request: ArrayBuffer): ArrayBuffer {
			const kind = new DataView(request).getUint8(0);
			telegrams = [];
			messages = [];
			if (kind === 0) configure(JSON.parse(decodeText(new Uint8Array(request, 1))));
			if (reader === null) throw new Error("the core is not configured");
			if (kind === 1) {
				const bytes = new Uint8Array(request, 9);
				accept(reader, bytes, 0, bytes.length, new DataView(request).getFloat64(1));
			} else if (kind === 2) expire(reader, new DataView(request).getFloat64(1));
			else if (kind === 3) finish(reader);
			const { counters, faults } = reader;
			return encodeText(JSON.stringify({ telegrams, messages, counters, faults }));
		},
	};
}
