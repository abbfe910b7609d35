/** Values that a person gives become settings: all of them, or none and every complaint. */
import type { HeapPools, Medium, Store } from "../ports/ports.js";
import {
	checkSettings,
	findSetting,
	mergeSettings,
	normalizeValue,
	type RawSettings,
	validateValue,
} from "./settings.js";
import { type SettingsStorage, writeSettings } from "./storage.js";
import { settingTable } from "./table.js";

/** Where values are kept, and what they are checked with. */
export interface SettingsPlace {
	readonly storage: SettingsStorage;
	readonly store: Store;
	/** What the build gave. */
	built: RawSettings;
	readonly medium: Medium;
	/** The device's heap; null where it has what it needs. */
	readonly heap: HeapPools | null;
	/** Ends what was learnt with the value of this setting before, if anything was; also where it is set to what it was. */
	forgetLearnt(name: string): void;
}

/** A setting's name and its value; null takes it away. */
export type Change = readonly [name: string, value: string | null];

/** Without complaints all values are kept. Neither complaints nor problems hold a secret. */
export interface Applied {
	/** Why nothing was kept: the setting's name, empty for none in particular, and a sentence. */
	complaints: [name: string, text: string][];
	/** What is wrong with the settings as a whole now. */
	problems: string[];
	/** Something is new. */
	changed: boolean;
}

/** Values as they would be kept, and what is wrong with them. */
export interface Checked extends Pick<Applied, "complaints" | "problems"> {
	readonly values: RawSettings;
}

/**
 * Checks all values and keeps none. `isWhole`: what they bring about together counts, too, and a problem that was not there before is a
 * complaint; on the console values come one by one, and the last may mend the first. Never throws.
 */
export function checkValues(place: SettingsPlace, changes: readonly Change[], isWhole: boolean): Checked {
	const { storage, built } = place;
	const values = storage.values.slice();
	const complaints: Applied["complaints"] = [];
	for (const [name, typed] of changes) {
		const at = findSetting(name);
		const value = at < 0 || typed === null ? null : normalizeValue(at, typed);
		const complaint = at < 0 ? "no setting has that name" : value === null ? null : validateValue(at, value);
		if (complaint !== null) complaints.push([name, complaint]);
		else values[at] = value;
	}
	const findProblems = (own: RawSettings) =>
		checkSettings(mergeSettings(own, built), place.medium, place.heap).problems;
	const problems = complaints.length > 0 ? [] : findProblems(values);
	if (isWhole && problems.length > 0) {
		const before = findProblems(storage.values);
		for (const problem of problems) if (!before.includes(problem)) complaints.push([findName(problem), problem]);
	}
	return { values, complaints, problems };
}

/** Checks all values as `checkValues`, and keeps them in one write if nothing is wrong. Never throws. */
export function applyValues(place: SettingsPlace, changes: readonly Change[], isWhole: boolean): Applied {
	const { storage, store } = place;
	const { values, complaints, problems } = checkValues(place, changes, isWhole);
	const changed = complaints.length === 0 && values.some((value, at) => value !== (storage.values[at] ?? null));
	try {
		if (changed) writeSettings(storage, store, values);
	} catch (error) {
		const reason = `not kept: ${error instanceof Error ? error.message : "the store failed"}`;
		return { complaints: [["", reason]], problems, changed: false };
	}
	if (complaints.length === 0) for (const [name] of changes) place.forgetLearnt(settingTable[findSetting(name)]!.name);
	return { complaints, problems, changed };
}

/** The setting with which a sentence about settings begins, or an empty text. */
function findName(problem: string): string {
	const word = problem.slice(0, problem.indexOf(" "));
	return settingTable.some(({ name }) => name === word) ? word : "";
}
