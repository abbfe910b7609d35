/** Flash in memory, with power cuts. */

import type { Flash } from "../../modules/ports/ports.js";
import type { Chance } from "./chance.js";
import { PowerCut } from "./fake-ports.js";

/** NOR flash in memory: a write only takes bits away. The power is cut in the operation that `cutIn` counts down to. */
export interface FakeFlash extends Flash {
	readonly bytes: Uint8Array;
	/** Of each sector. */
	readonly erases: number[];
	/** Operations until the cut, counted down; 0 or less is never. */
	cutIn: number;
	operations: number;
}

export function createFakeFlash(sectorCount: number, chance: Chance): FakeFlash {
	const sectorSize = 4_096;
	const bytes = new Uint8Array(sectorCount * sectorSize);
	// As it leaves the factory of the board: not even erased.
	bytes.set(chance.bytes(bytes.length));
	const flash: FakeFlash = {
		bytes,
		erases: new Array(sectorCount).fill(0),
		cutIn: 0,
		operations: 0,
		sectorCount,
		sectorSize,
		read(offset, into) {
			check(offset, into.length);
			into.set(bytes.subarray(offset, offset + into.length));
		},
		write(offset, data) {
			check(offset, data.length);
			const isCut = countDown();
			// The first bytes, or any part of them.
			const first = isCut && chance.integer(0, 1) === 0 ? chance.integer(0, data.length) : null;
			for (let at = 0; at < data.length; at++) {
				const isWritten = first === null ? chance.integer(0, 1) === 0 : at < first;
				if (!isCut || isWritten) bytes[offset + at]! &= data[at]!;
			}
			if (isCut) throw new PowerCut("cut in a write");
		},
		erase(sector) {
			check(sector * sectorSize, sectorSize);
			const isCut = countDown();
			flash.erases[sector]!++;
			const start = sector * sectorSize;
			for (let at = start; at < start + sectorSize; at++) {
				if (!isCut) bytes[at] = 0xff;
				else if (chance.integer(0, 2) === 0) bytes[at] = chance.integer(0, 255);
			}
			if (isCut) throw new PowerCut("cut in an erase");
		},
	};
	function check(offset: number, length: number): void {
		if (offset % 4 || length % 4 || offset < 0 || offset + length > bytes.length) {
			throw new Error(`flash at ${offset}, ${length} bytes`);
		}
	}
	function countDown(): boolean {
		flash.operations++;
		flash.cutIn--;
		return flash.cutIn === 0;
	}
	return flash;
}
