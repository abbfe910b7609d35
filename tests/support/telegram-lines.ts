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

const two = (low: number, high: number) =>
	fc.integer({ min: low, max: high }).map(value => String(value).padStart(2, "0"));
const timestamp = fc
	.tuple(
		two(8, 59),
		two(1, 12),
		two(1, 28),
		two(0, 23),
		two(0, 59),
		two(0, 59),
		fc.constantFrom("S", "W", "S", "W", "s", "w", ""),
	)
	.map(fields => fields.join(""));
/** With more decimals than are kept, with a comma, with a sign and blanks. */
const unusual = fc
	.tuple(fc.constantFrom("", "-", "+", " ", " - "), digits(1, 7), fc.constantFrom(".", ","), digits(1, 9))
	.map(parts => parts.join(""));

/**
 * A unit in any case, with any prefix, with or without the star and blanks; or none, where the number may be too large for that. What is not
 * its object's must be kept as printed, so that it may stand here, too.
 */
function printedValue(unit: string): fc.Arbitrary<string> {
	if (unit === "") return fc.oneof({ weight: 8, arbitrary: count }, unusual, fc.constantFrom("ON", "1*V", "TARIFF 1"));
	if (unit === "time") return timestamp;
	const plain = unit.replace("³", "3").replace(/^1$/, "").replace("°", "deg");
	const base = plain.replace(/^[kG]/, "");
	const prefixed = ["k", "K", "M", "m", "", "G", "x"].map(prefix => prefix + base);
	const spelled = fc.constantFrom(
		...[plain, plain, plain, ...prefixed].flatMap(name => [name, name.toUpperCase(), name.toLowerCase()]),
	);
	const gap = fc.constantFrom("*", "*", "*", "", " ", " * ", "* ");
	const end = fc.constantFrom("", "", "", " ");
	return fc.oneof(
		{ weight: 4, arbitrary: printed.map(number => (plain === "" ? number : `${number}*${plain}`)) },
		{ weight: 4, arbitrary: fc.tuple(fc.oneof(printed, unusual), gap, spelled, end).map(parts => parts.join("")) },
		{ weight: 1, arbitrary: fc.oneof(printed, unusual) },
		{ weight: 1, arbitrary: inBrackets },
	);
}

/** Any bytes that may stand inside of brackets. */
const inBrackets = fc
	.uint8Array({ maxLength: 12 })
	.map(bytes => Buffer.from(bytes.filter(byte => ![10, 13, 40, 41].includes(byte))).toString("latin1"));

function registerLine(code: string, registers: readonly OracleRegister[]): fc.Arbitrary<string> {
	const values = registers.map(register =>
		fc.oneof({ weight: 6, arbitrary: printedValue(register.unit) }, fc.constant("")),
	);
	const ending = fc.constantFrom("", "", "", "*255", ".255");
	return fc
		.tuple(fc.tuple(...values), ending, fc.constantFrom("", "", "", "", "(260715120010S)", "(7)"))
		.map(([texts, group, extra]) => `${code}${group}${texts.map(text => `(${text})`).join("")}${extra}`);
}

export const registerLines: readonly fc.Arbitrary<string>[] = [...new Set(oracleRegisters.map(({ code }) => code))].map(
	code =>
		registerLine(
			code,
			// One value of several registers, or a value of each.
			oracleRegisters.filter(
				(register, at, all) =>
					register.code === code &&
					all.findIndex(other => other.code === code && other.place === register.place) === at,
			),
		),
);

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
			.tuple(
				timestamp,
				digits(1, 5),
				digits(3, 5),
				fc.constantFrom(
					"*m3",
					"*M3",
					"*GJ",
					"*kWh",
					"*Wh",
					"",
					"*MJ",
					"*dm3",
					" l",
					"*m\xb3",
					"m\xc2\xb3",
					"*MWh",
					"*V",
				),
			)
			.map(([time, whole, fraction, unit]) => `(${time})(${whole}.${fraction}${unit})`),
		fc.tuple(fc.oneof(inBrackets, timestamp), fc.oneof(inBrackets, printed)).map(([one, two]) => `(${one})(${two}*m3)`),
		printed.map(number => `(${number}*m3)`),
		fc.constantFrom("(632525252525S)(00000.000)", "(700101010000W)(00000.000)", "(000101010000W)(00000.000*m3)"),
		fc.constantFrom("(632525252525S)(00012.345*m3)", "(00012.345*m3)(260715120010S)", "()(00000.000)", "()"),
	);
	const id = fc.oneof(hexOfText(17), hexOfBytes(8), digits(6, 17), inBrackets, fc.constant(""));
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
		"0-0:96.13.1()",
		"1-0:1.8.0*01(000123.456*kWh)",
		"1-0:1.8.0.7(000123.456*kWh)",
		"1-0:99.97.0(3)(0-0:96.11.63)(231206102343W)(6)",
		"1-0:99.97.0(2)(0-0:96.7.19)(101208152415W)(0000000240*s)(101208151004W)(0000000301*s)",
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
	"1-0:1.8.0((000123.456*kWh))",
	"1-0:1.8.0(000123.456*kWh)x",
	"1-0.1.8.0(1)",
	"1-0:1.8(1)",
	"256-0:1.8.0(1)",
	"1-0:1.8.1000(1)",
	"1-0:1.8.0*256(1)",
	"1-0:1.8.0*(1)",
	"1-0:1.8.0-255(1)",
	"\xe9(1)",
	"\0\0\0\0",
	"1-0:1.\xff.0(000123.456*kWh)",
	"-1-0:1.8.0(1)",
	"(00012.345)",
	"garbage",
);

/** The lines of a telegram, in any order, each object at most once. */
export const telegramLines: fc.Arbitrary<string[]> = fc
	.tuple(
		fc.subarray([...registerLines]).chain(lines => fc.tuple(...lines)),
		fc.option(timestamp.map(time => `0-0:1.0.0(${time})`)),
		fc.option(fc.oneof(hexOfText(16), hexOfBytes(16), inBrackets).map(hex => `0-0:42.0.0(${hex})`)),
		fc.option(fc.oneof(hexOfText(16), digits(8, 14)).map(name => `0-0:96.1.1(${name})`)),
		fc.option(
			fc.constantFrom(
				"1-0:99.97.0(2)(0-0:96.7.19)(101208152415W)(0000000240*s)(000101000001W)(2147483647*s)",
				"1-0:99.97.0(0)(0-0:96.7.19)",
				"1-0:99.97.0()",
				"1-0:99.97.0(1)(0-0:96.7.19)(101208152415W)(x*s)",
			),
		),
		fc.option(digits(0, 2).map(version => `1-3:0.2.8(${version})`)),
		fc.tuple(
			...[0, 2, 3, 4, 5].map(place =>
				fc.option(fc.oneof(hexOfText(40), hexOfBytes(60), inBrackets).map(hex => `0-0:96.13.${place}(${hex})`)),
			),
		),
		fc.tuple(...[1, 2, 3, 4].map(channel => channelLines(channel))),
		fc.array(unknownLine, { maxLength: 4 }),
	)
	.map(([lines, time, serial, equipment, log, version, messages, channels, unknown]) => [
		...lines,
		...[time, serial, equipment, log, version, ...messages].filter(line => line !== null),
		...channels.flat(),
		...unknown,
	])
	.chain(lines => fc.shuffledSubarray(lines, { minLength: lines.length, maxLength: lines.length }));
