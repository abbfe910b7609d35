/** A log of entries in raw flash. */
import { crc16 } from "../p1/crc16.js";
import type { Flash } from "../ports/ports.js";

/**
 * A log of entries in flash, over sectors that are filled and erased in turn, so that all of them wear alike. An entry is
 * whole or not there, whenever the power is cut, and is marked when it is done with, without an erase.
 *
 * A sector begins with `SMH1`, its number (each new one is one higher) and a CRC. An entry is
 * type, 0x5A, length (2), CRC over these and the payload (2), second mark (2: all ones where, and until, LoRa has to do with it),
 * mark (4: all ones until it is done with), payload, padding.
 */
export interface Archive {
	readonly flash: Flash;
	/** Number of each sector, 0 where it holds nothing. */
	readonly numbers: number[];
	/** The sector that is being filled, -1 before the first, and where its next entry goes. */
	sector: number;
	end: number;
	/** Sectors erased and entries written since the boot. */
	erases: number;
	writes: number;
}

export interface Entry {
	/** Where it begins: its name for as long as its sector is not erased. */
	offset: number;
	type: number;
	/** Of the payload. */
	start: number;
	length: number;
	done: boolean;
	/** It is to go over LoRa, and did not yet. */
	awaitsLora: boolean;
	/** False where its CRC does not match: its writing was cut, or the flash has aged. */
	whole: boolean;
	/** Where the next one begins. */
	next: number;
}

const magic = Object.freeze([0x53, 0x4d, 0x48, 0x31]);
const sectorHeader = 12;
const entryHeader = 12;
const check = 0x5a;
const blank = 0xff;
export const longestPayload = 1_024;

/** Looks through the sectors: reads each one's header and the entries of the newest. Erases and writes nothing. */
export function openArchive(flash: Flash): Archive {
	const numbers: number[] = [];
	let sector = -1;
	for (let at = 0; at < flash.sectorCount; at++) {
		const number = readSectorNumber(flash, at);
		numbers.push(number);
		if (number > 0 && (sector < 0 || number > numbers[sector]!)) sector = at;
	}
	const archive: Archive = { flash, numbers, sector, end: 0, erases: 0, writes: 0 };
	if (sector < 0) return archive;
	let offset = firstOffset(archive, sector);
	for (let entry = readEntry(archive, offset); entry !== null; entry = readEntry(archive, offset)) offset = entry.next;
	// What follows must be untouched: after a write that was cut, the rest of the sector is left alone.
	archive.end = isBlank(flash, offset, sectorEnd(archive, sector)) ? offset : sectorEnd(archive, sector);
	return archive;
}

function readSectorNumber(flash: Flash, sector: number): number {
	const bytes = new Uint8Array(sectorHeader);
	flash.read(sector * flash.sectorSize, bytes);
	if (magic.some((byte, at) => bytes[at] !== byte)) return 0;
	const crc = bytes[8]! | (bytes[9]! << 8);
	if (crc !== crc16(bytes, 0, 8)) return 0;
	return bytes[4]! + bytes[5]! * 0x100 + bytes[6]! * 0x10000 + bytes[7]! * 0x1000000;
}

/** Sectors that hold entries, oldest first, and the offset of the first entry of one. */
export function listSectors(archive: Archive): number[] {
	const { numbers } = archive;
	return numbers
		.map((_, at) => at)
		.filter(at => numbers[at]! > 0)
		.sort((one, other) => numbers[one]! - numbers[other]!);
}

export function firstOffset(archive: Archive, sector: number): number {
	return sector * archive.flash.sectorSize + sectorHeader;
}

function sectorEnd(archive: Archive, sector: number): number {
	return (sector + 1) * archive.flash.sectorSize;
}

export function sectorOf(archive: Archive, offset: number): number {
	return Math.floor(offset / archive.flash.sectorSize);
}

/** The entry at this offset, whole or not, or null behind the sector's last. */
export function readEntry(archive: Archive, offset: number): Entry | null {
	const { flash } = archive;
	// No entry begins where a sector does: the one before is full.
	if (offset % flash.sectorSize === 0) return null;
	const end = sectorEnd(archive, sectorOf(archive, offset));
	if (offset + entryHeader > end) return null;
	const header = new Uint8Array(entryHeader);
	flash.read(offset, header);
	const length = header[2]! | (header[3]! << 8);
	const next = offset + entryHeader + pad(length);
	if (header[1] !== check || length > longestPayload || next > end) return null;
	const mark = header[8]! & header[9]! & header[10]! & header[11]!;
	const entry = {
		offset,
		type: header[0]!,
		start: offset + entryHeader,
		length,
		done: mark !== blank,
		awaitsLora: (header[6]! & header[7]!) === blank,
		whole: true,
		next,
	};
	// A mark is only made on an entry that was whole.
	const crc = header[4]! | (header[5]! << 8);
	if (!entry.done) entry.whole = crc === computeCrc(header, readPayload(archive, entry));
	return entry;
}

export function readPayload(archive: Archive, entry: Entry): Uint8Array {
	const padded = new Uint8Array(pad(entry.length));
	archive.flash.read(entry.start, padded);
	return padded.subarray(0, entry.length);
}

/** True where there is room for entries of these lengths in the sector that is being filled. */
export function hasRoom(archive: Archive, ...lengths: number[]): boolean {
	if (archive.sector < 0) return false;
	const needed = lengths.reduce((sum, length) => sum + entryHeader + pad(length), 0);
	return archive.end + needed <= sectorEnd(archive, archive.sector);
}

/** The sector that is erased next. */
export function nextSector(archive: Archive): number {
	return (archive.sector + 1) % archive.flash.sectorCount;
}

/** Erases the oldest sector and begins it anew; what it held is gone. Throws when the flash does not take it. */
export function beginSector(archive: Archive): void {
	const { flash, numbers } = archive;
	const number = archive.sector < 0 ? 1 : numbers[archive.sector]! + 1;
	const sector = nextSector(archive);
	numbers[sector] = 0;
	archive.erases++;
	flash.erase(sector);
	const bytes = new Uint8Array(sectorHeader).fill(blank);
	bytes.set(magic);
	for (let at = 0; at < 4; at++) bytes[4 + at] = Math.floor(number / 256 ** at) % 256;
	const crc = crc16(bytes, 0, 8);
	bytes[8] = crc & 0xff;
	bytes[9] = crc >> 8;
	flash.write(sector * flash.sectorSize, bytes);
	// Counts as begun even where its header was not kept: then it is erased again when its turn comes.
	archive.sector = sector;
	archive.end = sectorEnd(archive, sector);
	numbers[sector] = number;
	if (readSectorNumber(flash, sector) !== number) throw new Error("the flash did not keep a sector's header");
	archive.end = firstOffset(archive, sector);
}

/** Writes an entry for which there is room, and returns its offset. Throws when the flash did not keep it; the rest of the
 * sector is left alone then. */
export function writeEntry(archive: Archive, type: number, payload: Uint8Array, awaitsLora = false): number {
	const offset = archive.end;
	const bytes = new Uint8Array(entryHeader + pad(payload.length)).fill(blank);
	bytes[0] = type;
	bytes[1] = check;
	bytes[2] = payload.length & 0xff;
	bytes[3] = payload.length >> 8;
	const crc = computeCrc(bytes, payload);
	bytes[4] = crc & 0xff;
	bytes[5] = crc >> 8;
	bytes[6] = awaitsLora ? blank : 0;
	bytes[7] = bytes[6];
	bytes.set(payload, entryHeader);
	archive.end = sectorEnd(archive, archive.sector);
	archive.flash.write(offset, bytes);
	if (readEntry(archive, offset)?.whole !== true) throw new Error("the flash did not keep an entry");
	archive.writes++;
	archive.end = offset + bytes.length;
	return offset;
}

/** Marks an entry: it is done with. */
export function finishEntry(archive: Archive, offset: number): void {
	archive.flash.write(offset + 8, new Uint8Array(4));
}

/** Takes the second mark: it went over LoRa. */
export function finishLora(archive: Archive, offset: number): void {
	// The CRC stays as it is: flash takes no word without both.
	const word = new Uint8Array(4);
	archive.flash.read(offset + 4, word);
	word[2] = 0;
	word[3] = 0;
	archive.flash.write(offset + 4, word);
}

function computeCrc(header: Uint8Array, payload: Uint8Array): number {
	const bytes = new Uint8Array(4 + payload.length);
	bytes.set(header.subarray(0, 4));
	bytes.set(payload, 4);
	return crc16(bytes, 0, bytes.length);
}

function isBlank(flash: Flash, start: number, end: number): boolean {
	const bytes = new Uint8Array(Math.min(256, end - start));
	for (let at = start; at < end; at += bytes.length) {
		const part = bytes.subarray(0, Math.min(bytes.length, end - at));
		flash.read(at, part);
		for (let index = 0; index < part.length; index++) if (part[index] !== blank) return false;
	}
	return true;
}

function pad(length: number): number {
	return (length + 3) & ~3;
}
