/** The Home Assistant add-on's options, made of the settings table: names, what may be filled in, and help. */

import { readFileSync } from "node:fs";
import { loraTable } from "../../modules/settings/lora.js";
import type { Setting } from "../../modules/settings/setting.js";
import { settingTable } from "../../modules/settings/table.js";
import { choices } from "../../page/choices.js";

/** What only a board has: its network, its pins, its clock, its radio, its program. */
const ofBoards: readonly string[] = [
	"wifi",
	"wifiPassword",
	"receivePin",
	"requestPin",
	"invert",
	"meters",
	"pulses",
	"timeServer",
	"updateUrl",
	...loraTable.map(({ name }) => name),
];

/** Where the bytes come from: options of the add-on alone. */
const sources: readonly (readonly [name: string, schema: string, help: string])[] = [
	["device", "device(subsystem=tty)?", "serial port of the P1 cable"],
	["adapter", "str?", "instead of a cable: tcp://HOST:PORT of an adapter in the network"],
];

export const addonSettings: readonly Setting[] = settingTable.filter(({ name }) => !ofBoards.includes(name));

/** Whether the setting is a TCP port, or off. */
function isPort({ fallback, validate }: Setting): boolean {
	return fallback === "off" && validate("65535") === null && validate("65536") !== null;
}

function schemaOf(setting: Setting): string {
	const few = choices[setting.name];
	if (setting.secret) return "password?";
	if (few !== undefined) return `list(${few.join("|")})?`;
	return isPort(setting) ? "port?" : "str?";
}

/** Text as YAML, quoted. */
const quote = (text: string) => JSON.stringify(text);

/** `config.yaml` of the add-on. */
export function describeAddon(): string {
	const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
	const rows = [...sources.map(([name, schema]) => [name, schema] as const), ...listRows()];
	return `# Made by \`npm run addon\` of the table of settings. A test holds it to that.
name: smarty-xs
version: ${quote(version)}
slug: smarty_xs
description: Reads Luxembourg's smarty meter over its P1 port
url: https://example.org/smarty-xs
arch: [aarch64, amd64]
startup: application
boot: auto
init: true
uart: true
host_network: true
services: ["mqtt:want"]
webui: "http://[HOST]:[PORT:8080]/"
options:
  webPort: 8080
schema:
${rows.map(([name, schema]) => `  ${name}: ${quote(schema)}`).join("\n")}
`;
}

function listRows(): (readonly [string, string])[] {
	return addonSettings.map(setting => [setting.name, schemaOf(setting)] as const);
}

/** \`translations/en.yaml\`: what stands beside each option. */
export function describeTexts(): string {
	const rows = [
		...sources.map(([name, , help]) => [name, help] as const),
		...addonSettings.map(({ name, help, fallback }) => [name, tellFallback(help, fallback)] as const),
	];
	const texts = rows.map(([name, help]) => `  ${name}:\n    name: ${name}\n    description: ${quote(help)}`);
	return `# Made by \`npm run addon\` of the table of settings. A test holds it to that.\nconfiguration:\n${texts.join("\n")}\n`;
}

function tellFallback(help: string, fallback: string | null): string {
	return fallback === null ? help : `${help} [${fallback}]`;
}
