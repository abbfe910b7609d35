/** The settings about publishing and serving. */

import type { Layout } from "../messages/formats.js";
import type { DeadBands } from "../meter/rate.js";
import { consistsOf, isDecimal, isDigits, isFramed, letters } from "../p1/characters.js";
import { type FileAddress, parseUpdateUrl } from "./address.js";
import {
	countBytes,
	guarding,
	inWords,
	oneOf,
	type Setting,
	setting,
	splitList,
	splitTopics,
	validateTopic,
	validateTopics,
} from "./setting.js";

/** In which forms, how often and to whom readings are given. */
export interface IntegrationSettings {
	/** `json` is the state message. */
	layouts: ("json" | Layout)[];
	mode: "telegram" | "interval" | "change";
	/** Milliseconds between two messages, or the longest silence where only changes are published. */
	period: number;
	deadBands: DeadBands;
	/** Of the state message. */
	stateQuality: 0 | 1;
	stateRetain: boolean;
	/** Of all other layouts. */
	valuesQuality: 0 | 1;
	valuesRetain: boolean;
	/** One for the first meter, or one for each. */
	smartyreaderBases: readonly string[];
	sgrimeeBases: readonly string[];
	dsmrReaderBases: readonly string[];
	smartmeterBase: string;
	discovery: "off" | "device" | "entity";
	discoveryPrefix: string;
	/** Readings without a tag, of a meter whose telegrams had a good one: said to be so, or left out. */
	unproven: "say" | "omit";
	/** W, or null without an account: one for all meters, or one for each. */
	powerClasses: readonly (number | null)[];
	/** Per kWh above the class, or null. */
	powerPrice: number | null;
	/** Names for people: how a meter's name ends, and what it is called. */
	labels: readonly (readonly [string, string])[];
	/** TCP ports: one for all meters, or one for each; none where the server is off. */
	telegramPorts: readonly number[];
	/** The same, or null where it is off. */
	webPort: number | null;
	webToken: string | null;
	/** The token is asked for where something is read, too. */
	isReadGuarded: boolean;
	/** Names in lower case by which HTTP may be asked for, besides those that only the house knows. */
	webHosts: string[];
	/** Where the next program lies in the house, or null. */
	updateUrl: FileAddress | null;
}

const layouts: readonly IntegrationSettings["layouts"][number][] = Object.freeze([
	"json",
	"values",
	"smartyreader",
	"smartmeter",
	"sgrimee",
	"dsmr-reader",
	"raw",
]);

/** Names of `deadBand`, and how many thousandths of the register's unit one is. */
const bandUnits: readonly (readonly [keyof DeadBands, number])[] = Object.freeze(
	[
		["power", 1],
		["energy", 1],
		["voltage", 1000],
		["current", 1000],
		["index", 1],
	],
	true,
);

const defaultDeadBands = "power=20 energy=10 voltage=2 current=1 index=1";
/** Home Assistant shows a value as unavailable after three of these. */
const telegramMs = 10_000;
const silenceMs = 60_000;

/** Stands for a token that nobody has. It is too short for a token that a person sets. */
const shut = "shut";

/** The part of `settingTable` that is about publishing and serving. */
export const integrationTable: readonly Setting[] = Object.freeze([
	inWords(setting("layout", "json", `any of ${layouts.join(", ")}`, validateLayout)),
	inWords(setting("publish", "telegram", "telegram (each one), change, or a number of seconds", validatePublish)),
	inWords(
		setting("deadBand", defaultDeadBands, "what is no change: W or var, Wh, V, A, litres or MJ", validateDeadBands),
	),
	setting("stateQuality", "1", "quality of service of the state message, 0 or 1", value =>
		oneOf("stateQuality", value, "0", "1"),
	),
	inWords(
		setting("stateRetain", "yes", "yes to retain the state message", value => oneOf("stateRetain", value, "yes", "no")),
	),
	setting("valuesQuality", "0", "quality of service of the other layouts, 0 or 1", value =>
		oneOf("valuesQuality", value, "0", "1"),
	),
	inWords(
		setting("valuesRetain", "no", "yes to retain the other layouts", value =>
			oneOf("valuesRetain", value, "yes", "no"),
		),
	),
	topicsSetting("smartyreaderBase", "lamsmarty", "first topic level of the layout smartyreader"),
	topicSetting("smartmeterBase", "lamsmarty", "first topic level of the layout smartmeter"),
	topicsSetting("sgrimeeBase", "smarty", "first topic level of the layout sgrimee"),
	topicsSetting("dsmrReaderBase", "dsmr", "first topic level of the layout dsmr-reader"),
	inWords(
		setting("discovery", "device", "Home Assistant: a message per device, per entity, or off", value =>
			oneOf("discovery", value, "device", "entity", "off"),
		),
	),
	topicSetting("discoveryPrefix", "homeassistant", "first topic level of Home Assistant"),
	setting("labels", null, "what meters are called: end of the serial number = name, ...", validateLabels),
	guarding(
		inWords(setting("unproven", "say", "readings without the tag that others had: say or omit", validateUnproven)),
		"omit",
		"they are left out",
	),
	inWords(setting("powerClass", "off", "power class of the network fee in kW (3, 7, 12), or off", validateClass)),
	setting("powerPrice", null, "price in EUR of a kWh above the power class", validatePrice),
	inWords(setting("telegramPort", "off", "TCP port for telegrams in clear, usually 8088, or off", validatePorts)),
	portSetting("webPort", "HTTP, usually 80"),
	guarding(
		setting("webToken", null, "bearer token that HTTP asks for where something is changed", validateToken, true),
		shut,
		"HTTP is shut",
	),
	guarding(
		inWords(
			setting("webRead", "open", "open to the house, or token: HTTP asks for it where something is read, too", value =>
				oneOf("webRead", value, "open", "token"),
			),
		),
		"token",
		"HTTP asks for webToken",
	),
	setting("webHost", null, "further names of this reader for HTTP", validateHost),
	setting("updateUrl", null, "signed update in the house that Home Assistant may install", validateUpdateUrl),
]);

function topicSetting(name: string, fallback: string, help: string): Setting {
	// A parameter that a function keeps would be a variable in RAM.
	const kept = name;
	return setting(name, fallback, help, value => validateTopic(kept, value));
}

function topicsSetting(name: string, fallback: string, help: string): Setting {
	const kept = name;
	return setting(name, fallback, help, value => validateTopics(kept, value));
}

function portSetting(name: string, help: string): Setting {
	const kept = name;
	return inWords(
		setting(name, "off", `TCP port for ${help}, or off`, value =>
			value === "off" || isPort(value) ? null : `${kept} must be off or a number from 1 to 65535.`,
		),
	);
}

function isPort(value: string): boolean {
	return isDigits(value, 5) && Number(value) >= 1 && Number(value) <= 65_535;
}

function validatePorts(value: string): string | null {
	const words = splitList(value);
	if (value === "off") return null;
	if (words.length === 0 || !words.every(isPort)) return "telegramPort must be off or a number from 1 to 65535.";
	const isTwice = new Set(words.map(Number)).size < words.length;
	return isTwice ? "telegramPort has a port twice." : null;
}

/** `114004=PV, 26568=heat pump` */
function parseLabels(value: string): [string, string][] {
	return value.split(",").map(pair => {
		const at = pair.indexOf("=");
		return [pair.slice(0, Math.max(0, at)).trim(), pair.slice(at + 1).trim()];
	});
}

function validateLabels(value: string): string | null {
	for (const [end, name] of parseLabels(value)) {
		if (end === "" || name === "") return "labels must be a list like 114004=PV, 26568=heat pump.";
		if (countBytes(name) > 32) return "labels has a name of more than 32 bytes.";
	}
	return null;
}

function validateLayout(value: string): string | null {
	const words = splitList(value);
	if (words.length > 0 && words.every(word => layouts.some(layout => layout === word))) return null;
	return `layout must be one or more of ${layouts.join(", ")}.`;
}

function validatePublish(value: string): string | null {
	if (value === "telegram" || value === "change") return null;
	if (isDigits(value, 4) && Number(value) >= 10 && Number(value) <= 3600) return null;
	return "publish must be telegram, change, or a number of seconds from 10 to 3600.";
}

/** The bands that a value names, or null when it is not such a list. */
function parseDeadBands(value: string): Partial<DeadBands> | null {
	const bands: Partial<DeadBands> = {};
	for (const word of splitList(value)) {
		const sign = word.indexOf("=");
		const [band, number] = [word.slice(0, Math.max(0, sign)), word.slice(sign + 1)];
		const known = bandUnits.find(([name]) => name === band);
		if (known === undefined || !isDecimal(number, 6, 3)) return null;
		bands[known[0]] = Math.round(Number(number) * known[1]);
	}
	return bands;
}

function validateDeadBands(value: string): string | null {
	if (parseDeadBands(value) !== null) return null;
	return `deadBand must be a list like ${defaultDeadBands}, of which any may be left out.`;
}

function validateUnproven(value: string): string | null {
	return oneOf("unproven", value, "say", "omit");
}

function validateClass(value: string): string | null {
	const words = splitList(value);
	const isClass = (word: string) => word === "off" || (isDigits(word, 3) && Number(word) > 0);
	if (words.length > 0 && words.every(isClass)) return null;
	return "powerClass must be off or a number of kW, for instance 3, 7 or 12.";
}

function validatePrice(value: string): string | null {
	return isDecimal(value, 3, 6) ? null : "powerPrice must be a number like 0.1139.";
}

function validateToken(value: string): string | null {
	let end = value.length;
	while (value.charAt(end - 1) === "=") end -= 1;
	if (end === 0 || !consistsOf(value.slice(0, end), `${letters}09..__~~++//--`))
		return "webToken may hold letters, digits and . _ ~ + / - only.";
	return value.length < 8 ? "webToken has fewer than 8 characters, which is soon guessed." : null;
}

/** Letters, digits and _ at both ends, and dots and dashes between. */
export function isHostName(text: string): boolean {
	return isFramed(text, `${letters}09__`, "..--");
}

function validateHost(value: string): string | null {
	const words = splitList(value);
	if (words.length > 0 && words.every(isHostName)) return null;
	return "webHost must be one or more names like smarty.example.org, without a port.";
}

function validateUpdateUrl(value: string): string | null {
	const found = parseUpdateUrl(value);
	return typeof found === "string" ? found : null;
}

/** What is wrong only together. */
export function validateIntegrationsTogether(get: (name: string) => string | null): string | null {
	const port = numberOf(get("webPort"));
	if (port !== null && splitList(get("telegramPort") ?? "").some(word => Number(word) === port))
		return "telegramPort and webPort are the same port.";
	if (get("webRead")?.toLowerCase() === "token" && get("webToken") === null) {
		return "webRead is token, and webToken is not set: HTTP shows nothing to anybody.";
	}
	const layout = get("layout");
	if (layout === null || validateLayout(layout) !== null || splitList(layout).includes("json")) return null;
	if (get("discovery") === "off") return null;
	return "layout has no json, of which Home Assistant's entities are made: add json, or set discovery off.";
}

/** Out of values that are good; null only where neither a value nor a fallback is there. */
export function readIntegrations(get: (name: string) => string | null): IntegrationSettings {
	const text = (name: string) => get(name) ?? "";
	const publish = text("publish");
	const mode = publish === "telegram" || publish === "change" ? publish : "interval";
	const period = mode === "interval" ? Number(publish) * 1000 : mode === "change" ? silenceMs : telegramMs;
	const words = splitList(text("layout"));
	const discovery = text("discovery");
	const token = get("webToken");
	const updateUrl = parseUpdateUrl(text("updateUrl"));
	return {
		layouts: layouts.filter(layout => words.includes(layout)),
		mode,
		period,
		deadBands: { ...(parseDeadBands(defaultDeadBands) as DeadBands), ...parseDeadBands(text("deadBand")) },
		stateQuality: text("stateQuality") === "0" ? 0 : 1,
		stateRetain: text("stateRetain") === "yes",
		valuesQuality: text("valuesQuality") === "1" ? 1 : 0,
		valuesRetain: text("valuesRetain") === "yes",
		smartyreaderBases: splitTopics(text("smartyreaderBase")),
		sgrimeeBases: splitTopics(text("sgrimeeBase")),
		dsmrReaderBases: splitTopics(text("dsmrReaderBase")),
		smartmeterBase: text("smartmeterBase"),
		discovery: discovery === "off" || discovery === "entity" ? discovery : "device",
		discoveryPrefix: text("discoveryPrefix"),
		unproven: text("unproven") === "omit" ? "omit" : "say",
		labels: get("labels") === null ? [] : parseLabels(text("labels")),
		powerClasses: splitList(text("powerClass")).map(word => (word === "off" ? null : Number(word) * 1000)),
		powerPrice: numberOf(get("powerPrice")),
		telegramPorts: splitList(text("telegramPort"))
			.filter(word => word !== "off")
			.map(Number),
		webPort: token === shut ? null : numberOf(get("webPort")),
		webToken: token === shut ? null : token,
		isReadGuarded: text("webRead") === "token",
		webHosts: splitList(text("webHost").toLowerCase()),
		updateUrl: typeof updateUrl === "string" ? null : updateUrl,
	};
}

function numberOf(value: string | null): number | null {
	return value === null || value === "off" ? null : Number(value);
}
