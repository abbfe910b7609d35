/** Raw values become settings, or all problems at once. */
import { consistsOf } from "../p1/characters.js";
import type { AuthenticationSetting } from "../p1/reader.js";
import type { HeapPools, Medium } from "../ports/ports.js";
import { parsePin } from "../tls/pin.js";
import { type BrokerAddress, parseBroker } from "./address.js";
import { complainAboutHeap } from "./heap.js";
import { type IntegrationSettings, readIntegrations, validateIntegrationsTogether } from "./integrations.js";
import { normalizeKey, parseKey, parseKeys } from "./key.js";
import { isLoraOn, type LoraSettings, readLora, validateLoraTogether } from "./lora.js";
import { type Plug, parseMeters } from "./meters.js";
import { complainAboutPins, type PulseSettings, parsePulses } from "./pulses.js";
import { splitList } from "./setting.js";
import { settingTable } from "./table.js";

/** Values by the setting's place in `settingTable`; null or a hole, which takes no memory, where nothing is set. */
export type RawSettings = (string | null | undefined)[];

/** What the firmware runs with. What nobody set, and what was wrong, is null. */
export interface Settings {
	wifi: string | null;
	wifiPassword: string | null;
	broker: BrokerAddress | null;
	user: string | null;
	password: string | null;
	/** SHA-256 of the broker's public key, or null. */
	brokerKey: Uint8Array | null;
	/** Names of authorities that the program brings. */
	authorities: readonly string[];
	/** Of the meters, 16 bytes each, any of which may be of any meter. None: only telegrams in clear can be read. */
	keys: readonly Uint8Array[];
	/** 16 bytes. */
	authenticationKey: Uint8Array | null;
	authentication: AuthenticationSetting;
	base: string;
	/** The meters' plugs; none where the reader only counts pulses. */
	plugs: readonly Plug[];
	/** True for a line that is low at rest. */
	invert: boolean;
	/** Who tells the time where there is no meter; null for nobody. */
	timeServer: string | null;
	/** Counters of pulses. */
	pulses: readonly PulseSettings[];
	integrations: IntegrationSettings;
	/** Null where nothing goes over LoRa. */
	lora: LoraSettings | null;
}

export interface CheckedSettings {
	settings: Settings;
	/** All that is wrong or missing, each a sentence without a secret; empty when the device can work. */
	problems: string[];
}

/** Where each setting is in the table and in raw settings, or -1. Upper and lower case are the same. */
export function findSetting(name: string): number {
	const wanted = name.toLowerCase();
	return settingTable.findIndex(setting => setting.name.toLowerCase() === wanted);
}

/** A value as it is kept and used: words in lower case. */
export function normalizeValue(at: number, value: string): string {
	return settingTable[at]!.words ? value.toLowerCase() : value;
}

/** What is wrong with one value, or null. */
export function validateValue(at: number, value: string): string | null {
	const setting = settingTable[at]!;
	if (value === "") return `${setting.name} is empty; unset ${setting.name} takes it away.`;
	if (!consistsOf(value, " ~\x80\uffff")) return `${setting.name} holds a control character.`;
	if (value.length > 256) return `${setting.name} is longer than 256 characters.`;
	return setting.validate(normalizeValue(at, value));
}

/** Takes what the store has, then what the build gave. */
export function mergeSettings(stored: RawSettings, built: RawSettings): RawSettings {
	return settingTable.map((_, at) => stored[at] ?? built[at] ?? null);
}

/**
 * The build's settings out of `mc/config`, whose values are strings; the case of a name does not matter. What is empty, or no
 * string, is not set; but a guard that somebody named is set, and bad.
 */
export function readConfiguration(config: Readonly<Record<string, unknown>>): RawSettings {
	const raw: RawSettings = [];
	for (const name of Object.keys(config)) {
		const at = findSetting(name);
		if (at < 0) continue;
		const value = config[name];
		const text = typeof value === "string" ? value.trim() : "";
		if (text !== "" || settingTable[at]!.guard !== null) raw[at] = text;
	}
	return raw;
}

/** Raw settings → settings, or all problems at once. Only WiFi needs a name and a password, and neither it nor a broker is needed where LoRa is on; `heap` is the device's. */
export function checkSettings(raw: RawSettings, medium: Medium, heap: HeapPools | null): CheckedSettings {
	const problems: string[] = [];
	const clean = settingTable.map((_, at) => {
		const value = raw[at] ?? null;
		return value === null ? null : normalizeValue(at, value);
	});
	const good = settingTable.map((setting, at) => {
		const value = clean[at] ?? null;
		if (value === null) return setting.fallback;
		const problem = validateValue(at, value);
		if (problem === null) return value;
		const { guard, fallback } = setting;
		problems.push(guard === null ? problem : `${problem} Until that is mended, ${guard.meaning}.`);
		return guard === null ? fallback : guard.strictest;
	});
	validateTogether(clean, medium, problems);
	const settings = readSettings(good);
	if (isGuardBroken(clean)) settings.broker = null;
	const busy = medium === "ethernet" ? complainAboutChip(settings) : null;
	if (busy !== null) problems.push(busy);
	const taken = complainAboutPins(settings.pulses, settings.plugs);
	if (taken !== null) problems.push(taken);
	const isSecure = settings.broker?.secure === true;
	const { integrations, plugs, pulses } = settings;
	const complaint = complainAboutHeap(integrations, isSecure, heap, plugs, pulses.length);
	if (complaint !== null) problems.push(complaint);
	return { settings, problems };
}

/** Pins that boards with Ethernet have no more: those of RMII, the chip's two wires, and 16 and 17, one of which has to do with its clock. */
const chipPins: readonly number[] = Object.freeze([16, 17, 18, 19, 21, 22, 23, 25, 26, 27]);

function complainAboutChip({ plugs, pulses }: Settings): string | null {
	const pins: (number | null)[] = pulses.map(({ pin }) => pin);
	for (const { receivePin, requestPin } of plugs) pins.push(receivePin, requestPin);
	const busy = pins.find(pin => pin !== null && chipPins.includes(pin));
	return busy === undefined ? null : `a meter or a counter is set to GPIO ${busy}, where the network's chip is.`;
}

/** What the owner set to know the broker by cannot be used: then no broker gets anything, least of all with a weaker check. */
function isGuardBroken(raw: RawSettings): boolean {
	const isWrong = (name: string) => {
		const at = findSetting(name);
		const value = raw[at] ?? null;
		return value !== null && validateValue(at, value) !== null;
	};
	return isWrong("brokerKey") || isWrong("authorities") || isPinWithoutTls(raw);
}

function isPinWithoutTls(raw: RawSettings): boolean {
	const address = parseBroker(raw[findSetting("broker")] ?? "");
	return (raw[findSetting("brokerKey")] ?? null) !== null && typeof address !== "string" && !address.secure;
}

/** What is wrong only because of another setting. */
function validateTogether(raw: RawSettings, medium: Medium, problems: string[]): void {
	const wireless = medium === "wifi";
	const get = (name: string) => raw[findSetting(name)] ?? null;
	// LoRa is a way out of its own.
	const hasLora = isLoraOn(get("lora"));
	const needsWifi = wireless && !(hasLora && get("broker") === null);
	if (needsWifi && get("wifi") === null) problems.push("wifi is not set: the name of the WiFi network.");
	if (wireless && get("wifi") === null && get("wifiPassword") !== null) {
		problems.push("wifiPassword is set, and wifi is not.");
	}
	if (get("broker") === null && !hasLora) problems.push("broker is not set: for instance mqtt://192.168.1.10.");
	if (get("user") === null && get("password") !== null) {
		problems.push("password is set, and user is not: MQTT allows no password without a user.");
	}
	if (isPinWithoutTls(raw)) {
		problems.push(
			"brokerKey is set, and broker is not mqtts://: without TLS no broker shows a key, and none is called.",
		);
	}
	validateKeysTogether(get("key"), get("keys"), get("authenticationKey"), problems);
	const receivePin = Number(get("receivePin") ?? settingTable[findSetting("receivePin")]!.fallback);
	if (Number(get("requestPin") ?? "none") === receivePin) problems.push("receivePin and requestPin are the same GPIO.");
	const other = validateIntegrationsTogether(get);
	if (other !== null) problems.push(other);
	validateLoraTogether(get, problems);
}

function validateKeysTogether(
	key: string | null,
	keys: string | null,
	second: string | null,
	problems: string[],
): void {
	if (key !== null && second !== null && normalizeKey(key) === normalizeKey(second)) {
		problems.push("key and authenticationKey are the same; the meter has two different ones.");
	}
	if (keys === null) return;
	if (key === null) problems.push("keys is set, and key is not: the first meter's is key.");
	else if (findKey(keys, key)) problems.push("keys has the same key as key; each meter has its own.");
	if (second !== null && findKey(keys, second)) {
		problems.push("keys has the same key as authenticationKey; the meter has two different ones.");
	}
}

/** Whether one of the keys is this one. */
function findKey(keys: string, key: string): boolean {
	const digits = normalizeKey(keys);
	const wanted = normalizeKey(key);
	for (let at = 0; at < digits.length; at += 32) if (digits.slice(at, at + 32) === wanted) return true;
	return false;
}

function readSettings(good: RawSettings): Settings {
	const get = (name: string) => good[findSetting(name)] ?? null;
	const address = parseBroker(get("broker") ?? "");
	const key = get("key");
	const keys = get("keys");
	const meters = get("meters");
	const authenticationKey = get("authenticationKey");
	const policy = get("authentication");
	const requestPin = get("requestPin");
	return {
		wifi: get("wifi"),
		wifiPassword: get("wifiPassword"),
		broker: typeof address === "string" ? null : address,
		user: get("user"),
		password: get("user") === null ? null : get("password"),
		brokerKey: parsePin(get("brokerKey") ?? ""),
		authorities: splitList(get("authorities") ?? "").filter(name => name !== "none"),
		keys: [...(key === null ? [] : [parseKey(key)]), ...(keys === null ? [] : parseKeys(keys))],
		authenticationKey: authenticationKey === null ? null : parseKey(authenticationKey),
		authentication: policy === "required" || policy === "prefer" || policy === "off" ? policy : "automatic",
		base: get("base") ?? "smarty",
		plugs:
			meters !== null
				? parseMeters(meters)
				: [
						{
							receivePin: Number(get("receivePin")),
							requestPin: requestPin === null || requestPin === "none" ? null : Number(requestPin),
						},
					],
		invert: get("invert") !== "no",
		timeServer: get("timeServer") === "none" ? null : get("timeServer"),
		pulses: parsePulses(get("pulses") ?? ""),
		integrations: readIntegrations(get),
		lora: readLora(get),
	};
}
