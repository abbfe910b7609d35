/** What set-up answers to phones: probes of their systems, the form, and the buttons of the pages. */
import { note } from "../health/log.js";
import { checkValues } from "../settings/apply.js";
import { checkSettings, findSetting, mergeSettings } from "../settings/settings.js";
import { settingTable } from "../settings/table.js";
import type { Request } from "../web/request.js";
import { type BodySink, collectBody, explain, plain, type Response } from "../web/response.js";
import { joinChanges, readChanges } from "./fields.js";
import { findField, parseForm } from "./form.js";
import type { SetUpHost } from "./host.js";
import { scriptHash, styleHash } from "./html.js";
import { keepValues } from "./keep.js";
import { currentValue, showPage } from "./pages.js";
import { answerForeign, isForeign, portalAddress, portalUrl } from "./probes.js";
import type { SetUp } from "./state.js";
import { createTestRun, isOver } from "./test-run.js";
import { chooseLanguage } from "./words.js";

/** Set-up ends after so long without a request. */
export const idleMs = 600_000;
/** And so long after everything is kept, whether its last button is pressed or not. */
const keptMs = 120_000;
/** For the phone's system to find out that all is well, so that its window closes. */
const goodbyeMs = 8_000;

/** The whole form is about 1 KB, each value of it at most three times as long. */
const longestForm = 4_096;
const formType = "application/x-www-form-urlencoded";

/** No other site can show the page within itself, or send anything by its form. */
const header =
	`Content-Security-Policy: default-src 'none'; style-src '${styleHash}'; script-src '${scriptHash}'; connect-src 'self'; ` +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\n";
/** Bytes of the heap that a page in parts takes. */
const pageHeld = 1_024;

/** Answers one request. Nothing that was set before is told but what is no secret. */
export function answerPhone(setup: SetUp, host: SetUpHost, request: Request, now: number): Response | BodySink {
	if (isForeign(request)) return answerForeign(request, setup.stage === "ending");
	extend(setup, now);
	const { method, path, language } = request;
	if (method === "GET" || method === "HEAD") {
		if (path === "/") return page(setup, host, chooseLanguage(language));
		if (path === "/captive-portal/api") return describePortal(setup);
		return explain(404, `The portal is at ${portalUrl}\n`);
	}
	if (method !== "POST") return plain(405, "Allow: GET, HEAD, POST\r\n");
	const { origin } = request;
	if (origin !== null && origin !== `http://${portalAddress}`) {
		return explain(403, "Another web site may change nothing here.\n");
	}
	const isBusy = setup.run !== null && !isOver(setup.run);
	// A press that comes late, out of a page that is no longer true.
	if (setup.stage !== "open" || isBusy) return seePage();
	return path === "/try" ? takeForm(setup, host, request) : press(setup, host, path, now);
}

function extend(setup: SetUp, now: number): void {
	if (setup.stage === "open") setup.stageEnd = now + (setup.kept === null ? idleMs : keptMs);
}

function page(setup: SetUp, host: SetUpHost, language: number): Response {
	return {
		status: 200,
		type: "text/html; charset=utf-8",
		body: showPage(setup, host, language),
		extra: header,
		held: pageHeld,
	};
}

/** After each change the browser asks for the page anew, so that none is made twice (RFC 9110, 15.4.4). */
function seePage(): Response {
	return { ...plain(303, "Location: /\r\n"), body: "" };
}

/** RFC 8908, but for the certificate that it wants. */
function describePortal({ stage }: SetUp): Response {
	const captive = stage !== "ending";
	return {
		status: 200,
		type: "application/captive+json",
		body: JSON.stringify({ captive, ...(captive && { "user-portal-url": portalUrl }) }),
	};
}

function press(setup: SetUp, host: SetUpHost, path: string, now: number): Response {
	switch (path) {
		case "/scan":
			setup.wantsScan = true;
			break;
		case "/change":
			if (setup.kept === null) setup.run = null;
			break;
		case "/trust":
			trust(setup, host);
			break;
		case "/keep":
			keep(setup, host, now);
			break;
		case "/finish":
			if (setup.kept === null) break;
			setup.stage = "ending";
			setup.stageEnd = now + goodbyeMs;
			break;
		default:
			return plain(404);
	}
	return seePage();
}

/** The owner says that the key that the broker showed is its own: it is pinned, and tried again. */
function trust(setup: SetUp, host: SetUpHost): void {
	const { run } = setup;
	if (run === null || run.broker !== "unknown" || run.shownKey === null || setup.kept !== null) return;
	setup.changes = joinChanges(setup.changes, [["brokerKey", run.shownKey]]);
	begin(setup, host);
}

function keep(setup: SetUp, host: SetUpHost, now: number): void {
	const { run, changes, wantsToken } = setup;
	if (run === null || setup.kept !== null) return;
	const kept = keepValues(host, changes, wantsToken, run);
	if ("url" in kept) {
		setup.kept = kept;
		setup.stageEnd = now + keptMs;
		note(host.log, "set-up: the settings are kept", now);
	} else {
		setup.complaints = kept;
		setup.run = null;
	}
}

function takeForm(setup: SetUp, host: SetUpHost, { contentType, bodyLength }: Request): BodySink | Response {
	if ((contentType ?? "").toLowerCase().split(";")[0]!.trim() !== formType) return plain(415);
	if (bodyLength === null) return plain(411);
	if (bodyLength > longestForm) return plain(413);
	return collectBody(bodyLength, body => applyForm(setup, host, body));
}

function applyForm(setup: SetUp, host: SetUpHost, body: Uint8Array): Response {
	const fields = parseForm(body);
	if (fields === null) return plain(400);
	const typed = readChanges(fields, name => currentValue(setup, host, name));
	const all = joinChanges(setup.changes, typed);
	const { complaints } = checkValues(host.place, all, true);
	setup.complaints = complaints;
	// What is wrong is shown again to be mended, but for secrets, which are typed anew.
	setup.changes = all.filter(([name]) => !complaints.some(([bad]) => bad === name && isSecretName(name)));
	setup.wantsToken = findField(fields, "newToken") !== null;
	setup.run = null;
	if (complaints.length === 0) begin(setup, host);
	return seePage();
}

function isSecretName(name: string): boolean {
	return settingTable[findSetting(name)]?.secret === true;
}

/** Tries the values as they would count. */
function begin(setup: SetUp, host: SetUpHost): void {
	const { place, ports, log } = host;
	const { values } = checkValues(place, setup.changes, true);
	const { settings } = checkSettings(mergeSettings(values, place.built), place.medium, place.heap);
	setup.complaints = [];
	setup.run = createTestRun(settings, host.readMeter() !== null, ports);
	note(log, "set-up: settings are tried", ports.clock.now());
}
