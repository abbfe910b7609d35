/** Random lines of telegrams, for property tests. */

import fc from "fast-check";
import { type OracleRegister, oracleRegisters, oracleTypes } from "./oracle.js";

/** Lines of a telegram as meters print them, for properties. */
const digits = (minLength: number, maxLength: number) =>
	fc.string({ unit: fc.constantFrom(..."0123456789"), minLength, maxLength });

/** `000006.695`, `063`, `-063`: exact in thousandths. */
const printed = fc
	.tuple(fc.constantFrom("", "", "", "-"), digits(1, 9), digits(0, 3))
	.map(([sign, whole, fraction]) => `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`);
const count = fc.tuple(fc.constantFrom("", ""), digits(1, 5)).map(parts => parts.join(""));

/** A unit in any case; without it; or without kilo, where the number is whole. */
function printedValue(unit: string): fc.Arbitrary<string> {
	if (unit === "") return count;
	const plain = unit.replace("³", "3");
	const spelled = fc.constantFrom(plain, plain, plain.toUpperCase(), plain.toLowerCase());
	const ways = [fc.tuple(printed, spelled).map(([number, found]) => `${number}*${found}`), printed];
	if (plain.startsWith("k")) {
		const base = fc.constantFrom(plain.slice(1), plain.slice(1).toUpperCase());
		ways.push(fc.tuple(digits(1, 12), base).map(([number, found]) => `${number}*${found}`));
	}
	return fc.oneof(...ways);
}

function registerLine(code: string, registers: readonly OracleRegister[]): fc.Arbitrary<string> {
	const values = registers.map(register =>
		fc.oneof({ weight: 6, arbitrary: printedValue(register.unit) }, fc.constant("")),
	);
	return fc.tuple(...values).map(texts => `${code}${texts.map(text => `(${text})`).join("")}`);
}

export const registerLines: readonly fc.Arbitrary<string>[] = [...new Set(oracleRegisters.map(({ code }) => code))].map(
	code =>
		registerLine(
			code,
			oracleRegisters.filter(register => register.code === code),
		),
);

const two = (low: number, high: number) =>
	fc.integer({ min: low, max: high }).map(value => String(value).padStart(2, "0"));
const timestamp = fc
	.tuple(two(1, 69), two(1, 12), two(1, 28), two(0, 23), two(0, 59), two(0, 59), fc.constantFrom("S", "W"))
	.map(fields => fields.join(""));
const hexOfBytes = (maxLength: number) =>
	fc
		.tuple(fc.uint8Array({ maxLength, size: "max" }), fc.boolean())
		.map(([bytes, upper]) =>
			upper ? Buffer.from(bytes).toString("hex").toUpperCase() : Buffer.from(bytes).toString("hex"),
		);
const hexOfText = (maxLength: number) =>
	fc.string({ maxLength }).map(text => Buffer.from(text).toString("hex").toUpperCase());

/** The lines of one M-Bus channel: present, empty, or never read; any part may be missing. */
function channelLines(channel: number): fc.Arbitrary<string[]> {
	const type = fc
		.constantFrom(...Object.keys(oracleTypes).map(Number), 1, 5, 99, 255)
		.map(value => String(value).padStart(3, "0"));
	const index = fc.oneof(
		fc
			.tuple(timestamp, digits(1, 5), digits(3, 3), fc.constantFrom("*m3", "*M3", "*GJ", "*kWh", "*Wh", ""))
			.map(([time, whole, fraction, unit]) => `(${time})(${whole}${unit === "*Wh" ? "" : `.${fraction}`}${unit})`),
		fc.constantFrom("(632525252525S)(00000.000)", "(700101010000W)(00000.000)", "(000101010000W)(00000.000*m3)"),
	);
	const id = fc.oneof(hexOfText(17), fc.constant(""));
	return fc
		.tuple(fc.option(type), fc.option(id), fc.option(index), fc.option(fc.integer({ min: 0, max: 2 })))
		.map(([typeText, idText, indexText, valve]) => [
			...(typeText === null ? [] : [`0-${channel}:24.1.0(${typeText})`]),
			...(idText === null ? [] : [`0-${channel}:96.1.0(${idText})`]),
			...(indexText === null ? [] : [`0-${channel}:24.2.1${indexText}`]),
			...(valve === null ? [] : [`0-${channel}:24.4.0(${valve})`]),
		]);
}

/** Objects that no table knows, and lines of other countries. */
const unknownLine = fc.oneof(
	fc
		.tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 5, max: 200 }), digits(1, 2), digits(0, 8))
		.map(([a, b, e, value]) => `${a}-${b}:99.9.${e}(${value}*unit)`),
	fc.constantFrom(
		"0-0:96.14.0(0002)",
		"1-0:1.8.1(000123.456*kWh)",
		"0-0:96.7.9(00003)",
		"0-0:96.13.1()",
		"1-0:99.97.0(2)(0-0:96.7.19)(101208152415W)(0000000240*s)(101208151004W)(0000000301*s)",
		"1-0:99.97.0(0)()",
		"1-0:32.7.1(230.1*V)",
		"0-5:24.2.1(101208152415W)(00012.345*m3)",
	),
);

/** Lines of which nothing can be read: each costs one count of the fault `line`. */
export const oddLine = fc.constantFrom(
	"1-0:1.8.0",
	"1-0:1.8.0(",
	"1-0:1.8.0(000123.456*kWh",
	"1-0:1.8.0 (000123.456*kWh)",
	"1-0:1.8.0(000123.456*kWh) ",
	"1-0:1.8.0((000123.456*kWh))",
	"1-0:1.8.0(000123.456*kWh)x",
	"1-0:2.8.0(000123,456*kWh)",
	"1-0:2.8.0(000123.456*kW)",
	"1-0:2.8.0(000123.4567*kWh)",
	"1-0:2.8.0(0x12*kWh)",
	"1-0:2.8.0(99999999999999999999*kWh)",
	"1-0:1.8.0.255(000123.456*kWh)",
	"1-0.1.8.0(1)",
	"1-0:1.8(1)",
	"256-0:1.8.0(1)",
	"1-0:1.8.1000(1)",
	"-1-0:1.8.0(1)",
	"(00012.345)",
	"garbage",
	"0-0:1.0.0(181330102122W)",
	"0-0:42.0.0(5341473)",
	"0-0:96.13.0(3G)",
	"0-0:96.7.21(12*V)",
	"0-0:96.3.10(on)",
	"0-1:24.1.0(gas)",
	"0-1:24.2.1(200706103140S)(00000.006*MWh)",
	"0-1:24.2.1(200706103140S)(xx*m3)",
	"0-1:96.1.0(46Z)",
	"0-1:24.4.0(-1)",
);

/** The lines of a telegram, in any order, each object at most once. */
export const telegramLines: fc.Arbitrary<string[]> = fc
	.tuple(
		fc.subarray([...registerLines]).chain(lines => fc.tuple(...lines)),
		fc.option(timestamp.map(time => `0-0:1.0.0(${time})`)),
		fc.option(fc.oneof(hexOfText(16), hexOfBytes(16)).map(hex => `0-0:42.0.0(${hex})`)),
		fc.option(digits(0, 2).map(version => `1-3:0.2.8(${version})`)),
		fc.tuple(
			...[0, 2, 3, 4, 5].map(place =>
				fc.option(fc.oneof(hexOfText(40), hexOfBytes(60)).map(hex => `0-0:96.13.${place}(${hex})`)),
			),
		),
		fc.tuple(...[1, 2, 3, 4].map(channel => channelLines(channel))),
		fc.array(unknownLine, { maxLength: 4 }),
	)
	.map(([lines, time, serial, version, messages, channels, unknown]) => [
		...lines,
		...[time, serial, version, ...messages].filter(line => line !== null),
		...channels.flat(),
		...unknown,
	])
	.chain(lines => fc.shuffledSubarray(lines, { minLength: lines.length, maxLength: lines.length }));
