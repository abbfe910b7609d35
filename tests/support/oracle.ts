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
	serial: string | null;
	/** By the meaning given in `oracleNames`, thousandths of the unit, or the count itself. Only what the telegram has. */
	values: Record<string, number>;
	messages: (string | null)[];
	devices: OracleDevice[];
	/** Objects that no table knows: code and the rest of the line. */
	objects: [string, string][];
}

const lineShape = /^(\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3})((?:\([^()]*\))+)$/;
const numberShape = /^(-?)(\d+)(?:\.(\d+))?(?:\*([^*]+))?$/;

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

export interface OracleRegister {
	code: string;
	name: string;
	unit: string;
	place: number;
}

export const oracleRegisters: readonly OracleRegister[] = [
	...single.map(([code, name, unit, place]) => ({ code, name, unit, place: place ?? 0 })),
	...perPhase.flatMap(([group, rest, name, unit]) =>
		[0, 1, 2].map(phase => ({
			code: `1-0:${group + 20 * phase}.${rest}`,
			name: `${name}_l${phase + 1}`,
			unit,
			place: 0,
		})),
	),
];

/** Thousandths of `unit` from a printed value such as `000006.695*kWh`; null where it is not one. */
export function oracleNumber(printed: string, unit: string): number | null {
	const match = numberShape.exec(printed);
	if (match === null) return null;
	const [, sign, whole, fraction = "", printedUnit] = match;
	let scale = 1n;
	if (printedUnit !== undefined) {
		const wanted = unit.toLowerCase().replace("³", "3");
		const found = printedUnit.toLowerCase().replace("³", "3");
		if (wanted === `k${found}`) scale = 1n;
		else if (wanted === found && unit !== "") scale = 1000n;
		else return null;
	} else if (unit !== "") scale = 1000n;
	const ten = 10n ** BigInt(fraction.length);
	const scaled = BigInt(`${whole}${fraction}`) * scale;
	if (scaled % ten !== 0n) return null;
	const value = Number(scaled / ten);
	if (!Number.isSafeInteger(value)) return null;
	return sign === "-" && value !== 0 ? -value : value;
}

/**
 * UTC in milliseconds from `YYMMDDhhmmssX`, X = S (two hours ahead of UTC) or W (one); null where no such moment exists, and for
 * what meters print where they mean none: 1 January 2000, and years from 70 on.
 */
export function oracleTime(printed: string): number | null {
	const match = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)([SW])$/.exec(printed);
	if (match === null) return null;
	const [, year, month, day, hour, minute, second, season] = match;
	const written = `20${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
	const local = new Date(written);
	// Date refuses month 25 and rolls 30 February over: only a date that prints as it was written exists.
	if (Number.isNaN(local.getTime()) || local.toISOString() !== written) return null;
	if (Number(year) >= 70 || written.startsWith("2000-01-01")) return null;
	return local.getTime() - (season === "S" ? 7_200_000 : 3_600_000);
}

/** Text from printed hex: UTF-8, else Latin-1, without control characters; null where it is not hex. */
export function oracleText(hex: string): string | null {
	if (!/^([0-9a-fA-F]{2})*$/.test(hex)) return null;
	const bytes = Buffer.from(hex, "hex");
	let text: string;
	try {
		text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		text = bytes.toString("latin1");
	}
	return text.replace(/\p{Cc}/gu, "");
}

function printedValues(brackets: string): string[] {
	return brackets.slice(1, -1).split(")(");
}

const messageCodes = ["0-0:96.13.0", "0-0:96.13.2", "0-0:96.13.3", "0-0:96.13.4", "0-0:96.13.5"];

/** Reads a whole telegram, `/` to CRC. Duplicated lines are not its business: the tests do not print any. */
export function oracleRead(telegram: string): OracleReadings {
	const [head = "", ...lines] = telegram.slice(0, telegram.lastIndexOf("!")).split("\r\n");
	const readings: OracleReadings = {
		identification: head.slice(1),
		version: null,
		time: null,
		serial: null,
		values: {},
		messages: [null, null, null, null, null],
		devices: [],
		objects: [],
	};
	const channels = new Map<number, Map<string, string[]>>();
	for (const line of lines) {
		const match = lineShape.exec(line);
		if (match === null) continue;
		const code = match[1]!;
		// A value group of OBIS is a byte.
		if (code.split(/[-:.]/).some(group => Number(group) > 255)) continue;
		const printed = printedValues(match[2]!);
		const mbus = /^0-([1-4]):(24\.1\.0|96\.1\.0|24\.2\.1|24\.4\.0)$/.exec(code);
		if (mbus !== null) {
			const channel = Number(mbus[1]);
			if (!channels.has(channel)) channels.set(channel, new Map());
			channels.get(channel)!.set(mbus[2]!, printed);
		} else if (!readKnown(readings, code, printed)) readings.objects.push([code, match[2]!]);
	}
	for (const channel of [...channels.keys()].sort()) {
		const device = readDevice(channel, channels.get(channel)!);
		if (device !== null) readings.devices.push(device);
	}
	return readings;
}

function readKnown(readings: OracleReadings, code: string, printed: readonly string[]): boolean {
	const text = printed[0] ?? "";
	if (code === "1-3:0.2.8") readings.version = text || null;
	else if (code === "0-0:1.0.0") readings.time = oracleTime(text);
	else if (code === "0-0:42.0.0") readings.serial = oracleText(text)?.trim() || null;
	else if (messageCodes.includes(code)) readings.messages[messageCodes.indexOf(code)] = oracleText(text) || null;
	else {
		const known = oracleRegisters.filter(register => register.code === code);
		for (const register of known) {
			const value = oracleNumber(printed[register.place] ?? "", register.unit);
			if (value !== null) readings.values[register.name] = value;
		}
		return known.length > 0;
	}
	return true;
}

const oracleIndexUnits: Readonly<Record<string, string>> = { m3: "m³", gj: "GJ", kwh: "kWh", wh: "kWh" };

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

function readDevice(channel: number, lines: ReadonlyMap<string, readonly string[]>): OracleDevice | null {
	const id = oracleText(lines.get("96.1.0")?.[0] ?? "")?.trim() || null;
	const [captured = "", index = ""] = lines.get("24.2.1") ?? [];
	const time = oracleTime(captured);
	if (id === null && time === null) return null;
	const type = Number(lines.get("24.1.0")?.[0] ?? 0);
	const printed = /\*(.*)$/.exec(index)?.[1]?.toLowerCase();
	// What stands beside a time that is none was never read, its unit included.
	const unit = (time === null ? undefined : oracleIndexUnits[printed ?? ""]) ?? usualUnit(type);
	const valve = lines.get("24.4.0")?.[0];
	return {
		type: oracleTypes[type] ?? "other",
		id,
		channel,
		value: time === null ? null : oracleNumber(index, unit === "" ? "V" : unit),
		unit,
		time,
		valve: valve === undefined ? null : Number(valve),
	};
}
