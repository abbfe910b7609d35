/** What the firmware finds in its store, in the check with the SDK. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keepAuthority } from "../../modules/settings/authorities.js";
import { findSetting } from "../../modules/settings/settings.js";
import { openSettingsStorage, writeSettings } from "../../modules/settings/storage.js";
import type { Stage } from "./scenarios.js";

/** What is in the firmware's store before it starts. */
export interface Trust {
	pin?: string;
	/** DER. */
	authority?: Uint8Array;
	/** Names of what is built in; the image has the authority of `Certificates` under the default name. */
	builtIn?: string;
}

const file = ({ folder }: Stage) => join(folder, "store/modpreferences.json");

/** The firmware starts as a board does whose flash was erased. */
export function clearStore(stage: Stage): void {
	rmSync(file(stage), { force: true });
}

/** Replaces the store of the firmware, which is a file on Linux, so that one image serves all scenarios. */
export function prepareStore(stage: Stage, { pin, authority, builtIn = "none" }: Trust): void {
	const values = new Map<string, string>();
	const store = {
		read: (name: string) => values.get(name) ?? null,
		write: (name: string, value: string) => void values.set(name, value),
		remove: (name: string) => void values.delete(name),
	};
	const storage = openSettingsStorage(store);
	const raw = storage.values.slice();
	raw[findSetting("broker")] = `mqtts://localhost:${stage.port}`;
	raw[findSetting("authorities")] = builtIn;
	raw[findSetting("user")] = "owner";
	raw[findSetting("password")] = "secret-of-the-owner";
	if (pin !== undefined) raw[findSetting("brokerKey")] = pin;
	writeSettings(storage, store, raw);
	if (authority !== undefined && keepAuthority(store, 0, authority) !== null)
		throw new Error("the authority is not kept");
	writeFileSync(file(stage), JSON.stringify({ "smarty-xs": Object.fromEntries(values) }));
}
