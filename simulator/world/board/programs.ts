/** The programs in the simulated device's flash: which one boots, and what becomes of a new one. */

import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { type Chance, drawInteger } from "../../chance.js";
import type { BootProgram } from "../bridge/bridge.js";
import { createWorldFlash, eraseFlash, writeFlash } from "./flash.js";
import { boot, createImage, createProgram, flashByCable, Reset, readRunning, sectors, slotLength } from "./slots.js";
import type { Genuine, Programs } from "./state.js";

const board = "lolin_d32";

/** With one that came by cable. `chance`: of the flash. */
export function createPrograms(chance: Chance, key: string): Programs {
	const flash = createWorldFlash(sectors, chance);
	const slots = flashByCable(
		{
			bytes: flash.bytes,
			erase: sector => eraseFlash(flash, sector),
			write: (offset, bytes) => writeFlash(flash, offset, bytes),
		},
		drawImage(chance),
	);
	const programs: Programs = { slots, flash, keys: [key], genuine: new Map(), running: null, kept: 0, slot: null };
	const first = flash.bytes.subarray(2 * flash.sectorSize, 2 * flash.sectorSize + slotLength);
	programs.genuine.set(hash(first), { version: "0.1.0", sequence: 1, fault: "none" });
	return programs;
}

/** A key of nobody else's. The numbers of a run do not depend on it. */
export function createKey(): { privateKey: KeyObject; digits: string } {
	const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
	const { x, y } = publicKey.export({ format: "jwk" });
	const digits = [x!, y!].map(text => Buffer.from(text, "base64url").toString("hex")).join("");
	return { privateKey, digits };
}

/** Some KiB. */
export function drawImage(chance: Chance): Uint8Array {
	return createImage(Uint8Array.from({ length: 6_000 + drawInteger(chance, 6_000) }, () => drawInteger(chance, 256)));
}

/** Of a program as it lies in its slot, to the slot's end. */
function hash(bytes: Uint8Array): string {
	return createHash("sha256").update(bytes).digest("hex");
}

/** Somebody signed this image. */
export function noteGenuine({ genuine }: Programs, image: Uint8Array, about: Genuine): void {
	const whole = new Uint8Array(slotLength).fill(0xff);
	whole.set(image);
	genuine.set(hash(whole), about);
}

/** The boot loader chooses. Whatever happened before: what it finds must be whole, genuine, and no older than what was kept. */
export function startProgram(programs: Programs, onViolation: (text: string) => void): BootProgram | null {
	const { slots, keys, genuine, kept } = programs;
	programs.slot = null;
	boot(slots);
	const running = slots.running < 0 ? undefined : genuine.get(hash(readRunning(slots)));
	programs.running = running ?? null;
	if (running === undefined) {
		onViolation(slots.running < 0 ? "no program can be booted" : "a program boots that nobody signed");
		return null;
	}
	if (running.sequence < kept) onViolation(`${running.version} boots after a newer one was kept`);
	const { isOnTrial } = createProgram(slots, keys, running.sequence);
	return { board, sequence: running.sequence, keys, slotLength, isOnTrial: isOnTrial() };
}

export function writeSlot(programs: Programs, what: "open" | "complete" | "close"): void {
	const { slots, keys, running } = programs;
	if (what === "open") {
		programs.slot = createProgram(slots, keys, running!.sequence).openSlot();
	} else {
		const { slot } = programs;
		programs.slot = null;
		if (what === "complete") slot?.complete();
		else slot?.close();
	}
}

/** True where the one before is to boot. */
export function judgeProgram(programs: Programs, verdict: "keep" | "give up"): boolean {
	const { slots, keys, running } = programs;
	const program = createProgram(slots, keys, running!.sequence);
	if (verdict === "keep") {
		program.keep();
		programs.kept = Math.max(programs.kept, running!.sequence);
		return false;
	}
	try {
		program.giveUp();
		return false;
	} catch (error) {
		if (!(error instanceof Reset)) throw error;
		return true;
	}
}
