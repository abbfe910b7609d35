/** The flash port: the partition of the history. */
import Storage from "embedded:storage/flash";
import type { Flash } from "../../../ports/ports.js";

/** The partition of this name in `partitions.csv`; null where a board's table has none. */
export function openFlash(): Flash | null {
	try {
		const storage = Storage.open({ path: "history", mode: "r+" });
		const { blocks, blockLength } = storage.status();
		return {
			sectorCount: blocks,
			sectorSize: blockLength,
			read(offset, into) {
				storage.read(into, offset);
			},
			write(offset, bytes) {
				storage.write(bytes, offset);
			},
			erase(sector) {
				storage.eraseBlock(sector, sector + 1);
			},
		};
	} catch {
		return null;
	}
}
