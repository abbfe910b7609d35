/**
 * A guard between the socket and a TLS 1.2 session that trusts too easily. It reads every byte of a full handshake before the
 * session does, and lets through only what a careful client would accept: the messages of RFC 5246 section 7.3 in their order,
 * each once, the two cipher suites of `server-hello.ts`, certificates of a server that is trusted, and a key exchange that this
 * server's key has signed.
 *
 * What the session does not check itself, and what is therefore checked here:
 *
 * - Order. It takes each message whenever it comes: a second ServerHello, a Finished without a key exchange, a HelloRequest that
 *   makes it begin again, application data in clear, which it hands on as soon as the handshake is done.
 * - The signature of a key exchange: it skips it when it does not know the algorithm, it does not end for an ECDSA signature
 *   with s = 0, and it reads RSA's padding loosely. So the signature is verified here in full.
 * - Versions above its own, the cipher suite's kind of key, points that are not on the curve, extensions.
 * - Sizes: it makes room for a record of any length, and a record that is shorter than its tag leads it out of its bounds.
 * - Messages that are split among records (which happens with max_fragment_length and long chains): it throws. Here each message
 *   is put together, checked, and handed on as one record; the hash over the handshake is over messages, so that it stays.
 *
 * What is left to the session: to make its own keys with the system's random numbers, to derive the shared secret, to compare
 * the server's Finished (which proves that nobody changed the handshake, its cipher suites among it), and to check the tag
 * of every record after that. It must not offer to resume sessions, because a resumed one shows no certificate.
 */
import type { Hashes, TrustedServer } from "../ports/tls.js";
import { checkKeyExchange } from "./key-exchange.js";
import { isDone, openMessage, readVector } from "./message.js";
import type { PublicKey } from "./public-key.js";
import { reasons } from "./reasons.js";
import { readServerHello, type ServerHello } from "./server-hello.js";
import type { Decision } from "./trust.js";

export interface HandshakeOptions {
	/** Whether the server that shows these certificates (DER) is trusted. Called once, before anything secret is sent. */
	decide(certificates: readonly Uint8Array[]): Decision;
	readonly hashes: Hashes;
	/** Bytes of the longest message of the handshake, the certificates: one buffer of that size, while it lasts. */
	readonly longestMessage: number;
}

/** What comes next from the server. After `finished` the session's own checks protect what comes. */
export type Stage = "hello" | "certificate" | "keyExchange" | "request" | "helloDone" | "change" | "finished" | "open";

export interface Handshake extends TrustedServer {
	readonly options: HandshakeOptions;
	stage: Stage;
	/** Empty until the ClientHello went out. */
	clientRandom: Uint8Array;
	hello: ServerHello | null;
	/** What was decided about the server's certificates. */
	decision: Decision | null;
	certificate: Uint8Array | null;
	key: PublicKey | null;
	digest: Uint8Array | null;
	/** The server is refused for what it shows or cannot prove, not for what it spells wrong. */
	distrusted: boolean;
}

/** Types of messages. */
const serverHello = 2;
const certificate = 11;
const serverKeyExchange = 12;
const certificateRequest = 13;
const serverHelloDone = 14;

/** Bytes of a message's header: its type and its length. */
export const messageHeader = 4;
/** Longest bodies; a ServerHello has 38 bytes, a session of 32 at most and short extensions, a key exchange a point and a signature. */
const longestHello = 512;
const longestExchange = 600;
/** Certificates of a message; the chain decides how many of them count. */
const mostCertificates = 10;

export function createHandshake(options: HandshakeOptions): Handshake {
	return {
		options,
		stage: "hello",
		clientRandom: new Uint8Array(0),
		hello: null,
		decision: null,
		certificate: null,
		key: null,
		digest: null,
		distrusted: false,
	};
}

/** Null when a message of this type and length may come now; else the reason. Asked before its body is kept. */
export function admitMessage(handshake: Handshake, type: number, length: number): string | null {
	const { stage, options } = handshake;
	if (handshake.clientRandom.length === 0) return reasons.wrongMessage;
	const longest = longestBody(stage, type, options.longestMessage);
	if (longest >= 0) return length > longest ? reasons.longMessage : null;
	return stage === "keyExchange" && type === serverHelloDone ? reasons.noKeyExchange : reasons.wrongMessage;
}

/** Bytes of the longest body; -1 where the message is out of turn. */
function longestBody(stage: Stage, type: number, longest: number): number {
	if (stage === "hello") return type === serverHello ? longestHello : -1;
	if (stage === "certificate") return type === certificate ? longest : -1;
	if (stage === "keyExchange") return type === serverKeyExchange ? longestExchange : -1;
	if (stage === "request" && type === certificateRequest) return longest;
	return (stage === "request" || stage === "helloDone") && type === serverHelloDone ? 0 : -1;
}

/** Takes a message that was admitted; its body lies in `bytes` from `start` to their end. Null, or the reason why it is refused. */
export function acceptMessage(handshake: Handshake, type: number, bytes: Uint8Array, start: number): string | null {
	if (type === serverHello) return acceptHello(handshake, bytes, start);
	if (type === certificate) return acceptCertificates(handshake, bytes, start);
	if (type === serverKeyExchange) return acceptKeyExchange(handshake, bytes, start);
	handshake.stage = type === certificateRequest ? "helloDone" : "change";
	return null;
}

function acceptHello(handshake: Handshake, bytes: Uint8Array, start: number): string | null {
	const hello = readServerHello(bytes, start);
	if (typeof hello === "string") return hello;
	handshake.hello = hello;
	handshake.stage = "certificate";
	return null;
}

function acceptCertificates(handshake: Handshake, bytes: Uint8Array, start: number): string | null {
	const message = openMessage(bytes, start);
	const list = openMessage(readVector(message, 3), 0);
	const certificates: Uint8Array[] = [];
	while (!isDone(list) && certificates.length <= mostCertificates) {
		const der = readVector(list, 3);
		if (der.length === 0) list.failed = true;
		certificates.push(der);
	}
	if (message.failed || list.failed || message.at !== message.end) return reasons.malformedMessage;
	if (certificates.length > mostCertificates) return reasons.tooManyCertificates;
	const decision = handshake.options.decide(certificates);
	handshake.decision = decision;
	handshake.distrusted = decision.kind !== "trusted";
	if (decision.kind !== "trusted") return decision.reason;
	if (decision.key.kind !== handshake.hello?.kind) return reasons.suiteKey;
	// A copy: what it lies in goes on to the session.
	handshake.certificate = certificates[0].slice();
	handshake.key = decision.key;
	handshake.stage = "keyExchange";
	return null;
}

function acceptKeyExchange(handshake: Handshake, bytes: Uint8Array, start: number): string | null {
	const { clientRandom, hello, key, options } = handshake;
	if (key === null || hello === null) return reasons.wrongMessage;
	const exchange = { clientRandom, serverRandom: hello.random, kind: hello.kind, key };
	const digest = checkKeyExchange(bytes, start, exchange, options.hashes);
	if (typeof digest === "string") {
		handshake.distrusted = digest === reasons.unsigned || digest === reasons.exchangeSignature;
		return digest;
	}
	handshake.digest = digest;
	handshake.stage = "request";
	return null;
}
