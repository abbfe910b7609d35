/** The program port: the slots of ESP-IDF and what its boot loader knows of them. */

import Storage from "embedded:storage/flash";
import type { Update } from "embedded:update";
import Updates from "embedded:update";
import { Digest as Sha } from "crypt";
import config from "mc/config";
import type FFI from "mc/ffi";
import type { Digest, Program, Slot } from "../../../ports/program.js";

/** Digits of x and y of a point of P-256. */
const keyDigits = 128;

const keys: readonly string[] = Object.freeze(
	[config.updateKey, config.nextUpdateKey].map(String).filter(text => text.length === keyDigits),
);

class BoardProgram implements Program {
	readonly slotLength: number;
	private readonly system: FFI;

	constructor(system: FFI, slotLength: number) {
		this.slotLength = slotLength;
		this.system = system;
	}

	get board(): string {
		return String(config.board);
	}

	get sequence(): number {
		return Number(config.sequence);
	}

	get keys(): readonly string[] {
		return keys;
	}

	isOnTrial(): boolean {
		return this.system.smarty_is_on_trial() !== 0;
	}

	keep(): void {
		this.system.esp_ota_mark_app_valid_cancel_rollback();
	}

	giveUp(): void {
		this.system.esp_ota_mark_app_invalid_rollback_and_reboot();
	}

	openSlot(): Slot {
		return new BoardSlot();
	}

	createDigest(): Digest {
		return new Sha256();
	}
}

class BoardSlot implements Slot {
	private readonly update: Update;

	constructor() {
		// Appended to: any other mode erases the whole slot at once, for which everything would stand still.
		this.update = Updates.open({ partition: Storage.open({ path: "nextota" }), mode: "a" });
	}

	write(bytes: Uint8Array): void {
		this.update.write(bytes);
	}

	complete(): void {
		this.update.complete();
		this.update.close();
	}

	close(): void {
		this.update.close();
	}
}

class Sha256 implements Digest {
	private readonly digest = new Sha("SHA256");

	write(bytes: Uint8Array): void {
		this.digest.write(bytes);
	}

	close(): Uint8Array {
		return new Uint8Array(this.digest.close());
	}
}

/** Undefined where the partition table has no second slot. */
export function openProgram(system: FFI): Program | undefined {
	try {
		return new BoardProgram(system, Storage.open({ path: "nextota" }).status().size);
	} catch {
		return undefined;
	}
}
