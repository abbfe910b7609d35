/** Flash in an array, which behaves like NOR flash: a write only takes bits away. For guests, so it imports types only. */
import type { Flash } from "../modules/ports/ports.js";

/** `bytes` are the flash itself. What `onWrite` and `onErase` are told has happened. */
export function createArrayFlash(
	bytes: Uint8Array,
	sectorSize: number,
	onWrite: (offset: number, part: Uint8Array) => void = () => {},
	onErase: (sector: number) => void = () => {},
): Flash {
	return {
		sectorCount: Math.floor(bytes.length / sectorSize),
		sectorSize,
		read(offset, into) {
			into.set(bytes.subarray(offset, offset + into.length));
		},
		write(offset, part) {
			for (let at = 0; at < part.length; at += 1) bytes[offset + at]! &= part[at]!;
			onWrite(offset, part);
		},
		erase(sector) {
			bytes.fill(0xff, sector * sectorSize, (sector + 1) * sectorSize);
			onErase(sector);
		},
	};
}
