/** The commands of the console. */
import { consistsOf } from "../p1/characters.js";
import { applyValues, type SettingsPlace } from "./apply.js";
import type { AuthoritySource } from "./authorities.js";
import { interpretAuthority, type Paste, takePasted } from "./authority-console.js";
import { checkSettings, findSetting, mergeSettings } from "./settings.js";
import { settingTable } from "./table.js";
import { makeToken } from "./token.js";

/** What the console works on. */
export interface ConsoleContext extends SettingsPlace {
	readCertificates: AuthoritySource["readCertificates"];
	/** A certificate that is being pasted: until it is whole, each line belongs to it. */
	paste: Paste | null;
	/** Lines of the commands `status` and `log`. */
	describeStatus(): string[];
	describeLog(): string[];
	/** Clears what the broker retains of a meter or a reader, and says so. */
	forget(name: string): string[];
	/** Restarts soon, after the answer went out. */
	restart(): void;
	/** Opens set-up at the next boot, which comes soon, and says so. */
	askForSetUp(): string[];
	/** `status` or `join`. */
	commandLora(word: string): string[];
	/** From 0 to below 1. */
	random(): number;
	/** The address of the page, or null. */
	tellPage(): string | null;
}

const help: readonly string[] = Object.freeze([
	"set NAME VALUE    sets NAME and keeps it; the rest of the line is the value",
	"unset NAME        takes NAME away",
	"show              all settings, and what is wrong with them",
	"status            how the network, the broker and the meter are",
	"log               what happened last",
	"forget METER      clears what the broker retains of a meter, or of a reader: forget reader is this one",
	"restart           restarts, which is when new settings begin to count",
	"token new         makes a token for the web page, and shows it this once",
	"setup             restarts with a WiFi of its own, on which a phone finds a form",
	"lora status       with a LoRa radio: how it fares; lora join joins anew",
	"authority list    authorities that may sign the broker's certificate (mqtts://)",
	"authority begin   takes one as PEM, up to: authority end, or authority cancel",
	"authority remove N  takes away the one in slot N, 1 or 2",
	"NAME is one of:",
]);

/** The first word, and what comes after the blanks behind it. */
function takeWord(text: string): [word: string, rest: string] {
	let end = 0;
	while (end < text.length && !consistsOf(text.charAt(end), "\t\r  ")) end += 1;
	return [text.slice(0, end), text.slice(end).trim()];
}

/** Does one line from the console and says what to answer. Never repeats a secret. */
export function interpret(context: ConsoleContext, line: string): string[] {
	if (context.paste !== null) return answerPaste(takePasted(context.paste, line, context), context);
	const [command, behind] = takeWord(line.trim());
	const [name, rest] = takeWord(behind);
	switch (command.toLowerCase()) {
		case "":
			return [];
		case "help":
		case "?":
			return [...help, ...settingTable.map(setting => `  ${setting.name.padEnd(18)}${setting.help}`)];
		case "show":
			return showSettings(context);
		case "set":
			return setValue(context, name, rest);
		case "unset":
			return setValue(context, name, null);
		case "status":
			return context.describeStatus();
		case "log":
			return context.describeLog();
		case "authority":
			return answerPaste(interpretAuthority(name.toLowerCase(), rest, listNames(context), context), context);
		case "forget":
			return context.forget(`${name} ${rest}`.trim());
		case "restart":
			context.restart();
			return ["restarting"];
		case "token":
			return name.toLowerCase() === "new" ? renewToken(context) : ["token new makes one"];
		case "lora":
			return context.commandLora(name.toLowerCase());
		case "setup":
			return context.askForSetUp();
		default:
			// The command is not repeated: it might be a secret that was pasted into the wrong place.
			return ["unknown command; help lists them all"];
	}
}

function answerPaste({ paste, answer }: { paste: Paste | null; answer: string[] }, context: ConsoleContext): string[] {
	context.paste = paste;
	return answer;
}

/** The only answer with a secret in it, because the console is where its owner is. */
function renewToken(context: ConsoleContext): string[] {
	const token = makeToken(() => context.random());
	const { complaints } = applyValues(context, [["webToken", token]], false);
	if (complaints.length > 0) return complaints.map(([, text]) => text);
	const page = context.tellPage();
	return [
		`webToken is now ${token}`,
		"this is the only time that it is shown; restart to use it",
		...(page === null ? [] : [`then the page is at ${page}#token=${token}`]),
	];
}

/** The names of the setting `authorities`. */
function listNames({ storage, built, medium, heap }: ConsoleContext): readonly string[] {
	return checkSettings(mergeSettings(storage.values, built), medium, heap).settings.authorities;
}

function showSettings(context: ConsoleContext): string[] {
	const merged = mergeSettings(context.storage.values, context.built);
	const lines = settingTable.map((setting, at) => {
		const value = merged[at] ?? null;
		const source = value !== null && (context.storage.values[at] ?? null) === null ? " (from the build)" : "";
		return `${setting.name.padEnd(18)}${showValue(at, value)}${source}`;
	});
	return [...lines, ...checkSettings(merged, context.medium, context.heap).problems];
}

function showValue(at: number, value: string | null): string {
	const { secret, fallback } = settingTable[at]!;
	if (value === null) return secret ? "not set" : (fallback ?? "not set");
	return secret ? "set" : value;
}

/** Sets a value, or takes it away with null. */
function setValue(context: ConsoleContext, name: string, typed: string | null): string[] {
	const at = findSetting(name);
	if (at < 0) return ["no setting has that name; show lists them all"];
	const { complaints, problems, changed } = applyValues(context, [[name, typed]], false);
	if (complaints.length > 0) return complaints.map(([, text]) => text);
	const isBuilt = typed === null && (context.built[at] ?? null) !== null;
	const state = typed !== null ? "set" : isBuilt ? "not set here; the build's value counts" : "not set";
	const done = `${settingTable[at]!.name} is ${state}`;
	if (!changed) return [`${done}; it was so before`];
	return [`${done}${typed === null ? "" : " and kept"}; restart to use it`, ...problems];
}
