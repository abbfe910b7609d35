/** The flash port on a computer: a file of a fixed size beside the memory file. */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import type { Flash } from "../modules/ports/ports.js";
import { codeOf, renameWhole, writeInto, writeWhole } from "./files.js";

/** About a month of quarter hours of one meter. */
const sectorCount = 96;
const sectorSize = 4_096;
/** Stands before the sectors, in as much room as one of them, so that no other file is taken for ours. */
const magic = Buffer.from("smarty-xs flash 1: quarter hours that the broker does not have yet\n");
const fileLength = (1 + sectorCount) * sectorSize;

/**
 * Opens the file or makes it. Each write and each erase is on the disk before it returns. Null where that cannot be, or where the file is
 * not ours: then `onTrouble` hears why, and quarter hours do not survive a restart.
 */
export function openFileFlash(path: string, onTrouble: (text: string) => void): Flash | null {
	try {
		const file = openFile(path);
		if (typeof file === "number") return createFlash(file);
		onTrouble(`quarter hours: ${file}; they do not survive a restart`);
	} catch (error) {
		onTrouble(`quarter hours: ${path} cannot be used: ${codeOf(error)}; they do not survive a restart`);
	}
	return null;
}

function openFile(path: string): number | string {
	let file: number;
	try {
		file = openSync(path, "r+");
	} catch (error) {
		if (codeOf(error) !== "ENOENT") throw error;
		createFile(path);
		file = openSync(path, "r+");
	}
	const start = Buffer.alloc(magic.length);
	const { size } = fstatSync(file);
	if (readSync(file, start, 0, start.length, 0) === start.length && start.equals(magic)) {
		// Cut by a person or a repair of the disk: zeros are no entries, and are erased in their turn.
		if (size < fileLength) ftruncateSync(file, fileLength);
		return file;
	}
	closeSync(file);
	return `${path} is not a file of smarty-xs`;
}

/** Whole or not there, whenever the power is cut. */
function createFile(path: string): void {
	const bytes = Buffer.alloc(fileLength, 0xff);
	magic.copy(bytes);
	writeWhole(`${path}.new`, bytes);
	renameWhole(`${path}.new`, path);
}

function createFlash(file: number): Flash {
	const read = (offset: number, into: Uint8Array) => {
		if (offset < 0 || offset + into.length > sectorCount * sectorSize) throw new RangeError(`no flash at ${offset}`);
		const count = readSync(file, into, 0, into.length, sectorSize + offset);
		if (count !== into.length) throw new Error(`the file ends at ${offset + count}`);
	};
	return {
		sectorCount,
		sectorSize,
		read,
		write(offset, bytes) {
			const there = new Uint8Array(bytes.length);
			read(offset, there);
			// As in flash: bits go from 1 to 0 only.
			writeInto(
				file,
				there.map((byte, at) => byte & bytes[at]!),
				sectorSize + offset,
			);
		},
		erase(sector) {
			if (!(sector >= 0 && sector < sectorCount)) throw new RangeError(`there is no sector ${sector}`);
			writeInto(file, new Uint8Array(sectorSize).fill(0xff), sectorSize + sector * sectorSize);
		},
	};
}
