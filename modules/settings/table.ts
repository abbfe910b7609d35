/** The table of all settings. */
import { parsePin } from "../tls/pin.js";
import { parseBroker } from "./address.js";
import { defaultAuthority } from "./authorities.js";
import { integrationTable } from "./integrations.js";
import { normalizeKey, publicAuthenticationKey, validateKey } from "./key.js";
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
	inWords(setting("invert", "yes", "yes for a line that is low at rest", validateInvert)),
	...integrationTable,
]);

function validateWifi(value: string): string | null {
	const length = countBytes(value);
	return length > 32 ? `wifi is ${length} bytes long; a network's name has at most 32.` : null;
}

function validateWifiPassword(value: string): string | null {
	const length = countBytes(value);
	if (length < 8) return `wifiPassword has ${length} characters; WPA passwords have at least 8.`;
	if (length > 64) return `wifiPassword has ${length} characters; WPA passwords have at most 63.`;
	if (length === 64 && !/^[0-9a-f]{64}$/i.test(value)) {
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
	if (words.length > 0 && words.every(word => /^[a-z0-9][a-z0-9-]{0,30}$/.test(word))) return null;
	return "authorities must be none, or one or more names like isrg-root-x1.";
}

function validateLength(name: string, value: string): string | null {
	return countBytes(value) > 128 ? `${name} is longer than 128 bytes.` : null;
}

function validateEncryptionKey(value: string): string | null {
	const complaint = validateKey("key", value);
	if (complaint !== null) return complaint;
	const digits = normalizeKey(value);
	if (digits === publicAuthenticationKey) {
		return "key is the public authentication key. The meter's own key comes from the grid operator, on request.";
	}
	if (digits === digits.charAt(0).repeat(32)) return "key is one digit 32 times, which no meter has.";
	return null;
}

function validateAuthenticationKey(value: string): string | null {
	return validateKey("authenticationKey", value);
}

function validatePolicy(value: string): string | null {
	if (value === "automatic" || value === "required" || value === "prefer" || value === "off") return null;
	return "authentication must be automatic, required, prefer or off.";
}

/** Pins of the ESP32 that can be had: not those of the flash (6 to 11), of the console (1, 3) and of the boot's mode (0, 12). */
function validatePin(name: string, value: string, output: boolean): string | null {
	const pin = /^[0-9]{1,2}$/.test(value) ? Number(value) : -1;
	if (pin < 0 || pin > 39 || pin === 20 || pin === 24 || (pin >= 28 && pin <= 31)) {
		return `${name} must be the number of a GPIO of the ESP32, from 0 to 39.`;
	}
	if (pin >= 6 && pin <= 11) return `${name} is GPIO ${pin}, where the flash memory is.`;
	if (pin === 0 || pin === 12)
		return `${name} is GPIO ${pin}, which the chip looks at when it starts; a board held there does not start.`;
	if (pin === 1 || pin === 3) return `${name} is GPIO ${pin}, where this console is.`;
	if (output && pin >= 34) return `${name} is GPIO ${pin}, which can only receive.`;
	return null;
}

function validateRequestPin(value: string): string | null {
	return value === "none" ? null : validatePin("requestPin", value, true);
}

function validateInvert(value: string): string | null {
	return value === "yes" || value === "no" ? null : "invert must be yes or no.";
}
