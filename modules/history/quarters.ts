/** One reading of each meter for each quarter of an hour, in flash. */
import type { Flash } from "../ports/ports.js";
import {
	type Archive,
	beginSector,
	hasRoom,
	listSectors,
	nextSector,
	openArchive,
	sectorOf,
	writeEntry,
} from "./archive.js";
import {
	type DescribedShape,
	eachEntry,
	eachSample,
	encodeShape,
	encodeWhole,
	isSample,
	keepOnly,
	numberedSample,
	shapeType,
} from "./quarter-entries.js";
import { isSameShape, type Sample, type Shape } from "./sample.js";

/** One reading of each meter for each quarter of an hour, in flash, until it was delivered or its sector is needed. */
export interface Quarters {
	readonly archive: Archive;
	/** What was described in the sector that is being filled, since the boot. */
	readonly described: DescribedShape[];
	/** Entries of that sector, its descriptions and samples. */
	entries: number;
	/** The newest sample of each meter at the boot: its time, UTC in seconds. */
	readonly newest: readonly { meter: string; time: number }[];
	/** Where the search for samples to deliver goes on; null begins with the oldest sector. */
	search: Search | null;
	/** False when the search has come to the end, so that it need not be made again and again. */
	pending: boolean;
	/** Offsets of the samples that are under way. */
	readonly inFlight: number[];
	/** Samples that are in RAM too, and are delivered from there. */
	readonly twins: { sequence: number; offset: number }[];
	/** Samples that were never delivered and had to go for newer ones. */
	lost: number;
	/** Writes that the flash did not keep. */
	failures: number;
	/** What is still to go over LoRa; null where nothing goes there. */
	lora: LoraQuarters | null;
}

/** The other way that samples go, each with a mark of its own (`lora-quarters.ts`). */
export interface LoraQuarters {
	search: Search | null;
	/** False when the search has come to the end. */
	pending: boolean;
	/** The one that is taken next, if it is known; Wh, and quarter hours since 1970. */
	next: { offset: number; quarter: number; imported: number | null; exported: number | null } | null;
	/** Offsets of those that are under way. */
	readonly taken: number[];
	/** That had to go for newer ones, and what was acknowledged since the boot. */
	lost: number;
	delivered: number;
}

export interface Search {
	sector: number;
	offset: number;
	/** The descriptions that were read in this sector, up to the offset. */
	shapes: DescribedShape[];
}

/** Numbers of descriptions are counts of entries; a sector of the smallest ones has fewer. */
const mostEntries = 239;
/** Sectors in which the newest sample of each meter is looked for at the boot: two hours of six meters, a day of one. */
const newestSectors = 3;

/** Reads the headers of all sectors, and the entries of the newest ones. */
export function openQuarters(flash: Flash): Quarters {
	const archive = openArchive(flash);
	let entries = 0;
	if (archive.sector >= 0) eachEntry(archive, archive.sector, () => (entries += 1));
	return {
		archive,
		described: [],
		entries,
		newest: findNewest(archive),
		search: null,
		pending: true,
		inFlight: [],
		twins: [],
		lost: 0,
		failures: 0,
		lora: null,
	};
}

/** The time of each meter's newest sample, UTC in seconds, in the newest sectors. */
function findNewest(archive: Archive): { meter: string; time: number }[] {
	const newest: { meter: string; time: number }[] = [];
	for (const sector of listSectors(archive).slice(-newestSectors)) {
		eachSample(archive, sector, ({ meter }, { time }) => {
			if (time === null) return;
			const known = newest.find(other => other.meter === meter);
			if (known === undefined) newest.push({ meter, time });
			else known.time = time;
		});
	}
	return newest;
}

/** Room that a description leaves for the sample that is described; a longer one begins another sector. */
const usualLength = 128;

/**
 * Writes a sample. False where it has begun a sector or described the meter before that, and is to be called again. Throws when the flash does not keep it. Cost: a write of about 120 bytes, for the first of a meter in a sector
 * another of about 400; with one meter an erase of 4 KiB about every eight hours.
 */
export function writeQuarter(
	quarters: Quarters,
	sequence: number,
	shape: Shape,
	sample: Sample,
	awaitsLora = false,
): boolean {
	const { archive, described } = quarters;
	try {
		const known = described.find(other => isSameShape(other.shape, shape));
		const next = { number: quarters.entries, shape };
		const isNew = known === undefined && archive.sector >= 0;
		// A run has time for one of the two.
		const payload = isNew ? encodeShape(next) : encodeWhole(sample);
		if (payload === null) {
			quarters.failures += 1;
			return true;
		}
		const lengths = isNew ? [payload.length, usualLength] : [payload.length];
		if (quarters.entries + 1 >= mostEntries || !hasRoom(archive, ...lengths)) {
			described.length = 0;
			quarters.entries = 0;
			clearSector(quarters, nextSector(archive));
			beginSector(archive);
			return false;
		}
		if (isNew) writeEntry(archive, shapeType, payload);
		else {
			const offset = writeEntry(archive, numberedSample + known!.number, payload, awaitsLora);
			quarters.twins.push({ sequence, offset });
			if (awaitsLora && quarters.lora !== null) quarters.lora.pending = true;
		}
		if (isNew) described.push(next);
		quarters.entries += 1;
		return !isNew;
	} catch (error) {
		// What this sector holds is not known for sure: the next sample is described anew.
		described.length = 0;
		quarters.failures++;
		throw error;
	}
}

/** The sector will be erased: forgets everything in it. */
function clearSector(quarters: Quarters, sector: number): void {
	const { archive, inFlight, twins } = quarters;
	if (archive.numbers[sector]! > 0) {
		eachEntry(archive, sector, entry => {
			if (!isSample(entry) || !entry.whole) return;
			if (!entry.done) quarters.lost++;
			if (entry.awaitsLora && quarters.lora !== null) quarters.lora.lost += 1;
		});
	}
	keepOnly(inFlight, offset => sectorOf(archive, offset) !== sector);
	keepOnly(twins, twin => sectorOf(archive, twin.offset) !== sector);
	if (quarters.search?.sector === sector) quarters.search = null;
	const { lora } = quarters;
	if (lora === null) return;
	keepOnly(lora.taken, offset => sectorOf(archive, offset) !== sector);
	if (lora.next !== null && sectorOf(archive, lora.next.offset) === sector) lora.next = null;
	if (lora.search?.sector === sector) lora.search = null;
}
