/** Answers of servers that want to be taken for a broker, for the check with the SDK. */
import {
	authorityExtensions,
	basicConstraints,
	type Issued,
	issue,
	type Keys,
	keyUsage,
	makeEcKeys,
	makeRsaKeys,
	names,
	type Request,
	serverExtensions,
} from "../tls/certificates.js";
import { ecdsaSignature } from "../tls/der.js";
import {
	certificateMessage,
	changeCipherSpec,
	contents,
	type Exchange,
	helloDone,
	keyExchange,
	message,
	number,
	record,
	serverHello,
	serverRandom,
	suites,
} from "../tls/handshakes.js";

/** What a firmware that trusts `root` must refuse, and with which words. */
export interface Attack {
	name: string;
	/** The server's answer to a ClientHello. */
	answer(hello: Buffer): Buffer;
	/** In the log's line. */
	refusal: RegExp;
}

const day = 86_400_000;
const host = "localhost";
const valid = { notBefore: Date.now() - day, notAfter: Date.now() + 20 * day };

/** An authority and a broker's certificate from it, both on P-256. */
export interface Genuine {
	root: Issued;
	own: Issued;
}

export function createGenuine(): Genuine {
	const root = issue({ subject: "Root", keys: makeEcKeys("prime256v1"), extensions: authorityExtensions(), ...valid });
	return { root, own: certify(root, makeEcKeys("prime256v1")) };
}

function certify(issuer: Issued, keys: Keys, change: Partial<Request> = {}): Issued {
	return issue({ subject: "Broker", keys, issuer, extensions: serverExtensions(host), ...valid, ...change });
}

const send = (...messages: readonly Uint8Array[]) => record(contents.handshake, Buffer.concat(messages));

/** A whole flight; what is signed has the client's own random. */
function flight(hello: Buffer, keys: Keys, certificates: readonly Uint8Array[], exchange: Exchange = {}): Buffer {
	const suite = keys.privateKey.asymmetricKeyType === "rsa" ? suites.rsa : suites.ecdsa;
	const randoms = Buffer.concat([hello.subarray(11, 43), serverRandom]);
	const parts = [
		serverHello({ suite }),
		certificateMessage(...certificates),
		keyExchange(keys, { randoms, ...exchange }),
	];
	return Buffer.concat([...parts, helloDone].map(part => send(part)));
}

/** The four ways in that the SDK's own session leaves open, and their variants. */
export function listAttacks({ root, own }: Genuine): Attack[] {
	return [...chainAttacks(root, own), ...signatureAttacks(root), ...exchangeAttacks(root, own), ...orderAttacks(own)];
}

function chainAttacks(root: Issued, own: Issued): Attack[] {
	const selfMade = issue({
		subject: "Broker",
		keys: makeEcKeys("prime256v1"),
		extensions: serverExtensions(host),
		...valid,
	});
	const stranger = issue({
		subject: "Stranger",
		keys: makeEcKeys("prime256v1"),
		extensions: authorityExtensions(),
		...valid,
	});
	const signedByLeaf = certify(own, makeEcKeys("prime256v1"), { issuer: { subject: "Broker", keys: own.keys } });
	const show = (name: string, refusal: RegExp, by: Issued, ...certificates: readonly Issued[]): Attack => {
		const chain = [by, ...certificates].map(({ der }) => der);
		return { name, refusal, answer: hello => flight(hello, by.keys, chain) };
	};
	const one = (name: string, refusal: RegExp, change: Partial<Request>, keys = makeEcKeys("prime256v1")) =>
		show(name, refusal, certify(root, keys, change), root);
	return [
		show("made by itself, the authority after it", /not from the authority|wrong order|no authority/, selfMade, root),
		show(
			"made by itself, a genuine one and the authority after it",
			/not from the authority|wrong order|no authority/,
			selfMade,
			own,
			root,
		),
		show(
			"signed by another authority of that name",
			/signature is wrong/,
			certify({ ...stranger, subject: "Root" }, makeEcKeys("prime256v1")),
			root,
		),
		show(
			"signed by another authority",
			/not from the authority/,
			certify(stranger, makeEcKeys("prime256v1")),
			stranger,
		),
		show("signed with a genuine leaf's key", /no authority/, signedByLeaf, own, root),
		show("in the wrong order", /wrong order/, certify(stranger, makeEcKeys("prime256v1")), root, stranger),
		one("expired", /has expired/, { notAfter: Date.now() - day / 2 }),
		one("not yet valid", /not valid yet/, { notBefore: Date.now() + day }),
		one("for another name", /another name/, { extensions: serverExtensions("other.example") }),
		one("for no name", /no name/, { extensions: [basicConstraints(false), keyUsage(0xa0)] }),
		one("for another use", /another use/, { extensions: [keyUsage(0x04), names(host)] }),
		one("with SHA-1", /MD5 or SHA-1/, { hash: "sha1" }),
		one("with an exponent of 3", /exponent/, {}, makeRsaKeys(2048, 3)),
		one("with a key of 1024 bits", /less than 2048/, {}, makeRsaKeys(1024)),
	];
}

function signatureAttacks(root: Issued): Attack[] {
	const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
	const numbers = [
		["s = 0", 5n, 0n],
		["r = 0", 0n, 5n],
		["s = n", 5n, n],
		["r = n", n, 5n],
	] as const;
	const attacks = numbers.map(([name, r, s]): Attack => {
		const { der, keys } = certify(root, makeEcKeys("prime256v1"), { signature: ecdsaSignature(r, s) });
		return {
			name: `signed with ${name}`,
			refusal: /signature is wrong/,
			answer: hello => flight(hello, keys, [der, root.der]),
		};
	});
	const { der, keys } = certify(root, makeEcKeys("prime256v1"));
	for (const length of [1, 4, 60, der.length >> 1, der.length - 1]) {
		const answer: Attack["answer"] = hello => flight(hello, keys, [der.subarray(0, length), root.der]);
		attacks.push({ name: `cut after ${length} bytes`, refusal: /malformed/, answer });
	}
	return attacks;
}

function exchangeAttacks(root: Issued, own: Issued): Attack[] {
	const chain = [own.der, root.der];
	const attack = (name: string, refusal: RegExp, exchange: Exchange, keys = own.keys): Attack => ({
		name: `key exchange ${name}`,
		refusal,
		answer: hello => flight(hello, keys, chain, exchange),
	});
	const nothing = Buffer.alloc(0);
	return [
		attack("not signed (0, 0)", /not signed/, { pair: [0, 0], signature: nothing }),
		attack("with Ed25519 (4, 7)", /not signed/, { pair: [4, 7] }),
		attack("with an empty signature", /not signed/, { signature: nothing }),
		attack("with SHA-1", /not signed/, { pair: [2, 3], hash: "sha1" }),
		attack("signed with another key", /not signed with its certificate/, {}, makeEcKeys("prime256v1")),
		attack("of another handshake", /not signed with its certificate/, { randoms: Buffer.alloc(64) }),
		attack("signed with s = 0", /not signed with its certificate/, { signature: ecdsaSignature(5n, 0n) }),
		attack("with a point that is on no curve", /no point/, { point: Buffer.alloc(65, 4) }),
		attack("on P-384", /not on P-256/, { curve: 24 }),
	];
}

function orderAttacks(own: Issued): Attack[] {
	const hello = serverHello();
	const shown = certificateMessage(own.der);
	const answer = (...records: readonly Uint8Array[]) => ({ answer: () => Buffer.concat(records) });
	return [
		{ name: "no key exchange", refusal: /no key exchange/, ...answer(send(hello, shown, helloDone)) },
		{ name: "ChangeCipherSpec at once", refusal: /resumes a session/, ...answer(send(hello), changeCipherSpec) },
		{ name: "Finished in clear", refusal: /out of turn/, ...answer(send(hello, message(20, Buffer.alloc(12)))) },
		{
			name: "data in clear",
			refusal: /before the handshake/,
			...answer(send(hello), record(contents.data, Buffer.of(0x20, 2, 0, 0))),
		},
		{ name: "two ServerHellos", refusal: /out of turn/, ...answer(send(hello, hello)) },
		{ name: "HelloRequest", refusal: /out of turn/, ...answer(send(message(0))) },
		{ name: "TLS 1.1", refusal: /TLS 1\.2/, ...answer(send(serverHello({ version: 0x0302 }))) },
		{ name: "a suite with CBC", refusal: /not offered/, ...answer(send(serverHello({ suite: 0xc009 }))) },
		{ name: "10 MB of certificates", refusal: /too long/, ...answer(send(hello), longMessage(10_000_000)) },
		{
			name: "an answer of HTTP",
			refusal: /does not speak TLS/,
			...answer(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")),
		},
		{ name: "an alert", refusal: /alert 40/, ...answer(record(contents.alert, Buffer.of(2, 40))) },
	];
}

/** The header of a Certificate message of that length, and the first of its bytes. */
function longMessage(length: number): Buffer {
	const beginning = Buffer.concat([number(11, 1), number(length, 3), Buffer.alloc(16_000)]);
	const more = record(contents.handshake, Buffer.alloc(16_000));
	return Buffer.concat([record(contents.handshake, beginning), ...new Array<Buffer>(20).fill(more)]);
}
