/** Tests of `modules/tls/handshake.ts`. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { p256 } from "../../modules/tls/curve.js";
import { reasons } from "../../modules/tls/reasons.js";
import { receive } from "../../modules/tls/record-guard.js";
import { ecdsaSignature } from "../../tools/tls/der.js";
import {
	certificateMessage,
	type Exchange,
	extension,
	freshPoint,
	type Hello,
	helloDone,
	keyExchange,
	message,
	messages,
	number,
	serverHello,
	serverRandom,
	suites,
	vector,
} from "../../tools/tls/handshakes.js";
import { keys } from "./chains.js";
import { feed, genuine, hs, openGuard, own, readAll, rsaOwn } from "./guards.js";

describe("ServerHello", () => {
	const wrong: readonly (readonly [name: string, reason: string, hello: Hello])[] = [
		["TLS 1.1", reasons.tlsVersion, { version: 0x0302 }],
		["TLS 1.3 in the old field", reasons.tlsVersion, { version: 0x0304 }],
		["SSL 3", reasons.tlsVersion, { version: 0x0300 }],
		["CBC", `${reasons.suite}: c027`, { suite: 0xc027 }],
		["no forward secrecy", `${reasons.suite}: 003c`, { suite: 0x003c }],
		["DHE", `${reasons.suite}: 009e`, { suite: 0x009e }],
		["no cipher", `${reasons.suite}: 0000`, { suite: 0 }],
		["a suite of TLS 1.3", `${reasons.suite}: 1301`, { suite: 0x1301 }],
		["compression", reasons.compression, { compression: 1 }],
		["a session's identifier of 33 bytes", reasons.malformedMessage, { session: Buffer.alloc(33) }],
		["the extended master secret", reasons.helloExtension, { extensions: [extension(23)] }],
		["a ticket", reasons.helloExtension, { extensions: [extension(11, Uint8Array.of(1, 0)), extension(35)] }],
		["an extension twice", reasons.malformedMessage, { extensions: [extension(0), extension(0)] }],
		["an extension that is cut", reasons.malformedMessage, { extensions: [Uint8Array.of(0, 0, 0, 1)] }],
	];
	it.each(wrong)("with %s is refused: %s", (_name, reason, hello) => {
		expect(feed(openGuard(), hs(serverHello(hello)))).toBe(reason);
	});

	it("may choose a session, and answer what was offered", () => {
		const extensions = [extension(0), extension(1, Uint8Array.of(2)), extension(11, Uint8Array.of(1, 0))];
		expect(feed(openGuard(), hs(serverHello({ session: Buffer.alloc(32), extensions })))).toBeNull();
		expect(feed(openGuard(), hs(serverHello({ extensions: [] })))).toBeNull();
	});

	it("is refused when it is cut, or longer than it says", () => {
		const body = serverHello({ extensions: [extension(0)] }).subarray(4);
		const whole = 2 + 32 + 1 + 2 + 1;
		for (let end = 0; end < body.length; end += 1) {
			const reason = feed(openGuard(), hs(message(messages.hello, body.subarray(0, end))));
			expect(reason).toBe(end === whole ? null : reasons.malformedMessage);
		}
		expect(feed(openGuard(), hs(message(messages.hello, Buffer.concat([body, Uint8Array.of(0)]))))).toBe(
			reasons.malformedMessage,
		);
	});
});

describe("certificates", () => {
	const start = () => {
		const guard = openGuard();
		feed(guard, hs(serverHello()));
		return guard;
	};

	it("are refused when the list is empty or malformed", () => {
		expect(feed(start(), hs(certificateMessage()))).toBe(reasons.noCertificate);
		expect(feed(start(), hs(certificateMessage(Buffer.alloc(0))))).toBe(reasons.malformedMessage);
		const list = certificateMessage(own).subarray(4);
		for (const body of [
			Buffer.alloc(0),
			list.subarray(0, -1),
			Buffer.concat([list, Uint8Array.of(0)]),
			list.subarray(0, 3),
		])
			expect(feed(start(), hs(message(messages.certificate, body)))).toBe(reasons.malformedMessage);
		const short = Buffer.concat([number(own.length + 2, 3), vector(3, own)]);
		expect(feed(start(), hs(message(messages.certificate, short)))).toBe(reasons.malformedMessage);
	});
});

describe("a key exchange", () => {
	function exchange(change: Exchange, kind: "ecdsa" | "rsa" = "ecdsa", signer = keys.p256): string | null {
		const guard = openGuard();
		const certificate = kind === "ecdsa" ? own : rsaOwn();
		expect(feed(guard, hs(serverHello({ suite: suites[kind] }), certificateMessage(certificate)))).toBeNull();
		readAll(guard);
		const refusal = feed(guard, hs(keyExchange(kind === "ecdsa" ? signer : keys.rsa, change), helloDone));
		if (refusal !== null) expect(guard.available).toBe(0);
		return refusal;
	}

	it("is signed with SHA-256, SHA-384 or SHA-512", () => {
		for (const [hash, at] of [
			["sha256", 4],
			["sha384", 5],
			["sha512", 6],
		] as const) {
			expect(exchange({ hash, pair: [at, 3] })).toBeNull();
			expect(exchange({ hash, pair: [at, 1] }, "rsa")).toBeNull();
		}
	});

	const { n, p } = p256;
	const empty = Buffer.alloc(0);
	const off = freshPoint();
	off[64]! ^= 1;
	const zero = Buffer.concat([Uint8Array.of(4), Buffer.alloc(64)]);
	const compressed = freshPoint().subarray(0, 33);
	compressed[0] = 2;
	const beyond = Buffer.from(`04${p.toString(16)}${p256.y.toString(16)}`, "hex");
	const wrong: readonly (readonly [name: string, reason: string, change: Exchange, kind?: "rsa"])[] = [
		["no algorithm", reasons.unsigned, { pair: [0, 0], signature: empty }],
		["no algorithm, but bytes", reasons.unsigned, { pair: [0, 0] }],
		["Ed25519", reasons.unsigned, { pair: [4, 7] }],
		["Ed448", reasons.unsigned, { pair: [8, 8] }],
		["anonymous", reasons.unsigned, { pair: [4, 0] }],
		["DSA", reasons.unsigned, { pair: [4, 2] }],
		["RSA for a key on P-256", reasons.unsigned, { pair: [4, 1] }],
		["ECDSA for an RSA key", reasons.unsigned, { pair: [4, 3] }, "rsa"],
		["RSA without a signature", reasons.unsigned, { pair: [4, 1], signature: empty }, "rsa"],
		["ECDSA without a signature", reasons.unsigned, { signature: empty }],
		["MD5", reasons.unsigned, { pair: [1, 1] }, "rsa"],
		["SHA-1", reasons.unsigned, { pair: [2, 3] }],
		["SHA-224", reasons.unsigned, { pair: [3, 3] }],
		["a hash of 7", reasons.unsigned, { pair: [7, 3] }],
		["a hash of 255", reasons.unsigned, { pair: [255, 255] }],
		["another hash than it says", reasons.exchangeSignature, { pair: [5, 3] }],
		["s = 0", reasons.exchangeSignature, { signature: ecdsaSignature(5n, 0n) }],
		["r = 0", reasons.exchangeSignature, { signature: ecdsaSignature(0n, 5n) }],
		["s = n", reasons.exchangeSignature, { signature: ecdsaSignature(5n, n) }],
		["r = n", reasons.exchangeSignature, { signature: ecdsaSignature(n, 5n) }],
		["one byte as a signature", reasons.exchangeSignature, { signature: Uint8Array.of(0) }],
		["an RSA signature that is short", reasons.exchangeSignature, { signature: Buffer.alloc(255, 1) }, "rsa"],
		[
			"an RSA signature of 1",
			reasons.exchangeSignature,
			{ signature: Buffer.concat([Buffer.alloc(255), Uint8Array.of(1)]) },
			"rsa",
		],
		["an RSA signature of 0", reasons.exchangeSignature, { signature: Buffer.alloc(256) }, "rsa"],
		["an RSA signature above the modulus", reasons.exchangeSignature, { signature: Buffer.alloc(256, 0xff) }, "rsa"],
		[
			"the signature of another handshake",
			reasons.exchangeSignature,
			{ randoms: Buffer.concat([serverRandom, serverRandom]) },
		],
		["P-384", reasons.curve, { curve: 24 }],
		["X25519", reasons.curve, { curve: 29 }],
		["a curve that is spelled out", reasons.curve, { curveType: 1 }],
		["no point", reasons.exchangePoint, { point: empty }],
		["a point off the curve", reasons.exchangePoint, { point: off }],
		["a point of zeros", reasons.exchangePoint, { point: zero }],
		["a compressed point", reasons.exchangePoint, { point: compressed }],
		["a point whose x is p", reasons.exchangePoint, { point: beyond }],
		["bytes after the signature", reasons.malformedMessage, { after: Uint8Array.of(0) }],
	];
	it.each(wrong.map(([name, reason, change, kind]) => [name, reason, change, kind ?? "ecdsa"] as const))(
		"with %s is refused: %s",
		(_name, reason, change, kind) => expect(exchange(change, kind)).toBe(reason),
	);

	it("of another key is refused", () => {
		expect(exchange({}, "ecdsa", keys.otherP256)).toBe(reasons.exchangeSignature);
	});

	it("is refused when it is cut at any byte", () => {
		const body = keyExchange(keys.p256).subarray(4);
		for (let end = 0; end < body.length; end += 1) {
			const guard = openGuard();
			feed(guard, hs(serverHello(), certificateMessage(own)));
			const reason = feed(guard, hs(message(messages.keyExchange, body.subarray(0, end))));
			expect([reasons.malformedMessage, reasons.curve]).toContain(reason);
		}
	});
});

describe("whatever the network brings", () => {
	const known: readonly string[] = Object.values(reasons);
	const isKnown = (reason: string | null) => reason === null || known.some(start => reason.startsWith(start));

	it("is let through or refused with a reason", () => {
		fc.assert(
			fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }), chunks => {
				const guard = openGuard();
				for (const chunk of chunks) expect(isKnown(feed(guard, chunk))).toBe(true);
			}),
			{ seed: 21, numRuns: 500 },
		);
	});

	it("a genuine handshake with any byte changed lets nothing through but what comes before it, and what the session checks", () => {
		const bytes = genuine();
		const open = bytes.length - 45;
		fc.assert(
			fc.property(
				fc.nat(bytes.length - 1),
				fc.integer({ min: 1, max: 255 }),
				fc.integer({ min: 1, max: 700 }),
				(at, change, size) => {
					const changed = Buffer.from(bytes);
					changed[at]! ^= change;
					const guard = openGuard();
					let refusal: string | null = null;
					for (let start = 0; start < changed.length; start += size)
						refusal = receive(guard, changed, start, Math.min(start + size, changed.length));
					expect(isKnown(refusal)).toBe(true);
					// Of the ServerHello only the session's identifier is not signed here: it has none. Finished is the session's.
					if (at < open && refusal === null) expect(guard.handshake.stage).not.toBe("open");
					if (guard.refusal !== null) expect(guard.available).toBe(0);
				},
			),
			{ seed: 22, numRuns: 600 },
		);
	});

	it("a genuine handshake that ends at any byte waits for more", () => {
		const bytes = genuine();
		for (let end = 0; end < bytes.length; end += 37) {
			const guard = openGuard();
			expect(feed(guard, bytes.subarray(0, end))).toBeNull();
			expect(guard.handshake.stage).not.toBe("open");
		}
	});
});
