/** Which meter is meant: names for people and for labels. */

import type { Latest } from "../meter/latest.js";

/**
 * A name of each meter, as in topics. One that has sent nothing yet, or calls itself like one before it (a plug that changed its
 * place), is called after its own place: `meter 2`.
 */
export function nameMeters(meters: readonly Latest[]): string[] {
	const names: string[] = [];
	for (let at = 0; at < meters.length; at += 1) {
		const { meter } = meters[at];
		names.push(meter === null || names.includes(meter) ? `meter ${at + 1}` : meter);
	}
	return names;
}

/**
 * The meter that a query asks for with `meter=<serial>`; null when none is called so. Without it the first one: HomeWizard's
 * interface is of one meter and has no way to ask for another.
 */
export function findMeter(meters: readonly Latest[], query: string): Latest | null {
	const name = readParameter(query, "meter");
	return (name === null ? meters[0] : meters[nameMeters(meters).indexOf(name)]) ?? null;
}

/** The value of the first parameter of this name (`application/x-www-form-urlencoded`), or null; as it came where it cannot be read. */
export function readParameter(query: string, name: string): string | null {
	const start = `${name}=`;
	const found = query.split("&").find(pair => pair.startsWith(start));
	if (found === undefined) return null;
	const value = found.slice(start.length).replaceAll("+", " ");
	try {
		return decodeURIComponent(value);
	} catch {
		return value;
	}
}
