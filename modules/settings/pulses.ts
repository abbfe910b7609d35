/** Counters of pulses, as a person writes them: `34/16667/led 33/1000/pump/rising`. */
import { consistsOf, isDecimal, isDigits, withoutEnding } from "../p1/characters.js";
import { type Plug, validatePin } from "./meters.js";
import { splitList } from "./setting.js";

export interface PulseSettings {
	/** GPIO. */
	readonly pin: number;
	/** Pulses per kWh. */
	readonly constant: number;
	/** In topics; no two have the same. */
	readonly name: string;
	/** A pulse begins with a rising edge. */
	readonly rising: boolean;
	/** Milliseconds in which a contact bounces; 0 for what does not. */
	readonly pause: number;
	/** What the meter showed when this was set, in mWh; null where nobody looked. */
	readonly start: number | null;
	/** It is the light of the meter that the reader reads, which so can be compared. */
	readonly isOfMeter: boolean;
}

const mostCounters = 4;
const form = "pulses must be a list like 34/16667/led: GPIO/pulses per kWh/name";

/** What a value without complaints says; words in lower case. */
export function parsePulses(value: string): PulseSettings[] {
	return splitList(value).map(parseCounter);
}

function parseCounter(word: string): PulseSettings {
	const [pin, constant, name, ...more] = word.split("/");
	const start = more.find(option => option.endsWith("kwh"));
	const pause = more.find(option => option.endsWith("ms"));
	return {
		pin: Number(pin),
		constant: Number(constant),
		name: name!,
		rising: more.includes("rising"),
		pause: pause === undefined ? 0 : parseInt(pause, 10),
		start: start === undefined ? null : Math.round(parseFloat(start) * 1_000_000),
		isOfMeter: more.includes("meter"),
	};
}

/** What is wrong with a list, or null. */
export function validatePulses(value: string): string | null {
	const words = splitList(value);
	if (words.length === 0) return `${form}.`;
	if (words.length > mostCounters) return `pulses has ${words.length} counters; a reader has ${mostCounters} at most.`;
	for (const word of words) {
		const complaint = validateCounter(word);
		if (complaint !== null) return complaint;
	}
	const counters = parsePulses(value);
	for (let at = 0; at < counters.length; at += 1) {
		const before = counters.slice(0, at);
		const { pin, name, isOfMeter } = counters[at]!;
		if (before.some(other => other.pin === pin)) return `pulses has GPIO ${pin} twice.`;
		if (before.some(other => other.name === name)) return `pulses has the name ${name} twice.`;
		if (isOfMeter && before.some(other => other.isOfMeter)) return "pulses has the meter's light twice.";
	}
	return null;
}

function validateCounter(word: string): string | null {
	const [pin = "", constant = "", name = "", ...more] = word.split("/");
	const complaint = validatePin(`pulses has ${word}, which`, pin, false);
	if (complaint !== null) return complaint;
	if (!isDecimal(constant, 6, 3) || Number(constant) < 1 || Number(constant) > 100_000) {
		return `${form}, and ${word} has no number of pulses per kWh from 1 to 100000.`;
	}
	if (name === "" || name.length > 16 || !consistsOf(name.charAt(0), "az") || !consistsOf(name, "az09__--")) {
		return `${form}, and ${word} has no name of up to 16 letters, digits, - and _.`;
	}
	for (const option of more) {
		if (isOption(option)) continue;
		return `pulses has ${word}, and after the name only rising, falling, meter, 50ms and 1234.567kWh can follow.`;
	}
	return null;
}

function isOption(option: string): boolean {
	if (option === "rising" || option === "falling" || option === "meter") return true;
	if (option.endsWith("ms")) return isDigits(withoutEnding(option, "ms"), 4);
	return option.endsWith("kwh") && isDecimal(withoutEnding(option, "kwh"), 8, 3);
}

/** What is wrong only together with the pins of the meters, or null. */
export function complainAboutPins(counters: readonly PulseSettings[], plugs: readonly Plug[]): string | null {
	for (const { pin } of counters) {
		if (plugs.some(({ receivePin, requestPin }) => receivePin === pin || requestPin === pin)) {
			return `pulses has GPIO ${pin}, which is a meter's.`;
		}
	}
	return null;
}
