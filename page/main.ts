/** The page: asks the reader, and shows what it says. */
import { card, h } from "./dom.js";
import { decodeRecent, decodeSector, numberOf, type Point, sortPoints } from "./history.js";
import {
	askBytes,
	askJson,
	askPieces,
	askText,
	hasToken,
	Refusal,
	type State,
	type Status,
	setToken,
} from "./reader.js";
import {
	type Known,
	noMeter,
	showCounters,
	showDays,
	showHealth,
	showHour,
	showMessages,
	showNow,
	showPhases,
	showPulses,
	showQuarters,
} from "./sections.js";
import { createLogin, createSettings } from "./settings.js";
import { createUpdate } from "./update.js";
import { formatClock, formatDay, language, say } from "./words.js";

const sectorSize = 4_096;
const hourSeconds = 3_600;
/** A meter sends every ten seconds; a second later its reading is here. */
const periodMs = 10_000;
const afterMs = 1_000;
/** After an error, and no more than that. */
const firstPauseMs = 2_000;
const longestPauseMs = 60_000;
/** How often the flash is looked at for a new quarter hour. */
const quarterMs = 300_000;
/** Readings older than this are no news: they are not shown as now. */
const staleSeconds = 60;

let status: Status | null = null;
let state: State | null = null;
/** The name of the meter that is shown. */
let chosen: string | null = null;
let hour: Point[] = [];
let hasHour = false;
const quarters = new Map<string, Point[]>();
let newestSector = 0;
let quartersTime = -Infinity;
/** When the last answer came, on the browser's clock. */
let answered = 0;
let pause = 0;
let timer = 0;
let isBusy = false;

const main = h("main");
const tabs = h("nav", { "aria-label": say("meter") });
const now = h("div", { class: "now-room" });
const live = h("div", { class: "grid" });
const log = h("pre", { role: "log", tabindex: "0", lang: "en", "aria-label": say("log") });
const logDetails = h("details", {}, h("summary", {}, h("h2", {}, say("log"))), log);
/** Set-up brings the token along, where it is not sent, and asks for the settings; the address that stays has neither. */
const fragment = location.hash;
if (fragment !== "") {
	const token = fragment.split("token=")[1];
	if (token !== undefined) setToken(token);
	history.replaceState(null, "", "/");
}
const settings = createSettings(onRestart, fragment !== "");
const updates = createUpdate();
const logCard = h("section", { class: "card wide" }, logDetails);
const rest = h("div", { class: "grid" }, logCard, settings, updates.card);

function onRestart(): void {
	hasHour = false;
	hour = [];
	plan(5_000);
}

/** One round of questions, and the next one after it. */
async function update(): Promise<void> {
	if (isBusy || document.hidden) return;
	isBusy = true;
	try {
		await askAll();
		answered = Date.now();
		pause = 0;
		draw();
	} catch (error) {
		if (error instanceof Refusal && error.status === 401) {
			const isWrong = hasToken();
			setToken(null);
			main.replaceChildren(createLogin(isWrong, () => plan(0)));
			isBusy = false;
			return;
		}
		pause = Math.min(longestPauseMs, Math.max(firstPauseMs, pause * 2));
		draw();
	}
	isBusy = false;
	const age = status?.meters.find(({ name }) => name === chosen)?.age ?? null;
	const rest = age === null || age > periodMs ? periodMs / 2 : periodMs + afterMs - age;
	plan(pause > 0 ? pause : Math.max(firstPauseMs, rest));
}

function plan(delay: number): void {
	clearTimeout(timer);
	timer = window.setTimeout(update, delay);
}

async function askAll(): Promise<void> {
	status = await askJson<Status>("/status");
	updates.show(status);
	if (!status.meters.some(({ name }) => name === chosen)) choose(status.meters[0]?.name ?? "");
	if (chosen !== "") await askReadings(chosen!);
	if (logDetails.open) log.textContent = tellLog(await askText("/log"), status);
}

async function askReadings(meter: string): Promise<void> {
	const query = `?meter=${encodeURIComponent(meter)}`;
	try {
		state = await askJson<State>(`/state${query}`);
	} catch (error) {
		// 503: too old to be shown.
		if (!(error instanceof Refusal) || error.status !== 503) throw error;
		state = null;
	}
	takeReading(state);
	// What can be shown is shown before the rest is asked for.
	if (!hasHour) {
		draw();
		try {
			hour = sortPoints([...decodeRecent(await askBytes(`/recent${query}`)), ...hour]);
			hasHour = true;
		} catch (error) {
			if (!(error instanceof Refusal) || error.status !== 404) throw error;
		}
		draw();
	}
	if (Date.now() - quartersTime > quarterMs) {
		// The newest of them is still being filled.
		const after = Math.max(0, newestSector - 1);
		await askPieces(`/quarters?after=${after}`, sectorSize, takeSector);
		quartersTime = Date.now();
	}
}

function choose(name: string): void {
	if (name === chosen) return;
	chosen = name;
	hour = [];
	hasHour = false;
	state = null;
}

/** A reading is one of the last hour, too. */
function takeReading(reading: State | null): void {
	if (reading?.time === undefined) return;
	const wh = (name: string) => (typeof reading[name] === "number" ? Math.round(Number(reading[name]) * 1000) : null);
	const time = Date.parse(reading.time) / 1000;
	const point = {
		time,
		net: wh("active_power"),
		imported: wh("active_energy_import"),
		exported: wh("active_energy_export"),
	};
	hour = sortPoints([...hour, point]).filter(other => other.time > time - hourSeconds);
}

function takeSector(bytes: Uint8Array): void {
	newestSector = Math.max(newestSector, numberOf(bytes));
	for (const [meter, point] of decodeSector(bytes)) {
		const known = quarters.get(meter) ?? [];
		known.push(point);
		quarters.set(meter, known);
	}
	for (const [meter, points] of quarters) quarters.set(meter, sortPoints(points));
}

/** With the time of day instead of the time since the boot. */
function tellLog(text: string, { uptime }: Status): string {
	const boot = Date.now() / 1000 - uptime;
	return text.replace(/^(\d+):(\d\d):(\d\d)/gm, (_, hours, minutes, seconds) => {
		const time = boot + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
		return `${formatDay(time)} ${formatClock(time)}`;
	});
}

/** `isTick`: nothing is new but the time. */
function draw(isTick = false): void {
	if (status === null || chosen === null) {
		if (pause > 0)
			main.replaceChildren(card("now old", say("title"), null, h("p", { class: "alarm", role: "alert" }, say("lost"))));
		return;
	}
	const meter = status.meters.find(({ name }) => name === chosen) ?? noMeter;
	const age = meter.age === null ? null : meter.age / 1000 + (Date.now() - answered) / 1000;
	const isFresh = age !== null && age < staleSeconds;
	const known: Known = {
		status,
		meter,
		state: isFresh ? state : null,
		age,
		lost: pause > 0,
		hour,
		quarters: quarters.get(chosen) ?? [],
	};
	drawTabs(status);
	if (main.firstChild !== tabs) main.replaceChildren(tabs, now, live, rest);
	drawNow(known);
	if (isTick) return;
	const wide = live.clientWidth - 34;
	// Two columns, as in the style.
	const half = live.clientWidth > 720 ? (live.clientWidth - 16) / 2 - 34 : wide;
	const parts = [
		showHour(known, wide),
		showQuarters(known, half),
		showDays(known, half),
		showPhases(known),
		showCounters(known),
		showMessages(known),
	];
	const shown = meter === noMeter ? [] : [...parts, showPulses(status)];
	live.replaceChildren(...shown.filter(part => part !== null));
}

function drawNow(known: Known): void {
	const pulses = known.meter === noMeter ? showPulses(known.status) : null;
	now.replaceChildren(pulses ?? showNow(known), showHealth(known));
	document.title = `${now.querySelector(".big")?.textContent ?? ""} · ${say("title")}`;
}

/** A switch where there is more than one meter. */
function drawTabs({ meters }: Status): void {
	tabs.hidden = meters.length < 2;
	const names = meters.map(({ name }) => name).join();
	if (tabs.dataset.names !== names) {
		tabs.dataset.names = names;
		const buttons = meters.map(({ name, label }) => {
			const button = h("button", { type: "button", value: name }, label ?? name);
			button.addEventListener("click", () => {
				choose(name);
				draw();
				plan(0);
			});
			return button;
		});
		tabs.replaceChildren(...buttons);
	}
	for (const button of tabs.children) {
		button.setAttribute("aria-pressed", String(button.getAttribute("value") === chosen));
	}
}

document.documentElement.lang = language;
document.title = say("title");
document.body.append(h("header", {}, h("h1", {}, say("title"))), main);
logDetails.addEventListener("toggle", () => {
	if (logDetails.open) plan(0);
});
// What was missed while nobody looked is asked for again.
document.addEventListener("visibilitychange", () => {
	clearTimeout(timer);
	hasHour = false;
	if (!document.hidden) plan(0);
});
addEventListener("resize", () => draw());
// The age goes on between two answers, and what is old says so.
setInterval(() => {
	if (document.hidden || isBusy || status === null || main.firstChild !== tabs) return;
	draw(true);
}, 5_000);
update();
