/**
 * What texts are made of. Told without regular expressions, whose engine takes 32 KB of the board's flash; `tests/device/expressions.test.ts`
 * holds the modules to it. Ranges are pairs of characters: `09AF` is upper-case hexadecimal digits.
 */

export const letters = "azAZ";

function isWithin(code: number, ranges: string): boolean {
	for (let at = 0; at < ranges.length; at += 2) {
		if (code >= ranges.charCodeAt(at) && code <= ranges.charCodeAt(at + 1)) return true;
	}
	return false;
}

/** Whether each character is in one of the ranges; of nothing, that is true. */
export function consistsOf(text: string, ranges: string): boolean {
	for (let at = 0; at < text.length; at += 1) if (!isWithin(text.charCodeAt(at), ranges)) return false;
	return true;
}

/** Digits: at least one, and at most `most`. */
export function isDigits(text: string, most: number): boolean {
	return text.length > 0 && text.length <= most && consistsOf(text, "09");
}

/** A number of at most so many digits, and none or at most so many behind a point. */
export function isDecimal(text: string, whole: number, fraction: number): boolean {
	const point = text.indexOf(".");
	if (point < 0) return isDigits(text, whole);
	return isDigits(text.slice(0, point), whole) && isDigits(text.slice(point + 1), fraction);
}

/** A character of the ranges `ends` first and last, and any of `ends` and `inner` between: a name, for instance. */
export function isFramed(text: string, ends: string, inner: string): boolean {
	const last = text.length - 1;
	return (
		last >= 0 &&
		isWithin(text.charCodeAt(0), ends) &&
		isWithin(text.charCodeAt(last), ends) &&
		consistsOf(text, ends + inner)
	);
}

/** Each character outside of the ranges is `by`. */
export function replaceOthers(text: string, ranges: string, by: string): string {
	if (consistsOf(text, ranges)) return text;
	let replaced = "";
	for (let at = 0; at < text.length; at += 1) {
		const character = text.charAt(at);
		replaced += isWithin(text.charCodeAt(at), ranges) ? character : by;
	}
	return replaced;
}

/** The text without the characters of the ranges. */
export function leaveOut(text: string, ranges: string): string {
	let left = "";
	for (let at = 0; at < text.length; at += 1) {
		if (!isWithin(text.charCodeAt(at), ranges)) left += text.charAt(at);
	}
	return left;
}

/** The words between characters of the ranges. */
export function splitWords(text: string, ranges: string): string[] {
	const words: string[] = [];
	let start = 0;
	for (let at = 0; at <= text.length; at += 1) {
		if (at < text.length && !isWithin(text.charCodeAt(at), ranges)) continue;
		if (at > start) words.push(text.slice(start, at));
		start = at + 1;
	}
	return words;
}

/** The text without `ending`, where it ends so. */
export function withoutEnding(text: string, ending: string): string {
	return text.endsWith(ending) ? text.slice(0, text.length - ending.length) : text;
}
