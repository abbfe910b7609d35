/** Tests of p1: frames. */
import { describe, expect, test } from "vitest";
import type { Fault } from "../../modules/p1/faults.js";
import type { AuthenticationPolicy, Verdict } from "../../modules/p1/reader.js";
import { slowChecksum, telegramOf } from "../support/checksum.js";
import { valuesByName } from "../support/readings.js";
import { luxembourg, type Sealing, seal } from "../support/sealer.js";
import { receive, type Seen } from "../support/stream.js";
import { bytesOf, hexOf, realFrame, specificationTelegram, textBytes } from "../support/vectors.js";

function only(telegrams: readonly Seen[]): Seen {
	expect(telegrams).toHaveLength(1);
	return telegrams[0]!;
}

describe("the real frame of 2018", () => {
	const whole = [{ bytes: realFrame.frame, at: 0 }];

	test("is sealed as the specification says: title, counter, length, tag over control byte and key", () => {
		const again = seal(textBytes(realFrame.telegram), {
			key: realFrame.key,
			authenticationKey: realFrame.authenticationKey,
			systemTitle: bytesOf(realFrame.systemTitle),
			frameCounter: realFrame.frameCounter,
		});
		expect(hexOf(again)).toBe(hexOf(realFrame.frame));
		expect(hexOf(again.subarray(-12))).toBe(hexOf(realFrame.tag));
		const end = realFrame.telegram.indexOf("!") + 1;
		expect(slowChecksum(textBytes(realFrame.telegram.slice(0, end)))).toBe(0xcfde);
	});

	test.each<AuthenticationPolicy>(["required", "prefer"])(
		"is authenticated under %s, with every value",
		authentication => {
			const { telegrams, faults, counters } = receive({ key: realFrame.key, authentication }, whole);
			const { readings, ...frame } = only(telegrams);
			expect(frame).toEqual({
				verdict: "authenticated",
				systemTitle: "534147677001BD54",
				frameCounter: 0x5a8e3,
				text: realFrame.telegram,
			});
			expect(readings).toMatchObject({
				identification: "Lux5\\253663629_D",
				version: "42",
				time: Date.UTC(2018, 0, 30, 9, 21, 22),
				serial: "SAG1030700114004",
				messages: [null, null, null, null, null],
				devices: [],
				objects: [],
			});
			expect(valuesByName(readings)).toEqual({
				active_energy_import: 6_695,
				active_energy_export: 25,
				reactive_energy_import: 818,
				reactive_energy_export: 2_745,
				active_power_import: 0,
				active_power_export: 0,
				reactive_power_import: 0,
				reactive_power_export: 7,
				active_threshold: 77_376,
				breaker_state: 1,
				power_failures: 69,
				voltage_sags_l1: 44,
				voltage_sags_l2: 3,
				voltage_sags_l3: 2,
				voltage_swells_l1: 0,
				voltage_swells_l2: 0,
				voltage_swells_l3: 0,
				current_l1: 0,
				current_l2: 0,
				current_l3: 0,
			});
			expect(Object.values(faults).every(count => count === 0)).toBe(true);
			expect(counters).toEqual({ bytes: 647, discarded: 0, telegrams: 1, authenticated: 1, crcOnly: 0, plain: 0 });
		},
	);

	test("is believed for its CRC alone where the tag is not looked at", () => {
		const { telegrams, counters } = receive({ key: realFrame.key, authentication: "off" }, whole);
		expect(only(telegrams)).toMatchObject({ verdict: "crc-only", text: realFrame.telegram });
		expect(counters.discarded).toBe(0);
	});
});

describe("the specification's example", () => {
	const frame = seal(textBytes(specificationTelegram));
	const clear = textBytes(specificationTelegram);

	test.each([
		["sealed", frame, "authenticated", "5341476770000001", 1],
		["in clear", clear, "plain", null, null],
	] as const)("%s: every value", (_name, bytes, verdict, systemTitle, frameCounter) => {
		const { telegrams, faults } = receive({ key: luxembourg.key }, [{ bytes, at: 0 }]);
		const { readings, ...rest } = only(telegrams);
		expect(rest).toEqual({ verdict, systemTitle, frameCounter, text: specificationTelegram });
		expect(readings).toMatchObject({
			identification: "Lux5\\253694471_M",
			version: "42",
			time: Date.UTC(2020, 6, 6, 8, 41, 57),
			serial: "SAG1030790002574",
			messages: [null, null, null, null, null],
			objects: [],
		});
		expect(valuesByName(readings)).toEqual({
			active_energy_import: 25_653,
			active_energy_export: 40,
			reactive_energy_import: 835,
			reactive_energy_export: 63_781,
			active_power_import: 5,
			active_power_export: 0,
			reactive_power_import: 0,
			reactive_power_export: 0,
			apparent_power_import: 21,
			apparent_power_export: 0,
			active_threshold: 69_000,
			current_threshold_import: 100_000,
			current_threshold_export: -63_000,
			breaker_state: 1,
			relay_1_state: 0,
			relay_2_state: 0,
			power_failures: 99,
			voltage_sags_l1: 40,
			voltage_sags_l2: 3,
			voltage_sags_l3: 2,
			voltage_swells_l1: 0,
			voltage_swells_l2: 0,
			voltage_swells_l3: 0,
			voltage_l1: 233_000,
			voltage_l2: 0,
			voltage_l3: 1_000,
			current_l1: 0,
			current_l2: 0,
			current_l3: 0,
			active_power_import_l1: 5,
			active_power_import_l2: 0,
			active_power_import_l3: 0,
			active_power_export_l1: 0,
			active_power_export_l2: 0,
			active_power_export_l3: 0,
			reactive_power_import_l1: 0,
			reactive_power_import_l2: 0,
			reactive_power_import_l3: 0,
			reactive_power_export_l1: 0,
			reactive_power_export_l2: 0,
			reactive_power_export_l3: 0,
		});
		// Channels 2 and 3 are empty and vanish.
		expect(readings.devices).toEqual([
			{
				type: "gas",
				id: "FLO189900060355",
				channel: 1,
				value: 6,
				unit: "m³",
				time: Date.UTC(2020, 6, 6, 8, 31, 40),
				valve: 0,
			},
			{
				type: "gas",
				id: "ELS353589980300",
				channel: 4,
				value: 28_103,
				unit: "m³",
				time: Date.UTC(2020, 6, 6, 8, 29, 0),
				valve: 1,
			},
		]);
		expect(Object.values(faults).every(count => count === 0)).toBe(true);
	});
});

const good = telegramOf(["0-0:1.0.0(261122120000W)", "1-0:1.8.0(000006.695*kWh)"]);
const texts = {
	good,
	bad: good.replace("06.695", "06.696"),
	missing: good.replace(/![0-9A-F]{4}/, "!"),
};

describe("what each policy believes", () => {
	const otherKey = bytesOf("FFEEDDCCBBAA99887766554433221100");
	const protections: Record<string, (text: string) => Uint8Array> = {
		"good tag": text => seal(textBytes(text)),
		"other authentication key": text => seal(textBytes(text), { authenticationKey: otherKey }),
		"no tag": text => seal(textBytes(text), { securityControl: 0x20 }),
		"in clear": text => textBytes(text),
	};
	type Row = readonly [
		policy: AuthenticationPolicy,
		protection: string,
		outcomes: Record<keyof typeof texts, Verdict | Fault>,
	];
	const rows: readonly Row[] = [
		["required", "good tag", { good: "authenticated", bad: "crc", missing: "authenticated" }],
		["required", "other authentication key", { good: "wrongAuthenticationKey", bad: "damaged", missing: "crcMissing" }],
		["required", "no tag", { good: "unauthenticated", bad: "damaged", missing: "crcMissing" }],
		["required", "in clear", { good: "unauthenticated", bad: "crc", missing: "crcMissing" }],
		["prefer", "good tag", { good: "authenticated", bad: "crc", missing: "authenticated" }],
		["prefer", "other authentication key", { good: "crc-only", bad: "damaged", missing: "crcMissing" }],
		["prefer", "no tag", { good: "crc-only", bad: "damaged", missing: "crcMissing" }],
		["prefer", "in clear", { good: "plain", bad: "crc", missing: "crcMissing" }],
		["off", "good tag", { good: "crc-only", bad: "damaged", missing: "crcMissing" }],
		["off", "other authentication key", { good: "crc-only", bad: "damaged", missing: "crcMissing" }],
		["off", "no tag", { good: "crc-only", bad: "damaged", missing: "crcMissing" }],
		["off", "in clear", { good: "plain", bad: "crc", missing: "plain" }],
	];
	const table = rows.flatMap(([policy, protection, outcomes]) =>
		(["good", "bad", "missing"] as const).map(crc => [policy, protection, crc, outcomes[crc]] as const),
	);
	test.each(table)("%s, %s, CRC %s: %s", (authentication, protection, crc, outcome) => {
		const bytes = protections[protection]!(texts[crc]);
		const { telegrams, faults } = receive({ key: luxembourg.key, authentication }, [{ bytes, at: 0 }]);
		const counted = Object.entries(faults).filter(([, count]) => count > 0);
		if (outcome in faults) {
			expect(telegrams).toEqual([]);
			expect(counted).toEqual([[outcome, 1]]);
		} else {
			expect(only(telegrams)).toMatchObject({ verdict: outcome, text: texts[crc] });
			expect(counted).toEqual([]);
		}
	});

	test("prefer is the default", () => {
		const bytes = protections["no tag"]!(good);
		expect(only(receive({ key: luxembourg.key }, [{ bytes, at: 0 }]).telegrams).verdict).toBe("crc-only");
	});

	test("an authentication key of one's own", () => {
		const bytes = protections["other authentication key"]!(good);
		const options = { key: luxembourg.key, authenticationKey: otherKey, authentication: "required" } as const;
		expect(only(receive(options, [{ bytes, at: 0 }]).telegrams).verdict).toBe("authenticated");
	});
});

describe("what is wrong is told apart", () => {
	const policies = ["required", "prefer", "off"] as const;
	function faultsOf(bytes: Uint8Array, authentication: AuthenticationPolicy, key: Uint8Array | null = luxembourg.key) {
		const { telegrams, faults } = receive({ key, authentication }, [{ bytes, at: 0 }]);
		expect(telegrams).toEqual([]);
		return Object.fromEntries(Object.entries(faults).filter(([, count]) => count > 0));
	}

	test.each(policies)("the authentication key typed as the key, under %s", authentication => {
		expect(faultsOf(seal(textBytes(good)), authentication, luxembourg.authenticationKey)).toEqual({ wrongKey: 1 });
	});

	test.each(policies)("a wrong key with encryption only, under %s", authentication => {
		const bytes = seal(textBytes(good), { securityControl: 0x20 });
		expect(faultsOf(bytes, authentication, new Uint8Array(16))).toEqual({ wrongKey: 1 });
	});

	test.each(policies)("no key, under %s", authentication => {
		expect(faultsOf(seal(textBytes(good)), authentication, null)).toEqual({ keyMissing: 1 });
	});

	test.each(policies)("a byte that flipped on the way, under %s", authentication => {
		const bytes = seal(textBytes(good));
		bytes[50]! ^= 4;
		expect(faultsOf(bytes, authentication)).toEqual({ damaged: 1 });
	});

	test("an authentic frame that holds something else", () => {
		const notification = bytesOf("0F0000000100020A0906010100010800FF");
		expect(faultsOf(seal(notification), "prefer")).toEqual({ notTelegram: 1 });
		expect(faultsOf(seal(new Uint8Array(0)), "prefer")).toEqual({ notTelegram: 1 });
		// A telegram by its tag, but changed since its CRC was made.
		expect(faultsOf(seal(textBytes(`${good.slice(0, 40)}é${good.slice(40)}`)), "prefer")).toEqual({ crc: 1 });
	});

	test("a byte that is no text is believed for the CRC as far as the policy lets it", () => {
		for (const odd of ["é", "\x7f", "\x00", "\x1b", "\xdb"]) {
			const text = textBytes(telegramOf([`0-0:96.1.9(${odd})`]));
			const untagged = seal(text, { securityControl: 0x20 });
			const otherKey = seal(text, { authenticationKey: new Uint8Array(16) });
			expect(faultsOf(untagged, "required"), odd).toEqual({ unauthenticated: 1 });
			expect(faultsOf(otherKey, "required"), odd).toEqual({ wrongAuthenticationKey: 1 });
			for (const bytes of [untagged, otherKey]) {
				const { telegrams } = receive({ key: luxembourg.key }, [{ bytes, at: 0 }]);
				expect(only(telegrams).verdict, odd).toBe("crc-only");
				const changed = seal(textBytes(telegramOf([`0-0:96.1.9(${odd})`]).replace("96.1.9", "96.1.8")), {
					securityControl: 0x20,
				});
				expect(faultsOf(changed, "prefer"), odd).toEqual({ damaged: 1 });
			}
		}
	});

	test("security controls of other kinds", () => {
		for (const securityControl of [0x10, 0x31, 0x32, 0x21, 0x22, 0x70, 0x60, 0xb0, 0xa0]) {
			const bytes = seal(textBytes(good), { securityControl });
			expect(faultsOf(bytes, "prefer"), securityControl.toString(16)).toEqual({ securityControl: 1 });
		}
	});
});

describe("the forms of a frame", () => {
	const long = textBytes(specificationTelegram);
	const short = textBytes(telegramOf([]));
	const titles = Array.from({ length: 16 }, (_, at) => Uint8Array.from({ length: at + 1 }, (_, index) => 0x41 + index));
	function expectRead(text: Uint8Array, changes: Partial<Sealing>, verdict: Verdict): void {
		const { telegrams } = receive({ key: luxembourg.key }, [{ bytes: seal(text, changes), at: 0 }]);
		expect(only(telegrams)).toMatchObject({
			verdict,
			systemTitle: hexOf(changes.systemTitle ?? luxembourg.systemTitle),
			frameCounter: changes.frameCounter ?? 1,
			text: Buffer.from(text).toString("latin1"),
		});
	}

	test("a system title of each length, with and without a tag", () => {
		for (const systemTitle of titles) {
			expectRead(long, { systemTitle }, "authenticated");
			expectRead(long, { systemTitle, securityControl: 0x20 }, "crc-only");
		}
	});

	test("each form of the length", () => {
		for (const lengthForm of ["shortest", 2, 3, 4] as const) expectRead(long, { lengthForm }, "authenticated");
		for (const lengthForm of ["shortest", 0, 1, 2, 3, 4] as const) expectRead(short, { lengthForm }, "authenticated");
		const middle = textBytes(telegramOf(["1-0:1.8.0(000006.695*kWh)", `0-0:96.13.0(${"30".repeat(40)})`]));
		expect(middle.length + 17).toBeGreaterThan(0x7f);
		expect(middle.length + 17).toBeLessThan(0x100);
		for (const lengthForm of ["shortest", 1, 2, 3, 4] as const) expectRead(middle, { lengthForm }, "authenticated");
	});

	test("frame counters up to the last one", () => {
		for (const frameCounter of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff])
			expectRead(long, { frameCounter }, "authenticated");
	});

	test.each([
		["0 bytes of system title", "DB00300000000112345678"],
		["17 bytes of system title", `DB11${"41".repeat(17)}2230`],
		["the indefinite length", "DB08534147677000000180"],
		["a length of five bytes", "DB085341476770000001850000000022"],
		["three plain bytes of length, as one simulator writes", "DB085341476770000001000022"],
	])("refuses %s", (_name, header) => {
		const bytes = Uint8Array.from([...bytesOf(header), ...seal(short).subarray(11)]);
		expect(receive({ key: luxembourg.key }, [{ bytes, at: 0 }]).telegrams).toEqual([]);
	});

	test("refuses the indefinite length, though 128 bytes follow", () => {
		const text = telegramOf([`0-0:96.13.0(${"30".repeat(18)})`, "0-0:96.3.10(1)", "0-1:96.3.10(1)"]);
		const bytes = seal(textBytes(text));
		expect([...bytes.subarray(10, 12)]).toEqual([0x81, 0x80]);
		expect(receive({ key: luxembourg.key }, [{ bytes, at: 0 }]).telegrams).toHaveLength(1);
		const indefinite = Uint8Array.from([...bytes.subarray(0, 10), ...bytes.subarray(11)]);
		expect(receive({ key: luxembourg.key }, [{ bytes: indefinite, at: 0 }]).telegrams).toEqual([]);
	});

	test("lengths at both limits", () => {
		const cap = 1000;
		const frame = (content: number) => {
			const filler = telegramOf([`0-0:96.13.0(${"30".repeat(400)})`, `0-0:96.1.9(${"x".repeat(100)})`]);
			const text = telegramOf([
				`0-0:96.13.0(${"30".repeat(400)})`,
				`0-0:96.1.9(${"x".repeat(100 + content - 17 - filler.length)})`,
			]);
			return seal(textBytes(text), { lengthForm: 2 });
		};
		const run = (bytes: Uint8Array) => receive({ key: luxembourg.key, cap }, [{ bytes, at: 0 }]);
		expect(run(frame(cap)).telegrams).toHaveLength(1);
		expect(run(frame(cap + 1))).toMatchObject({ telegrams: [], faults: { length: 1 } });
		for (const content of [0, 1, 16]) {
			const bytes = Uint8Array.from([...bytesOf("DB085341476770000001"), content, 0x30, ...new Uint8Array(40)]);
			expect(run(bytes), `${content} bytes`).toMatchObject({ telegrams: [], faults: { length: 1 } });
		}
	});
});

describe("forms of the CRC", () => {
	/** A telegram whose CRC has fewer than four digits, found by counting. */
	function withShortCrc(limit: number): string {
		for (let count = 0; ; count += 1) {
			const text = telegramOf([`0-0:96.7.21(${String(count).padStart(5, "0")})`]);
			if (Number.parseInt(/!([0-9A-F]{4})/.exec(text)![1]!, 16) < limit) return text;
		}
	}
	const lower = telegramOf(["1-0:1.8.0(000006.695*kWh)"]).replace(/![0-9A-F]{4}/, crc => crc.toLowerCase());
	const unpadded = withShortCrc(0x1000).replace("!0", "!");
	const padded = withShortCrc(0x100);

	test.each([
		["lower case", lower],
		["three digits", unpadded],
		["padded", padded],
		["NUL behind it", `${good}\0`],
		["no line end behind it", good.slice(0, -2)],
		["line feeds alone", linefeedOnly()],
	])("%s, sealed and in clear", (_name, text) => {
		for (const authentication of ["prefer", "off"] as const) {
			const sealed = receive({ key: luxembourg.key, authentication }, [
				{ bytes: seal(textBytes(text), { securityControl: 0x20 }), at: 0 },
			]);
			expect(only(sealed.telegrams)).toMatchObject({ verdict: "crc-only", text });
			const clear = receive({ key: null, authentication }, [{ bytes: textBytes(text), at: 0 }]);
			expect(only(clear.telegrams)).toMatchObject({ verdict: "plain", text: text.replace("\0", "") });
		}
	});

	function linefeedOnly(): string {
		const body = "/Lux5\\1\n\n1-0:1.8.0(000006.695*kWh)\n!";
		return `${body}${slowChecksum(textBytes(body)).toString(16).toUpperCase().padStart(4, "0")}\n`;
	}

	test("four digits end a telegram in clear, whatever comes at once behind them", () => {
		const bare = good.slice(0, -2);
		for (const behind of ["0", "A", " ", "/Lux5", "!", "\0", "\xdb", "\r", "\r\r"]) {
			const { telegrams } = receive({ key: null }, [{ bytes: textBytes(bare + behind), at: 0 }]);
			expect(only(telegrams).text.trimEnd(), JSON.stringify(behind)).toBe(bare);
		}
	});

	test.each([
		["one digit changed", (text: string) => text.replace(/!(.)/, (_, digit) => `!${digit === "0" ? "1" : "0"}`)],
		["a digit in front", (text: string) => text.replace("!", "!0")],
		["no digits", (text: string) => text.replace(/![0-9A-F]{4}/, "!ZZZZ")],
		["spaces", (text: string) => text.replace("!", "! ")],
	])("refuses %s", (_name, change) => {
		const bytes = textBytes(change(good));
		expect(receive({ key: null }, [{ bytes, at: 0 }]).telegrams).toEqual([]);
		expect(
			receive({ key: luxembourg.key }, [{ bytes: seal(bytes, { securityControl: 0x20 }), at: 0 }]).telegrams,
		).toEqual([]);
	});
});
