/** What a ServerHello (RFC 5246 section 7.4.1.3) may choose from. */
import { isDone, isWhole, openMessage, readBytes, readNumber, readVector } from "./message.js";
import type { PublicKey } from "./public-key.js";
import { reasons } from "./reasons.js";

export interface ServerHello {
	readonly random: Uint8Array;
	/** The key that the certificate must have with the chosen suite. */
	readonly kind: PublicKey["kind"];
}

/** ECDHE with AES-128-GCM: forward secret, no CBC. The session offers these two and no others. */
const suites = Object.freeze(
	[
		{ value: 0xc02b, kind: "ecdsa" },
		{ value: 0xc02f, kind: "rsa" },
	] as const,
	true,
);
const tls12 = 0x0303;
const longestSession = 32;
/** server_name, max_fragment_length, supported_groups (some servers send it although they should not), ec_point_formats. */
const extensions = Object.freeze([0, 1, 10, 11]);

/** `bytes` hold the message's body from `start` on. Returns the reason where it is refused. */
export function readServerHello(bytes: Uint8Array, start: number): ServerHello | string {
	const message = openMessage(bytes, start);
	const version = readNumber(message, 2);
	const random = readBytes(message, 32);
	const session = readVector(message, 1);
	const value = readNumber(message, 2);
	const compression = readNumber(message, 1);
	if (message.failed || session.length > longestSession) return reasons.malformedMessage;
	if (version !== tls12) return reasons.tlsVersion;
	const suite = suites.find(candidate => candidate.value === value);
	if (suite === undefined) return `${reasons.suite}: ${value.toString(16).padStart(4, "0")}`;
	if (compression !== 0) return reasons.compression;
	if (message.at < message.end) {
		const list = openMessage(readVector(message, 2), 0);
		const seen: number[] = [];
		while (!isDone(list)) {
			const type = readNumber(list, 2);
			readVector(list, 2);
			if (seen.includes(type)) list.failed = true;
			else if (!list.failed && !extensions.includes(type)) return reasons.helloExtension;
			seen.push(type);
		}
		if (list.failed) message.failed = true;
	}
	return isWhole(message) ? { random: random.slice(), kind: suite.kind } : reasons.malformedMessage;
}
