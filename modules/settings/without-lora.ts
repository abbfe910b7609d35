/** What stands for `lora.ts` in the program of a board without a LoRa radio (`tools/compile.ts`): it has no such settings. */
import type { Setting } from "./setting.js";

export const loraTable: readonly Setting[] = Object.freeze([]);

export function isLoraOn(): boolean {
	return false;
}

export function validateLoraTogether(): void {}

export function readLora(): null {
	return null;
}
