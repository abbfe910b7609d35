/** One setting: its name on the console, in the store and in the build, and what it may be. */
import { splitWords } from "../p1/characters.js";
export interface Setting {
	readonly name: string;
	/** Never shown, only that it is set. */
	readonly secret: boolean;
	/** What holds when it is not set; null for nothing. */
	readonly fallback: string | null;
	/** What holds while its value is bad; null for the fallback. Only a setting that guards something has it. */
	readonly guard: Guard | null;
	/** Upper and lower case are the same in its values, which are words. */
	readonly words: boolean;
	/** One line for the console's help. */
	readonly help: string;
	/** What is wrong with a value, in words a person understands and without a secret; null when nothing is. */
	validate(value: string): string | null;
}

/** A guard is never left out: while its value is bad, nothing gets past that a good value could have kept out. */
export interface Guard {
	/** The value that counts meanwhile. No person can set one that opens more. */
	readonly strictest: string;
	/** What that means, for people: `only …`. */
	readonly meaning: string;
}

export function setting(
	name: string,
	fallback: string | null,
	help: string,
	validate: (value: string) => string | null,
	secret = false,
): Setting {
	return Object.freeze({ name, secret, fallback, help, validate, guard: null, words: false });
}

/** The same setting as a guard. */
export function guarding(open: Setting, strictest: string, meaning: string): Setting {
	return Object.freeze({ ...open, guard: Object.freeze({ strictest, meaning }) });
}

/** The same setting with words for values: `Required` is `required`. */
export function inWords(exact: Setting): Setting {
	return Object.freeze({ ...exact, words: true });
}

/** The words of a value that is a list, with blanks or commas between. */
export function splitList(value: string): string[] {
	return splitWords(value, "  ,,");
}

/** What meter `number` (from 0) has of a list that has one for all of them, or one for each; null where it has none. */
export function pickFor<T>(list: readonly T[], number: number): T | null {
	return (list.length === 1 ? list[0] : list[number]) ?? null;
}

/** Length in UTF-8. */
export function countBytes(text: string): number {
	let length = 0;
	for (const character of text) {
		const code = character.codePointAt(0)!;
		length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	}
	return length;
}

/** First levels of topics, one for each meter, with commas between: blanks may be in a topic. */
export function splitTopics(value: string): string[] {
	return value.split(",").map(topic => topic.trim());
}

/** What is wrong with a list of such. */
export function validateTopics(name: string, value: string): string | null {
	const topics = splitTopics(value);
	for (const topic of topics) {
		if (topic === "") return `${name} has nothing between two commas.`;
		const complaint = validateTopic(name, topic);
		if (complaint !== null) return complaint;
	}
	return new Set(topics).size < topics.length ? `${name} has the same topic for two meters.` : null;
}

/** What is wrong with the first levels of a topic that is to be published to. */
export function validateTopic(name: string, value: string): string | null {
	if (value.includes("+") || value.includes("#")) return `${name} holds + or #, which no topic may have.`;
	if (value.startsWith("/") || value.endsWith("/")) return `${name} begins or ends with /.`;
	if (value.startsWith("$")) return `${name} begins with $, which brokers keep for themselves.`;
	return countBytes(value) > 64 ? `${name} is longer than 64 bytes.` : null;
}

/** What is wrong with a word that is none of these. */
export function oneOf(name: string, value: string, ...choices: string[]): string | null {
	if (choices.includes(value)) return null;
	return `${name} must be ${choices.slice(0, -1).join(", ")} or ${choices[choices.length - 1]}.`;
}
