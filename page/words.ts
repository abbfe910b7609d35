/** What the page says, in four languages. Complaints about settings and the log are the firmware's own, in English. */

import { type Word, wordsOf } from "./texts.js";

export type { Word };

const languages = ["en", "de", "fr", "lb"] as const;
/** Numbers and dates as they are written there; few browsers know those of Luxembourgish. */
const locales = ["en-GB", "de-LU", "fr-LU", "de-LU"];

const wanted = navigator.languages.map(name => languages.indexOf(name.slice(0, 2) as "en"));
const at = Math.max(0, wanted.find(place => place >= 0) ?? 0);

/** The page's language, and how it writes numbers and times. */
export const language = languages[at]!;
const locale = locales[at]!;
const own = wordsOf(at);

/** In the page's language, with `values` in the places of `{}`. */
export function say(word: Word, ...values: string[]): string {
	let next = 0;
	return own[word].replace(/\{\}/g, () => values[next++] ?? "");
}

/** Whether there is a word of this name. */
export function isWord(name: string): name is Word {
	return Object.hasOwn(own, name);
}

/** A meter's type as it is in messages: `heat_inlet` is heat, as people see it. */
export function nameKind(type: string): string {
	const word = [type, type.split("_")[0]!].find(isWord);
	return word === undefined ? type : say(word);
}

/** A number with `digits` behind its point. */
export function formatNumber(value: number, digits: number): string {
	// No minus before a zero.
	const rounded = Number(value.toFixed(digits)) || 0;
	const text = rounded.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
	return text.replace("-", "−");
}

/** Hours and minutes here, of seconds since 1970. */
export function formatClock(seconds: number): string {
	return new Date(seconds * 1000).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/** Day and month here. */
export function formatDay(seconds: number): string {
	return new Date(seconds * 1000).toLocaleDateString(locale, { day: "numeric", month: "numeric" });
}

/** `4 s`, `12 min`, `3 h`, `2 d`. */
export function formatSpan(seconds: number): string {
	const whole = Math.max(0, Math.round(seconds));
	if (whole < 100) return `${whole} s`;
	if (whole < 6_000) return `${Math.round(whole / 60)} min`;
	return whole < 172_800 ? `${Math.round(whole / 3_600)} h` : `${Math.round(whole / 86_400)} d`;
}
