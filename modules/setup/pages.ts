/** Set-up's pages: the form, the test of what was typed, and what the owner must know in the end. No secret but a new token is in them. */

import { findSetting } from "../settings/settings.js";
import { settingTable } from "../settings/table.js";
import type { Part } from "../web/response.js";
import { type FieldName, firstNames, furtherNames, isPassword, isSecret, loraNames } from "./fields.js";
import { readValue, type SetUpHost } from "./host.js";
import { button, paragraph, script, style, toHtml } from "./html.js";
import type { Kept, SetUp } from "./state.js";
import { isOver, isWell, type TestRun } from "./test-run.js";
import { nameLanguage, say, type Word } from "./words.js";

/** The page that the reader's state wants. */
export function* showPage(setup: SetUp, host: SetUpHost, language: number): Generator<Part, void> {
	const { run, kept, stage } = setup;
	const isWaiting = kept === null && run !== null && !isOver(run);
	yield `<!doctype html><html lang="${nameLanguage(language)}"><head><meta charset="utf-8">`;
	yield '<meta name="viewport" content="width=device-width,initial-scale=1">';
	if (isWaiting) yield '<noscript><meta http-equiv="refresh" content="3"></noscript>';
	yield `<title>smarty-xs</title><style>${style}</style></head><body${isWaiting ? ' data-wait="1"' : ""}>`;
	yield `<main><h1>${toHtml(say(language, "title"))}</h1>`;
	if (stage === "ending") yield paragraph(say(language, "goodbye"), "good");
	else if (kept !== null) yield* showKept(kept, language);
	else if (run !== null) yield* showRun(run, host, language);
	else yield* showForm(setup, host, language);
	yield "</main>";
	if (isWaiting) yield `<script>${script}</script>`;
	yield "</body></html>\n";
}

/** What counts without the form: typed before, or kept. */
export function currentValue({ changes }: SetUp, { place }: SetUpHost, name: FieldName): string | null {
	const typed = changes.find(([changed]) => changed === name);
	return typed === undefined ? readValue(place, name) : typed[1];
}

function* showForm(setup: SetUp, host: SetUpHost, language: number): Generator<Part, void> {
	const { complaints, networks } = setup;
	const meter = host.readMeter();
	if (meter !== null) yield paragraph(describeMeter(meter, language), meter === "ok" ? "good" : "");
	if (complaints.length > 0) yield paragraph(say(language, "refused"), "bad");
	for (const [, text] of complaints) yield `<p class="bad" lang="en">${toHtml(text)}</p>`;
	yield '<form method="post" action="/try" autocomplete="off"><datalist id="networks">';
	for (const { name, strength } of networks) yield `<option value="${toHtml(name)}">${strength} dBm</option>`;
	yield "</datalist>";
	for (const name of firstNames) yield showField(setup, host, name, language);
	yield "<details><summary>mqtts://</summary>";
	for (const name of furtherNames) yield showField(setup, host, name, language);
	yield "</details>";
	if (host.hasRadio) {
		yield "<details><summary>LoRa</summary>";
		for (const name of loraNames) yield showField(setup, host, name, language);
		yield "</details>";
	}
	if (readValue(host.place, "webToken") !== null) {
		yield `<label><input type="checkbox" name="newToken"> ${toHtml(say(language, "newToken"))}</label>`;
	}
	yield `<button>${toHtml(say(language, "test"))}</button></form>`;
	yield button("/scan", say(language, "scan"), true);
}

function showField(setup: SetUp, host: SetUpHost, name: FieldName, language: number): string {
	const value = currentValue(setup, host, name);
	const isHidden = isSecret(name);
	const isBad = setup.complaints.some(([other]) => other === name);
	let attributes = ` name="${name}" id="${name}" maxlength="256" autocapitalize="off" spellcheck="false"`;
	if (name === "wifi") attributes += ' list="networks"';
	if (isHidden && value !== null) attributes += ` placeholder="${toHtml(say(language, "keep"))}"`;
	if (name === "broker" && value === null) attributes += ' placeholder="mqtt://192.168.1.10"';
	if (!isHidden && value !== null) attributes += ` value="${toHtml(value)}"`;
	const type = isPassword(name) ? "password" : "text";
	const help = name === "key" ? `<small>${toHtml(say(language, "keyHelp"))}</small>` : "";
	const forget =
		isHidden && value !== null
			? `<label><input type="checkbox" name="forget-${name}"> ${toHtml(say(language, "forget"))}</label>`
			: "";
	const invalid = isBad ? ' aria-invalid="true"' : "";
	return `${label(name, language)}<input type="${type}"${attributes}${invalid}>${help}${forget}`;
}

/** LoRa's are called what they are called everywhere. */
function label(name: FieldName, language: number): string {
	for (const own of loraNames) {
		if (own === name) return `<label for="${name}" lang="en">${toHtml(settingTable[findSetting(name)]!.help)}</label>`;
	}
	return `<label for="${name}">${toHtml(say(language, name as Word))}</label>`;
}

function* showRun(run: TestRun, host: SetUpHost, language: number): Generator<Part, void> {
	const isDone = isOver(run);
	yield* tellWifi(run, language);
	yield* tellBroker(run, language);
	if (run.tester !== null) {
		const [word, kind] = judgeKey(run);
		yield paragraph(kind === "" ? `${say(language, "key")} ${say(language, "trying")}` : word(language), kind);
	}
	if (!isDone) {
		yield paragraph(say(language, "patience"));
		return;
	}
	if (run.broker === "unknown" && run.shownKey !== null) yield button("/trust", say(language, "trust"));
	const isGood = isWell(run) && run.key !== "crc-only";
	yield button("/keep", say(language, isGood ? "save" : "saveAnyway"), !isGood);
	yield button("/change", say(language, "change"), true);
	const meter = host.readMeter();
	if (run.tester === null && meter !== null && meter !== "ok") yield paragraph(describeMeter(meter, language));
}

function* tellWifi({ wifi, address, reason }: TestRun, language: number): Generator<Part, void> {
	if (wifi === "none") yield paragraph(say(language, "wifiNone"));
	else if (wifi === "trying") yield paragraph(`${say(language, "wifi")} ${say(language, "trying")}`);
	else if (wifi === "joined") yield paragraph(say(language, "wifiJoined", address ?? ""), "good");
	else yield paragraph(say(language, wifiWords[wifi], String(reason ?? "?")), "bad");
}

const wifiWords = Object.freeze({
	password: "wifiWrong",
	absent: "wifiAbsent",
	address: "wifiAddress",
	failed: "wifiFailed",
} as const satisfies Record<string, Word>);

/** With TLS also the key that the broker showed, and what is known of it. */
function* tellBroker(run: TestRun, language: number): Generator<Part, void> {
	const { broker, brokerText, shownKey, withoutDates } = run;
	if (broker === "trying") yield paragraph(`${say(language, "broker")} ${say(language, "trying")}`);
	else if (broker === "answers") yield paragraph(say(language, "brokerAnswers"), "good");
	else if (broker === "none" || broker === "skipped") {
		yield paragraph(say(language, broker === "none" ? "brokerNone" : "brokerSkipped"));
	} else yield paragraph(say(language, "brokerFailed", brokerText ?? broker), "bad");
	if (shownKey !== null) yield paragraph(say(language, "shownKey", shownKey));
	if (withoutDates) yield paragraph(say(language, "datesUnchecked"));
}

/** What to say of the key, and how it is; without a kind while that is not known. */
function judgeKey({ key, tester }: TestRun): [word: (language: number) => string, kind: "" | "good" | "bad"] {
	switch (key) {
		case "trying":
			return [() => "", ""];
		case "authenticated":
			return [language => say(language, "keyOpens"), "good"];
		case "crc-only":
			return [language => say(language, "keyCrc"), "bad"];
		case "plain":
			return [language => say(language, "keyNone"), "good"];
		case "line":
			return [language => describeMeter(tester!.health.state, language), "bad"];
	}
}

function describeMeter(state: string, language: number): string {
	switch (state) {
		case "ok":
			return say(language, "meterOk");
		case "waiting":
			return say(language, "meterWaiting");
		case "keyMissing":
			return say(language, "keyMissing");
		case "wrongKey":
			return say(language, "keyWrong");
		case "noCable":
		case "silent":
			return say(language, "meterSilent");
		default:
			return say(language, "meterOther", state);
	}
}

function* showKept({ url, nameUrl, token }: Kept, language: number): Generator<Part, void> {
	const fragment = token === null ? "" : `#token=${token}`;
	yield paragraph(say(language, "kept"), "good");
	yield paragraph(say(language, "reach"));
	for (const link of url === nameUrl ? [url] : [url, nameUrl]) {
		yield `<p><a href="${link}${fragment}">${link}</a></p>`;
	}
	if (token !== null) yield `${paragraph(say(language, "token"))}<p><code>${token}</code></p>`;
	yield button("/finish", say(language, "finish"));
}
