/** Settings in the store, in two generations. */
import type { Store } from "../ports/ports.js";
import type { RawSettings } from "./settings.js";
import { settingTable } from "./table.js";

/**
 * Settings in the store, in two generations: each write takes the place of the older one, with a number and a checksum, so
 * that a power cut at any moment leaves a whole generation, the old one or the new one.
 */
export interface SettingsStorage {
	/** Number of the newest whole generation, 0 when there is none. */
	generation: number;
	/** The name that the next write takes. */
	next: string;
	values: RawSettings;
	/** Something was found that is not whole: the power was cut in a write, or the flash has aged. */
	damaged: boolean;
}

const names: readonly string[] = Object.freeze(["settings0", "settings1"]);

/** Never throws: without a whole generation nothing is set. */
export function openSettingsStorage(store: Store): SettingsStorage {
	const storage: SettingsStorage = {
		generation: 0,
		next: names[0]!,
		values: [],
		damaged: false,
	};
	names.forEach((name, at) => {
		const text = store.read(name);
		if (text === null) return;
		const found = decode(text);
		if (found === null) {
			storage.damaged = true;
		} else if (found.generation > storage.generation) {
			storage.generation = found.generation;
			storage.values = found.values;
			storage.next = names[1 - at]!;
		}
	});
	return storage;
}

/** Writes the values as the next generation, and looks whether they are there. Throws when they are not. */
export function writeSettings(storage: SettingsStorage, store: Store, values: RawSettings): void {
	const text = encode(storage.generation + 1, values);
	store.write(storage.next, text);
	if (store.read(storage.next) !== text) throw new Error("the store did not keep the settings");
	storage.generation++;
	storage.next = storage.next === names[0] ? names[1]! : names[0]!;
	storage.values = values.slice();
}

function encode(generation: number, values: RawSettings): string {
	let body = `${generation}\n`;
	settingTable.forEach((setting, at) => {
		const value = values[at] ?? null;
		if (value !== null) body += `${setting.name}=${value}\n`;
	});
	return `${checksum(body)}\n${body}`;
}

function decode(text: string): { generation: number; values: RawSettings } | null {
	const lines = text.split("\n");
	const body = text.slice(lines[0]!.length + 1);
	const generation = Number(lines[1]);
	if (lines[0] !== checksum(body) || !Number.isSafeInteger(generation) || generation < 1) return null;
	const values: RawSettings = [];
	for (let at = 2; at < lines.length; at++) {
		const equals = lines[at]!.indexOf("=");
		// Names that this version does not know are left out: they belong to another version.
		const place = settingTable.findIndex(setting => setting.name === lines[at]!.slice(0, equals));
		if (place >= 0) values[place] = lines[at]!.slice(equals + 1);
	}
	return { generation, values };
}

/** CRC-32 (ISO 3309) over the UTF-16 units, low byte first, as 8 digits. */
export function checksum(text: string): string {
	let crc = -1;
	for (let at = 0; at < text.length; at++) {
		const unit = text.charCodeAt(at);
		crc = addByte(addByte(crc, unit & 0xff), unit >> 8);
	}
	return ((crc ^ -1) >>> 0).toString(16).padStart(8, "0");
}

function addByte(crc: number, byte: number): number {
	let value = crc ^ byte;
	for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
	return value;
}
