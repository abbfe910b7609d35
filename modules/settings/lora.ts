/** The settings of a board with a LoRa radio. */
import { isDigits } from "../p1/characters.js";
import { parseHex } from "../p1/hex.js";
import { normalizeKey, parseKey, validateKey } from "./key.js";
import { inWords, type Setting, setting } from "./setting.js";

export interface LoraSettings {
	readonly mode: "lorawan" | "sealed" | "smartyreader";
	/** 8 bytes; null for one that is made of the MAC address. */
	readonly devEui: Uint8Array | null;
	readonly joinEui: Uint8Array;
	/** 16 bytes. */
	readonly appKey: Uint8Array | null;
	readonly key: Uint8Array | null;
	readonly payload: "basic" | "full" | "smartyreader";
	/** Milliseconds. */
	readonly interval: number;
	readonly fairUse: boolean;
	/** dBm, EIRP. */
	readonly power: number;
}

const euiDigits = 16;

/** The part of `settingTable` that is about LoRa. */
export const loraTable: readonly Setting[] = Object.freeze([
	inWords(setting("lora", "off", "lorawan, sealed, smartyreader or off", validateMode)),
	setting("loraDevEui", null, "LoRaWAN: DevEUI, if not that of the MAC address", value =>
		validateKey("loraDevEui", value, euiDigits),
	),
	setting("loraJoinEui", "0000000000000000", "LoRaWAN: JoinEUI or AppEUI", value =>
		validateKey("loraJoinEui", value, euiDigits),
	),
	setting(
		"loraAppKey",
		null,
		"LoRaWAN: AppKey, 32 hexadecimal digits",
		value => validateKey("loraAppKey", value),
		true,
	),
	setting("loraKey", null, "sealed: key, 32 hexadecimal digits", value => validateKey("loraKey", value), true),
	inWords(setting("loraPayload", "full", "LoRaWAN, sealed: full, basic or smartyreader", validatePayload)),
	setting("loraInterval", "300", "seconds between two frames, at least", validateInterval),
	inWords(setting("loraFairUse", "yes", "LoRaWAN: yes for 30 s of airtime a day", validateFairUse)),
	setting("loraPower", "16", "dBm that the antenna radiates, 2 to 16", validatePower),
]);

function validateMode(value: string): string | null {
	if (value === "off" || isMode(value)) return null;
	return "lora must be lorawan, sealed, smartyreader or off.";
}

function isMode(value: string): value is LoraSettings["mode"] {
	return value === "lorawan" || value === "sealed" || value === "smartyreader";
}

function validatePayload(value: string): string | null {
	if (value === "full" || value === "basic" || value === "smartyreader") return null;
	return "loraPayload must be full, basic or smartyreader.";
}

function validateInterval(value: string): string | null {
	if (isDigits(value, 5) && Number(value) >= 10 && Number(value) <= 86_400) return null;
	return "loraInterval must be a number of seconds from 10 to 86400.";
}

function validateFairUse(value: string): string | null {
	return value === "yes" || value === "no" ? null : "loraFairUse must be yes or no.";
}

function validatePower(value: string): string | null {
	if (isDigits(value, 2) && Number(value) >= 2 && Number(value) <= 16) return null;
	return "loraPower must be a number of dBm from 2 to 16.";
}

/** Whether LoRa is a way out of the board, by values as they were set. */
export function isLoraOn(value: string | null): boolean {
	return value !== null && isMode(value);
}

/** What is wrong only together. */
export function validateLoraTogether(get: (name: string) => string | null, problems: string[]): void {
	const mode = get("lora");
	if (!isLoraOn(mode)) return;
	const [appKey, key] = [get("loraAppKey"), get("loraKey")];
	if (mode === "lorawan" && appKey === null) {
		problems.push("loraAppKey is not set: 32 hexadecimal digits, which the network has for this device, too.");
	}
	if (mode === "sealed" && key === null) problems.push("loraKey is not set: 32 hexadecimal digits of your own.");
	for (const [name, own] of [
		["loraAppKey", appKey],
		["loraKey", key],
	] as const) {
		const meters = [get("key"), get("authenticationKey")];
		if (own !== null && meters.some(meter => meter !== null && normalizeKey(meter) === normalizeKey(own))) {
			problems.push(`${name} is a key of the meter; LoRa needs one of its own.`);
		}
	}
}

/** Out of values that are good. Null where it is off, or its key is missing. */
export function readLora(get: (name: string) => string | null): LoraSettings | null {
	const mode = get("lora") ?? "off";
	const [appKey, key, payload] = [get("loraAppKey"), get("loraKey"), get("loraPayload")];
	if (!isMode(mode)) return null;
	if ((mode === "lorawan" && appKey === null) || (mode === "sealed" && key === null)) return null;
	return {
		mode,
		devEui: readEui(get("loraDevEui")),
		joinEui: readEui(get("loraJoinEui"))!,
		appKey: appKey === null ? null : parseKey(appKey),
		key: key === null ? null : parseKey(key),
		payload: payload === "basic" || payload === "smartyreader" ? payload : "full",
		interval: Number(get("loraInterval")) * 1_000,
		fairUse: get("loraFairUse") !== "no",
		power: Number(get("loraPower")),
	};
}

function readEui(value: string | null): Uint8Array | null {
	return value === null ? null : parseHex(normalizeKey(value));
}
