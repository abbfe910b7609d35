/** The fields of set-up's form, and what is typed into them. */
import type { Change } from "../settings/apply.js";
import { findSetting } from "../settings/settings.js";
import { settingTable } from "../settings/table.js";
import { type Field, findField } from "./form.js";

/** Settings of the form, in their order; what is more than a first reading needs comes last, and is folded. */
export const firstNames = Object.freeze(["wifi", "wifiPassword", "key", "broker", "user", "password"] as const);
export const furtherNames = Object.freeze(["brokerKey", "authorities"] as const);
/** On a board with a LoRa radio. */
export const loraNames = Object.freeze(["lora", "loraDevEui", "loraJoinEui", "loraAppKey", "loraKey"] as const);

export type FieldName = (typeof firstNames | typeof furtherNames | typeof loraNames)[number];

export function isSecret(name: FieldName): boolean {
	return settingTable[findSetting(name)]!.secret;
}

/** A secret that is no key: keys are copied from a letter, so that what is typed must be seen. */
export function isPassword(name: FieldName): boolean {
	return isSecret(name) && name !== "key" && name !== "loraAppKey" && name !== "loraKey";
}

/**
 * What the form changes. `current` is what counts without it. An empty secret stays as it is; but the password of one network is not
 * that of another.
 */
export function readChanges(fields: readonly Field[], current: (name: FieldName) => string | null): Change[] {
	const changes: Change[] = [];
	for (const name of [...firstNames, ...furtherNames, ...loraNames]) {
		const sent = findField(fields, name);
		// A board without a radio has no such settings.
		if (sent === null || findSetting(name) < 0) continue;
		// A blank at the end of a password may be meant.
		const value = isPassword(name) ? sent : sent.trim();
		const isForgotten = findField(fields, `forget-${name}`) !== null;
		if (value === "") {
			const isOther = name === "wifiPassword" && changes.some(([changed]) => changed === "wifi");
			if ((isSecret(name) ? isForgotten || isOther : true) && current(name) !== null) changes.push([name, null]);
		} else if (isSecret(name) || value !== current(name)) {
			changes.push([name, isForgotten ? null : value]);
		}
	}
	return changes;
}

/** The last change of each name. */
export function joinChanges(before: readonly Change[], after: readonly Change[]): Change[] {
	return [...before.filter(([name]) => !after.some(([other]) => other === name)), ...after];
}
