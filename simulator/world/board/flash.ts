/** NOR flash of the simulated device, in which the power can be cut. */

import { type Chance, drawInteger, happens } from "../../chance.js";

/**
 * Raw NOR flash: erasing makes a sector's bits 1, writing makes bits 0. Counts erases, and can lose the power in the middle of
 * an operation: then a write leaves any part of its bytes, one of them with any of its bits, and an erase leaves the sector
 * with anything.
 */
export interface WorldFlash {
	readonly sectorSize: number;
	readonly sectorCount: number;
	readonly bytes: Uint8Array;
	/** Erases of each sector since the beginning. */
	readonly erases: number[];
	writes: number;
	/** Operations until the power fails in one, or -1. */
	cutAfter: number;
	readonly chance: Chance;
}

/** Thrown by the operation in which the power fails. */
export class PowerCut extends Error {}

export const sectorSize = 4096;

export function createWorldFlash(sectorCount: number, chance: Chance): WorldFlash {
	return {
		sectorSize,
		sectorCount,
		bytes: new Uint8Array(sectorCount * sectorSize).fill(0xff),
		erases: new Array<number>(sectorCount).fill(0),
		writes: 0,
		cutAfter: -1,
		chance,
	};
}

/** Throws for what flash cannot do: addresses outside, or not multiples of 4, or bits from 0 to 1. */
export function writeFlash(flash: WorldFlash, offset: number, bytes: Uint8Array): void {
	if (offset % 4 !== 0 || bytes.length % 4 !== 0)
		throw new RangeError(`${offset}, ${bytes.length}: not multiples of 4`);
	if (offset < 0 || offset + bytes.length > flash.bytes.length)
		throw new RangeError(`${offset} is outside of the flash`);
	for (let at = 0; at < bytes.length; at++) {
		if ((bytes[at]! & ~flash.bytes[offset + at]!) !== 0)
			throw new Error(`a bit at ${offset + at} cannot become 1 again`);
	}
	flash.writes += 1;
	if (!countDown(flash)) {
		flash.bytes.set(bytes, offset);
		return;
	}
	writePart(flash, offset, bytes);
	throw new PowerCut();
}

/** Either the first bytes, and some bits of the next one; or bytes here and there. */
function writePart(flash: WorldFlash, offset: number, bytes: Uint8Array): void {
	const { chance } = flash;
	const scattered = happens(chance, 0.5);
	const whole = drawInteger(chance, bytes.length + 1);
	for (let at = 0; at < bytes.length; at++) {
		const written = scattered ? happens(chance, whole / bytes.length) : at < whole;
		if (written) flash.bytes[offset + at] = bytes[at]!;
		else if (at === whole) flash.bytes[offset + at]! &= bytes[at]! | drawInteger(chance, 256);
	}
}

export function eraseFlash(flash: WorldFlash, sector: number): void {
	if (!(sector >= 0 && sector < flash.sectorCount)) throw new RangeError(`there is no sector ${sector}`);
	flash.erases[sector]! += 1;
	const start = sector * flash.sectorSize;
	if (!countDown(flash)) {
		flash.bytes.fill(0xff, start, start + flash.sectorSize);
		return;
	}
	// Bits come up in no order: some bytes are erased, some are as they were, some in between.
	for (let at = start; at < start + flash.sectorSize; at++) flash.bytes[at]! |= drawInteger(flash.chance, 256);
	throw new PowerCut();
}

function countDown(flash: WorldFlash): boolean {
	if (flash.cutAfter < 0) return false;
	flash.cutAfter -= 1;
	return flash.cutAfter < 0;
}
