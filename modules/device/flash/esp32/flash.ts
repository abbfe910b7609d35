/** The flash port: the partition of the history. */
import type { FlashStorage } from "embedded:storage/flash";
import Storage from "embedded:storage/flash";
import type { Flash } from "../../../ports/ports.js";

class BoardFlash implements Flash {
	readonly sectorCount: number;
	readonly sectorSize: number;
	private readonly storage: FlashStorage;

	constructor(storage: FlashStorage) {
		const { blocks, blockLength } = storage.status();
		this.storage = storage;
		this.sectorCount = blocks;
		this.sectorSize = blockLength;
	}

	read(offset: number, into: Uint8Array): void {
		this.storage.read(into, offset);
	}

	write(offset: number, bytes: Uint8Array): void {
		this.storage.write(bytes, offset);
	}

	erase(sector: number): void {
		this.storage.eraseBlock(sector, sector + 1);
	}
}

/** The partition of this name in `partitions.csv`; null where a board's table has none. */
export function openFlash(): Flash | null {
	try {
		return new BoardFlash(Storage.open({ path: "history", mode: "r+" }));
	} catch {
		return null;
	}
}
