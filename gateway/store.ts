/** The store port on a computer: one JSON file. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Store } from "../modules/ports/ports.js";

/**
 * Values in one JSON file, which is replaced as a whole, so that it is there before and after a power cut. Without a path in memory
 * only. Throws when the file cannot be written.
 */
export function createFileStore(path: string | null): Store {
	const values = new Map(path === null ? [] : readValues(path));
	const save = () => {
		if (path === null) return;
		mkdirSync(dirname(path), { recursive: true });
		const next = `${path}.new`;
		writeFileSync(next, JSON.stringify(Object.fromEntries(values)), { mode: 0o600 });
		renameSync(next, path);
	};
	save();
	return {
		read: name => values.get(name) ?? null,
		write(name, value) {
			values.set(name, value);
			save();
		},
		remove(name) {
			if (values.delete(name)) save();
		},
	};
}

/** A file that is not there, or was damaged, is an empty store. */
function readValues(path: string): [string, string][] {
	try {
		const content: unknown = JSON.parse(readFileSync(path, "utf8"));
		if (typeof content !== "object" || content === null) return [];
		return Object.entries(content).filter((entry): entry is [string, string] => typeof entry[1] === "string");
	} catch {
		return [];
	}
}
