/** Tests of `modules/tls/extensions.ts`. */
import { describe, expect, it } from "vitest";
import { reasons } from "../../modules/tls/reasons.js";
import { clientAuth, extendedKeyUsage, extension, names, serverAuth } from "../../tools/tls/certificates.js";
import { element, identifier, integer, nothing, sequence } from "../../tools/tls/der.js";
import { authorities, below, host, server, verify } from "./chains.js";

describe("extensions", () => {
	it("a false that is spelled out is false, and others than these are passed over when they are not critical", () => {
		const no = element(0x01, Uint8Array.of(0));
		const spelled = sequence(identifier("2.5.29.19"), no, element(0x04, sequence(no)));
		const unknown = extension("1.3.6.1.4.1.11129.2.4.2", false, Buffer.from("anything"));
		expect(verify({ certificates: [server({ extensions: [spelled, unknown, names(host)] })], authorities })).toBeNull();
	});

	it("servers among several purposes are servers, wherever they stand", () => {
		for (const purposes of [
			[serverAuth, clientAuth],
			[clientAuth, serverAuth],
		])
			expect(
				verify({ certificates: [server({ extensions: [extendedKeyUsage(...purposes), names(host)] })], authorities }),
			).toBeNull();
	});

	const malformed: readonly (readonly [name: string, extension: Uint8Array])[] = [
		["basicConstraints with a length and no authority", extension("2.5.29.19", true, sequence(integer(0)))],
		[
			"basicConstraints with more",
			extension("2.5.29.19", true, sequence(element(0x01, Uint8Array.of(0xff)), integer(0), integer(0))),
		],
		["a truth value of 1", extension("2.5.29.19", true, sequence(element(0x01, Uint8Array.of(1))))],
		[
			"a negative length",
			extension("2.5.29.19", true, sequence(element(0x01, Uint8Array.of(0xff)), element(0x02, Uint8Array.of(0xff)))),
		],
		["keyUsage without bits", extension("2.5.29.15", true, element(0x03, Uint8Array.of(0)))],
		["keyUsage with 8 bits unused", extension("2.5.29.15", true, element(0x03, Uint8Array.of(8, 0x80)))],
		["extendedKeyUsage without purposes", extension("2.5.29.37", true, sequence())],
		[
			"bytes after an extension's value",
			extension("2.5.29.15", true, Buffer.concat([element(0x03, Uint8Array.of(0, 0x80)), nothing])),
		],
		["an extension without a value", sequence(identifier("2.5.29.15"))],
		["an extension with more", sequence(identifier("1.2.3"), element(0x04), nothing)],
		["an identifier that does not end", sequence(element(0x06, Uint8Array.of(0x55, 0x9d)), element(0x04))],
		["an identifier without bytes", sequence(element(0x06), element(0x04))],
	];
	it.each(malformed)("%s is refused", (_name, wrong) => {
		expect(verify({ certificates: [server({ extensions: [wrong, names(host)] })], authorities })).toBe(
			reasons.malformedCertificate,
		);
	});

	it("a limit of the path that is larger than any is none", () => {
		const huge = sequence(element(0x01, Uint8Array.of(0xff)), integer(1n << 64n));
		const certificates = below({ extensions: [extension("2.5.29.19", true, huge)] });
		expect(verify({ certificates, authorities })).toBeNull();
	});
});
