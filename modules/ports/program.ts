/** What an update needs of a platform: the program in flash, and room for the next one. */

export interface Program {
	/** What an update must be made for: the target's name, `lolin_d32`. */
	readonly board: string;
	/** Rises with each release. */
	readonly sequence: number;
	/** Of those who may sign an update: x and y of a point of P-256, 128 hexadecimal digits. Without one, no update is taken. */
	readonly keys: readonly string[];
	/** Bytes that the slot of the next program holds. */
	readonly slotLength: number;
	/** This program runs for the first time: any reset brings the one before back, until it is kept. */
	isOnTrial(): boolean;
	keep(): void;
	/** Restarts with the program before. Returns where there is none. */
	giveUp(): void;
	/** Begins to write the next program over what the other slot holds. Throws where it cannot. */
	openSlot(): Slot;
	/** SHA-256, in C on the board. */
	createDigest(): Digest;
}

/** A program on its way into flash. Each operation may be the last before the power goes; what boots then is a whole program. */
export interface Slot {
	/** Up to 4 096 bytes more, valid during this call. Erases as it goes: some 50 ms for each 4 KiB. Throws where flash fails. */
	write(bytes: Uint8Array): void;
	/** From the next restart on this program runs, on trial. Throws where it is no program. */
	complete(): void;
	/** Gives it up, where it is not complete. Never throws. */
	close(): void;
}

export interface Digest {
	write(bytes: Uint8Array): void;
	/** 32 bytes. */
	close(): Uint8Array;
}
