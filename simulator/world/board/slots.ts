/**
 * Two slots for programs, and what ESP-IDF's boot loader does with them: a model by its sources and not its code. Images end with a SHA-256
 * of what is before it, as the board's do.
 */

import { createHash } from "node:crypto";
import type { Program } from "../../../modules/ports/program.js";

/** `esp_ota_img_states_t` of ESP-IDF 6.0. */
const fresh = 0;
const pending = 1;
const valid = 2;
const invalid = 3;
const aborted = 4;

const sectorSize = 4_096;
/** Sectors of each slot. */
const slotSectors = 4;
export const slotLength = slotSectors * sectorSize;
/** Two sectors of otadata, and the slots. */
export const sectors = 2 + 2 * slotSectors;

/** The program ends here, and another boots. */
export class Reset extends Error {}

interface Entry {
	sector: number;
	sequence: number;
	state: number;
}

/** Flash of sectors of 4 KiB, whose power may be cut in each operation. */
export interface SlotFlash {
	readonly bytes: Uint8Array;
	erase(sector: number): void;
	write(offset: number, bytes: Uint8Array): void;
}

export interface Slots<Flash extends SlotFlash = SlotFlash> {
	readonly flash: Flash;
	/** The slot that runs; -1 where nothing could be booted. */
	running: number;
}

/** `body`, with what makes it an image. */
export function createImage(body: Uint8Array): Uint8Array {
	const image = Uint8Array.of(0xe9, ...body);
	return Uint8Array.of(...image, ...createHash("sha256").update(image).digest());
}

/** As a cable leaves it: the image in the first slot, otadata blank. */
export function flashByCable<Flash extends SlotFlash>(flash: Flash, image: Uint8Array): Slots<Flash> {
	flash.bytes.fill(0xff);
	flash.bytes.set(image, 2 * sectorSize);
	return { flash, running: -1 };
}

/** What a reset does. The power may be cut in it. */
export function boot(slots: Slots): void {
	slots.running = -1;
	for (const entry of listEntries(slots)) if (entry.state === pending) write(slots, { ...entry, state: aborted });
	let active = findActive(slots);
	if (active === null) {
		active = { sector: 0, sequence: 1, state: valid };
		write(slots, active);
	} else if (active.state === fresh) {
		active = { ...active, state: pending };
		write(slots, active);
	}
	const first = slotOf(active);
	slots.running = [first, 1 - first].find(slot => isWhole(slots, slot)) ?? -1;
}

/** The bytes of the program that runs. */
export function readRunning({ flash, running }: Slots): Uint8Array {
	const start = (2 + running * slotSectors) * sectorSize;
	return flash.bytes.slice(start, start + slotLength);
}

function isWhole({ flash }: Slots, slot: number): boolean {
	const start = (2 + slot * slotSectors) * sectorSize;
	const bytes = flash.bytes.subarray(start, start + slotLength);
	if (bytes[0] !== 0xe9) return false;
	// Where the image ends its segments tell; here, what looks like flash that was never written.
	let end = slotLength;
	while (end > 0 && bytes[end - 1] === 0xff) end -= 1;
	for (let length = end; length < Math.min(end + 4, slotLength); length += 1) {
		const digest = createHash("sha256")
			.update(bytes.subarray(0, length - 32))
			.digest();
		if (digest.equals(bytes.subarray(length - 32, length))) return true;
	}
	return false;
}

function listEntries({ flash }: Slots): Entry[] {
	return [0, 1].flatMap(sector => {
		const words = new DataView(flash.bytes.buffer, sector * sectorSize, 32);
		const sequence = words.getUint32(0, true);
		return words.getUint32(28, true) === (sequence ^ 0x5a5a5a5a) >>> 0 && sequence !== 0xffffffff
			? [{ sector, sequence, state: words.getUint32(24, true) }]
			: [];
	});
}

function findActive(slots: Slots): Entry | null {
	const good = listEntries(slots).filter(({ state }) => state !== invalid && state !== aborted);
	return good.sort((a, b) => b.sequence - a.sequence)[0] ?? null;
}

function slotOf({ sequence }: Entry): number {
	return (sequence - 1) % 2;
}

function write({ flash }: Slots, { sector, sequence, state }: Entry): void {
	flash.erase(sector);
	const bytes = new Uint8Array(32).fill(0xff);
	const words = new DataView(bytes.buffer);
	words.setUint32(0, sequence, true);
	words.setUint32(24, state, true);
	words.setUint32(28, sequence ^ 0x5a5a5a5a, true);
	flash.write(sector * sectorSize, bytes);
}

/** The port over these slots. `log`: what was done to flash, in words. */
export function createProgram(slots: Slots, keys: readonly string[], sequence: number, log: string[] = []): Program {
	return {
		board: "lolin_d32",
		sequence,
		keys,
		slotLength,
		isOnTrial: () => findActive(slots)?.state === pending,
		keep: () => write(slots, { ...findActive(slots)!, state: valid }),
		giveUp() {
			if (!isWhole(slots, 1 - slots.running)) return;
			log.push("given up");
			write(slots, { ...findActive(slots)!, state: invalid });
			throw new Reset();
		},
		openSlot: () => openSlot(slots, log),
		createDigest() {
			const hash = createHash("sha256");
			return { write: bytes => void hash.update(bytes), close: () => Uint8Array.from(hash.digest()) };
		},
	};
}

function openSlot(slots: Slots, log: string[]): ReturnType<Program["openSlot"]> {
	const { flash, running } = slots;
	const active = findActive(slots);
	if (active?.state === pending) throw new Error("begin failed");
	log.push("open");
	const target = 1 - running;
	const start = (2 + target * slotSectors) * sectorSize;
	// With rollback, ESP-IDF takes the other entry away at once.
	const other = active === null ? 1 : 1 - active.sector;
	flash.erase(other);
	let rest: number[] = [];
	let at = 0;
	const flush = (isLast: boolean): void => {
		while (isLast && rest.length % 4 !== 0) rest.push(0xff);
		const count = rest.length - (rest.length % 4);
		for (let done = 0; done < count; ) {
			if (at % sectorSize === 0) flash.erase((start + at) / sectorSize);
			const length = Math.min(count - done, sectorSize - (at % sectorSize));
			flash.write(start + at, Uint8Array.from(rest.slice(done, done + length)));
			at += length;
			done += length;
		}
		rest = rest.slice(count);
	};
	return {
		write(bytes) {
			rest.push(...bytes);
			flush(false);
		},
		complete() {
			flush(true);
			// The rest of the slot holds what was there; the model's end of an image is where that begins.
			flash.bytes.fill(0xff, start + at, start + slotLength);
			if (!isWhole(slots, target)) throw new Error("end failed");
			let sequence = (active?.sequence ?? 1) + 1;
			while ((sequence - 1) % 2 !== target) sequence += 1;
			write(slots, { sector: other, sequence, state: fresh });
			log.push("complete");
		},
		close: () => void log.push("close"),
	};
}
