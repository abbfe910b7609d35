/** Tests of `modules/tls/host-name.ts`. */
import { describe, expect, it } from "vitest";
import { reasons } from "../../modules/tls/reasons.js";
import { extension, names } from "../../tools/tls/certificates.js";
import { element, sequence } from "../../tools/tls/der.js";
import { authorities, host, server, verify } from "./chains.js";

describe("the name of the host", () => {
	it.each([
		[["broker.example"], "broker.example", true],
		[["Broker.EXAMPLE"], "broker.example", true],
		[["broker.example"], "BROKER.example", true],
		[["broker.example"], "broker.example.", true],
		[["a.example", "b.example", "broker.example"], "broker.example", true],
		[["*.broker.example"], "a.broker.example", true],
		[["*.broker.example"], "broker.example", false],
		[["*.broker.example"], "a.b.broker.example", false],
		[["*.broker.example"], ".broker.example", false],
		[["*.example"], "broker.example", false],
		[["*"], "localhost", false],
		[["*."], "localhost.", false],
		[["b*.broker.example"], "bb.broker.example", false],
		[["*b.broker.example"], "bb.broker.example", false],
		[["**.broker.example"], "bb.broker.example", false],
		[["*.*.example"], "a.b.example", false],
		[["broker.*.example"], "broker.a.example", false],
		[["broker.example\0.evil"], "broker.example", false],
		[["broker.example "], "broker.example", false],
		[["bröker.example"], "bröker.example", false],
		[[""], "", false],
		[["localhost"], "localhost", true],
		[["192.168.1.2"], "192.168.1.2", true],
		[["192.168.1.2"], "192.168.1.3", false],
		[["192.168.1.2"], "192.168.1.02", false],
	])("%j for %s: %s", (hosts, asked, match) => {
		const certificates = [server({ extensions: [names(...hosts)] })];
		expect(verify({ certificates, authorities, host: asked })).toBe(match ? null : reasons.otherName);
	});

	function withNames(...entries: readonly Uint8Array[]): Uint8Array[] {
		return [server({ extensions: [extension("2.5.29.17", true, sequence(...entries))] })];
	}

	it("an address as a name is no address, an address of 16 bytes no IPv4 address, and other kinds are passed over", () => {
		const text = element(0x82, Buffer.from("192.168.1.2"));
		expect(verify({ certificates: withNames(text), authorities, host: "192.168.1.2" })).toBe(reasons.otherName);
		const long = element(0x87, Buffer.from("00000000000000000000ffffc0a80102", "hex"));
		expect(verify({ certificates: withNames(long), authorities, host: "192.168.1.2" })).toBe(reasons.otherName);
		const others = [
			element(0x81, Buffer.from("a@b.example")),
			element(0x86, Buffer.from(`https://${host}`)),
			element(0xa0, sequence()),
		];
		expect(verify({ certificates: withNames(...others), authorities })).toBe(reasons.otherName);
		expect(verify({ certificates: withNames(...others, element(0x82, Buffer.from(host))), authorities })).toBeNull();
	});

	it("a list that is malformed after the right name is refused", () => {
		const right = element(0x82, Buffer.from(host));
		expect(verify({ certificates: withNames(right, Uint8Array.of(0x82)), authorities })).toBe(
			reasons.malformedCertificate,
		);
		expect(verify({ certificates: withNames(right, Uint8Array.of(0x9f, 0x30, 0)), authorities })).toBe(
			reasons.malformedCertificate,
		);
	});
});
