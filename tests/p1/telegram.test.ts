/** Tests of `modules/p1/telegram.ts`. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createFaults, type Faults } from "../../modules/p1/faults.js";
import type { Readings } from "../../modules/p1/readings.js";
import { parseTelegram } from "../../modules/p1/telegram.js";
import { telegramOf } from "../support/checksum.js";
import { oracleRead, oracleReadAll } from "../support/oracle.js";
import { asOracle, valuesByName } from "../support/readings.js";
import { oddLine, telegramLines } from "../support/telegram-lines.js";
import { realFrame, specificationTelegram, textBytes } from "../support/vectors.js";

function parse(text: string): { readings: Readings; faults: Faults } {
	const faults = createFaults();
	const bytes = textBytes(`()!\r\n${text}1-0:1.8.0(9)\r\n`);
	const readings = parseTelegram(bytes, 5, 5 + text.length, faults);
	return { readings, faults };
}

/** Only the faults that were counted. */
function counted(faults: Faults): Partial<Faults> {
	return Object.fromEntries(Object.entries(faults).filter(([, count]) => count > 0));
}

function parseLines(...lines: readonly string[]) {
	const { readings, faults } = parse(telegramOf(lines));
	return { ...readings, values: valuesByName(readings), faults: counted(faults) };
}

/** The values and the counted faults of lines, and what is kept as printed. */
function parseValues(...lines: readonly string[]) {
	const { values, objects, faults } = parseLines(...lines);
	return { values, objects: objects.map(({ code, value }) => code + value), faults };
}

describe("against the oracle", () => {
	test.each([
		["real frame", realFrame.telegram],
		["specification", specificationTelegram],
	])("%s", (_name, text) => {
		const { readings, faults } = parse(text);
		expect(asOracle(readings)).toEqual(oracleRead(text));
		expect(counted(faults)).toEqual({});
	});

	test("any lines in any order", () => {
		fc.assert(
			fc.property(telegramLines, lines => {
				const text = telegramOf(lines);
				const { readings, faults } = parse(text);
				const expected = oracleReadAll(text);
				expect(sorted(asOracle(readings))).toEqual(sorted(expected.readings));
				expect(faults).toEqual({ ...createFaults(), ...expected.faults });
			}),
			{ numRuns: 1000 },
		);
	});

	test("odd lines cost only themselves, and are counted", () => {
		fc.assert(
			fc.property(
				telegramLines,
				fc.array(fc.tuple(oddLine, fc.nat()), { minLength: 1, maxLength: 5 }),
				(lines, odd) => {
					const expected = oracleReadAll(telegramOf(lines));
					const mixed = lines.slice();
					for (const [line, place] of odd) mixed.splice(place % (mixed.length + 1), 0, line);
					const { readings, faults } = parse(telegramOf(mixed));
					expect(asOracle(readings)).toEqual(expected.readings);
					expect(faults).toEqual({ ...createFaults(), ...expected.faults, line: odd.length });
				},
			),
			{ numRuns: 500 },
		);
	});

	test.each([
		"1-0:1.8.0(000006.695*kWh)",
		"1-0:21.7.0(00.005*kW)",
		"1-0:3.8.0(000000.818*kvarh)",
		"1-0:32.7.0(233.0*V)",
		"1-0:31.7.0(001*A)",
		"0-0:17.0.0(069.00*kVA)",
		"0-0:96.7.21(00069)",
		"0-0:96.3.10(1)",
		"1-1:31.4.0(100*A)(-063*A)",
		"1-0:1.8.1(000006.695*kWh)",
		"1-0:1.6.0(260102010000W)(08.123*kW)",
		"1-0:13.7.0(0.998)",
		"0-1:24.2.1(200706103140S)(00000.006*m3)",
	])("%s with any character changed, added or left out, at any place", line => {
		const before = "0-0:96.13.0()";
		for (let at = 0; at <= line.length; at += 1) {
			const edits = [line.slice(0, at), line.slice(0, at) + line.slice(at + 1)];
			for (const character of "0135789.,()*-+:kKmMGWhvVAarJlS !~\x00\xb3\xff") {
				edits.push(line.slice(0, at) + character + line.slice(at + 1), line.slice(0, at) + character + line.slice(at));
			}
			for (const edit of edits.filter(text => !text.startsWith("!"))) {
				const text = telegramOf([before, edit, "1-0:2.8.0(000000.025*kWh)"]);
				const { readings, faults } = parse(text);
				const expected = oracleReadAll(text);
				expect(asOracle(readings), edit).toEqual(expected.readings);
				expect({ ...faults, repeated: 0 }, edit).toEqual({
					...createFaults(),
					...expected.faults,
				});
			}
		}
	});

	test("any bytes at all: no throw, and every number is a safe integer", () => {
		const piece = fc.oneof(
			oddLine,
			fc.string({ maxLength: 30 }),
			fc.constantFrom("\r\n", "\n", "!", "(", ")", "*", "-", ":", "."),
		);
		fc.assert(
			fc.property(
				fc.oneof(
					fc.array(piece, { maxLength: 60 }).map(parts => parts.join("")),
					fc.string({ unit: "binary", maxLength: 200 }),
				),
				text => {
					const { values } = parse(`/ABC5${text}`).readings;
					for (const value of values) expect(value === null || Number.isSafeInteger(value)).toBe(true);
				},
			),
			{ numRuns: 400 },
		);
	});
});

/** Objects of one code in the order of their text, as the two parsers keep them in another one. */
function sorted<T extends { objects: [string, string][] }>(readings: T): T {
	return { ...readings, objects: readings.objects.slice().sort() };
}

describe("numbers", () => {
	test.each([
		["1-0:1.8.0(000006.695*kWh)", { active_energy_import: 6_695 }],
		["1-0:1.8.0(6695*Wh)", { active_energy_import: 6_695 }],
		["1-0:1.8.0(006695*wh)", { active_energy_import: 6_695 }],
		["1-0:1.8.0(000006.695*KWH)", { active_energy_import: 6_695 }],
		["1-0:1.8.0(000006.695)", { active_energy_import: 6_695 }],
		["1-0:1.8.0(112743.030*kWh)", { active_energy_import: 112_743_030 }],
		["1-0:1.8.0(999999.999*kWh)", { active_energy_import: 999_999_999 }],
		["1-0:1.8.0(0012.345678*MWh)", { active_energy_import: 12_345_678 }],
		["1-0:1.8.0(0012.345678*MWH)", { active_energy_import: 12_345_678 }],
		["1-0:1.8.0(0012.345678*mwh)", { active_energy_import: 12_345_678 }],
		["1-0:1.8.0(12345000*mWh)", { active_energy_import: 12_345 }],
		["1-0:1.8.0(0.012345678*GWh)", { active_energy_import: 12_345_678 }],
		["1-0:1.8.0(001234.567 kWh)", { active_energy_import: 1_234_567 }],
		["1-0:1.8.0(001234.567kWh)", { active_energy_import: 1_234_567 }],
		["1-0:1.8.0(001234.567 * kWh )", { active_energy_import: 1_234_567 }],
		["1-0:1.8.0( 1234.567*kWh)", { active_energy_import: 1_234_567 }],
		["1-0:1.8.0(000123,456*kWh)", { active_energy_import: 123_456 }],
		["1-0:1.8.0*255(000006.695*kWh)", { active_energy_import: 6_695 }],
		["1-0:1.8.0.255(000006.695*kWh)", { active_energy_import: 6_695 }],
		["1-0:1.8.0&255(000006.695*kWh)", { active_energy_import: 6_695 }],
		["01-0:001.8.0(000006.695*kWh)", { active_energy_import: 6_695 }],
		["1-0:1.8.0(000006.695*kWh) ", { active_energy_import: 6_695 }],
		["1-0:1.8.0(001234.567*kWh)(260715120000S)", { active_energy_import: 1_234_567 }],
		["1-0:1.7.0(260715120000S)(00.777*kW)", { active_power_import: 777 }],
		["1-0:3.8.0(000000.818*kVArh)", { reactive_energy_import: 818 }],
		["1-0:3.8.0(818*varh)", { reactive_energy_import: 818 }],
		["1-0:3.8.0(0.000818*Mvarh)", { reactive_energy_import: 818 }],
		["1-0:3.7.0(00.005*Kvar)", { reactive_power_import: 5 }],
		["1-0:3.7.0(00.007)", { reactive_power_import: 7 }],
		["1-0:1.7.0(342*W)", { active_power_import: 342 }],
		["1-0:1.7.0(342000*mW)", { active_power_import: 342 }],
		["1-0:1.7.0(-00.532*kW)", { active_power_import: -532 }],
		["1-0:16.7.0(-00.532*kW)", { active_power_net: -532 }],
		["1-0:9.7.0(21*VA)", { apparent_power_import: 21 }],
		["0-0:17.0.0(77.376)", { active_threshold: 77_376 }],
		["0-0:17.0.0(27.600*kVA)", { active_threshold: 27_600 }],
		["0-0:17.0.0(069.0*kVA)", { active_threshold: 69_000 }],
		["0-0:17.0.0(027.6*kVA)", { active_threshold: 27_600 }],
		["0-0:17.0.0(24000*W)", { active_threshold_power: 24_000 }],
		["0-0:17.0.0(999.9*kW)", { active_threshold_power: 999_900 }],
		["0-0:17.0.0(25*A)", { active_threshold_current: 25_000 }],
		["1-1:31.4.0(100*A)(-063*A)", { current_threshold_import: 100_000, current_threshold_export: -63_000 }],
		["1-1:31.4.0(100*A)", { current_threshold_import: 100_000 }],
		["1-1:31.4.0()(-063*A)", { current_threshold_export: -63_000 }],
		["1-0:32.7.0(233.0*V)", { voltage_l1: 233_000 }],
		["1-0:32.7.0(233*v)", { voltage_l1: 233_000 }],
		["1-0:32.7.0(0.233*kV)", { voltage_l1: 233_000 }],
		["1-0:32.7.0(233000*mV)", { voltage_l1: 233_000 }],
		["1-0:31.7.0(1.25*A)", { current_l1: 1_250 }],
		["1-0:31.7.0(1250*mA)", { current_l1: 1_250 }],
		["1-0:31.7.0(1250*MA)", { current_l1: 1_250 }],
		["1-0:31.7.0(+002*A)", { current_l1: 2_000 }],
		["0-0:96.7.21(00069)", { power_failures: 69 }],
		["0-0:96.3.10(2)", { breaker_state: 2 }],
		["1-0:1.8.0()", {}],
		["1-0:1.8.0()()", {}],
	])("%s", (line, values) => {
		expect(parseValues(line)).toEqual({ values, objects: [], faults: {} });
	});

	test.each([
		["0-0:96.7.21(123456789)", 123_456_789],
		["0-0:96.7.21(1234567890)", 1_234_567_890],
		["0-0:96.7.21(0000000069)", 69],
		["0-0:96.7.21(69.0)", 69],
		["0-0:96.7.21(69.0000)", 69],
		["0-0:96.7.21(-69)", -69],
	])("however long: %s", (line, power_failures) => {
		expect(parseValues(line)).toEqual({ values: { power_failures }, objects: [], faults: {} });
	});

	test.each([
		["1-0:1.7.0(000703.68*W)", { active_power_import: 704 }],
		["1-0:1.7.0(-000703.5*W)", { active_power_import: -704 }],
		["1-0:1.8.0(00012345.6789012*kWh)", { active_energy_import: 12_345_679 }],
		["1-0:1.8.0(000123.4565*kWh)", { active_energy_import: 123_457 }],
		["1-0:32.7.0(230.00049*V)", { voltage_l1: 230_000 }],
	])("more decimals than are kept are rounded, half away from zero, and counted: %s", (line, values) => {
		expect(parseValues(line)).toEqual({ values, objects: [], faults: { rounded: 1 } });
	});

	test.each([
		"1-0:1.8.0(1*kW)",
		"1-0:1.8.0(1*kkWh)",
		"1-0:1.8.0(1*)",
		"1-0:1.8.0(1*h)",
		"1-0:1.8.0(0x12*kWh)",
		"1-0:1.8.0(99999999999999999999*kWh)",
		"1-0:31.7.0(1*V)",
		"0-0:96.7.21(1*A)",
		"0-0:96.3.10(ON)",
		"0-0:96.14.0(TARIFF 1)",
		"0-0:17.0.0(16500)",
		"1-0:1.7.0(342)",
		"1-0:32.7.0(2330)",
		"1-0:1.8.0(008765432)",
		"1-0:1.8.0*255(x)",
		"0-0:1.0.0(181330102122W)",
		"1-0:1.7.0(261302010000W)",
		"0-1:24.1.0(gas)",
		"0-1:24.2.1(200706103140S)(xx*m3)",
		"0-1:24.2.1(200706103140S)(12*V)",
		"0-1:24.4.0(-1)",
	])("what its object cannot have is kept as printed: %s", line => {
		expect(parseValues(line)).toEqual({ values: {}, objects: [line], faults: { value: 1 } });
	});

	test("a period that is over is none of now's", () => {
		for (const line of ["1-0:1.8.0*01(000006.695*kWh)", "1-0:1.8.0.7(1*kWh)", "1-0:99.1.0*255(7)"]) {
			expect(parseValues(line)).toEqual({ values: {}, objects: [line], faults: {} });
		}
	});

	test("a code that comes twice: the last one counts, and it is counted", () => {
		const lines = ["1-0:1.7.0(00.532*kW)", "1-0:1.8.1(1*kWh)", "1-0:1.7.0(00.999*kW)", "1-0:1.8.1(2*kWh)"];
		expect(parseValues(...lines)).toEqual({
			values: { active_power_import: 999, active_energy_import_t1: 2_000 },
			objects: [],
			faults: { repeated: 2 },
		});
	});

	test("codes that no register has, and codes that are none", () => {
		for (const code of [
			"8-0:96.7.21",
			"0-16:96.7.21",
			"10-0:96.7.21",
			"0-255:96.7.21",
			"255-255:255.255.255",
			"0-0:96.7.21.0",
			"0-0:96.7.21*254",
		]) {
			expect(parseValues(`${code}(69)`), code).toEqual({ values: {}, objects: [`${code}(69)`], faults: {} });
		}
		for (const code of ["00-00:96.7.21", "000-000:096.007.021", "0-0:96.7.21*255"]) {
			expect(parseLines(`${code}(69)`).values, code).toEqual({ power_failures: 69 });
		}
		for (const code of [
			"0-256:96.7.21",
			"0000-0:96.7.21",
			"0-0:96.7.256",
			"0-0:96.7",
			"0-0:96.7.21.256",
			"0-0:96.7.21.",
			"0-0:96.7.21-0",
			"0-0.96.7.21",
		]) {
			expect(parseValues(`${code}(69)`), code).toEqual({ values: {}, objects: [], faults: { line: 1 } });
		}
		for (const line of [
			"0-0:96.7.21",
			"0-0:96.7.21)",
			"0-0:96.7.21((69)",
			"0-0:96.7.21(69)x",
			"0-0:",
			"0-0",
			"0:0-96.7.21(69)",
		]) {
			expect(parseValues(line), line).toEqual({ values: {}, objects: [], faults: { line: 1 } });
		}
	});

	test("one bad value of two costs that one", () => {
		expect(parseValues("1-1:31.4.0(100*A)(x)")).toEqual({
			values: { current_threshold_import: 100_000 },
			objects: ["1-1:31.4.0(100*A)(x)"],
			faults: { value: 1 },
		});
	});
});

describe("the other objects", () => {
	test("a serial printed three times in a row", () => {
		const hex = "53414731303330373030313134303034";
		expect(parseLines(`0-0:42.0.0(${hex}${hex}${hex})`).serial).toBe("SAG1030700114004");
	});

	test("an empty serial, an empty version, an empty clock", () => {
		expect(parseLines("0-0:42.0.0()", "1-3:0.2.8()", "0-0:1.0.0()")).toMatchObject({
			serial: null,
			version: null,
			time: null,
			clock: "reader",
			faults: {},
		});
	});

	test("text messages keep their places", () => {
		const { messages } = parseLines(
			"0-0:96.13.5(65)",
			"0-0:96.13.0(30)",
			"0-0:96.13.3(C3A9)",
			"0-0:96.13.2(00)",
			"0-0:96.13.4()",
		);
		expect(messages).toEqual(["0", null, "é", null, "e"]);
	});

	test("unknown objects are kept raw, each of them", () => {
		const { objects, faults } = parseLines("0-0:96.99.0(0002)", "1-0:99.98.0(0)(\xe9)", "0-0:96.99.0(0001)");
		expect(objects).toEqual([
			{ code: "0-0:96.99.0", value: "(0002)" },
			{ code: "1-0:99.98.0", value: "(0)(é)" },
			{ code: "0-0:96.99.0", value: "(0001)" },
		]);
		expect(faults).toEqual({});
	});

	test("more values on a line than any object has", () => {
		const line = `1-0:99.98.0${"(1)".repeat(500)}`;
		expect(parseLines(line).objects).toEqual([{ code: "1-0:99.98.0", value: "(1)".repeat(500) }]);
	});
});

describe("M-Bus devices", () => {
	const gas = ["0-1:24.1.0(003)", "0-1:96.1.0(464C4F)", "0-1:24.2.1(200706103140S)(00000.006*m3)", "0-1:24.4.0(0)"];
	const device = {
		type: "gas",
		id: "FLO",
		channel: 1,
		value: 6,
		unit: "m³",
		time: Date.UTC(2020, 6, 6, 8, 31, 40),
		valve: 0,
	};

	test("the type may come last", () => {
		expect(parseLines(...gas.slice().reverse()).devices).toEqual([device]);
	});

	test("several of one type, on any channel", () => {
		const second = gas.map(line => line.replace("0-1", "0-4").replace("464C4F", "454C53"));
		expect(parseLines(...second, ...gas).devices).toEqual([device, { ...device, id: "ELS", channel: 4 }]);
	});

	test("Belgium's objects", () => {
		const belgian = [
			"0-1:24.1.0(003)",
			"0-1:96.1.1(464C4F)",
			"0-1:24.2.3(200706103140S)(00000.006*m3)",
			"0-1:24.4.0(0)",
		];
		expect(parseLines(...belgian).devices).toEqual([device]);
	});

	test("heat in GJ or kWh, water without a unit", () => {
		expect(parseLines("0-2:24.1.0(004)", "0-2:24.2.1(200706103140S)(00012.345*GJ)").devices).toMatchObject([
			{ type: "heat", value: 12_345, unit: "GJ", channel: 2, id: null, valve: null },
		]);
		expect(parseLines("0-2:24.1.0(004)", "0-2:24.2.1(200706103140S)(00012*kWh)").devices).toMatchObject([
			{ value: 12_000, unit: "kWh" },
		]);
		expect(parseLines("0-2:24.1.0(007)", "0-2:24.2.1(200706103140S)(00012.5)").devices).toMatchObject([
			{ value: 12_500, unit: "m³" },
		]);
	});

	test("empty slots vanish, a device that was never read stays without a value", () => {
		const empty = ["0-2:24.1.0(007)", "0-2:96.1.0()", "0-2:24.2.1(632525252525S)(00000.000)", "0-2:24.4.0(1)"];
		expect(parseLines(...gas, ...empty)).toMatchObject({ devices: [device], faults: {}, unread: 1 });
		const unread = empty.map(line => line.replace("96.1.0()", "96.1.0(464C4F)"));
		expect(parseLines(...unread).devices).toEqual([
			{ type: "water", id: "FLO", channel: 2, value: null, unit: "m³", time: null, valve: 1 },
		]);
	});

	test("a fifth channel is no channel", () => {
		expect(parseLines(...gas.map(line => line.replace("0-1", "0-5")))).toMatchObject({ devices: [], faults: {} });
		expect(parseLines(...gas.map(line => line.replace("0-1", "0-5"))).objects).toHaveLength(4);
	});
});

describe("lines", () => {
	test("line feeds alone, no empty line, empty lines, no closing line", () => {
		const values = { active_energy_import: 6_695, active_energy_export: 25 };
		for (const text of [
			"/Lux5\\1\n\n1-0:1.8.0(000006.695*kWh)\n1-0:2.8.0(000000.025*kWh)\n!0000\n",
			"/Lux5\\1\r\n1-0:1.8.0(000006.695*kWh)\r\n\r\n\r\n1-0:2.8.0(000000.025*kWh)\r\n!\r\n",
			"/Lux5\\1\r\n\r\n1-0:1.8.0(000006.695*kWh)\r\n1-0:2.8.0(000000.025*kWh)",
		]) {
			const { readings, faults } = parse(text);
			expect(readings.identification).toBe("Lux5\\1");
			expect(valuesByName(readings)).toEqual(values);
			expect(counted(faults)).toEqual({});
		}
	});

	test("a telegram that ends in its first line", () => {
		expect(parse("/Lux5").readings.identification).toBe("Lux5");
		expect(parse("/Lux5\r\n").readings).toMatchObject({ identification: "Lux5", devices: [], objects: [] });
	});
});

test.each([
	["1-0:81.7.1", "(5*\x90)"],
	["1-0:81.7.1", "(5\x90)"],
	["1-0:81.7.1", "(5*\xe2\xb0)"],
	["0-1:24.2.1", "(200706103140S)(00000.006*m\x13)"],
	["0-1:24.2.1", "(200706103140S)(00000.006*m\x93)"],
])("%s with a unit that is one but for a bit, %j, is no value", (code, value) => {
	const faults = createFaults();
	const bytes = textBytes(telegramOf([`${code}${value}`]));
	const { objects, values, others, devices } = parseTelegram(bytes, 0, bytes.length, faults);
	expect(objects.map(object => object.code)).toEqual([code]);
	expect(values.every(found => found === null)).toBe(true);
	expect(others).toEqual([]);
	expect(devices.every(device => device.value === null)).toBe(true);
	expect(faults.value).toBe(1);
});

describe("what is hostile", () => {
	const keptOf = (lines: string[]) => {
		const faults = createFaults();
		const bytes = textBytes(telegramOf(lines));
		return { readings: parseTelegram(bytes, 0, bytes.length, faults), faults };
	};

	test("190 unknown objects: the first 24 are kept, the others counted, and what is known is read", () => {
		const lines = Array.from({ length: 190 }, (_, at) => `0-1:77.${at}.0(00000)`);
		const { readings, faults } = keptOf([...lines, "1-0:1.8.0(000001.000*kWh)"]);
		expect(readings.objects.map(({ code }) => code)).toEqual(lines.slice(0, 24).map(line => line.split("(")[0]));
		expect(faults.excess).toBe(166);
		expect(readings.values[0]).toBe(1_000);
	});

	test("long unknown objects: 2 KiB of their lines are kept, shorter ones after a longer one, too", () => {
		const { readings, faults } = keptOf([
			`0-0:77.1.0(${"7".repeat(1_500)})`,
			`0-0:77.2.0(${"7".repeat(1_500)})`,
			"0-0:77.3.0(1)",
		]);
		expect(readings.objects.map(({ code }) => code)).toEqual(["0-0:77.1.0", "0-0:77.3.0"]);
		expect(faults.excess).toBe(1);
	});

	test.each([
		["0-0:42.0.0", "serial"],
		["0-0:96.1.1", "equipment"],
		["1-3:0.2.8", "version"],
	] as const)("a name of kilobytes in %s is cut and counted", (code, field) => {
		const { readings, faults } = keptOf([`${code}(${"x".repeat(5_000)})`, "1-0:1.8.0(000001.000*kWh)"]);
		expect(readings[field]).toBe("x".repeat(256));
		expect(faults.excess).toBe(1);
		expect(readings.values[0]).toBe(1_000);
	});

	test.each([
		["hexadecimal digits", "4D".repeat(1_500), "M".repeat(1_024), 1],
		["as it is printed", "Hello ".repeat(500), "Hello ".repeat(171).slice(0, 1_024), 1],
		["as it is printed, in UTF-8", "\xc3\xa9x".repeat(600), "éx".repeat(341), 1],
		["of control characters", "01".repeat(1_024), "01".repeat(512), 1],
		["of one character too many", "Hello ".repeat(171).slice(0, 1_025), "Hello ".repeat(171).slice(0, 1_024), 1],
		["of the longest that is kept", "Hello ".repeat(171).slice(0, 1_024), "Hello ".repeat(171).slice(0, 1_024), 0],
		["in the longest hexadecimal digits", "4D".repeat(1_024), "M".repeat(1_024), 0],
	])("a message of kilobytes in %s is cut after 1024 characters", (_, printed, text, excess) => {
		const { readings, faults } = keptOf([`0-0:96.13.0(${printed})`, "1-0:1.8.0(000001.000*kWh)"]);
		expect(readings.messages[0]).toBe(text);
		expect(faults.excess).toBe(excess);
		expect(readings.values[0]).toBe(1_000);
	});
});
