/** Updates: a signed file, or what the releases' own place has. The reader judges what it is given; here nothing is believed. */
import { h } from "./dom.js";
import { Refusal, type Status, sendUpdate } from "./reader.js";
import { createToken } from "./settings.js";
import { say } from "./words.js";

/** Where releases lie, without a `/` at the end; empty where there is no such place. Of the build (`tools/page.ts`). */
declare const RELEASE_URL: string;

/** What `version.json` there says of the newest release. */
interface Release {
	version: string;
	sequence: number;
}

export interface UpdateCard {
	readonly card: HTMLElement;
	/** With each answer of the reader's. */
	show(status: Status): void;
}

/** Bytes of the version in the header of an update. */
const versionStart = 24;
const versionEnd = 48;

export function createUpdate(): UpdateCard {
	const program = h("p");
	const file = h("input", { type: "file", id: "update" });
	const install = h("button", { type: "button" }, say("install"));
	const token = createToken("update-token");
	const bar = h("progress", { "aria-label": say("update") });
	const message = h("p", { role: "status" });
	const form = h(
		"div",
		{ class: "form" },
		h("p", { class: "field" }, h("label", { for: "update" }, say("file")), file),
		token.row,
		h("p", {}, install, bar),
		message,
	);
	const summary = h("summary", {}, h("h2", {}, say("update")));
	const card = h("section", { class: "card wide" }, h("details", {}, summary, program, form));
	let update: Status["update"] = null;
	/** The version that is to run after the restart; null while none is awaited. */
	let awaited: string | null = null;
	/** Which boot of the reader it is, before the restart. */
	let boot = 0;
	bar.hidden = true;

	const tell = (text: string, isBad = false) => {
		message.className = isBad ? "bad" : "good";
		message.textContent = text;
	};

	async function send(image: Blob): Promise<void> {
		token.take();
		install.disabled = true;
		bar.hidden = false;
		tell("");
		try {
			const version = await image.slice(versionStart, versionEnd).text();
			await sendUpdate(image, share => {
				bar.value = share;
			});
			awaited = version.replace(/\0/g, "");
			tell(say("saved"));
		} catch (error) {
			const text =
				error instanceof Refusal && error.status !== 401 ? `${say("refused")} ${error.text}` : token.tell(error);
			tell(text, true);
		}
		bar.hidden = true;
		install.disabled = false;
	}

	install.addEventListener("click", () => {
		const [chosen] = file.files!;
		if (chosen === undefined) file.focus();
		else send(chosen);
	});

	if (RELEASE_URL !== "") {
		let found: Release | null = null;
		const look = h("button", { type: "button" }, say("look"));
		look.addEventListener("click", async () => {
			look.disabled = true;
			try {
				const get = async (name: string) => {
					const answer = await fetch(`${RELEASE_URL}/${name}`, { cache: "no-store", referrerPolicy: "no-referrer" });
					if (!answer.ok) throw new Error();
					return answer;
				};
				if (found !== null) {
					await send(await (await get(`${update!.board}.bin`)).blob());
				} else {
					found = (await (await get("version.json")).json()) as Release;
					if (found.sequence > update!.sequence) look.textContent = `${say("install")} ${found.version}`;
					else {
						found = null;
						tell(say("well"));
					}
				}
			} catch {
				tell(say("empty"), true);
			}
			look.disabled = false;
		});
		form.prepend(h("p", {}, look));
	}

	return {
		card,
		show(status) {
			({ update } = status);
			card.hidden = update === null;
			if (update === null) return;
			program.textContent = update.trial ? say("trial", status.version) : update.open ? status.version : say("noKey");
			form.hidden = !update.open;
			token.refresh();
			// While it is tried, nobody knows.
			if (awaited !== null && status.boot !== boot && !update.trial) {
				const isNew = status.version.endsWith(` ${awaited}`);
				tell(isNew ? `✓ ${awaited}` : say("back", awaited), !isNew);
				awaited = null;
			}
			if (awaited === null) boot = status.boot;
		},
	};
}
