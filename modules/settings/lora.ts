/** The settings of a board with a LoRa radio. */
import { isDigits } from "../p1/characters.js";
import { parseHex } from "../p1/hex.js";
import { normalizeKey, parseKey, validateKey } from "./key.js";
import { inWords, oneOf, type Setting, setting } from "./setting.js";

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

/** The part of `settingTable` that is about LoRa. */
export const loraTable: readonly Setting[] = Object.freeze([
	inWords(
		setting("lora", "off", "lorawan, sealed, smartyreader or off", value =>
			oneOf("lora", value, "lorawan", "sealed", "smartyreader", "off"),
		),
	),
	setting("loraDevEui", null, "if not made of the MAC address", value => validateKey("loraDevEui", value, 16)),
	setting("loraJoinEui", "0000000000000000", "or AppEUI", value => validateKey("loraJoinEui", value, 16)),
	setting("loraAppKey", null, "for lorawan, 32 hexadecimal digits", value => validateKey("loraAppKey", value), true),
	setting("loraKey", null, "for sealed, 32 hexadecimal digits", value => validateKey("loraKey", value), true),
	inWords(
		setting("loraPayload", "full", "full, basic or smartyreader", value =>
			oneOf("loraPayload", value, "full", "basic", "smartyreader"),
		),
	),
	setting("loraInterval", "300", "seconds between two frames", value =>
		validateRange("loraInterval", value, 10, 86_400),
	),
	inWords(
		setting("loraFairUse", "yes", "yes for 30 s of airtime a day", value => oneOf("loraFairUse", value, "yes", "no")),
	),
	setting("loraPower", "16", "dBm, 2 to 16", value => validateRange("loraPower", value, 2, 16)),
]);

function validateRange(name: string, value: string, low: number, high: number): string | null {
	if (isDigits(value, 5) && Number(value) >= low && Number(value) <= high) return null;
	return `${name} must be a number from ${low} to ${high}.`;
}

function isMode(value: string): value is LoraSettings["mode"] {
	return value === "lorawan" || value === "sealed" || value === "smartyreader";
}

/** Whether LoRa is a way out of the board, by values as they were set. */
export function isLoraOn(value: string | null): boolean {
	return value !== null && isMode(value);
}

/** What is wrong only together. */
export function validateLoraTogether(get: (name: string) => string | null, problems: string[]): void {
	const mode = get("lora");
	if (!isLoraOn(mode)) return;
	const name = mode === "lorawan" ? "loraAppKey" : "loraKey";
	const own = get(name);
	if (mode !== "smartyreader" && own === null) problems.push(`${name} is not set: 32 hexadecimal digits.`);
	const meters = get("key");
	if (own !== null && meters !== null && normalizeKey(meters) === normalizeKey(own)) {
		problems.push(`${name} is the meter's key; LoRa needs one of its own.`);
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
