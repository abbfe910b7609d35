/** Files that are whole after a power cut: what is written is on the disk before the call returns. */
import { closeSync, fdatasyncSync, fsyncSync, mkdirSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Writes a new file and syncs it. What had this name before is gone. */
export function writeWhole(path: string, bytes: Uint8Array): void {
	const file = openSync(path, "w", 0o600);
	try {
		for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at);
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
}

/** Renames, and syncs the folder: the new name is there after a power cut, too. */
export function renameWhole(from: string, to: string): void {
	renameSync(from, to);
	syncFolder(dirname(to));
}

function syncFolder(path: string): void {
	// Windows knows no such thing.
	if (process.platform === "win32") return;
	const folder = openSync(path, "r");
	try {
		fsyncSync(folder);
	} finally {
		closeSync(folder);
	}
}

/** Makes a folder, and those above it. Node's own way never returns where the system says that a folder above is missing, as in /proc. */
export function makeFolder(path: string): void {
	if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
	if (dirname(path) !== path) makeFolder(dirname(path));
	mkdirSync(path);
}

/** Writes into an open file and waits until the disk has it. */
export function writeInto(file: number, bytes: Uint8Array, offset: number): void {
	for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, offset + at);
	fdatasyncSync(file);
}

/** The code of a failed call, for people: `ENOSPC`. */
export function codeOf(error: unknown): string {
	const { code, message } = error as NodeJS.ErrnoException;
	return code ?? message;
}
