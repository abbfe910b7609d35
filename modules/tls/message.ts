/** Reads the fields of a handshake message (RFC 5246 section 4). What is not there fails the message, for good; nothing throws. */
export interface Message {
	readonly bytes: Uint8Array;
	at: number;
	end: number;
	failed: boolean;
}

export function openMessage(bytes: Uint8Array, start: number): Message {
	return { bytes, at: start, end: bytes.length, failed: false };
}

/** A number of `size` bytes, 0 once the message has failed. */
export function readNumber(message: Message, size: number): number {
	const { bytes, at } = message;
	if (size > message.end - at) message.failed = true;
	if (message.failed) return 0;
	let value = 0;
	for (let index = at; index < at + size; index += 1) value = (value << 8) | bytes[index];
	message.at = at + size;
	return value;
}

/** A vector whose length stands before it in `size` bytes; it is shared with the message, and empty once that has failed. */
export function readVector(message: Message, size: number): Uint8Array {
	return readBytes(message, readNumber(message, size));
}

export function readBytes(message: Message, length: number): Uint8Array {
	if (length > message.end - message.at) message.failed = true;
	const start = message.at;
	if (message.failed) return message.bytes.subarray(start, start);
	message.at = start + length;
	return message.bytes.subarray(start, message.at);
}

export function isDone(message: Message): boolean {
	return message.failed || message.at === message.end;
}

/** Whether the message holds what was read, and nothing else. */
export function isWhole(message: Message): boolean {
	return !message.failed && message.at === message.end;
}
