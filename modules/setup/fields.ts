/** The fields of set-up's form, and what is typed into them. */
import type { Change } from "../settings/apply.js";
import { findSetting } from "../settings/settings.js";
import { settingTable } from "../settings/table.js";
import { type Field, findField } from "./form.js";

/** Settings of the form, in their order; what is more than a first reading needs comes last, and is folded. */
export const firstNames = Object.freeze(["wifi", "wifiPassword", "key", "broker", "user", "password"] as const);
export const furtherNames = Object.freeze(["brokerKey", "authorities"] as const);

export type FieldName = (typeof firstNames)[number] | (typeof furtherNames)[number];

export function isSecret(name: FieldName): boolean {
	return settingTable[findSetting(name)]!.secret;
}

/**
 * What the form changes. `current` is what counts without it. An empty secret stays as it is; but the password of one network is not
 * that of another.
 */
export function readChanges(fields: readonly Field[], current: (name: FieldName) => string | null): Change[] {
	const changes: Change[] = [];
	for (const name of [...firstNames, ...furtherNames]) {
		const sent = findField(fields, name);
		if (sent === null) continue;
		// A blank at the end of a password may be meant.
		const value = isSecret(name) && name !== "key" ? sent : sent.trim();
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
