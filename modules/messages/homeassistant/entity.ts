/** Entities of Home Assistant, made from the register table. */
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

/** `active_power_import_l1` is `Active power import L1`. */
export function nameEntity(key: string): string {
	const words = key
		.replace(/_l([123])$/, " L$1")
		.replace(/_([qt][1-4])$/, (_, group) => ` ${group.toUpperCase()}`)
		.replace(/_/g, " ");
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

const stateOptions = `,"dev_cla":"enum","ops":[${breakerStates.replace(/'/g, '"')}]${diagnostic}`;

/** What a meter has besides its registers. */
const besides = 3;

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
		default:
			return registerEntity(registers[known[at]!]!);
	}
}

/** Whether the name may stand in a template between quotes. */
export function isPlainName(name: string): boolean {
	return /^[A-Za-z0-9_.-]+$/.test(name);
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

const power = describe(quantity("power", "measurement", "kW", 3));
const energy = describe(quantity("energy", "total_increasing", "kWh", 3));

/** The power class account, out of its own message. */
const powerFields: readonly (readonly [string, string])[] = Object.freeze(
	[
		["quarter_power", power],
		["quarter_forecast", power],
		["exceeded_today", energy],
		["exceeded_month", energy],
		["missing_month", diagnostic],
		["peak_month", power],
		["cost_month", ',"dev_cla":"monetary","unit_of_meas":"EUR","sug_dsp_prc":2'],
	],
	true,
);
export const powerEntityCount = powerFields.length;

export function powerEntity(at: number): Entity {
	const [key, rest] = powerFields[at]!;
	return entity(key, fieldTemplate(key), rest);
}
