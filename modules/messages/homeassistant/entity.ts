/** Entities of Home Assistant, made from the register table. */
import { consistsOf, letters, withoutEnding } from "../../p1/characters.js";
import { type Register, registers, type Unit } from "../../p1/obis.js";
import type { MbusDevice } from "../../p1/readings.js";

/**
 * One entity of Home Assistant: a name and what its discovery message says of it, as the inside of a JSON object. Text and no
 * object, because sixty of them are made at a time, and because what is preloaded cannot be given to `JSON.stringify`.
 */
export interface Entity {
	/** Last part of its identifiers. */
	key: string;
	/** `"name":…,"val_tpl":…` and so on. */
	body: string;
	/** Home Assistant's platform, where it is not a sensor. */
	platform?: "update";
}

/** What every message of Home Assistant's MQTT sensors knows: class, state class, unit, decimals to show. */
interface Quantity {
	readonly deviceClass: string;
	readonly stateClass: string;
	readonly unit: string;
	readonly precision: number;
	/** The value in `unit` is the message's value times this. */
	readonly factor: number;
}

function quantity(deviceClass: string, stateClass: string, unit: string, precision: number, factor = 1): Quantity {
	return { deviceClass, stateClass, unit, precision, factor };
}

/** Reactive and apparent power in var and VA: older versions of Home Assistant know no kvar and no kVA. */
const quantities: readonly (readonly [Unit, Quantity])[] = Object.freeze(
	[
		["kWh", quantity("energy", "total_increasing", "kWh", 3)],
		["kvarh", quantity("reactive_energy", "total_increasing", "kvarh", 3)],
		["kW", quantity("power", "measurement", "kW", 3)],
		["kvar", quantity("reactive_power", "measurement", "var", 0, 1000)],
		["kVA", quantity("apparent_power", "measurement", "VA", 0, 1000)],
		["V", quantity("voltage", "measurement", "V", 1)],
		["A", quantity("current", "measurement", "A", 0)],
		["Hz", quantity("frequency", "measurement", "Hz", 2)],
		["1", quantity("power_factor", "measurement", "", 3)],
		["°", quantity("", "measurement", "°", 0)],
		["kVAh", quantity("", "total_increasing", "kVAh", 3)],
	],
	true,
);

/** States of the breaker, the relays and the gas valve (COSEM class 70), as Home Assistant shows them. */
const breakerStates = "'disconnected','connected','ready'";

/** One of the letters, and a digit. */
function isGroupOf(group: string, kinds: string, digits: string): boolean {
	return kinds.includes(group.charAt(0)) && consistsOf(group.charAt(1), digits);
}

/** `active_power_import_l1` is `Active power import L1`. */
export function nameEntity(key: string): string {
	const group = key.slice(-2);
	const isGroup = key.charAt(key.length - 3) === "_" && (isGroupOf(group, "l", "13") || isGroupOf(group, "qt", "14"));
	const words = (isGroup ? key.slice(0, -2) + group.toUpperCase() : key).replaceAll("_", " ");
	return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A body of which `rest` is everything but name and template. What a message does not have is unknown, never stale. */
export function entity(key: string, template: string, rest: string): Entity {
	return { key, body: `"name":"${nameEntity(key)}","val_tpl":${JSON.stringify(template)}${rest}` };
}

/** The field `path` of the message, at most one object deep, times `factor`. */
export function fieldTemplate(path: string, factor = 1): string {
	const [first, second] = path.split(".");
	if (second !== undefined) return `{{(value_json.${first}|default({})).${second}|default('None')}}`;
	if (factor === 1) return `{{value_json.${path}|default('None')}}`;
	return `{{(value_json.${path}*${factor})|round|int if value_json.${path} is defined else 'None'}}`;
}

function describe({ deviceClass, stateClass, unit, precision }: Quantity): string {
	const what = deviceClass === "" ? "" : `,"dev_cla":"${deviceClass}"`;
	const measured = unit === "" ? "" : `,"unit_of_meas":"${unit}"`;
	return `${what},"stat_cla":"${stateClass}"${measured},"sug_dsp_prc":${precision}`;
}

export const diagnostic = ',"ent_cat":"diagnostic"';
export const increasing = ',"stat_cla":"total_increasing"';

/** The entity of one of the meter's registers. */
export function registerEntity({ name, unit }: Register): Entity {
	for (const [known, quantity] of quantities) {
		if (known !== unit) continue;
		const category = name.includes("threshold") ? diagnostic : "";
		// Import less export falls, too.
		const state = name === "active_energy_net" ? { ...quantity, stateClass: "total" } : quantity;
		return entity(name, fieldTemplate(name, quantity.factor), describe(state) + category);
	}
	if (unit === "time") return entity(name, fieldTemplate(name), `,"dev_cla":"timestamp"${diagnostic}`);
	if (name === "tariff") return entity(name, fieldTemplate(name), "");
	if (!name.endsWith("_state")) return entity(name, fieldTemplate(name), increasing + diagnostic);
	return entity(name, stateTemplate(`value_json.${name}`), stateOptions);
}

/** `expression` as a word; the index 9 is that of no state. */
function stateTemplate(expression: string): string {
	return `{{[${breakerStates}][${expression}|default(9)]|default('None')}}`;
}

const stateOptions = `,"dev_cla":"enum","ops":[${breakerStates.replaceAll("'", '"')}]${diagnostic}`;

/** What a meter has besides its registers. */
const besides = 4;

/** A meter's entities: of the registers `known` by their places, then the others. One at a time, as a message has sixty. */
export function countMeterEntities(known: readonly number[]): number {
	return known.length + besides;
}

export function meterEntity(known: readonly number[], at: number): Entity {
	switch (at - known.length) {
		case 0:
			return entity("time", fieldTemplate("time"), `,"dev_cla":"timestamp"${diagnostic}`);
		case 1:
			// States of Home Assistant hold 255 characters.
			return entity("message", "{{(value_json.message|default('None'))[:255]}}", diagnostic);
		case 2:
			return entity("verdict", fieldTemplate("verdict"), diagnostic);
		case 3:
			return entity("active_power", fieldTemplate("active_power"), power);
		default:
			return registerEntity(registers[known[at]!]!);
	}
}

/** What most people look at. Everything else is there, and disabled until somebody enables it: each entity is a row per telegram. */
const usualKeys: readonly string[] = Object.freeze([
	"active_energy_import",
	"active_energy_export",
	"active_energy",
	"active_power",
	"active_power_import",
	"active_power_export",
	"active_power_import_l1",
	"active_power_import_l2",
	"active_power_import_l3",
	"tariff",
	"breaker_state",
	"meter_state",
	"index",
	"quarter_power",
	"quarter_forecast",
	"exceeded_today",
	"exceeded_month",
	"peak_month",
	"cost_month",
	"peak_demand_import",
	"signal_strength",
	"reset_reason",
	"boots",
	"firmware",
]);

/** The keys of all entities that a meter can have. */
export function meterKeys(): string[] {
	const keys = registers.map(({ name }) => name);
	for (let at = 0; at < besides; at += 1) keys.push(meterEntity([], at).key);
	for (const [key] of powerFields) keys.push(key);
	keys.push(meterStateEntity("").key);
	return keys;
}

/** The keys of the entities of a meter on the M-Bus, with a valve or without one. */
export function deviceKeys(device: MbusDevice): string[] {
	return [0, 1, 2].map(at => deviceEntity(device, at).key);
}

export function readerKeys(): string[] {
	return readerFields.map(([key]) => key);
}

/** Whether Home Assistant enables the entity by itself; those of tariffs (`…_t1`) as their sum. */
export function isUsual(key: string): boolean {
	return usualKeys.includes(isGroupOf(key.slice(-2), "t", "14") ? withoutEnding(key, `_${key.slice(-2)}`) : key);
}

/** Whether the name may stand in a template between quotes. */
export function isPlainName(name: string): boolean {
	return name !== "" && consistsOf(name, `${letters}09__..--`);
}

/** How the reader fares with the meter of this plain name, out of the reader's diagnostics. */
export function meterStateEntity(name: string): Entity {
	const found = `value_json.meters|default([])|selectattr('name','eq','${name}')|map(attribute='state')|first`;
	return entity("meter_state", `{{${found}|default('None')}}`, diagnostic);
}

/** The entities of a meter on the M-Bus: its index, when that was captured, and the valve where there is one. */
export function countDeviceEntities({ valve }: MbusDevice): number {
	return valve === null ? 2 : 3;
}

export function deviceEntity({ type, unit, id, channel }: MbusDevice, at: number): Entity {
	const isPlain = id !== null && isPlainName(id);
	// A device is found by its identifier, because its channel may change; and by its type, because two of them may share either.
	const choice = isPlain ? `'id','eq','${id}'` : `'channel','eq',${channel}`;
	const found = `value_json.devices|default([])|selectattr('type','eq','${type}')|selectattr(${choice})`;
	const find = (field: string) => `(${found}|map(attribute='${field}')|first)`;
	if (at === 0) return entity("index", `{{${find("value")}|default('None')}}`, describeIndex(type, unit));
	if (at === 1)
		return entity("index_time", `{{${find("time")}|default('None')}}`, `,"dev_cla":"timestamp"${diagnostic}`);
	return entity("valve_state", stateTemplate(find("valve_state")), stateOptions);
}

function describeIndex(type: string, unit: Unit): string {
	if (unit === "") return increasing;
	const deviceClass = unit !== "m³" ? "energy" : type === "gas" ? "gas" : type.includes("water") ? "water" : "volume";
	return describe(quantity(deviceClass, "total_increasing", unit, 3));
}

const decibels = ',"dev_cla":"signal_strength","unit_of_meas":"dBm","stat_cla":"measurement"';
const seconds = ',"dev_cla":"duration","unit_of_meas":"s","stat_cla":"measurement"';
const bytes = ',"dev_cla":"data_size","unit_of_meas":"B","stat_cla":"measurement"';

/** How the reader fares, out of its diagnostics message: key, template, the rest. */
const readerFields: readonly (readonly [string, string, string])[] = Object.freeze(
	[
		["signal_strength", fieldTemplate("network.signal_strength"), decibels],
		["uptime", fieldTemplate("uptime"), seconds],
		["boots", fieldTemplate("boots"), increasing],
		["reset_reason", fieldTemplate("reset_reason"), ""],
		["exceptions", fieldTemplate("exceptions"), increasing],
		["free_memory", fieldTemplate("free_memory"), bytes],
		["telegrams", fieldTemplate("telegrams"), increasing],
		["faults", fieldTemplate("faults"), increasing],
		["broker_connects", fieldTemplate("broker.connects"), increasing],
	],
	true,
);
export const readerEntityCount = readerFields.length;

export function readerEntity(at: number): Entity {
	const [key, template, rest] = readerFields[at]!;
	return entity(key, template, rest + diagnostic);
}

/** The command that the entity below sends. */
export const installWord = "install";
export const updateKey = "firmware";

/** The program, which Home Assistant may have replaced by a command on `topic`. */
export function updateEntity(topic: string): Entity {
	const command = `"cmd_t":${JSON.stringify(topic)},"pl_inst":"${installWord}"`;
	return {
		key: updateKey,
		body: `"name":"Firmware","dev_cla":"firmware",${command},"ent_cat":"config"`,
		platform: "update",
	};
}

const power = describe(quantity("power", "measurement", "kW", 3));
const energy = describe(quantity("energy", "total_increasing", "kWh", 3));

/** A counter of pulses. */
const counterFields: readonly (readonly [string, string])[] = Object.freeze(
	[
		["active_energy", energy],
		["active_power", power],
		["count", increasing + diagnostic],
	],
	true,
);
export const counterEntityCount = counterFields.length;

export function counterEntity(at: number): Entity {
	const [key, rest] = counterFields[at]!;
	return entity(key, fieldTemplate(key), rest);
}

export function counterKeys(): string[] {
	return counterFields.map(([key]) => key);
}

/** Where a sum began again: Home Assistant does not take it for negative costs. */
const monthly =
	',"lrst_val_tpl":"{{(value_json.time|as_datetime|as_local).replace(day=1,hour=0,minute=0,second=0).isoformat()}}"';

/** The power class account, out of its own message. */
const powerFields: readonly (readonly [string, string])[] = Object.freeze(
	[
		["quarter_power", power],
		["quarter_forecast", power],
		["exceeded_today", energy],
		["exceeded_month", energy],
		["missing_month", diagnostic],
		["peak_month", power],
		["cost_month", `,"dev_cla":"monetary","stat_cla":"total","unit_of_meas":"EUR","sug_dsp_prc":2${monthly}`],
	],
	true,
);
export const powerEntityCount = powerFields.length;

export function powerEntity(at: number): Entity {
	const [key, rest] = powerFields[at]!;
	return entity(key, fieldTemplate(key), rest);
}
