/** Flash in an array, which behaves like NOR flash: a write only takes bits away. For guests, so it imports types only. */
import type { Flash } from "../modules/ports/ports.js";

/** `bytes` are the flash itself. A class, because what it does lies in flash, too, where a guest's memory is measured. */
export class ArrayFlash implements Flash {
	readonly sectorCount: number;
	readonly sectorSize: number;
	readonly bytes: Uint8Array;

	constructor(bytes: Uint8Array, sectorSize: number) {
		this.bytes = bytes;
		this.sectorSize = sectorSize;
		this.sectorCount = Math.floor(bytes.length / sectorSize);
	}

	read(offset: number, into: Uint8Array): void {
		into.set(this.bytes.subarray(offset, offset + into.length));
	}

	write(offset: number, part: Uint8Array): void {
		for (let at = 0; at < part.length; at += 1) this.bytes[offset + at]! &= part[at]!;
	}

	erase(sector: number): void {
		this.bytes.fill(0xff, sector * this.sectorSize, (sector + 1) * this.sectorSize);
	}
}

/** The same; what `onWrite` and `onErase` are told has happened. */
export function createArrayFlash(
	bytes: Uint8Array,
	sectorSize: number,
	onWrite: (offset: number, part: Uint8Array) => void = () => {},
	onErase: (sector: number) => void = () => {},
): Flash {
	const flash = new ArrayFlash(bytes, sectorSize);
	return {
		sectorCount: flash.sectorCount,
		sectorSize,
		read: (offset, into) => flash.read(offset, into),
		write(offset, part) {
			flash.write(offset, part);
			onWrite(offset, part);
		},
		erase(sector) {
			flash.erase(sector);
			onErase(sector);
		},
	};
}
