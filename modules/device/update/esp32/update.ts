/** The program port: the slots of ESP-IDF and what its boot loader knows of them. */

import Storage from "embedded:storage/flash";
import Update from "embedded:update";
import { Digest } from "crypt";
import config from "mc/config";
import FFI from "mc/ffi";
import type { Program } from "../../../ports/program.js";

/** Digits of x and y of a point of P-256. */
const keyDigits = 128;

/** Undefined where the partition table has no second slot. */
export function createProgram(): Program | undefined {
	const system = new FFI();
	let slotLength: number;
	try {
		slotLength = Storage.open({ path: "nextota" }).status().size;
	} catch {
		return undefined;
	}
	return {
		board: String(config.board),
		sequence: Number(config.sequence),
		keys: [config.updateKey, config.nextUpdateKey].map(String).filter(text => text.length === keyDigits),
		slotLength,
		isOnTrial: () => system.smarty_is_on_trial() !== 0,
		keep: () => system.esp_ota_mark_app_valid_cancel_rollback(),
		giveUp: () => system.esp_ota_mark_app_invalid_rollback_and_reboot(),
		openSlot() {
			// Appended to: any other mode erases the whole slot at once, for which everything would stand still.
			const update = Update.open({ partition: Storage.open({ path: "nextota" }), mode: "a" });
			return {
				write: bytes => update.write(bytes),
				complete() {
					update.complete();
					update.close();
				},
				close: () => update.close(),
			};
		},
		createDigest() {
			const digest = new Digest("SHA256");
			return { write: bytes => digest.write(bytes), close: () => new Uint8Array(digest.close()) };
		},
	};
}
