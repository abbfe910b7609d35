/** The gateway's command line, environment and configuration file. */
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { findSetting } from "../modules/settings/settings.js";
import { settingTable } from "../modules/settings/table.js";
import { parsePem, readAuthorities } from "../modules/tls/authorities.js";
import { environmentName, readEnvironment } from "./environment.js";
import { readKeyFile } from "./key-file.js";
import { parseTcp } from "./tcp-source.js";
import { parseWords } from "./words.js";

/** Where the meter's bytes come from, and what the firmware is set to. */
export interface GatewayArguments {
	/** Path of a serial port, or `tcp://host:port`, or null. */
	port: string | null;
	/** Path of a capture, or null. */
	replay: string | null;
	/** The capture begins again at its end, on a board that remembers nothing. */
	loop: boolean;
	/** File for what is remembered over restarts, or null. */
	memory: string | null;
	/** Twelve hexadecimal digits instead of the network card's address, or null. */
	address: string | null;
	/** The only address of this computer that the servers listen on, or null for all. */
	bind: string | null;
	/** A secret stands in the arguments. */
	exposed: boolean;
	/** The authorities of `--authority` in DER; empty without it. */
	authority: readonly Uint8Array[];
	/** By the names of `docs/settings.md`. */
	settings: Record<string, string>;
}

export const gatewayUsage = `With --port, --replay or --config a gateway: the whole firmware on this computer, for a real meter.

  --port PATH          serial port of a P1 cable, for instance /dev/ttyUSB0; tcp://HOST:PORT for an adapter in the network
  --replay FILE        a capture instead of a port; ends when all of it is published
  --loop               with --replay: the capture begins again at its end, until a signal comes
  --config FILE        JSON with settings and these options ("port", "memory", "keyFile"…); names as in docs/settings.md
  --key-file FILE      the meter's key, alone in a file; or in the environment: SMARTY_KEY
  --memory FILE        what is to survive a restart: quarter hours that were not sent, the power class account, the address…
  --address HEX        twelve digits instead of the network card's address, for a second gateway on the same computer
  --authority FILE     with mqtts://: the certificate that signed the broker's (PEM or DER), instead of those that Node trusts
  --bind ADDRESS       the only address that HTTP and the telegrams listen on, for instance 127.0.0.1   [all]
  --broker URL --NAME VALUE   any setting, also as SMARTY_BROKER, SMARTY_NAME in the environment. Secrets are better there
                       or in the file: everyone on this computer sees a command line, and npm keeps it in a log

Exit code 0 after a signal, or when a capture with telegrams is published; 1 when it could not be done; 2 for wrong arguments.
`;

const own: readonly string[] = ["port", "replay", "memory", "address", "bind", "authority", "keyFile", "loop"];
const names: readonly string[] = [...own, ...settingTable.map(({ name }) => name)];

type Values = Record<string, string>;

/** Whether the words ask for the gateway and not for the simulated meter. */
export function isGateway(words: readonly string[]): boolean {
	return words.some(word => /^--(port|replay|config)(=|$)/.test(word));
}

/** Command line before environment before file. A string says what is wrong, without repeating a value. */
export function readGatewayArguments(
	words: readonly string[],
	environment: Readonly<Record<string, string | undefined>>,
): GatewayArguments | string {
	const read = readWords(words);
	if (typeof read === "string") return read;
	const { config, ...typed } = read;
	const around = readEnvironment(environment, names);
	if (typeof around === "string") return around;
	const file = config === undefined ? {} : readFile(config);
	if (typeof file === "string") return file;
	const found: Values = {};
	for (const [source, spell] of [
		[file, (name: string) => `"${name}" of ${config}`],
		[around, environmentName],
		[typed, (name: string) => `--${name}`],
	] as const) {
		const values = checkSource(source, spell);
		if (typeof values === "string") return values;
		Object.assign(found, values);
	}
	const exposed = settingTable.some(({ name, secret }) => secret && typed[name] !== undefined);
	return checkArguments(found, exposed);
}

function checkArguments(found: Values, exposed: boolean): GatewayArguments | string {
	const {
		port = null,
		replay = null,
		memory = null,
		address = null,
		bind = null,
		authority: path = null,
		loop: isLoop = "no",
		...settings
	} = found;
	if (port === null && replay === null) return "neither --port nor --replay: where do the meter's bytes come from?";
	if (port !== null && replay !== null) return "--port and --replay: only one of them";
	const loop = isLoop === "yes";
	if (!loop && isLoop !== "no") return "loop is yes or no";
	if (loop && replay === null) return "--loop: only a capture (--replay) can begin again";
	if (loop && memory !== null) return "--loop and --memory: what is remembered would refuse the same telegrams";
	const remote = port === null ? null : parseTcp(port);
	if (typeof remote === "string") return `--port: ${remote}, or like /dev/ttyUSB0`;
	if (address !== null && !isAddress(address)) return "--address has twelve hexadecimal digits, in lower case";
	if (bind !== null && isIP(bind) === 0) return "--bind is an address of this computer, for instance 127.0.0.1";
	const authority = path === null ? [] : readAuthorityFile(path);
	if (typeof authority === "string") return `--authority ${path}: ${authority}`;
	return { port, replay, loop, memory, address, bind, authority, exposed, settings };
}

/** What one source has: without what is empty, with the key out of its file. An empty secret or guard is a mistake. */
function checkSource(source: Values, spell: (name: string) => string): Values | string {
	const { keyFile, ...values } = source;
	if (keyFile !== undefined && values.key !== undefined) return `${spell("key")} and a key file: only one of them`;
	for (const [name, value] of Object.entries(values)) {
		if (value.trim() !== "") continue;
		const setting = settingTable[findSetting(name)];
		if (name === "bind" || (setting !== undefined && (setting.secret || setting.guard !== null))) {
			return `${spell(name)} is empty: give it a value, or leave it out`;
		}
		delete values[name];
	}
	if (keyFile === undefined) return values;
	const read = readKeyFile(keyFile);
	return typeof read === "string" ? read : { ...values, key: read.key };
}

export function isAddress(text: string): boolean {
	return /^[0-9a-f]{12}$/.test(text);
}

function readWords(words: readonly string[]): Values | string {
	const options = [...names.filter(name => name !== "keyFile"), "key-file", "config"];
	const values = parseWords(
		words,
		Object.fromEntries(
			options.map(name => [name, { type: name === "loop" ? ("boolean" as const) : ("string" as const) }]),
		),
	);
	if (typeof values === "string") return values;
	const found: Values = {};
	for (const [name, value] of Object.entries(values)) {
		found[name === "key-file" ? "keyFile" : name] = value === true ? "yes" : String(value);
	}
	return found;
}

/** Certificates as PEM, or one as DER. */
function readAuthorityFile(path: string): readonly Uint8Array[] | string {
	try {
		const bytes = new Uint8Array(readFileSync(path));
		const found = bytes[0] === 0x30 ? [bytes] : parsePem(Buffer.from(bytes).toString("latin1"));
		if (typeof found === "string") return found;
		const read = readAuthorities(found);
		return typeof read === "string" ? read : found;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code ?? "it cannot be read";
	}
}

function readFile(path: string): Values | string {
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
	const found: Values = {};
	for (const [written, value] of Object.entries(content)) {
		const at = findSetting(written);
		if (at < 0 && !own.includes(written)) return `--config ${path}: there is no setting ${JSON.stringify(written)}`;
		const name = at < 0 ? written : settingTable[at]!.name;
		if (found[name] !== undefined) return `--config ${path}: ${name} is there twice`;
		const isList = Array.isArray(value) && value.every(entry => typeof entry === "string");
		if (typeof value === "boolean") found[name] = value ? "yes" : "no";
		else if (typeof value === "string" || typeof value === "number" || isList) {
			found[name] = isList ? value.join(" ") : String(value);
		} else return `--config ${path}: ${name} is neither text nor a number`;
	}
	return found;
}
