/**
 * The records of TLS 1.2 (RFC 5246 section 6.2) in front of the handshake's guard: cuts what the network brings, however it is cut
 * there, into records and messages, and keeps what the session may read. Nothing throws; after a refusal nothing is let through.
 */
import { acceptFragment } from "./fragments.js";
import { messageHeader } from "./handshake.js";
import { reasons } from "./reasons.js";
import {
	append,
	handshakeType,
	headers,
	isSealed,
	longestPlain,
	type RecordGuard,
	recordHeader,
	refuse,
} from "./record-state.js";

const changeCipherSpec = 20;
const alert = 21;
const applicationData = 23;
const tls12 = 0x0303;
/** An explicit nonce of 8 bytes and a tag of 16 (RFC 5288). */
const sealing = 24;
/** Finished has a header and 12 bytes; an alert has 2. */
const sealedFinished = sealing + messageHeader + 12;
const sealedAlert = sealing + 2;
const clientHello = 1;
const randomAt = headers + 2;
const randomEnd = randomAt + 32;

/** To be told of each record before it is sent, whole. Null, or the reason why it must not be. */
export function noteSent(guard: RecordGuard, record: Uint8Array): string | null {
	const { handshake } = guard;
	if (guard.refusal !== null) return guard.refusal;
	if (handshake.clientRandom.length === 0) {
		if (record[0] !== handshakeType || record[recordHeader] !== clientHello || record.length < randomEnd)
			return refuse(guard, reasons.sentEarly);
		handshake.clientRandom = record.slice(randomAt, randomEnd);
	}
	return record[0] === applicationData && handshake.stage !== "open" ? refuse(guard, reasons.sentEarly) : null;
}

/** Takes the network's bytes from `start` up to `end`. Null, or the reason why the connection must end. */
export function receive(guard: RecordGuard, bytes: Uint8Array, start: number, end: number): string | null {
	let at = start;
	while (at < end && guard.refusal === null) {
		if (guard.left === 0) {
			guard.header[guard.headerCount] = bytes[at];
			guard.headerCount += 1;
			at += 1;
			if (guard.headerCount === recordHeader) startRecord(guard);
			continue;
		}
		const count = Math.min(guard.left, end - at);
		guard.left -= count;
		if (isSealed(guard)) {
			append(guard, bytes.slice(at, at + count));
			if (guard.left === 0) endSealed(guard);
		} else if (guard.type === handshakeType) acceptFragment(guard, bytes, at, at + count);
		else acceptSignal(guard, bytes[at + count - 1]);
		at += count;
	}
	return guard.refusal;
}

function startRecord(guard: RecordGuard): void {
	const { header } = guard;
	guard.headerCount = 0;
	guard.type = header[0];
	guard.left = (header[3] << 8) | header[4];
	const version = (header[1] << 8) | header[2];
	const complaint = isSealed(guard) ? checkSealed(guard, version) : checkPlain(guard, version);
	if (complaint !== null) refuse(guard, complaint);
	else if (isSealed(guard)) append(guard, header.slice(0, recordHeader));
}

function checkPlain({ type, left, count, message, handshake }: RecordGuard, version: number): string | null {
	if (type < changeCipherSpec || type > applicationData || version >> 8 !== 3) return reasons.record;
	if (type === applicationData) return reasons.earlyData;
	// An alert about the version may come in a record of another one.
	if (version !== tls12 && type !== alert) return reasons.tlsVersion;
	if (left > longestPlain) return reasons.longRecord;
	if (type === handshakeType) return left === 0 ? reasons.shortRecord : null;
	if (type === alert) return left === 2 ? null : reasons.malformedMessage;
	if (left !== 1) return reasons.malformedMessage;
	if (handshake.stage === "certificate") return reasons.resumption;
	return handshake.stage !== "change" || count > 0 || message.length > 0 ? reasons.wrongMessage : null;
}

function checkSealed({ type, left, options, handshake }: RecordGuard, version: number): string | null {
	if (type < changeCipherSpec || type > applicationData || version !== tls12) return reasons.record;
	if (left > options.longestRecord + sealing) return reasons.longRecord;
	if (type === alert) return left === sealedAlert ? null : reasons.malformedMessage;
	if (handshake.stage === "finished") {
		if (type === applicationData) return reasons.earlyData;
		return type === handshakeType && left === sealedFinished ? null : reasons.wrongMessage;
	}
	if (type !== applicationData) return reasons.wrongMessage;
	return left < sealing ? reasons.shortRecord : null;
}

/** A sealed record is whole. The session opens it; a Finished that it does not like makes it throw. */
function endSealed({ type, handshake }: RecordGuard): void {
	if (type === handshakeType) handshake.stage = "open";
}

/** An alert or a ChangeCipherSpec: the last of its two bytes, or its only one, says all. */
function acceptSignal(guard: RecordGuard, last: number): void {
	if (guard.left > 0) return;
	if (guard.type === alert) {
		refuse(guard, `${reasons.alert} ${last}`);
		return;
	}
	if (last !== 1) {
		refuse(guard, reasons.malformedMessage);
		return;
	}
	guard.handshake.stage = "finished";
	append(guard, Uint8Array.of(changeCipherSpec, 3, 3, 0, 1, last));
}
