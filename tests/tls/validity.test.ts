/** Tests of `modules/tls/validity.ts`. */
import { describe, expect, it } from "vitest";
import { reasons } from "../../modules/tls/reasons.js";
import { day, noon } from "../../tools/tls/certificates.js";
import { element } from "../../tools/tls/der.js";
import { authorities, server, verify } from "./chains.js";

describe("dates", () => {
	const certificates = [server({ notBefore: noon, notAfter: noon + 1000 })];
	it.each([
		[noon - 1, reasons.notYetValid],
		[noon, null],
		[noon + 999, null],
		[noon + 1000, reasons.expired],
		[null, null],
	])("at %s: %s", (time, reason) => expect(verify({ certificates, authorities, time })).toBe(reason));

	it("after 2049 are in another form", () => {
		const far = [server({ notAfter: Date.UTC(9999, 11, 31, 23, 59, 59) })];
		expect(verify({ certificates: far, authorities, time: Date.UTC(2051, 0, 1) })).toBe(reasons.expired);
		expect(verify({ certificates: far, authorities })).toBeNull();
	});

	it.each([
		["a month 13", "261322120000Z"],
		["a month 0", "260022120000Z"],
		["a day 0", "261100120000Z"],
		["30 February", "260230120000Z"],
		["29 February of a common year", "260229120000Z"],
		["an hour 24", "261122240000Z"],
		["a minute 60", "261122126000Z"],
		["a second 60", "261122120060Z"],
		["no Z", "2611221200000"],
		["an offset", "261122120000+0100"],
		["no seconds", "2611221200Z"],
		["letters", "26112212000xZ"],
		["a minus", "26112212-100Z"],
	])("%s is refused", (_name, text) => {
		const right = Buffer.from("261123120000Z");
		const edit = (signed: Buffer): Buffer => {
			const at = signed.indexOf(right);
			const wrong = element(0x17, Buffer.from(text));
			return rewrap(
				Buffer.concat([signed.subarray(0, at - 2), wrong, signed.subarray(at + right.length)]),
				signed.length,
			);
		};
		expect(verify({ certificates: [server({ edit })], authorities, time: null })).toBe(reasons.malformedCertificate);
	});

	it("29 February of a leap year is a day", () => {
		const leap = [server({ notBefore: Date.UTC(2024, 1, 29), notAfter: noon + day })];
		expect(verify({ certificates: leap, authorities })).toBeNull();
	});
});

/** Lengths around the dates, after they changed by a few bytes: of the sequence of both, and of all. */
function rewrap(bytes: Buffer, before: number): Buffer {
	const change = bytes.length - before;
	if (change === 0) return bytes;
	const copy = Buffer.from(bytes);
	copy.writeUInt16BE(copy.readUInt16BE(2) + change, 2);
	const dates = copy.indexOf(Buffer.from("301e170d", "hex"));
	copy[dates + 1]! += change;
	return copy;
}
