/** The store port on a computer: a file of JSON, in two generations. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Store } from "../modules/ports/ports.js";
import { isAddress } from "./arguments.js";
import { codeOf, makeFolder, renameWhole, writeWhole } from "./files.js";

/**
 * `memory.json` is the newest generation, `memory.json.old` the one before. Each begins with its number and a checksum over the rest.
 * A write makes `memory.json.new`, which takes the newest's place after that has become the old one: whenever the power is cut, a whole
 * generation is there. Before this form a file was the values alone; such a file is read, too.
 */
interface Memory {
	readonly path: string;
	readonly values: Map<string, string>;
	generation: number;
	/** What was said last that is wrong, so that it is said once. */
	told: string | null;
	onTrouble(text: string): void;
}

interface Generation {
	number: number;
	values: Map<string, string>;
}

/** Why a file is not to be touched. */
interface Foreign {
	foreign: string;
}

type Found = Generation | Foreign | "damaged" | null;

const head = /^\{"smarty-xs":"memory (\d{1,15}) ([0-9a-f]{16})",?/;

/** Where values are kept only while the program runs. */
export function createMemoryStore(): Store {
	const values = new Map<string, string>();
	return {
		read: name => values.get(name) ?? null,
		write: (name, value) => void values.set(name, value),
		remove: name => void values.delete(name),
	};
}

/**
 * Values in a file. A disk that is full, or read-only, costs the memory and nothing else: `onTrouble` hears of it once, values are kept
 * until the program ends, and each later write tries the disk again. A file that is not ours is never written over. Never throws, but
 * for settings, which must not be taken for kept.
 */
export function createFileStore(path: string, onTrouble: (text: string) => void): Store {
	const found = openMemory(path, onTrouble);
	if (typeof found === "string") {
		onTrouble(found);
		return createMemoryStore();
	}
	const { values } = found;
	save(found);
	return {
		read: name => values.get(name) ?? null,
		write(name, value) {
			const before = values.get(name);
			values.set(name, value);
			if (save(found) || !name.startsWith("settings")) return;
			if (before === undefined) values.delete(name);
			else values.set(name, before);
			throw new Error(`${path} cannot be written`);
		},
		remove(name) {
			if (values.delete(name)) save(found);
		},
	};
}

/** The newest whole generation; an empty one where there is none yet; or why this file is not to be touched. */
function openMemory(path: string, onTrouble: (text: string) => void): Memory | string {
	const newest = readGeneration(path);
	const old = readGeneration(`${path}.old`);
	// Where the old generation is ours, the newest was, too, whatever has become of it.
	const foreign = isForeign(old) ? old : isForeign(newest) && old === null ? newest : null;
	if (foreign !== null) return `memory: ${foreign.foreign}; nothing is remembered over a restart`;
	const best = [newest, old].filter(isWhole).sort((one, other) => other.number - one.number)[0];
	const memory: Memory = {
		path,
		values: best?.values ?? new Map(),
		generation: best?.number ?? 0,
		told: null,
		onTrouble,
	};
	if (newest !== null && newest !== best) setAside(memory);
	return memory;
}

/** The newest generation is damaged: it is kept for a person, under another name. */
function setAside({ path, generation, onTrouble }: Memory): void {
	const rest = generation > 0 ? "the generation before it is used" : "it begins anew";
	onTrouble(`memory: ${path} is damaged and is ${path}.damaged now; ${rest}`);
	try {
		renameWhole(path, `${path}.damaged`);
	} catch {
		// The write that follows says what is wrong with the disk.
	}
}

function isForeign(found: Found): found is Foreign {
	return found !== null && found !== "damaged" && "foreign" in found;
}

function isWhole(found: Found): found is Generation {
	return found !== null && found !== "damaged" && "values" in found;
}

/** Null where there is no file. */
function readGeneration(path: string): Found {
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		const code = codeOf(error);
		return code === "ENOENT" || code === "ENOTDIR" ? null : { foreign: `${path} cannot be read: ${code}` };
	}
	if (text === "") return { number: 0, values: new Map() };
	// What a power cut leaves of a file whose bytes were not written yet.
	if (/^\0+$/.test(text)) return "damaged";
	const match = head.exec(text);
	if (match === null) return readBareValues(text) ?? { foreign: `${path} is not a memory file of smarty-xs` };
	const body = text.slice(match[0].length);
	const values = match[2] === checksum(body) ? parseValues(`{${body}`) : null;
	return values === null ? "damaged" : { number: Number(match[1]), values };
}

/** The form without a checksum: known by a value that each of them has. */
function readBareValues(text: string): Generation | null {
	const values = parseValues(text);
	if (values === null) return null;
	const isOurs = isAddress(values.get("address") ?? "") || /^\d+$/.test(values.get("boots") ?? "");
	return isOurs ? { number: 0, values } : null;
}

function parseValues(text: string): Map<string, string> | null {
	let content: unknown;
	try {
		content = JSON.parse(text);
	} catch {
		return null;
	}
	if (typeof content !== "object" || content === null || Array.isArray(content)) return null;
	const entries = Object.entries(content);
	return entries.every(([, value]) => typeof value === "string") ? new Map(entries as [string, string][]) : null;
}

/** Writes the next generation. False when that failed, which is said once. */
function save(memory: Memory): boolean {
	const { path, values, onTrouble } = memory;
	const body = JSON.stringify(Object.fromEntries(values)).slice(1);
	const comma = values.size > 0 ? "," : "";
	const text = `{"smarty-xs":"memory ${memory.generation + 1} ${checksum(body)}"${comma}${body}`;
	try {
		makeFolder(dirname(path));
		writeWhole(`${path}.new`, new TextEncoder().encode(text));
		try {
			renameWhole(path, `${path}.old`);
		} catch (error) {
			if (codeOf(error) !== "ENOENT") throw error;
		}
		renameWhole(`${path}.new`, path);
	} catch (error) {
		const reason = `memory: ${path} cannot be written: ${codeOf(error)}; nothing new is remembered over a restart`;
		if (memory.told !== reason) onTrouble(reason);
		memory.told = reason;
		return false;
	}
	memory.generation += 1;
	if (memory.told !== null) onTrouble(`memory: ${path} is written again`);
	memory.told = null;
	return true;
}

function checksum(text: string): string {
	return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
