/** The lines of several meters, as a person writes them. */
import { isDigits } from "../p1/characters.js";
import { splitList } from "./setting.js";

/** Where a meter's plug is. */
export interface Plug {
	/** GPIO of the data line. Several plugs may share it; then one after the other is asked to send. */
	readonly receivePin: number;
	/** GPIO of the data request, or null where that is wired to +5 V. */
	readonly requestPin: number | null;
}

/** The word of a reader that only counts pulses. */
const none = "none";
/** Meters that one reader can have. */
export const mostMeters = 6;
/** UARTs of the ESP32. The third one is the console's until its line is opened. */
export const mostUarts = 3;

/** What a value without complaints says. */
export function parseMeters(value: string): Plug[] {
	if (value === none) return [];
	return splitList(value).map(word => {
		const [receivePin, requestPin] = word.split("/");
		return { receivePin: Number(receivePin), requestPin: requestPin === undefined ? null : Number(requestPin) };
	});
}

/** One or two numbers of GPIOs. */
function isLine(word: string): boolean {
	const pins = word.split("/");
	return pins.length <= 2 && pins.every(pin => isDigits(pin, 2));
}

/** What is wrong with a list like `16/17 16/18 4`, or null. */
export function validateMeters(value: string): string | null {
	if (value === none) return null;
	const words = splitList(value);
	if (words.length === 0 || !words.every(isLine)) {
		return "meters must be a list of GPIOs like 16/17 16/18 4: of the data line, and of the data request if it has one.";
	}
	if (words.length > mostMeters) return `meters has ${words.length} meters; a reader has ${mostMeters} at most.`;
	for (const word of words) {
		const [receivePin, requestPin] = word.split("/");
		const name = `meters has ${word}, which`;
		const complaint =
			validatePin(name, receivePin!, false) ?? (requestPin === undefined ? null : validatePin(name, requestPin, true));
		if (complaint !== null) return complaint;
	}
	return validatePlugs(parseMeters(value));
}

function validatePlugs(plugs: readonly Plug[]): string | null {
	const receivePins = new Set(plugs.map(({ receivePin }) => receivePin));
	if (receivePins.size > mostUarts) {
		return `meters has ${receivePins.size} data lines, and the chip has ${mostUarts} UARTs: let meters share a line, each with a request of its own.`;
	}
	const requestPins: number[] = [];
	for (const { receivePin, requestPin } of plugs) {
		const isShared = plugs.filter(other => other.receivePin === receivePin).length > 1;
		if (requestPin === null) {
			if (isShared)
				return `meters has GPIO ${receivePin} twice, once without a request: that meter could not be told to wait.`;
			continue;
		}
		if (requestPins.includes(requestPin)) return `meters has GPIO ${requestPin} as the request of two meters.`;
		if (receivePins.has(requestPin)) return `meters has GPIO ${requestPin} as a data line and as a request.`;
		requestPins.push(requestPin);
	}
	return null;
}

/** Pins of the ESP32 that can be had: not those of the flash (6 to 11), of the console (1, 3) and of the boot's mode (0, 12). */
export function validatePin(name: string, value: string, output: boolean): string | null {
	const pin = isDigits(value, 2) ? Number(value) : -1;
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
