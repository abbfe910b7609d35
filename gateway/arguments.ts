/** The gateway's command line, environment and configuration file. */
import { readFileSync } from "node:fs";
import { findSetting } from "../modules/settings/settings.js";
import { settingTable } from "../modules/settings/table.js";
import { parseTcp } from "./tcp-source.js";
import { parseWords } from "./words.js";

/** Where the meter's bytes come from, and what the firmware is set to. */
export interface GatewayArguments {
	/** Path of a serial port, or `tcp://host:port`, or null. */
	port: string | null;
	/** Path of a capture, or null. */
	replay: string | null;
	/** File for what is remembered over restarts, or null. */
	memory: string | null;
	/** Twelve hexadecimal digits instead of the network card's address, or null. */
	address: string | null;
	/** By the names of `docs/settings.md`. */
	settings: Record<string, string>;
}

export const gatewayUsage = `With --port, --replay or --config a gateway: the whole firmware on this computer, for a real meter.

  --port PATH          serial port of a P1 cable, for instance /dev/ttyUSB0; tcp://HOST:PORT for an adapter in the network
  --replay FILE        a capture instead of a port; ends when all of it is published
  --config FILE        JSON with settings, "port", "replay" and "memory"; names as in docs/settings.md
  --memory FILE        what is to survive a restart: the power class account, boots, the meter's name, the address
  --address HEX        twelve digits instead of the network card's address, for a second gateway on the same computer
  --key HEX --broker URL --NAME VALUE   any setting (better in the file or as SMARTY_KEY, SMARTY_BROKER…, for secrets
                       on a command line are seen by everyone on the computer)

Exit code 0 after a signal, or when a capture with telegrams is published; 1 when it could not be done; 2 for wrong arguments.
`;

const own: readonly string[] = ["port", "replay", "memory", "address"];

/** Whether the words ask for the gateway and not for the simulated meter. */
export function isGateway(words: readonly string[]): boolean {
	return words.some(word => /^--(port|replay|config)(=|$)/.test(word));
}

/** `webPort` is `SMARTY_WEB_PORT` in the environment. */
export function environmentName(name: string): string {
	return `SMARTY_${name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`;
}

/** Command line before environment before file. A string says what is wrong, without repeating a value. */
export function readGatewayArguments(
	words: readonly string[],
	environment: Readonly<Record<string, string | undefined>>,
): GatewayArguments | string {
	const names = [...own, ...settingTable.map(({ name }) => name)];
	const options = Object.fromEntries([...names, "config"].map(name => [name, { type: "string" as const }]));
	const values = parseWords(words, options);
	if (typeof values === "string") return values;
	const file = values.config === undefined ? {} : readFile(String(values.config));
	if (typeof file === "string") return file;
	const found: Record<string, string> = {};
	for (const name of names) {
		const value = values[name] ?? environment[environmentName(name)] ?? file[name];
		if (value !== undefined && value !== "") found[name] = String(value);
	}
	const { port = null, replay = null, memory = null, address = null, ...settings } = found;
	if (port === null && replay === null) return "neither --port nor --replay: where do the meter's bytes come from?";
	if (port !== null && replay !== null) return "--port and --replay: only one of them";
	const remote = port === null ? null : parseTcp(port);
	if (typeof remote === "string") return `--port: ${remote}, or like /dev/ttyUSB0`;
	if (address !== null && !isAddress(address)) return "--address has twelve hexadecimal digits, in lower case";
	return { port, replay, memory, address, settings };
}

export function isAddress(text: string): boolean {
	return /^[0-9a-f]{12}$/.test(text);
}

function readFile(path: string): Record<string, string> | string {
	let content: unknown;
	try {
		content = JSON.parse(readFileSync(path, "utf8"));
	} catch (error) {
		// Node's message about JSON quotes the file, in which there may be a key.
		const reason = error instanceof SyntaxError ? "it is not JSON" : (error as NodeJS.ErrnoException).code;
		return `--config ${path}: ${reason}`;
	}
	if (typeof content !== "object" || content === null || Array.isArray(content)) {
		return `--config ${path}: not a JSON object`;
	}
	const found: Record<string, string> = {};
	for (const [name, value] of Object.entries(content)) {
		const at = findSetting(name);
		if (at < 0 && !own.includes(name)) return `--config ${path}: there is no setting ${JSON.stringify(name)}`;
		const isList = Array.isArray(value) && value.every(entry => typeof entry === "string");
		if (typeof value === "boolean") found[at < 0 ? name : settingTable[at]!.name] = value ? "yes" : "no";
		else if (typeof value === "string" || typeof value === "number" || isList) {
			found[at < 0 ? name : settingTable[at]!.name] = isList ? value.join(" ") : String(value);
		} else return `--config ${path}: ${name} is neither text nor a number`;
	}
	return found;
}
