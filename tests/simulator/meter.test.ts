/** Tests of `simulator/meter.ts`. */
import { createDecipheriv } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createChance } from "../../simulator/chance.js";
import { createMeter, type MeterFrame, type MeterOptions, readMeter, renewKey } from "../../simulator/meter.js";
import { sealFrame } from "../../simulator/seal.js";
import { computeChecksum } from "../../simulator/telegram.js";
import { bytesOf, hexOf, realFrame, specificationTelegram } from "../support/vectors.js";

const { key } = realFrame;
const noon = Date.UTC(2026, 5, 21, 10);
const devices = [
	{ type: 3, id: "FLO189900060355", index: 28_103 },
	{ type: 7, id: "WTR000000000042", index: 512_000 },
	{ type: 4, id: null },
];

function run(seed: number, count: number, options: Partial<MeterOptions> = {}, start = noon): MeterFrame[] {
	const meter = createMeter(createChance(seed), start, { key, devices, ...options });
	return Array.from({ length: count }, (_, at) => readMeter(meter, start + (at + 1) * 10_000));
}

/** All values of the line with an OBIS code, without their units. */
function values(telegram: string, code: string): string[] {
	const line = telegram.split("\r\n").find(line => line.startsWith(`${code}(`));
	return [...(line ?? "").matchAll(/\(([^*)]*)(?:\*[^)]*)?\)/g)].map(match => match[1]!);
}

const thousandths = (telegram: string, code: string) => Math.round(Number(values(telegram, code)[0]) * 1000);

describe("seal", () => {
	it("makes the very frame that a real meter sent", () => {
		const frame = sealFrame(Buffer.from(realFrame.telegram, "latin1"), {
			key,
			authenticationKey: realFrame.authenticationKey,
			systemTitle: bytesOf(realFrame.systemTitle),
			frameCounter: realFrame.frameCounter,
			securityControl: 0x30,
		});
		expect(hexOf(frame)).toBe(hexOf(realFrame.frame));
	});

	it("computes the checksums of published telegrams", () => {
		expect(computeChecksum("123456789").toString(16)).toBe("bb3d");
		for (const telegram of [realFrame.telegram, specificationTelegram]) {
			const end = telegram.indexOf("!") + 1;
			expect(computeChecksum(telegram.slice(0, end)).toString(16).toUpperCase()).toBe(telegram.slice(end, end + 4));
		}
	});
});

describe("meter", () => {
	it("seals what it says, with rising counters", () => {
		run(1, 20, { frameCounter: 0x0005a8e4 }).forEach((frame, at) => {
			const bytes = Buffer.from(frame.bytes);
			expect(bytes.subarray(0, 11).toString("hex")).toBe("db08534147677001bd5482");
			expect(bytes.readUInt16BE(11)).toBe(bytes.length - 13);
			expect(bytes[13]).toBe(0x30);
			expect(bytes.readUInt32BE(14)).toBe(0x0005a8e4 + at);
			const vector = Buffer.concat([bytes.subarray(2, 10), bytes.subarray(14, 18)]);
			const decipher = createDecipheriv("aes-128-gcm", key, vector, { authTagLength: 12 });
			decipher.setAAD(realFrame.additionalData);
			decipher.setAuthTag(bytes.subarray(-12));
			const plaintext = Buffer.concat([decipher.update(bytes.subarray(18, -12)), decipher.final()]);
			expect(plaintext.toString("latin1")).toBe(frame.telegram);
		});
	});

	it("sends no tag when it only encrypts, and text when it does neither", () => {
		const encrypted = run(1, 1, { security: "encrypted" })[0]!;
		expect(encrypted.bytes[13]).toBe(0x20);
		expect(encrypted.bytes.length).toBe(encrypted.telegram.length + 18);
		const plain = run(1, 1, { key: null, security: "plain" })[0]!;
		expect(Buffer.from(plain.bytes).toString("latin1")).toBe(plain.telegram);
		expect(plain.frameCounter).toBeNull();
	});

	it("prints the objects of the specification's telegram in the same forms", () => {
		const frame = run(1, 1, { devices: [devices[0]!, { type: 7, id: null }, { type: 7, id: null }, devices[0]!] })[0]!;
		// Digits may differ, lengths and signs may not. The threshold of a meter is a setting with a sign of its own.
		const shape = (telegram: string) =>
			telegram
				.split("\r\n")
				.slice(1, -2)
				.map(line => (line.includes(":96.1.0") ? line.slice(0, 10) : line.replace(/(?<=\(.*)[0-9A-F]/g, "0")));
		const expected = shape(specificationTelegram);
		// The example prints the empty slots' units away, as this meter does, and channel 1 to 4 alike.
		expect(shape(frame.telegram).map(line => line.replace(/[SW]\)/g, "S)"))).toEqual(
			expected.map(line => line.replace(/[SW]\)/g, "S)")),
		);
		expect(frame.telegram).toContain("0-2:24.2.1(632525252525S)(00000.000)\r\n");
	});

	it("has registers that rise by the power it shows", () => {
		// A day in March has both export and import.
		const frames = run(7, 8640, {}, Date.UTC(2026, 2, 20, 0));
		for (const [register, power] of [
			["1-0:1.8.0", "1-0:1.7.0"],
			["1-0:2.8.0", "1-0:2.7.0"],
			["1-0:3.8.0", "1-0:3.7.0"],
			["1-0:4.8.0", "1-0:4.7.0"],
		] as const) {
			const first = thousandths(frames[0]!.telegram, register);
			let sum = 0;
			let previous = first;
			for (const { telegram } of frames.slice(1)) {
				sum += (thousandths(telegram, power) * 10) / 3600;
				const now = thousandths(telegram, register);
				// One assertion for both, because there are many telegrams.
				expect(now >= previous && Math.abs(now - first - sum) <= 1.01, `${register} at ${now}`).toBe(true);
				previous = now;
			}
			expect(previous - first).toBeGreaterThan(50);
		}
		const powers = new Set(frames.map(frame => thousandths(frame.telegram, "1-0:1.7.0")));
		expect(powers.size).toBeGreaterThan(100);
	});

	it("nets the phases, and has no sun at night", () => {
		for (const { telegram } of [...run(3, 50), ...run(3, 50, {}, Date.UTC(2026, 11, 21, 22))]) {
			const total = thousandths(telegram, "1-0:1.7.0") - thousandths(telegram, "1-0:2.7.0");
			let sum = 0;
			for (const first of [0, 20, 40]) {
				const active = thousandths(telegram, `1-0:${21 + first}.7.0`) - thousandths(telegram, `1-0:${22 + first}.7.0`);
				const reactive =
					thousandths(telegram, `1-0:${23 + first}.7.0`) - thousandths(telegram, `1-0:${24 + first}.7.0`);
				const voltage = Number(values(telegram, `1-0:${32 + first}.7.0`)[0]);
				expect(voltage).toBeGreaterThan(215);
				expect(voltage).toBeLessThan(245);
				const current = Number(values(telegram, `1-0:${31 + first}.7.0`)[0]);
				expect(Math.abs(current - Math.hypot(active, reactive) / voltage)).toBeLessThanOrEqual(0.5001);
				sum += active;
			}
			expect(sum).toBe(total);
		}
		expect(run(3, 1)[0]!.telegram).toContain("1-0:1.7.0(00.000*kW)");
		expect(run(3, 1, {}, Date.UTC(2026, 11, 21, 22))[0]!.telegram).toContain("1-0:2.7.0(00.000*kW)");
	});

	it("tells the time of Luxembourg, in both nights when the clock changes too", () => {
		const format = new Intl.DateTimeFormat("en-GB", {
			timeZone: "Europe/Luxembourg",
			dateStyle: "short",
			timeStyle: "medium",
		});
		const zone = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Luxembourg", timeZoneName: "shortOffset" });
		const meter = createMeter(createChance(1), Date.UTC(2026, 0, 1), { key });
		const check = (time: number) => {
			const [day, month, year, clock] = format.format(time).split(/[/,]/);
			const letter = zone.format(time).endsWith("GMT+2") ? "S" : "W";
			const expected = `${year!.slice(2)}${month}${day}${clock!.trim().replaceAll(":", "")}${letter}`;
			expect(values(readMeter(meter, time).telegram, "0-0:1.0.0")).toEqual([expected]);
		};
		for (const change of [Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1), Date.UTC(2027, 9, 31, 1)]) {
			meter.time = change - 3_610_000;
			for (let time = change - 3_600_000; time <= change + 3_600_000; time += 10_000) check(time);
		}
		for (let month = 0; month < 24; month++) {
			meter.time = Date.UTC(2028, month, 1, 11, 59);
			check(Date.UTC(2028, month, 1, 12));
		}
	});

	it("shows gas and water with the time of their capture, some minutes ago", () => {
		const frames = run(5, 2000);
		for (const channel of [1, 2]) {
			let previous = 0;
			for (const { telegram, snapshot } of frames) {
				const [stamp, index] = values(telegram, `0-${channel}:24.2.1`);
				const [, month, day, hour, minute, second] = stamp!.match(/../g)!.map(Number);
				const captured = Date.UTC(2026, month! - 1, day, hour! - 2, minute, second);
				const lag = (snapshot.time - captured) / 60_000;
				expect(lag).toBeGreaterThanOrEqual(9);
				expect(lag).toBeLessThan(14);
				expect(Number(index)).toBeGreaterThanOrEqual(previous);
				previous = Number(index);
			}
			expect(previous).toBeGreaterThan(channel === 1 ? 28.103 : 512);
		}
		expect(Buffer.from(values(frames[0]!.telegram, "0-1:96.1.0")[0]!, "hex").toString()).toBe("FLO189900060355");
	});

	it("has one phase when it is told so, and the customer's messages", () => {
		const { telegram } = run(2, 1, { phases: 1, devices: [], messages: ["Grüezi", "", "x".repeat(1024)] })[0]!;
		expect(telegram).not.toMatch(/1-0:(5|7|4|6)[12]\./);
		expect(telegram).toMatch(/1-0:32\.7\.0\(2\d\d\.0\*V\)/);
		expect(telegram).toContain("0-0:96.13.0(4772C3BC657A69)");
		expect(telegram).toContain(`0-0:96.13.3(${"78".repeat(1024)})`);
		expect(telegram).not.toContain("24.1.0");
	});

	it("repeats itself from a seed, byte for byte, and only then", () => {
		const bytes = (seed: number) => Buffer.concat(run(seed, 50).map(frame => frame.bytes));
		expect(bytes(11).equals(bytes(11))).toBe(true);
		expect(bytes(11).equals(bytes(12))).toBe(false);
	});

	it("starts its counter again with a new key, and stops at the end of the counter", () => {
		const meter = createMeter(createChance(1), noon, { key, frameCounter: 0xffffffff });
		expect(readMeter(meter, noon).frameCounter).toBe(0xffffffff);
		expect(() => readMeter(meter, noon)).toThrow("end");
		renewKey(meter, key);
		expect(readMeter(meter, noon).frameCounter).toBe(0);
	});

	it("refuses options that no meter has", () => {
		const create = (options: MeterOptions) => () => createMeter(createChance(1), noon, options);
		expect(create({ key: null })).toThrow("needs a key");
		expect(create({ key: key.subarray(1) })).toThrow("16 bytes, not 15");
		expect(create({ key, systemTitle: key })).toThrow("8 bytes, not 16");
		expect(create({ key, devices: new Array(5).fill(devices[0]) })).toThrow("4 M-Bus channels");
		expect(create({ key, messages: ["x".repeat(1025)] })).toThrow("1024 bytes, not 1025");
		expect(() => createChance(0.5)).toThrow("whole number");
	});
});
