/** The table of all settings. */
import { consistsOf, isFramed } from "../p1/characters.js";
import { parsePin } from "../tls/pin.js";
import { parseBroker } from "./address.js";
import { defaultAuthority } from "./authorities.js";
import { integrationTable } from "./integrations.js";
import { normalizeKey, publicAuthenticationKey, validateKey } from "./key.js";
import { loraTable } from "./lora.js";
import { validateMeters, validatePin } from "./meters.js";
import { validatePulses } from "./pulses.js";
import { countBytes, guarding, inWords, type Setting, setting, splitList, validateTopic } from "./setting.js";

/** In the order in which they are shown. Values are trimmed, not empty, and at most 256 characters without control
 * characters before they come here. `docs/settings.md` is the list for people; a test compares the two. */
export const settingTable: readonly Setting[] = Object.freeze([
	setting("wifi", null, "name of the WiFi network", validateWifi),
	setting("wifiPassword", null, "its password", validateWifiPassword, true),
	setting("broker", null, "mqtt://host:port, or mqtts:// for TLS", validateBroker),
	setting("user", null, "user name at the broker", value => validateLength("user", value)),
	setting("password", null, "password at the broker", value => validateLength("password", value), true),
	setting("brokerKey", null, "with mqtts://: fingerprint of the broker's key, sha256/...", validateBrokerKey),
	setting(
		"authorities",
		defaultAuthority,
		"with mqtts://: authorities that are built in, or none",
		validateAuthorities,
	),
	setting("key", null, "encryption key of the meter, 32 hexadecimal digits", validateEncryptionKey, true),
	setting("keys", null, "keys of further meters, in any order", validateFurtherKeys, true),
	setting(
		"authenticationKey",
		publicAuthenticationKey,
		"only if the grid operator gave one",
		validateAuthenticationKey,
		true,
	),
	guarding(
		inWords(setting("authentication", "automatic", "automatic, required, prefer or off", validatePolicy)),
		"required",
		"it is required",
	),
	setting("base", "smarty", "what every topic begins with", value => validateTopic("base", value)),
	setting("receivePin", "16", "GPIO of the meter's data line", value => validatePin("receivePin", value, false)),
	inWords(setting("requestPin", "none", "GPIO of the data request, or none", validateRequestPin)),
	inWords(
		setting(
			"meters",
			null,
			"several meters: receivePin/requestPin of each, as in 16/17 16/18; or none",
			validateMeters,
		),
	),
	inWords(setting("invert", "yes", "yes for a line that is low at rest", validateInvert)),
	inWords(setting("timeServer", "pool.ntp.org", "without a meter: who tells the time, or none", validateTimeServer)),
	inWords(setting("pulses", null, "counters: GPIO/pulses per kWh/name, as in 34/16667/led", validatePulses)),
	...integrationTable,
	...loraTable,
]);

function validateWifi(value: string): string | null {
	const length = countBytes(value);
	return length > 32 ? `wifi is ${length} bytes long; a network's name has at most 32.` : null;
}

function validateWifiPassword(value: string): string | null {
	const length = countBytes(value);
	if (length < 8) return `wifiPassword has ${length} characters; WPA passwords have at least 8.`;
	if (length > 64) return `wifiPassword has ${length} characters; WPA passwords have at most 63.`;
	if (length === 64 && !consistsOf(value, "09afAF")) {
		return "wifiPassword has 64 characters, which only a key in hexadecimal digits can have.";
	}
	return null;
}

function validateBroker(value: string): string | null {
	const address = parseBroker(value);
	return typeof address === "string" ? address : null;
}

function validateBrokerKey(value: string): string | null {
	if (parsePin(value) !== null) return null;
	return "brokerKey must be sha256/ and 44 characters of base64, as the log shows it, or 64 hexadecimal digits.";
}

/** Names of files in `certificates/`, or on a computer also the argument's. */
function validateAuthorities(value: string): string | null {
	const words = splitList(value);
	if (words.length > 0 && words.every(isFileName)) return null;
	return "authorities must be none, or one or more names like isrg-root-x1.";
}

function isFileName(word: string): boolean {
	return word.length <= 31 && !word.startsWith("-") && consistsOf(word, "az09--");
}

function validateLength(name: string, value: string): string | null {
	return countBytes(value) > 128 ? `${name} is longer than 128 bytes.` : null;
}

function validateEncryptionKey(value: string): string | null {
	return validateKey("key", value) ?? validateOwnKey("key", normalizeKey(value));
}

/** What no meter's own key can be. `digits`: 32 of them. */
function validateOwnKey(name: string, digits: string): string | null {
	if (digits === publicAuthenticationKey) {
		return `${name} is the public authentication key. The meter's own key comes from the grid operator, on request.`;
	}
	return digits === digits.charAt(0).repeat(32) ? `${name} is one digit 32 times, which no meter has.` : null;
}

/** Up to five, one after the other: which one has a mistake is told by its place. */
function validateFurtherKeys(value: string): string | null {
	const digits = normalizeKey(value);
	for (let at = 0; at === 0 || at < digits.length; at += 32) {
		const name = `keys, number ${at / 32 + 1},`;
		const one = digits.slice(at, at + 32);
		const complaint = validateKey(name, one) ?? validateOwnKey(name, one);
		if (complaint !== null) return complaint;
		if (digits.indexOf(one) < at) return `${name} is there twice.`;
	}
	return digits.length > 160 ? "keys has more than five keys; a reader has six meters at most." : null;
}

function validateAuthenticationKey(value: string): string | null {
	return validateKey("authenticationKey", value);
}

function validatePolicy(value: string): string | null {
	if (value === "automatic" || value === "required" || value === "prefer" || value === "off") return null;
	return "authentication must be automatic, required, prefer or off.";
}

function validateRequestPin(value: string): string | null {
	return value === "none" ? null : validatePin("requestPin", value, true);
}

function validateTimeServer(value: string): string | null {
	if (value.length <= 64 && isFramed(value, "az09", "..--")) return null;
	return "timeServer must be none, or a name or an address like pool.ntp.org, without a port.";
}

function validateInvert(value: string): string | null {
	return value === "yes" || value === "no" ? null : "invert must be yes or no.";
}
