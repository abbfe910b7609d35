/** Tests of `modules/tls/chain.ts`. */
import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { p256 as curve } from "../../modules/tls/curve.js";
import { reasons } from "../../modules/tls/reasons.js";
import {
	askOpenssl,
	authorityExtensions,
	basicConstraints,
	clientAuth,
	extendedKeyUsage,
	extension,
	issue,
	keyInfoOf,
	keyUsage,
	makeEcKeys,
	makeRsaKeys,
	names,
	noon,
	serverExtensions,
} from "../../tools/tls/certificates.js";
import { ecdsaSignature, element, identifier, integer, nothing, sequence } from "../../tools/tls/der.js";
import { authorities, below, host, keys, makeChain, type Question, root, server, verify } from "./chains.js";

const { rsa, otherRsa, longRsa, p256, otherP256, p384, otherP384 } = keys;

describe("genuine chains", () => {
	const chains = {
		"RSA-2048 under RSA-2048": makeChain(rsa, [], otherRsa),
		"RSA-2048 under RSA-4096": makeChain(rsa, [], longRsa),
		"RSA-2048 under RSA-2048 under RSA-4096": makeChain(rsa, [otherRsa], longRsa),
		"RSA-4096 under RSA-2048": makeChain(longRsa, [], rsa),
		"P-256 under P-384 under RSA-4096": makeChain(p256, [p384], longRsa),
		"P-256 under P-384 under P-384": makeChain(p256, [p384], otherP384),
		"P-256 under P-256": makeChain(p256, [], otherP256),
		"P-384 under RSA-2048, three between": makeChain(p384, [rsa, p256, otherRsa], longRsa),
	};

	it.each(Object.entries(chains))("%s: accepted with and without its root, and by openssl", (_name, chain) => {
		const sent = [chain.own, ...chain.between].map(issued => issued.der);
		const authorities = [chain.root.der];
		for (const certificates of [sent, [...sent, chain.root.der]]) {
			expect(verify({ certificates, authorities })).toBeNull();
			expect(verify({ certificates, authorities, time: null })).toBeNull();
			expect(askOpenssl({ certificates, authorities, host, time: noon })).toBeNull();
		}
	});

	const { own, between, root } = chains["P-256 under P-384 under RSA-4096"];
	const sent = [own.der, between[0]!.der];

	it("the authority may be any in the chain, and any of several", () => {
		expect(verify({ certificates: sent, authorities: [between[0]!.der] })).toBeNull();
		expect(verify({ certificates: [own.der], authorities: [between[0]!.der] })).toBeNull();
		const stranger = makeChain(rsa, [], otherRsa).root;
		expect(verify({ certificates: sent, authorities: [stranger.der, root.der] })).toBeNull();
	});

	it("a server's own certificate may be pinned as its own authority", () => {
		expect(verify({ certificates: sent, authorities: [own.der] })).toBeNull();
		const self = issue({ subject: "Broker", keys: p256, extensions: [names(host)] });
		expect(verify({ certificates: [self.der], authorities: [self.der] })).toBeNull();
		expect(verify({ certificates: [self.der], authorities: [root.der] })).toBe(reasons.authority);
	});

	it("an authority that renewed its key has two certificates with one name", () => {
		const renewed = issue({ subject: "Root", keys: otherRsa, extensions: authorityExtensions() });
		expect(verify({ certificates: sent, authorities: [renewed.der, root.der] })).toBeNull();
		expect(verify({ certificates: sent, authorities: [renewed.der] })).toBe(reasons.signature);
	});

	it("what is sent above the authority is not looked at: a root that another one signed", () => {
		const cross = issue({
			subject: "Root",
			keys: longRsa,
			issuer: { subject: "Older", keys: otherRsa },
			extensions: authorityExtensions(),
		});
		expect(verify({ certificates: [...sent, cross.der], authorities: [root.der] })).toBeNull();
		expect(verify({ certificates: [...sent, Uint8Array.of(1, 2, 3)], authorities: [root.der] })).toBeNull();
	});

	it("hashes are SHA-256, SHA-384 and SHA-512", () => {
		for (const hash of ["sha256", "sha384", "sha512"] as const) {
			for (const issuerKeys of [rsa, otherP256, p384]) {
				const top = issue({ subject: "Root", keys: issuerKeys, extensions: authorityExtensions() });
				const server = issue({ subject: "S", keys: p256, issuer: top, hash, extensions: serverExtensions(host) });
				expect(verify({ certificates: [server.der], authorities: [top.der] })).toBeNull();
			}
		}
	});
});

describe("attacks that the SDK's own check lets pass", () => {
	it("a self-made certificate with the authority's genuine one after it", () => {
		const forged = issue({ subject: "Broker", keys: rsa, extensions: serverExtensions(host) }).der;
		expect(verify({ certificates: [forged, root.der], authorities })).toBe(reasons.order);
		expect(verify({ certificates: [forged, server(), root.der], authorities })).toBe(reasons.notAuthority);
		const stranger = server({ subject: "Stranger" });
		expect(verify({ certificates: [forged, stranger, root.der], authorities })).toBe(reasons.order);
	});

	it("…and with the authority's name as its issuer", () => {
		const forged = issue({
			subject: "Broker",
			keys: rsa,
			issuer: { subject: "Root", keys: rsa },
			extensions: serverExtensions(host),
		}).der;
		expect(verify({ certificates: [forged, root.der], authorities })).toBe(reasons.signature);
		expect(verify({ certificates: [forged], authorities })).toBe(reasons.signature);
	});

	it("a server's certificate as an authority", () => {
		const foreign = issue({
			subject: "Foreign",
			keys: rsa,
			issuer: root,
			extensions: serverExtensions("foreign.example"),
		});
		const forged = server({ issuer: foreign });
		expect(verify({ certificates: [forged, foreign.der, root.der], authorities })).toBe(reasons.notAuthority);
		expect(verify({ certificates: [forged, foreign.der], authorities })).toBe(reasons.notAuthority);
	});

	it("a signature of zeros, which ends", () => {
		const { n } = curve;
		for (const [r, s] of [
			[5n, 0n],
			[0n, 5n],
			[0n, 0n],
			[n, 5n],
			[5n, n],
			[1n << 256n, 5n],
		] as const)
			expect(verify({ certificates: [server({ signature: ecdsaSignature(r, s) })], authorities })).toBe(
				reasons.signature,
			);
	});
});

const cases: readonly (readonly [name: string, reason: string, ask: () => Question])[] = [
	["nothing", reasons.noCertificate, () => ({ certificates: [], authorities })],
	["no authority", reasons.authority, () => ({ certificates: [server()], authorities: [] })],
	[
		"the wrong order",
		reasons.order,
		() => {
			const [own, between] = below({});
			return { certificates: [own!, server(), between!], authorities };
		},
	],
	["an authority first", reasons.keyUsage, () => ({ certificates: below({}).reverse(), authorities })],
	[
		"the root before what is between",
		reasons.order,
		() => ({ certificates: [below({})[0]!, root.der, below({})[1]!], authorities }),
	],
	["a gap", reasons.authority, () => ({ certificates: [below({})[0]!], authorities })],
	[
		"another authority",
		reasons.authority,
		() => ({
			certificates: [server()],
			authorities: [issue({ subject: "Other", keys: rsa, extensions: authorityExtensions() }).der],
		}),
	],
	[
		"another authority of the same name",
		reasons.signature,
		() => ({
			certificates: [server()],
			authorities: [issue({ subject: "Root", keys: rsa, extensions: authorityExtensions() }).der],
		}),
	],
	[
		"another authority of the same name and kind of key",
		reasons.signature,
		() => ({
			certificates: [server()],
			authorities: [issue({ subject: "Root", keys: p256, extensions: authorityExtensions() }).der],
		}),
	],
	["an expired server", reasons.expired, () => ({ certificates: [server({ notAfter: noon })], authorities })],
	[
		"a server of tomorrow",
		reasons.notYetValid,
		() => ({ certificates: [server({ notBefore: noon + 1000 })], authorities }),
	],
	[
		"an expired authority between",
		reasons.expired,
		() => ({ certificates: below({ notAfter: noon - 1000 }), authorities }),
	],
	[
		"an authority of tomorrow between",
		reasons.notYetValid,
		() => ({ certificates: below({ notBefore: noon + 1000 }), authorities }),
	],
	[
		"an expired root",
		reasons.expired,
		() => ({
			certificates: [server()],
			authorities: [
				issue({ subject: "Root", keys: otherP256, notAfter: noon - 1, extensions: authorityExtensions() }).der,
			],
		}),
	],
	["another name", reasons.otherName, () => ({ certificates: [server()], authorities, host: "broker.example.org" })],
	[
		"no name",
		reasons.noName,
		() => ({ certificates: [server({ extensions: [basicConstraints(false)] })], authorities }),
	],
	[
		"a name as the subject only",
		reasons.noName,
		() => ({ certificates: [server({ subject: host, extensions: [basicConstraints(false)] })], authorities }),
	],
	[
		"SHA-1 with RSA",
		reasons.weakHash,
		() => ({
			certificates: below({ keys: rsa }).map((der, at) =>
				at === 0 ? server({ issuer: { subject: "Between", keys: rsa }, hash: "sha1" }) : der,
			),
			authorities,
		}),
	],
	["SHA-1 with ECDSA", reasons.weakHash, () => ({ certificates: [server({ hash: "sha1" })], authorities })],
	[
		"MD5",
		reasons.weakHash,
		() => ({
			certificates: below({ keys: rsa }).map((der, at) =>
				at === 0 ? server({ issuer: { subject: "Between", keys: rsa }, hash: "md5" }) : der,
			),
			authorities,
		}),
	],
	[
		"RSA-PSS",
		reasons.signatureAlgorithm,
		() => ({
			certificates: [server({ algorithm: sequence(identifier("1.2.840.113549.1.1.10"), sequence()) })],
			authorities,
		}),
	],
	[
		"e = 3 in the server's key",
		reasons.keyExponent,
		() => ({ certificates: [server({ keys: makeRsaKeys(2048, 3) })], authorities }),
	],
	[
		"e = 3 in an authority's key",
		reasons.keyExponent,
		() => ({ certificates: below({ keys: makeRsaKeys(2048, 3) }), authorities }),
	],
	[
		"an exponent of 33 bits",
		reasons.keyExponent,
		() => ({
			certificates: [
				server({ keys: makeRsaKeys(2048, 65_537), keyInfo: rsaInfo((1n << 2047n) | 1n, (1n << 32n) + 1n) }),
			],
			authorities,
		}),
	],
	[
		"an even exponent",
		reasons.keyExponent,
		() => ({ certificates: [server({ keyInfo: rsaInfo((1n << 2047n) | 1n, 65_538n) })], authorities }),
	],
	[
		"an even modulus",
		reasons.malformedCertificate,
		() => ({ certificates: [server({ keyInfo: rsaInfo(1n << 2047n, 65_537n) })], authorities }),
	],
	["RSA-1024", reasons.keySize, () => ({ certificates: [server({ keys: makeRsaKeys(1024) })], authorities })],
	[
		"RSA with 2047 bits",
		reasons.keySize,
		() => ({ certificates: [server({ keyInfo: rsaInfo((1n << 2046n) | 1n, 65_537n) })], authorities }),
	],
	[
		"RSA with 4097 bits",
		reasons.malformedCertificate,
		() => ({ certificates: [server({ keyInfo: rsaInfo((1n << 4200n) | 1n, 65_537n) })], authorities }),
	],
	[
		"RSA with 4097 bits, just",
		reasons.keySize,
		() => ({ certificates: [server({ keyInfo: rsaInfo((1n << 4096n) | 1n, 65_537n) })], authorities }),
	],
	["P-521", reasons.keyKind, () => ({ certificates: [server({ keys: makeEcKeys("secp521r1") })], authorities })],
	["secp256k1", reasons.keyKind, () => ({ certificates: [server({ keys: makeEcKeys("secp256k1") })], authorities })],
	[
		"Ed25519",
		reasons.keyKind,
		() => ({ certificates: [server({ keys: generateKeyPairSync("ed25519") })], authorities }),
	],
	["a key off its curve", reasons.keyPoint, () => ({ certificates: [server({ keyInfo: offCurve() })], authorities })],
	["a compressed key", reasons.keyPoint, () => ({ certificates: [server({ keyInfo: compressed() })], authorities })],
	[
		"a critical extension",
		reasons.extension,
		() => ({
			certificates: [server({ extensions: [...serverExtensions(host), extension("1.2.3.4", true, nothing)] })],
			authorities,
		}),
	],
	[
		"critical certificate policies",
		reasons.extension,
		() => ({
			certificates: below({ extensions: [...authorityExtensions(), extension("2.5.29.32", true, sequence())] }),
			authorities,
		}),
	],
	[
		"name constraints",
		reasons.nameConstraints,
		() => ({
			certificates: below({ extensions: [...authorityExtensions(), extension("2.5.29.30", false, sequence())] }),
			authorities,
		}),
	],
	[
		"an extension twice",
		reasons.malformedCertificate,
		() => ({ certificates: [server({ extensions: [...serverExtensions(host), names("x.example")] })], authorities }),
	],
	["version 1", reasons.version, () => ({ certificates: [server({ version: 0, extensions: [] })], authorities })],
	["version 2", reasons.version, () => ({ certificates: [server({ version: 1 })], authorities })],
	["version 4", reasons.version, () => ({ certificates: [server({ version: 3 })], authorities })],
	[
		"an authority without basicConstraints",
		reasons.notAuthority,
		() => ({ certificates: below({ extensions: [keyUsage(0x06)] }), authorities }),
	],
	[
		"a root that is no authority",
		reasons.notAuthority,
		() => ({
			certificates: [server()],
			authorities: [issue({ subject: "Root", keys: otherP256, extensions: [basicConstraints(false)] }).der],
		}),
	],
	[
		"an authority that may not sign certificates",
		reasons.keyUsage,
		() => ({ certificates: below({ extensions: [basicConstraints(true), keyUsage(0x82)] }), authorities }),
	],
	[
		"a server that may not sign",
		reasons.keyUsage,
		() => ({ certificates: [server({ extensions: [keyUsage(0x20), names(host)] })], authorities }),
	],
	[
		"a client's certificate",
		reasons.serverUse,
		() => ({ certificates: [server({ extensions: [extendedKeyUsage(clientAuth), names(host)] })], authorities }),
	],
	[
		"an authority for clients",
		reasons.serverUse,
		() => ({
			certificates: below({ extensions: [...authorityExtensions(), extendedKeyUsage(clientAuth)] }),
			authorities,
		}),
	],
	["a path that is too long", reasons.pathLength, tooLongPath],
	[
		"seven certificates",
		reasons.tooManyCertificates,
		() => {
			const long = makeChain(p256, Array(7).fill(otherP384), p256);
			return { certificates: [long.own, ...long.between].map(issued => issued.der), authorities: [long.root.der] };
		},
	],
	[
		"a certificate of 10 MB",
		reasons.longCertificate,
		() => ({ certificates: [new Uint8Array(10_000_000)], authorities }),
	],
	[
		"a certificate of 9 KB",
		reasons.longCertificate,
		() => ({
			certificates: [
				server({ extensions: [...serverExtensions(host), extension("1.2.3.4", false, Buffer.alloc(9000))] }),
			],
			authorities,
		}),
	],
	[
		"another algorithm after the signed part than in it",
		reasons.malformedCertificate,
		() => ({ certificates: [server({ outerAlgorithm: sequence(identifier("1.2.840.10045.4.3.3")) })], authorities }),
	],
	[
		"ECDSA with parameters",
		reasons.malformedCertificate,
		() => ({
			certificates: [server({ algorithm: sequence(identifier("1.2.840.10045.4.3.2"), nothing) })],
			authorities,
		}),
	],
	[
		"an algorithm of another kind than the issuer's key",
		reasons.signature,
		() => ({
			certificates: [server({ algorithm: sequence(identifier("1.2.840.113549.1.1.11"), nothing) })],
			authorities,
		}),
	],
	["garbage", reasons.malformedCertificate, () => ({ certificates: [Buffer.from("hello")], authorities })],
	["no bytes", reasons.malformedCertificate, () => ({ certificates: [new Uint8Array(0)], authorities })],
];

describe("refused, with its reason", () => {
	it.each(cases)("%s: %s", (_name, reason, ask) => {
		expect(verify(ask())).toBe(reason);
	});

	it("and openssl accepts none of those that it can read, but for limits of our own", () => {
		const ours: readonly string[] = [
			// Limits of ours that openssl does not have.
			...[reasons.keyExponent, reasons.keySize, reasons.keyKind, reasons.keyPoint, reasons.keyUsage, reasons.version],
			...[
				reasons.tooManyCertificates,
				reasons.longCertificate,
				reasons.order,
				reasons.extension,
				reasons.nameConstraints,
			],
			...[reasons.weakHash, reasons.noName, reasons.malformedCertificate],
		];
		for (const [name, reason, ask] of cases) {
			if (ours.includes(reason)) continue;
			const { certificates, authorities: trusted, host: asked = host } = ask();
			if (certificates.length === 0 || trusted.length === 0) continue;
			expect(askOpenssl({ certificates, authorities: trusted, host: asked, time: noon }), name).not.toBeNull();
		}
	});
});

function tooLongPath(): Question {
	const first = issue({ subject: "A", keys: p384, issuer: root, extensions: authorityExtensions(0) });
	const second = issue({ subject: "B", keys: otherP384, issuer: first, extensions: authorityExtensions() });
	return { certificates: [server({ issuer: second }), second.der, first.der], authorities };
}

function rsaInfo(modulus: bigint, exponent: bigint): Uint8Array {
	const key = sequence(integer(modulus), integer(exponent));
	return sequence(sequence(identifier("1.2.840.113549.1.1.1"), nothing), element(0x03, Uint8Array.of(0), key));
}

function offCurve(): Uint8Array {
	const info = keyInfoOf(p256);
	info[info.length - 1]! ^= 1;
	return info;
}

function compressed(): Uint8Array {
	const point = keyInfoOf(p256).slice(-65, -32);
	point[0] = 2;
	const algorithm = sequence(identifier("1.2.840.10045.2.1"), identifier("1.2.840.10045.3.1.7"));
	return sequence(algorithm, element(0x03, Uint8Array.of(0), point));
}
