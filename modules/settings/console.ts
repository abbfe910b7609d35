import type { Store } from "../session/ports.js";
import {
	checkSettings,
	complainAboutValue,
	findSetting,
	mergeSettings,
	type RawSettings,

} from "./settings.js";
import { settingTable } from "./table.js";
import { type Vault, writeVault } from "./vault.js";

/** What the console works on. */
export interface Panel {
	vault: Vault;
	store: Store;
	/** What the build gave. */
	built: RawSettings;
	wireless: boolean;
	write(line: string): void;
	/** Lines of the commands `status` and `log`. */
	describeStatus(): string[];
	describeLog(): string[];
	restart(): void;
}

const help: readonly string[] = [
	"set NAME VALUE    sets NAME and keeps it; the rest of the line is the value",
	"unset NAME        takes NAME away",
	"show              all settings, and what is wrong with them",
	"status            how the network, the broker and the meter are",
	"log               what happened last",
	"restart           restarts, which is when new settings begin to count",
];

/** Does one line from the console. Never repeats a secret. */
export function interpret(panel: Panel, line: string): void {
	const parts = /^\s*(\S*)\s*(\S*)\s*(.*?)\s*$/.exec(line);
	const command = parts === null ? "" : parts[1]!.toLowerCase();
	switch (command) {
		case "":
			return;
		case "help":
		case "?":
			return showHelp(panel);
		case "show":
			return showSettings(panel);
		case "set":
			return setValue(panel, parts![2]!, parts![3]!);
		case "unset":
			return unsetValue(panel, parts![2]!);
		case "status":
			return writeAll(panel, panel.describeStatus());
		case "log":
			return writeAll(panel, panel.describeLog());
		case "restart":
			panel.write("restarting");
			return panel.restart();
		default:
			// The command itself is not repeated: it might be a secret that was pasted into the wrong place.
			panel.write("unknown command; help lists them all");
	}
}

function writeAll(panel: Panel, lines: readonly string[]): void {
	for (const line of lines) panel.write(line);
}

function showHelp(panel: Panel): void {
	writeAll(panel, help);
	panel.write("NAME is one of:");
	for (const setting of settingTable) panel.write(`  ${setting.name.padEnd(18)}${setting.help}`);
}

function showSettings(panel: Panel): void {
	const merged = mergeSettings(panel.vault.values, panel.built);
	settingTable.forEach((setting, at) => {
		const value = merged[at] ?? null;
		const shown = setting.secret && value !== null ? "set" : (value ?? setting.fallback ?? "not set");
		const text = setting.secret && value === null ? "not set" : shown;
		const source = value === null ? "" : (panel.vault.values[at] ?? null) === null ? " (from the build)" : "";
		panel.write(`${setting.name.padEnd(18)}${text}${source}`);
	});
	writeAll(panel, checkSettings(merged, panel.wireless).complaints);
}

function setValue(panel: Panel, name: string, value: string): void {
	const at = findSetting(name);
	if (at < 0) return panel.write(describeUnknown(name));
	const complaint = complainAboutValue(at, value);
	if (complaint !== null) return panel.write(complaint);
	const values = panel.vault.values.slice();
	values[at] = value;
	keep(panel, values, `${settingTable[at]!.name} is set.`);
}

function unsetValue(panel: Panel, name: string): void {
	const at = findSetting(name);
	if (at < 0) return panel.write(describeUnknown(name));
	const values = panel.vault.values.slice();
	values[at] = null;
	keep(panel, values, `${settingTable[at]!.name} is not set any more.`);
}

function describeUnknown(name: string): string {
	return name === "" ? "which setting? show lists them all" : "no setting has that name; show lists them all";
}

function keep(panel: Panel, values: RawSettings, done: string): void {
	if (values.every((value, at) => value === (panel.vault.values[at] ?? null))) {
		return panel.write(`${done} It was so before.`);
	}
	try {
		writeVault(panel.vault, panel.store, values);
	} catch (error) {
		return panel.write(`not kept: ${error instanceof Error ? error.message : "the store failed"}`);
	}
	const complaints = checkSettings(mergeSettings(values, panel.built), panel.wireless).complaints;
	const left = complaints.length === 0 ? "restart to use it." : `${complaints.length} to do, see show.`;
	panel.write(`${done} Kept; ${left}`);
}
