/** The form of settings: made of the table that the reader sends with their values. The reader checks what it is given, and says all that is wrong at once. */
import type { Setting } from "../modules/settings/setting.js";
import { choices, groups } from "./choices.js";
import { card, h } from "./dom.js";
import { askJson, hasToken, Refusal, sendSettings, setToken } from "./reader.js";
import { say } from "./words.js";

/** What `/settings` says: null for what is not set, true for a secret that is. */
interface Found {
	writable: boolean;
	values: Record<string, string | true | null>;
	table: Pick<Setting, "name" | "secret" | "fallback" | "help">[];
}

type Field = HTMLInputElement | HTMLSelectElement;

/** The card, which asks for the settings when it is opened. `onRestart`: the reader restarts with new ones. `open`: at once. */
export function createSettings(onRestart: () => void, open: boolean): HTMLElement {
	const room = h("div", { class: "form" });
	const details = h("details", { open }, h("summary", {}, h("h2", {}, say("settings"))), room);
	details.addEventListener("toggle", () => {
		if (details.open)
			load(room, onRestart).catch(error =>
				room.replaceChildren(tell(say(isWrongToken(error) ? "tokenWrong" : "lost"))),
			);
	});
	return h("section", { class: "card settings" }, details);
}

function tell(text: string): HTMLElement {
	return h("p", { class: "bad", role: "alert" }, text);
}

function isWrongToken(error: unknown): boolean {
	return error instanceof Refusal && error.status === 401;
}

/** The field for the token, which is there while none is kept. */
export function createToken(id: string) {
	const field = h("input", { type: "password", id, autocomplete: "off", required: true });
	const row = h("p", { class: "field" }, h("label", { for: id }, say("token")), field);
	const refresh = () => {
		row.hidden = hasToken();
	};
	refresh();
	return {
		row,
		refresh,
		/** Keeps what was typed. */
		take() {
			if (!row.hidden) setToken(field.value);
			refresh();
		},
		/** What an error says, in words. A token that is wrong is asked for again. */
		tell(error: unknown): string {
			if (!isWrongToken(error)) return say("lost");
			setToken(null);
			refresh();
			field.focus();
			return say("tokenWrong");
		},
	};
}

async function load(room: HTMLElement, onRestart: () => void): Promise<void> {
	const found = await askJson<Found>("/settings");
	const isOpen = found.writable && found.values.webToken === true;
	const fields = new Map<string, Field>();
	const message = h("div", { class: "message", role: "status" });
	const token = createToken("token");
	const form = h("form", {}, ...listGroups(found, fields, isOpen));
	const notice = isOpen ? null : h("p", { class: "soft" }, say(found.writable ? "noToken" : "readOnly"));
	if (isOpen) form.append(token.row, h("p", {}, h("button", {}, say("save"))));
	form.append(message);
	form.noValidate = true;
	form.addEventListener("submit", event => {
		event.preventDefault();
		token.take();
		submit(found, fields, message)
			.then(restarts => {
				if (restarts) onRestart();
			})
			.catch(error => message.replaceChildren(tell(token.tell(error))));
	});
	room.replaceChildren(...(notice === null ? [] : [notice]), form);
}

function listGroups(found: Found, fields: Map<string, Field>, isOpen: boolean): HTMLElement[] {
	const named = groups.flatMap(([, names]) => names);
	const rest = found.table.map(({ name }) => name).filter(name => !named.includes(name));
	return [...groups, ["other", rest] as const].flatMap(([title, names], at) => {
		const rows = found.table
			.filter(({ name }) => names.includes(name))
			.map(row => createRow(row, found, fields, isOpen));
		if (rows.length === 0) return [];
		return h("details", { open: at === 0 }, h("summary", {}, say(title)), ...rows);
	});
}

function createRow(
	{ name, secret, fallback, help }: Found["table"][number],
	found: Found,
	fields: Map<string, Field>,
	isOpen: boolean,
): HTMLElement {
	const value = found.values[name] ?? null;
	const own: Record<string, string | boolean> = {
		id: name,
		name,
		"aria-describedby": `${name}-help`,
		disabled: !isOpen,
	};
	let field: Field;
	const few = choices[name];
	if (few !== undefined && (typeof value !== "string" || few.includes(value))) {
		field = h("select", own, ...few.map(choice => h("option", { value: choice }, choice)));
		field.value = typeof value === "string" ? value : fallback!;
	} else {
		const placeholder = secret ? say(value === true ? "keep" : "notSet") : (fallback ?? say("notSet"));
		field = h("input", {
			...own,
			type: secret ? "password" : "text",
			placeholder,
			autocomplete: "off",
			spellcheck: "false",
		});
		field.value = typeof value === "string" ? value : "";
	}
	fields.set(name, field);
	const complaint = h("span", { class: "bad", id: `${name}-bad`, lang: "en" });
	return h(
		"div",
		{ class: "field" },
		h("label", { for: name }, name),
		field,
		h("span", { class: "soft", id: `${name}-help`, lang: "en" }, help),
		complaint,
	);
}

/** Sends what was changed. True where the reader restarts for it. */
async function submit(found: Found, fields: Map<string, Field>, message: HTMLElement): Promise<boolean> {
	const changes: Record<string, string | null> = {};
	for (const { name, secret, fallback } of found.table) {
		const field = fields.get(name)!;
		const typed = field.value.trim();
		const before = found.values[name] ?? null;
		// An empty secret is kept, and what is shown because nothing is set is not set by that.
		if (secret ? typed === "" : typed === (before ?? (field.tagName === "SELECT" ? fallback : ""))) continue;
		changes[name] = typed === "" ? null : typed;
	}
	if (Object.keys(changes).length === 0) {
		message.replaceChildren();
		return false;
	}
	const answer = await sendSettings(changes);
	showComplaints(fields, answer.complaints);
	const texts = answer.complaints.map(([, text]) => h("p", { class: "bad", lang: "en" }, text));
	const done = say(texts.length > 0 ? "refused" : "saved");
	message.replaceChildren(h("p", { class: texts.length > 0 ? "bad" : "good" }, done), ...texts);
	return answer.restart;
}

/** Each complaint at its field, and the first one in view. */
function showComplaints(fields: Map<string, Field>, complaints: readonly (readonly [string, string])[]): void {
	let first: Field | null = null;
	for (const [name, field] of fields) {
		const text = complaints.find(([own]) => own === name)?.[1] ?? "";
		document.getElementById(`${name}-bad`)!.textContent = text;
		field.setAttribute("aria-invalid", String(text !== ""));
		field.setAttribute("aria-describedby", text === "" ? `${name}-help` : `${name}-help ${name}-bad`);
		if (text !== "") first ??= field;
	}
	const group = first?.closest("details");
	if (group) group.open = true;
	first?.focus();
}

/** What stands in the place of everything while the reader asks for its token. `onToken`: one was given. */
export function createLogin(isWrong: boolean, onToken: () => void): HTMLElement {
	const field = h("input", { type: "password", id: "login", autocomplete: "current-password" });
	const form = h(
		"form",
		{ class: "form" },
		isWrong && h("p", { class: "bad", role: "alert" }, say("tokenWrong")),
		h("p", { class: "field" }, h("label", { for: "login" }, say("token")), field),
		h("p", {}, h("button", {}, say("open"))),
	);
	form.addEventListener("submit", event => {
		event.preventDefault();
		setToken(field.value.trim());
		onToken();
	});
	return card("", say("title"), null, form);
}
