/** Tests of `modules/tls/trust.ts`. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parsePem, readAuthorities } from "../../modules/tls/authorities.js";
import { fromBase64, fromHex, toBase64, toHex } from "../../modules/tls/bytes.js";
import { formatPin, formatPinAsHex, parsePin } from "../../modules/tls/pin.js";
import { reasons } from "../../modules/tls/reasons.js";
import { decideTrust, type TrustSettings } from "../../modules/tls/trust.js";
import {
	authorityExtensions,
	extension,
	hashes,
	issue,
	keyInfoOf,
	makeRsaKeys,
	noon,
	toPem,
} from "../../tools/tls/certificates.js";
import { createChance } from "../support/chance.js";
import { authorities, host, keys, root, server } from "./chains.js";

const own = server();
const pin = new Uint8Array(createHash("sha256").update(keyInfoOf(keys.p256)).digest());
const otherPin = pin.map(byte => byte ^ 1);

function decide(settings: Partial<TrustSettings>, certificates = [own], time: number | null = noon) {
	return decideTrust({ pin: null, authorities: [], host, ...settings }, certificates, time, hashes);
}

describe("a pin alone", () => {
	it("trusts the key, whatever else the certificate says", () => {
		const strange = issue({
			subject: "Somebody",
			keys: keys.p256,
			hash: "sha1",
			notAfter: noon - 1000,
			version: 0,
			extensions: [],
		}).der;
		const critical = server({ extensions: [extension("1.2.3.4", true, Buffer.alloc(3))] });
		for (const der of [own, strange, critical]) {
			for (const time of [noon, null]) {
				const decision = decide({ pin }, [der], time);
				expect(decision).toMatchObject({ kind: "trusted", pin, withoutDates: false, key: { kind: "ecdsa" } });
			}
		}
		expect(decide({ pin }, [own, Buffer.from("garbage")]).kind).toBe("trusted");
	});

	it("refuses another key and tells which it was", () => {
		expect(decide({ pin: otherPin })).toEqual({ kind: "refused", reason: reasons.otherKey, pin });
		const other = server({ keys: keys.otherP256 });
		expect(decide({ pin }, [other, own])).toMatchObject({ kind: "refused", reason: reasons.otherKey });
	});

	it("refuses a weak key even if it is pinned: its key exchange could be forged", () => {
		const weak = makeRsaKeys(2048, 3);
		const der = server({ keys: weak });
		const weakPin = new Uint8Array(createHash("sha256").update(keyInfoOf(weak)).digest());
		expect(decide({ pin: weakPin }, [der])).toEqual({ kind: "refused", reason: reasons.keyExponent, pin: null });
	});
});

describe("authorities alone", () => {
	it("trust a chain of theirs, and say whether dates were looked at", () => {
		expect(decide({ authorities })).toMatchObject({ kind: "trusted", pin, withoutDates: false });
		expect(decide({ authorities }, [own], null)).toMatchObject({ kind: "trusted", withoutDates: true });
	});

	it("refuse others with the chain's reason and the shown key", () => {
		expect(decide({ authorities, host: "x.example" })).toEqual({ kind: "refused", reason: reasons.otherName, pin });
		expect(decide({ authorities }, [own], noon * 2)).toEqual({ kind: "refused", reason: reasons.expired, pin });
	});

	it("refuse when one of them cannot be read", () => {
		const decision = decide({ authorities: [root.der, Uint8Array.of(1)] });
		expect(decision).toEqual({ kind: "refused", reason: reasons.malformedCertificate, pin });
	});
});

describe("both", () => {
	it("must hold", () => {
		expect(decide({ pin, authorities })).toMatchObject({ kind: "trusted", withoutDates: false });
		expect(decide({ pin, authorities }, [own], null)).toMatchObject({ kind: "trusted", withoutDates: true });
		expect(decide({ pin: otherPin, authorities })).toMatchObject({ kind: "refused", reason: reasons.otherKey });
		expect(decide({ pin, authorities, host: "x.example" })).toMatchObject({ reason: reasons.otherName });
	});
});

describe("neither", () => {
	it("shows the key", () => {
		expect(decide({})).toEqual({ kind: "unknown", reason: reasons.unknownKey, pin });
	});

	it("shows no key where there is none", () => {
		expect(decide({}, [])).toEqual({ kind: "refused", reason: reasons.noCertificate, pin: null });
		expect(decide({}, [Uint8Array.of(0x30)])).toMatchObject({ reason: reasons.malformedCertificate, pin: null });
		expect(decide({}, [new Uint8Array(9000)])).toMatchObject({ reason: reasons.longCertificate, pin: null });
	});
});

describe("a pin as text", () => {
	it("has two forms, and both are read", () => {
		expect(formatPin(pin)).toBe(`sha256/${Buffer.from(pin).toString("base64")}`);
		expect(formatPinAsHex(pin)).toBe(Buffer.from(pin).toString("hex"));
		for (const text of [formatPin(pin), formatPinAsHex(pin), formatPinAsHex(pin).toUpperCase()])
			expect(parsePin(text)).toEqual(pin);
	});

	it.each([
		"",
		"sha256/",
		"sha1/AAAA",
		`sha256/${"A".repeat(44)}`,
		"0".repeat(63),
		"0".repeat(66),
		"g".repeat(64),
		` ${"0".repeat(64)}`,
	])("%j is none", text => expect(parsePin(text)).toBeNull());
});

describe("bytes as text", () => {
	it("are what Node makes of them, there and back", () => {
		const chance = createChance(3);
		for (let length = 0; length < 70; length += 1) {
			const bytes = chance.bytes(length);
			expect(toHex(bytes)).toBe(Buffer.from(bytes).toString("hex"));
			expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
			expect(fromHex(toHex(bytes))).toEqual(bytes);
			expect(fromBase64(toBase64(bytes))).toEqual(bytes);
		}
	});

	it.each(["A", "AA", "AAA", "A===", "AB==", "AAB=", "A=AA", "AA=A", "AA A", "AA\nA", "====", "AAA-", "AAA_"])(
		"%j is no base64",
		text => expect(fromBase64(text)).toBeNull(),
	);
	it.each(["0", "0g", "x0", " 0"])("%j are no digits", text => expect(fromHex(text)).toBeNull());
});

describe("authorities as PEM", () => {
	const long = issue({ subject: "Root", keys: keys.longRsa, extensions: authorityExtensions() }).der;

	it("are read: one or several, with text around them and with any ends of lines", () => {
		expect(parsePem(toPem(long))).toEqual([long]);
		const text = `Root\n${toPem(root.der)}\n\n# the next\n${toPem(long)}\n`;
		expect(parsePem(text)).toEqual([root.der, long]);
		expect(parsePem(text.replaceAll("\n", "\r\n"))).toEqual([root.der, long]);
		expect(readAuthorities(parsePem(text) as Uint8Array[])).toMatchObject([
			{ key: { kind: "ecdsa" } },
			{ key: { kind: "rsa" } },
		]);
	});

	const pem = toPem(root.der);
	it.each([
		["", "there is no line -----BEGIN CERTIFICATE-----"],
		["MIIB", "there is no line -----BEGIN CERTIFICATE-----"],
		["-----BEGIN PRIVATE KEY-----", "line 1 begins a private key: only certificates belong here"],
		[`${pem}-----BEGIN RSA PRIVATE KEY-----`, /^line \d+ begins a private key/],
		["\n-----BEGIN PUBLIC KEY-----", "line 2 begins something that is no certificate"],
		[pem.slice(0, 60), "the last certificate has no line -----END CERTIFICATE-----"],
		[pem.replace("END C", "END X"), /^line \d+: the certificate does not end with -----END CERTIFICATE-----$/],
		[`${pem.slice(0, 40)}\n${pem}`, /^line 3: the certificate does not end/],
		[pem.replace("MII", "M*I"), /^the certificate that ends in line \d+ is not base64$/],
		["-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----", /is not base64$/],
		[pem.repeat(5), "there are more than 4 certificates"],
		[toPem(new Uint8Array(9000)), /is too long$/],
	])("%# is complained of", (text, complaint) => {
		if (typeof complaint === "string") expect(parsePem(text)).toBe(complaint);
		else expect(parsePem(text)).toMatch(complaint);
	});
});
