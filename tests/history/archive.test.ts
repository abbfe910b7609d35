/** Tests of `modules/history/archive.ts`. */
import { expect, test } from "vitest";
import {
	beginSector,
	firstOffset,
	hasRoom,
	openArchive,
	readEntry,
	writeEntry,
} from "../../modules/history/archive.js";
import { createChance } from "../support/chance.js";
import { createFakeFlash } from "../support/fake-flash.js";

test("every sector may be filled to its last byte, and ends there", () => {
	const flash = createFakeFlash(3, createChance(1));
	const archive = openArchive(flash);
	// With their headers: 12 + 3 × 1020 + 1024 = 4096.
	const lengths = [1_008, 1_008, 1_008, 1_012];
	for (let sector = 0; sector < 3; sector++) {
		beginSector(archive);
		for (const length of lengths) {
			expect(hasRoom(archive, length)).toBe(true);
			writeEntry(archive, 2, new Uint8Array(length).fill(sector));
		}
		expect(hasRoom(archive, 0)).toBe(false);
	}
	const opened = openArchive(flash);
	expect(opened).toMatchObject({ sector: 2, end: 3 * flash.sectorSize });
	for (let sector = 0; sector < 3; sector++) {
		const found: number[] = [];
		let offset = firstOffset(opened, sector);
		for (let entry = readEntry(opened, offset); entry !== null; entry = readEntry(opened, offset)) {
			found.push(entry.length);
			offset = entry.next;
		}
		expect(found).toEqual(lengths);
	}
});
