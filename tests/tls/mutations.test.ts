/** Tests of tls: mutations. */
import { sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePem } from "../../modules/tls/authorities.js";
import { readCertificate, readShownKey } from "../../modules/tls/certificate.js";
import { reasons } from "../../modules/tls/reasons.js";
import { askOpenssl, type Issued, noon } from "../../tools/tls/certificates.js";
import { bits, sequence } from "../../tools/tls/der.js";
import { type Chance, createChance } from "../support/chance.js";
import { authorities, below, host, keys, makeChain, root, server, verify } from "./chains.js";

const known = new Set<string>(Object.values(reasons));

function expectRefusal(reason: string | null): void {
	expect(known).toContain(reason);
}

/** The same certificate with its signed part changed and signed again, as its issuer might have made it. */
function signAgain(der: Uint8Array, issuer: Issued, edit: (signed: Buffer) => void): Uint8Array {
	const certificate = readCertificate(der);
	if (typeof certificate === "string") throw new Error(certificate);
	const signed = Buffer.from(certificate.signed);
	const algorithm = Buffer.from(der).subarray(4 + signed.length);
	edit(signed);
	const signature = sign("sha256", signed, issuer.keys.privateKey);
	return sequence(signed, algorithm.subarray(0, algorithm[1]! + 2), bits(signature));
}

describe("a genuine certificate", () => {
	const chain = makeChain(keys.rsa, [keys.otherRsa], keys.rsa);
	const between = chain.between[0]!.der;

	it("is refused when it is cut at any byte, as the first and as the second of a chain", () => {
		const own = server();
		for (let end = 0; end < own.length; end += 1)
			expect(verify({ certificates: [own.subarray(0, end)], authorities })).toBe(reasons.malformedCertificate);
		const [first, second] = below({});
		for (let end = 0; end < second!.length; end += 1)
			expect(verify({ certificates: [first!, second!.subarray(0, end)], authorities })).toBe(
				reasons.malformedCertificate,
			);
		expect(verify({ certificates: [Buffer.concat([own, Uint8Array.of(0)])], authorities })).toBe(
			reasons.malformedCertificate,
		);
	});

	it("is refused with any one bit changed: an RSA signature has no second form", () => {
		const trusted = [chain.root.der];
		const { der } = chain.own;
		const chance = createChance(11);
		for (let round = 0; round < 400; round += 1) {
			const bit = chance.integer(0, der.length * 8 - 1);
			const changed = der.slice();
			changed[bit >> 3]! ^= 1 << (bit & 7);
			const reason = verify({ certificates: [changed, between], authorities: trusted });
			if (reason === null)
				expect(askOpenssl({ certificates: [changed, between], authorities: trusted, host, time: noon })).toBeNull();
			else expectRefusal(reason);
			expect(reason, `bit ${bit}`).not.toBeNull();
		}
	});

	/** Somewhere in the signed part, but not in a name's text: nothing here shows it, so that it need not be UTF-8. */
	function pickPlace(chance: Chance, signed: Buffer, text: string): number {
		const start = signed.indexOf(text);
		const at = chance.integer(0, signed.length - 1 - text.length);
		return at < start ? at : at + text.length;
	}

	it("changed and signed again is accepted only where openssl accepts it", () => {
		const chance = createChance(12);
		const genuine = server();
		let accepted = 0;
		for (let round = 0; round < 600; round += 1) {
			const der = signAgain(genuine, root, signed => {
				for (let change = chance.integer(1, 2); change > 0; change -= 1) {
					const at = pickPlace(chance, signed, "Broker");
					if (chance.integer(0, 1) === 0) signed[at]! ^= 1 << chance.integer(0, 7);
					else signed[at] = chance.integer(0, 255);
				}
			});
			if (agree([der])) accepted += 1;
		}
		expect(accepted).toBeGreaterThan(5);
	}, 60_000);

	it("an authority changed and signed again is accepted only where openssl accepts it", () => {
		const chance = createChance(13);
		const [own, between] = below({});
		let accepted = 0;
		for (let round = 0; round < 400; round += 1) {
			const changed = signAgain(between!, root, signed => {
				signed[pickPlace(chance, signed, "Between")]! ^= 1 << chance.integer(0, 7);
			});
			if (agree([own!, changed])) accepted += 1;
		}
		expect(accepted).toBeGreaterThan(5);
	}, 60_000);
});

/** True when both we and openssl accept; fails when only we do. */
function agree(certificates: readonly Uint8Array[]): boolean {
	const reason = verify({ certificates, authorities });
	if (reason === null) {
		const answer = askOpenssl({ certificates, authorities, host, time: noon });
		expect(answer, certificates.map(der => Buffer.from(der).toString("hex")).join("\n")).toBeNull();
		return true;
	}
	expectRefusal(reason);
	return false;
}

describe("whatever the bytes are", () => {
	const genuine = server();

	it("a certificate is read or refused with a reason, and nothing throws", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 600 }), bytes => {
				for (const read of [readCertificate(bytes), readShownKey(bytes)]) expectRefusal(read as string);
			}),
			{ seed: 14, numRuns: 1000 },
		);
	});

	it("a genuine one with a piece replaced, removed or repeated is read or refused", () => {
		fc.assert(
			fc.property(fc.nat(genuine.length), fc.nat(40), fc.uint8Array({ maxLength: 40 }), (at, removed, added) => {
				const bytes = Buffer.concat([genuine.subarray(0, at), added, genuine.subarray(at + removed)]);
				const read = readCertificate(bytes);
				if (typeof read === "string") expectRefusal(read);
				const reason = verify({ certificates: [bytes, genuine], authorities });
				if (reason !== null) expectRefusal(reason);
				else expect(bytes.equals(genuine)).toBe(true);
			}),
			{ seed: 15, numRuns: 2000 },
		);
	});

	it("every length byte may be anything", () => {
		for (let at = 0; at < genuine.length; at += 1) {
			for (const value of [0, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x84, 0xff]) {
				const bytes = genuine.slice();
				bytes[at] = value;
				const read = readCertificate(bytes);
				if (typeof read === "string") expectRefusal(read);
			}
		}
	});

	it("nesting is as deep as it likes", () => {
		const deep = new Uint8Array(8000).fill(0x30);
		expect(readCertificate(deep)).toBe(reasons.malformedCertificate);
		expect(readShownKey(deep)).toBe(reasons.malformedCertificate);
	});

	it("PEM is read or complained of", () => {
		fc.assert(
			fc.property(fc.string({ maxLength: 200 }), fc.string({ maxLength: 200 }), (before, body) => {
				parsePem(`${before}\n-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`);
			}),
			{ seed: 16, numRuns: 500 },
		);
	});
});
