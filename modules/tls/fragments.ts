/** Puts the messages of a handshake together, several of which may be in one record, and one in several (RFC 5246 section 6.2.1). */
import { acceptMessage, admitMessage, messageHeader } from "./handshake.js";
import { append, handshakeType, headers, type RecordGuard, recordHeader, refuse } from "./record-state.js";

/** Takes the bytes of a record from `start` up to `end`. A message that is whole is checked and becomes a record of its own. */
export function acceptFragment(guard: RecordGuard, bytes: Uint8Array, start: number, end: number): void {
	let at = start;
	while (at < end && guard.refusal === null) {
		if (guard.message.length === 0) {
			guard.header[recordHeader + guard.count] = bytes[at];
			guard.count += 1;
			at += 1;
			if (guard.count === messageHeader) startMessage(guard);
			continue;
		}
		const count = Math.min(guard.message.length - guard.count, end - at);
		guard.message.set(bytes.subarray(at, at + count), guard.count);
		guard.count += count;
		at += count;
		if (guard.count === guard.message.length) endMessage(guard);
	}
}

function startMessage(guard: RecordGuard): void {
	const { header, handshake } = guard;
	const type = header[recordHeader];
	const length = (header[recordHeader + 1] << 16) | (header[recordHeader + 2] << 8) | header[recordHeader + 3];
	const complaint = admitMessage(handshake, type, length);
	if (complaint !== null) {
		refuse(guard, complaint);
		return;
	}
	const whole = messageHeader + length;
	const message = new Uint8Array(recordHeader + whole);
	message.set([handshakeType, 3, 3, whole >> 8, whole & 0xff]);
	message.set(header.subarray(recordHeader), recordHeader);
	guard.message = message;
	guard.count = headers;
	if (length === 0) endMessage(guard);
}

function endMessage(guard: RecordGuard): void {
	const { message, handshake } = guard;
	guard.message = new Uint8Array(0);
	guard.count = 0;
	const complaint = acceptMessage(handshake, message[recordHeader], message, headers);
	if (complaint === null) append(guard, message);
	else refuse(guard, complaint);
}
