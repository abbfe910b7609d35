/**
 * A second reading of the same standard: regular expressions over strings, exact numbers as BigInt, dates by `Date`, text by
 * `TextDecoder`. Slow, and shares nothing with the firmware's parser, so that the two can be compared.
 */

export interface OracleDevice {
	/** In words. */
	type: string;
	id: string | null;
	channel: number;
	value: number | null;
	unit: string;
	time: number | null;
	valve: number | null;
}

export interface OracleReadings {
	identification: string;
	version: string | null;
	time: number | null;
	clock: string;
	serial: string | null;
	equipment: string | null;
	/** By the meaning given in `oracleRegisters`, thousandths of the unit, or the count itself. Only what the telegram has. */
	values: Record<string, number>;
	messages: (string | null)[];
	devices: OracleDevice[];
	failures: { time: number | null; duration: number }[];
	/** What no table knows, and what is not what its object has: code and the rest of the line. */
	objects: [string, string][];
	unread: number;
	understood: boolean;
}

/** What must be counted beside them. */
export interface OracleFaults {
	line: number;
	value: number;
	rounded: number;
	captureTime: number;
	excess: number;
}

const lineShape = /^(\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3})(?:[*.&](\d{1,3}))?((?:\([^()]*\))+[ \t]*)$/;
const numberShape = /^[ \t]*([-+]?)[ \t]*(\d+)(?:[.,](\d+))?[ \t]*(\*?)[ \t]*([^ \t](?:.*[^ \t])?)?[ \t]*$/s;

/**
 * E-Meter P1 Specification 1.1.3, table 3.1, typed in from the page: code (and place in the line), name, unit. Phases are
 * written as L1 to L3 with the standard's C groups 21/41/61 and so on.
 */
const single: readonly (readonly [code: string, name: string, unit: string, place?: number])[] = [
	["1-0:1.8.0", "active_energy_import", "kWh"],
	["1-0:2.8.0", "active_energy_export", "kWh"],
	["1-0:3.8.0", "reactive_energy_import", "kvarh"],
	["1-0:4.8.0", "reactive_energy_export", "kvarh"],
	["1-0:1.7.0", "active_power_import", "kW"],
	["1-0:2.7.0", "active_power_export", "kW"],
	["1-0:3.7.0", "reactive_power_import", "kvar"],
	["1-0:4.7.0", "reactive_power_export", "kvar"],
	["0-0:17.0.0", "active_threshold", "kVA"],
	["1-0:9.7.0", "apparent_power_import", "kVA"],
	["1-0:10.7.0", "apparent_power_export", "kVA"],
	["1-1:31.4.0", "current_threshold_import", "A", 0],
	["1-1:31.4.0", "current_threshold_export", "A", 1],
	["0-0:96.3.10", "breaker_state", ""],
	["0-1:96.3.10", "relay_1_state", ""],
	["0-2:96.3.10", "relay_2_state", ""],
	["0-0:96.7.21", "power_failures", ""],
];

/** Of the other meters with a P1 port, from the standards of their countries. */
const others: readonly (readonly [code: string, name: string, unit: string, place?: number])[] = [
	...[1, 2, 3, 4].flatMap(tariff => [
		[`1-0:1.8.${tariff}`, `active_energy_import_t${tariff}`, "kWh"] as const,
		[`1-0:2.8.${tariff}`, `active_energy_export_t${tariff}`, "kWh"] as const,
		[`1-0:3.8.${tariff}`, `reactive_energy_import_t${tariff}`, "kvarh"] as const,
		[`1-0:4.8.${tariff}`, `reactive_energy_export_t${tariff}`, "kvarh"] as const,
		[`1-0:${tariff + 4}.8.0`, `reactive_energy_q${tariff}`, "kvarh"] as const,
		[`1-0:${tariff + 4}.7.0`, `reactive_power_q${tariff}`, "kvar"] as const,
	]),
	["0-0:96.14.0", "tariff", ""],
	["0-0:96.7.9", "long_power_failures", ""],
	["1-0:9.8.0", "apparent_energy_import", "kVAh"],
	["1-0:10.8.0", "apparent_energy_export", "kVAh"],
	["1-0:15.8.0", "active_energy_sum", "kWh"],
	["1-0:16.8.0", "active_energy_net", "kWh"],
	["1-0:15.7.0", "active_power_sum", "kW"],
	["1-0:16.7.0", "active_power_net", "kW"],
	["1-0:13.7.0", "power_factor", "1"],
	["1-0:14.7.0", "frequency", "Hz"],
	["1-0:91.7.0", "neutral_current", "A"],
	["1-0:81.7.1", "voltage_angle_l2", "°"],
	["1-0:81.7.2", "voltage_angle_l3", "°"],
	["1-0:81.7.4", "current_angle_l1", "°"],
	["1-0:81.7.15", "current_angle_l2", "°"],
	["1-0:81.7.26", "current_angle_l3", "°"],
	["1-0:1.4.0", "average_demand_import", "kW"],
	["1-0:2.4.0", "average_demand_export", "kW"],
	["1-0:1.5.0", "last_demand_import", "kW"],
	["1-0:2.5.0", "last_demand_export", "kW"],
	["1-0:1.6.0", "peak_demand_import_time", "time", 0],
	["1-0:1.6.0", "peak_demand_import", "kW", 1],
	["1-0:2.6.0", "peak_demand_export_time", "time", 0],
	["1-0:2.6.0", "peak_demand_export", "kW", 1],
	["0-0:17.0.0", "active_threshold_power", "kW"],
	["0-0:17.0.0", "active_threshold_current", "A"],
	["1-0:31.4.0", "fuse_threshold", "A"],
	["0-3:96.3.10", "relay_3_state", ""],
	["0-4:96.3.10", "relay_4_state", ""],
];
const perPhase: readonly (readonly [group: number, rest: string, name: string, unit: string])[] = [
	[32, "32.0", "voltage_sags", ""],
	[32, "36.0", "voltage_swells", ""],
	[32, "7.0", "voltage", "V"],
	[31, "7.0", "current", "A"],
	[21, "7.0", "active_power_import", "kW"],
	[22, "7.0", "active_power_export", "kW"],
	[23, "7.0", "reactive_power_import", "kvar"],
	[24, "7.0", "reactive_power_export", "kvar"],
];
const otherPhases: typeof perPhase = [
	[21, "8.0", "active_energy_import", "kWh"],
	[22, "8.0", "active_energy_export", "kWh"],
	[29, "7.0", "apparent_power_import", "kVA"],
	[30, "7.0", "apparent_power_export", "kVA"],
	[33, "7.0", "power_factor", "1"],
];

export interface OracleRegister {
	code: string;
	name: string;
	unit: string;
	place: number;
}

const toRegisters = (lines: typeof single, phases: typeof perPhase): OracleRegister[] => [
	...lines.map(([code, name, unit, place]) => ({ code, name, unit, place: place ?? 0 })),
	...phases.flatMap(([group, rest, name, unit]) =>
		[0, 1, 2].map(phase => ({
			code: `1-0:${group + 20 * phase}.${rest}`,
			name: `${name}_l${phase + 1}`,
			unit,
			place: 0,
		})),
	),
];

/** Those that Luxembourg's meters send. */
export const luxembourgOracle: readonly OracleRegister[] = toRegisters(single, perPhase);
export const oracleRegisters: readonly OracleRegister[] = [...luxembourgOracle, ...toRegisters(others, otherPhases)];

/** Spellings of a unit, the power of ten that it is kept in, and the largest number that may stand without it. */
const spellings: Readonly<Record<string, [shape: RegExp, exponent: number, most: number]>> = {
	kWh: [/^(.?)Wh$/i, 3, 1e6],
	kvarh: [/^(.?)varh$/i, 3, 1e6],
	kVAh: [/^(.?)VAh$/i, 3, 1e6],
	kW: [/^(.?)W$/i, 3, 100],
	kvar: [/^(.?)var$/i, 3, 100],
	kVA: [/^(.?)VA$/i, 3, 100],
	V: [/^(.?)V$/i, 0, 1000],
	A: [/^(.?)A$/i, 0, 1000],
	Hz: [/^(.?)Hz$/i, 0, 100],
	"°": [/^(.??)(?:deg|\xc2\xb0|\xb0)$/i, 0, 360],
	GJ: [/^(.?)J$/i, 9, 1e6],
	"m³": [/^([dc]?)m(?:3|\xb3|\xc2\xb3)$/i, 0, 1e6],
	"1": [/^(?!)/, 0, 1],
	"": [/^(?!)/, 0, Number.MAX_SAFE_INTEGER],
};

/** What a printed unit is worth in powers of ten of the unit without prefix; null where it is none of that kind. */
function unitExponent(printed: string, unit: string): number | null {
	const [shape, kept] = spellings[unit]!;
	const litres = unit === "m³" ? /^([kmg]?)l$/i.exec(printed) : null;
	const prefix = (litres ?? shape.exec(printed))?.[1];
	if (prefix === undefined) return null;
	if (prefix === "") return litres === null ? 0 : -3;
	if (unit === "m³" && litres === null) return prefix.toLowerCase() === "d" ? -3 : -6;
	const base = litres === null ? 0 : -3;
	const letter = prefix.toLowerCase();
	if (letter === "k") return base + 3;
	if (letter === "g") return base + 9;
	if (letter !== "m") return null;
	const rest = printed.slice(1);
	const isOneCase = printed === printed.toLowerCase() || printed === printed.toUpperCase();
	if (isOneCase && /[a-z]/i.test(rest)) return base + (kept === 0 ? -3 : 6);
	// Of one letter and no other: the case that it has is that of all.
	if (!/[a-z]/i.test(rest)) return base + (kept === 0 ? -3 : 6);
	return base + (prefix === "M" ? 6 : -3);
}

export interface OracleNumber {
	value: number;
	rounded: boolean;
	/** Whether the unit was printed. */
	hasUnit: boolean;
}

/** Thousandths of `unit` from a printed value such as `000006.695*kWh`; null where it is not one. */
export function oracleNumber(printed: string, unit: string, needsUnit = false): OracleNumber | null {
	const match = numberShape.exec(printed);
	if (match === null) return null;
	const [, sign, whole, fraction = "", star, printedUnit] = match;
	const [, kept, most] = spellings[unit]!;
	let exponent = unit === "" ? 0 : 3;
	if (printedUnit !== undefined) {
		const found = unitExponent(printedUnit, unit);
		if (found === null) return null;
		exponent = 3 + found - kept;
	} else if (star === "*" || needsUnit) return null;
	const digits = BigInt(`${whole}${fraction}`) * 10n ** BigInt(Math.max(0, exponent));
	const divisor = 10n ** BigInt(fraction.length + Math.max(0, -exponent));
	const rounded = digits % divisor !== 0n;
	// Half away from zero.
	const value = Number((2n * digits + divisor) / (2n * divisor));
	// A double has each decimal of 15 digits.
	if (value > 999_999_999_999_999) return null;
	if (printedUnit === undefined && value > most * (unit === "" ? 1 : 1000)) return null;
	return { value: sign === "-" && value !== 0 ? -value : value, rounded, hasUnit: printedUnit !== undefined };
}

const wallClock = new Intl.DateTimeFormat("sv-SE", {
	timeZone: "Europe/Luxembourg",
	dateStyle: "short",
	timeStyle: "medium",
});

/**
 * UTC in milliseconds from `YYMMDDhhmmssX`, X = S (two hours ahead of UTC) or W (one), and from other forms with the year first; null
 * where no such moment exists, or two do, and for years before 2008 and after 2059.
 */
export function oracleTime(text: string): number | null {
	const printed = text.replace(/^ +| +$/g, "");
	const date = "(?:20(?=[0-9]{6}|[0-9]{2}[-/.]))?([0-9]{2})";
	const whole = /^(?:20(?=\d{12}\D?$))?(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)? *([SWZ]?)$/i;
	const apart = new RegExp(
		`^${date}(?:([0-9]{2})([0-9]{2})|[-/.]([0-9]{2})[-/.]([0-9]{2}))[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))? *([SWZ]?)$`,
		"i",
	);
	const half = /^(?:20(?=\d{6}[ T]))?(\d\d)(\d\d)(\d\d)[ T](\d\d)(\d\d)(\d\d)? *([SWZ]?)$/i;
	const parts = apart.exec(printed);
	// Only a date with its century may have anything between its parts.
	const isShort = parts !== null && parts[4] !== undefined && !/^20\d\d[-/.]/.test(printed);
	const match =
		parts === null || isShort
			? (whole.exec(printed) ?? half.exec(printed))
			: ["", parts[1], parts[2] ?? parts[4], parts[3] ?? parts[5], ...parts.slice(6)];
	if (match === null) return null;
	const [, year, month, day, hour, minute, second = "00", season] = match;
	const written = `20${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
	const local = new Date(written);
	// Date refuses month 25 and rolls 30 February over: only a date that prints as it was written exists.
	if (Number.isNaN(local.getTime()) || local.toISOString() !== written) return null;
	if (Number(year) < 8 || Number(year) > 59) return null;
	const letter = season!.toUpperCase();
	if (letter !== "") return local.getTime() - (letter === "S" ? 7_200_000 : letter === "W" ? 3_600_000 : 0);
	const shown = written.slice(0, 19).replace("T", " ");
	const candidates = [1, 2].map(hours => local.getTime() - hours * 3_600_000);
	const [only, ...rest] = candidates.filter(time => wallClock.format(time) === shown);
	return only === undefined || rest.length > 0 ? null : only;
}

/** Whether a capture time stands for none at all. */
function isNever(printed: string): boolean {
	return printed === "" || /^\d{12}[SWZ]?$/i.test(printed);
}

const latin1 = (text: string) => Buffer.from(text, "latin1");

/** UTF-8, else Latin-1. */
function decode(bytes: Buffer): string {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		return bytes.toString("latin1");
	}
}

/** Text from printed hex: UTF-8, else Latin-1, without control characters; null where it is not hex. */
export function oracleText(hex: string): string | null {
	if (!/^([0-9a-fA-F]{2})*$/.test(hex)) return null;
	return decode(Buffer.from(hex, "hex")).replace(/\p{Cc}/gu, "");
}

/** What is printed, whatever its bytes are. */
function oraclePrinted(printed: string): string {
	if (/^[\t\x20-\x7e]*$/.test(printed)) return printed;
	return decode(latin1(printed)).replace(/\p{Cc}/gu, "");
}

/** What is left when the bytes that fill an empty place are taken off. */
function withoutFill(bytes: string): string {
	return /^\xff*$/.test(bytes) ? "" : bytes.replace(/\0+$/, "");
}

/** An identifier: hex of printable ASCII, or as printed. */
export function oracleName(printed: string): string {
	if (!/^([0-9a-fA-F]{2})*$/.test(printed)) return oraclePrinted(printed).trim();
	const text = withoutFill(Buffer.from(printed, "hex").toString("latin1"));
	return /^[\x20-\x7e]*$/.test(text) ? text.trim() : printed;
}

/** A message: hex of text without control characters but blanks and line ends, or as printed. */
export function oracleMessage(whole: string): string {
	// 1024 characters of two digits each are the most there can be.
	const printed = whole.slice(0, 2_048);
	if (!/^([0-9a-fA-F]{2})*$/.test(printed)) {
		return decode(latin1(withoutFill(printed).slice(0, 1_024))).replace(/\p{Cc}/gu, "");
	}
	const text = decode(latin1(withoutFill(Buffer.from(printed, "hex").toString("latin1"))));
	const plain = text.replace(/[\t\r\n]/g, "");
	return /\p{Cc}/u.test(plain) ? printed.slice(0, 1_024) : plain;
}

function printedValues(brackets: string): string[] {
	return brackets.trimEnd().slice(1, -1).split(")(");
}

const messageCodes = ["0-0:96.13.0", "0-0:96.13.2", "0-0:96.13.3", "0-0:96.13.4", "0-0:96.13.5"];
const mbusShape = /^0-0*([1-4]):(24\.1\.0|96\.1\.[01]|24\.2\.[13]|24\.4\.0)$/;

export function oracleRead(telegram: string): OracleReadings {
	return oracleReadAll(telegram).readings;
}

/** Reads a whole telegram, `/` to CRC. Duplicated lines are not its business: the tests do not print any. */
export function oracleReadAll(telegram: string): { readings: OracleReadings; faults: OracleFaults } {
	const [head = "", ...lines] = telegram.slice(0, telegram.lastIndexOf("!")).split("\r\n");
	const faults: OracleFaults = { line: 0, value: 0, rounded: 0, captureTime: 0, excess: 0 };
	const readings: OracleReadings = {
		identification: oraclePrinted(head.slice(1)),
		version: null,
		time: null,
		clock: "reader",
		serial: null,
		equipment: null,
		values: {},
		messages: [null, null, null, null, null],
		devices: [],
		failures: [],
		objects: [],
		unread: 0,
		understood: false,
	};
	const channels = new Map<number, Map<string, string[]>>();
	let kept = 0;
	for (const line of lines.flatMap(text => text.split(/[\r\n]+/)).filter(text => text !== "")) {
		const match = lineShape.exec(line);
		// A value group of OBIS is a byte.
		if (match === null || [...match[1]!.split(/[-:.]/), match[2] ?? 0].some(group => Number(group) > 255)) {
			faults.line += 1;
			continue;
		}
		const [, code, group, brackets] = match;
		const reduced = code!.replace(/\d+/g, digits => String(Number(digits)));
		const printed = printedValues(brackets!);
		const isNow = group === undefined || group === "255";
		const outcome = isNow ? readKnown(readings, channels, reduced, printed, faults) : undefined;
		if (outcome === false) faults.value += 1;
		if (outcome === true) continue;
		// 24 lines and 2 KiB of them are kept.
		if (readings.objects.length === 24 || kept + line.length > 2_048) {
			faults.excess += 1;
			continue;
		}
		kept += line.length;
		readings.objects.push([line.slice(0, line.indexOf("(")), oraclePrinted(brackets!)]);
	}
	for (const channel of [...channels.keys()].sort()) {
		const device = readDevice(channel, channels.get(channel)!, readings, faults);
		if (device !== null) readings.devices.push(device);
	}
	readings.understood =
		Object.keys(readings.values).length > 0 || readings.devices.some(device => device.value !== null);
	return { readings, faults };
}

/** True: read. False: known, and its value is not what the object has. Undefined: not known. */
function readKnown(
	readings: OracleReadings,
	channels: Map<number, Map<string, string[]>>,
	code: string,
	printed: readonly string[],
	faults: OracleFaults,
): boolean | undefined {
	const text = printed[0] ?? "";
	const mbus = mbusShape.exec(code);
	if (mbus !== null) {
		if (!isMbusValue(mbus[2]!, printed)) return false;
		const channel = Number(mbus[1]);
		if (!channels.has(channel)) channels.set(channel, new Map());
		channels.get(channel)!.set(mbus[2]!, [...printed]);
		return true;
	}
	if (code === "1-3:0.2.8") readings.version = oraclePrinted(text) || readings.version;
	else if (code === "0-0:42.0.0") readings.serial = oracleName(text) || null;
	else if (code === "0-0:96.1.1" || code === "0-0:96.1.0") readings.equipment = oracleName(text) || readings.equipment;
	else if (messageCodes.includes(code)) readings.messages[messageCodes.indexOf(code)] = oracleMessage(text) || null;
	else if (code === "0-0:1.0.0") {
		const time = oracleTime(text);
		if (time === null) return text === "";
		readings.time = time;
		readings.clock = /[SWZ]$/i.test(text) ? "meter" : "local";
	} else if (code === "1-0:99.97.0") return readLog(readings, printed);
	else return readRegisters(readings, code, printed, faults);
	return true;
}

/** `(count)(0-0:96.7.19)(end)(seconds)…` */
function readLog(readings: OracleReadings, [, object = "", ...entries]: readonly string[]): boolean | undefined {
	if (object !== "" && object !== "0-0:96.7.19") return undefined;
	for (let at = 1; at < entries.length; at += 2) {
		const duration = /^\s*(\d+)/.exec(entries[at]!)?.[1];
		if (entries[at] === "") continue;
		if (duration === undefined) return false;
		if (Number(duration) < 2 ** 31 - 1) {
			readings.failures.push({ time: oracleTime(entries[at - 1]!), duration: Number(duration) });
		}
	}
	return true;
}

/** Each of the first three values goes to the first register of the code that can have it and has none. */
function readRegisters(
	readings: OracleReadings,
	code: string,
	printed: readonly string[],
	faults: OracleFaults,
): boolean | undefined {
	const known = oracleRegisters.filter(register => register.code === code);
	if (known.length === 0) return undefined;
	const luxembourg = luxembourgOracle.some(register => register.code === code);
	// Where a code has registers of Luxembourg's and others, a line is for one or the other.
	const sets = [
		known.filter(register => luxembourgOracle.includes(register)),
		known.filter(register => !luxembourgOracle.includes(register)),
	];
	return sets.filter(set => set.length > 0).some(set => readSet(readings, set, printed, faults, luxembourg));
}

function readSet(
	readings: OracleReadings,
	known: readonly OracleRegister[],
	printed: readonly string[],
	faults: OracleFaults,
	luxembourg: boolean,
): boolean {
	const taken = new Set<number>();
	let isLeft = false;
	for (const [index, text] of printed.slice(0, 3).entries()) {
		if (text === "") {
			taken.add(index);
			continue;
		}
		const found = known
			.filter(register => !taken.has(register.place))
			.map(register => {
				const isSecond = luxembourg && !luxembourgOracle.includes(register);
				const time = register.unit === "time" ? oracleTime(text) : null;
				const isTime = register.unit === "time" || /^\d{12}[SWZ] *$/i.test(text);
				const number = isTime ? null : oracleNumber(text, register.unit, isSecond);
				return { register, value: time ?? number?.value ?? null, rounded: number?.rounded ?? false };
			})
			.find(({ value }) => value !== null);
		if (found === undefined) {
			isLeft = true;
			continue;
		}
		taken.add(found.register.place);
		readings.values[found.register.name] = found.value!;
		if (found.rounded) faults.rounded += 1;
	}
	return !isLeft || known.every(register => taken.has(register.place));
}

/** What meters of a type count in, where they do not say. */
function usualUnit(type: number): string {
	if ([3, 6, 7, 21, 22].includes(type)) return "m³";
	if ([4, 10, 11, 12, 13].includes(type)) return "GJ";
	return type === 2 ? "kWh" : "";
}

/** EN 13757-3, device types; `other` for the rest. */
export const oracleTypes: Readonly<Record<number, string>> = {
	0: "other",
	2: "electricity",
	3: "gas",
	4: "heat",
	6: "warm_water",
	7: "water",
	8: "heat_cost_allocator",
	10: "cooling",
	11: "cooling_inlet",
	12: "heat_inlet",
	13: "heat_cooling",
	21: "hot_water",
	22: "cold_water",
};

function isCount(printed: string): boolean {
	const number = oracleNumber(printed, "");
	return printed === "" || (number !== null && number.value >= 0);
}

const indexUnits = ["m³", "GJ", "kWh"];

function readIndex(printed: string): { value: number; unit: string; rounded: boolean } | null {
	for (const unit of indexUnits) {
		const number = oracleNumber(printed, unit, unit !== "m³");
		if (number !== null) return { value: number.value, unit: number.hasUnit ? unit : "", rounded: number.rounded };
	}
	return null;
}

/** Capture time (null where the line has none) and index; null where the line has no index. */
function findIndex(printed: readonly string[]): { captured: string | null; index: string } | null {
	const [first = "", second] = printed;
	if (second === undefined) return readIndex(first) === null ? null : { captured: null, index: first };
	if (second === "") return null;
	if (readIndex(second) !== null) return { captured: first, index: second };
	return readIndex(first) === null ? null : { captured: second, index: first };
}

function isMbusValue(object: string, printed: readonly string[]): boolean {
	if (object.startsWith("96.")) return true;
	if (!object.startsWith("24.2.")) return isCount(printed[0]!);
	return findIndex(printed) !== null || printed.at(printed.length === 1 ? 0 : 1) === "";
}

function readDevice(
	channel: number,
	lines: ReadonlyMap<string, readonly string[]>,
	readings: OracleReadings,
	faults: OracleFaults,
): OracleDevice | null {
	const id = oracleName(lines.get("96.1.1")?.[0] ?? lines.get("96.1.0")?.[0] ?? "") || null;
	const found = findIndex(lines.get("24.2.3") ?? lines.get("24.2.1") ?? [""]);
	let index = found === null ? null : readIndex(found.index)!;
	let time = found?.captured == null ? null : oracleTime(found.captured);
	if (found?.captured != null && time === null) {
		if (index!.value === 0 && isNever(found.captured)) {
			readings.unread += 1;
			index = null;
		} else faults.captureTime += 1;
	}
	if (index?.rounded === true) faults.rounded += 1;
	if (id === null && index === null) return null;
	if (time !== null && readings.time !== null && time > readings.time + 86_400_000) {
		time = null;
		faults.captureTime += 1;
	}
	const type = Number(oracleNumber(lines.get("24.1.0")?.[0] ?? "", "")?.value ?? 0);
	const valve = oracleNumber(lines.get("24.4.0")?.[0] ?? "", "")?.value ?? null;
	const unit = index === null || index.unit === "" ? usualUnit(type) : index.unit;
	return { type: oracleTypes[type] ?? "other", id, channel, value: index?.value ?? null, unit, time, valve };
}
