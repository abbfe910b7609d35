/** What an image that others get must not have in it: settings of whoever built it, and keys. */

import { settingTable } from "../../modules/settings/table.js";

/** What the firmware's own form shows as an example. */
const exampleBroker = "mqtt://192.168.1.10";

/** Text that is no shorter than this is looked at. */
const shortest = 8;

/** Findings in words, without what was found; empty where nothing is. `config`: the build's `mc.config.js`, `usual`: what its manifests set. */
export function findSettings(config: string, usual: readonly string[]): string[] {
	const names = [...config.matchAll(/^\t"(\w+)":/gm)].map(([, name]) => name!);
	if (names.length === 0) throw new Error("this is no mc.config.js of the SDK's");
	const isSetting = (name: string) => settingTable.some(setting => setting.name.toLowerCase() === name.toLowerCase());
	return names
		.filter(name => isSetting(name) && !usual.includes(name))
		.map(name => `the setting ${name} was given to the build`);
}

/** The same of the image's bytes. `secrets`: texts that must not be in it, by what they are called. */
export function findSecrets(image: Uint8Array, secrets: readonly (readonly [name: string, text: string])[]): string[] {
	const found: string[] = [];
	const text = Buffer.from(image).toString("latin1");
	for (const [name, secret] of secrets)
		if (secret.length >= shortest && text.includes(secret)) found.push(`${name} is in the image`);
	const words = text.match(/[ -~]{8,}/g) ?? [];
	const fallbacks = settingTable.flatMap(({ fallback }) => (fallback === null ? [] : [fallback.toUpperCase()]));
	for (const word of words) {
		// A key of a meter, or of a WiFi network, and nothing else of the program's has so many digits.
		const isKey = /^(?:[0-9a-f]{32}|[0-9a-f]{64})$/i.test(word) && !fallbacks.includes(word.toUpperCase());
		if (isKey) found.push(`${word.length} hexadecimal digits alone, as a key has`);
		const isBroker = /^mqtts?:\/\/[\w.-]+(:\d+)?$/i.test(word) && word !== exampleBroker;
		if (isBroker) found.push("an address of a broker alone");
	}
	if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) found.push("a private key");
	return [...new Set(found)];
}
