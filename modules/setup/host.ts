/** What set-up and Improv need of the firmware. */
import type { Log } from "../health/log.js";
import type { MeterState } from "../health/meter.js";
import type { Network, Ports } from "../ports/ports.js";
import type { SettingsPlace } from "../settings/apply.js";
import { checkSettings, findSetting, mergeSettings, type Settings } from "../settings/settings.js";

export interface SetUpHost {
	readonly ports: Ports;
	readonly log: Log;
	readonly place: SettingsPlace;
	/** Whether LoRa can be set up. */
	readonly hasRadio: boolean;
	/** `smarty-xs-24d7eb0c1a2f`, or null before the network is open. */
	readName(): string | null;
	/** How the reader fares with the first meter, with the settings that count; null where it has none. */
	readMeter(): MeterState | null;
	/** The reader restarts soon, after its answers went out. */
	restart(): void;
	/** Null until it is open; nobody else asks it for anything while set-up or a test has it. */
	findNetwork(): Network | null;
	/** Switches the radio on. */
	openNetwork(): Network;
	/** Something happened: run soon, but not in this call. */
	onChange(): void;
	/** Whether the memory allows another client now. */
	hasRoom(): boolean;
}

/** Values of the store over those of the build, as they will count. */
export function readValue({ storage, built }: SettingsPlace, name: string): string | null {
	return mergeSettings(storage.values, built)[findSetting(name)] ?? null;
}

export function readSettings({ storage, built, medium, heap }: SettingsPlace): Settings {
	return checkSettings(mergeSettings(storage.values, built), medium, heap).settings;
}
