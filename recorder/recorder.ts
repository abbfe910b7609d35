/** The recorder: from the broker to its sinks, and the page. */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RecorderArguments } from "./arguments.js";
import { type FileSink, openDatabase } from "./database.js";
import { openEngine } from "./engine.js";
import { type Fault, faults } from "./entry.js";
import { createIntake } from "./intake.js";
import { readMessage } from "./message.js";
import { type PageServer, startServer } from "./server.js";
import type { Report, Sink } from "./sink.js";
import { subscribe } from "./subscriber.js";
import { thin } from "./thin.js";

/** How often old readings are looked for. */
const thinMs = 3_600_000;
/** How often the log has the counts, if they have changed. */
const reportMs = 3_600_000;

export interface Recorder {
	/** Address of the page, or null. */
	readonly address: string | null;
	report(): Report;
	close(): Promise<void>;
}

/** Rejects where the file, the spool or the page's port cannot be had. `note` gets lines for the log. */
export async function startRecorder(settings: RecorderArguments, note: (line: string) => void): Promise<Recorder> {
	const { file: path, engine: url } = settings;
	const file = path === null ? null : openDatabase(path);
	const sinks: Sink[] = [];
	if (file !== null) sinks.push(file);
	if (url !== null) {
		const { authorization, spool: folder, spoolLimit: limit, settleMs } = settings;
		sinks.push(openEngine({ url, authorization, folder, limit, settleMs, note }));
	}
	const intake = createIntake(sinks, settings.lingerMs, note);
	const dropped = Object.fromEntries(faults.map(fault => [fault, 0])) as Record<Fault, number>;
	const report = (): Report => ({
		broker: subscriber.report(),
		dropped,
		intake: intake.report(),
		...Object.fromEntries(sinks.map(sink => [sink.name, sink.report()])),
	});
	let server: PageServer | null = null;
	if (settings.port !== null && file !== null) {
		const { port, bind, hosts } = settings;
		try {
			server = await startServer({ file, port, bind, hosts, report });
		} catch (error) {
			for (const sink of sinks) await sink.close();
			throw error;
		}
	}
	const prefix = settings.group === null ? settings.base : `$share/${settings.group}/${settings.base}`;
	const subscriber = subscribe({
		url: settings.broker,
		clientId: settings.client ?? findClientId(file, settings.spool),
		username: settings.username,
		password: settings.password,
		authority: settings.authority,
		filters: ["state", "history", "power", "diagnostics"].map(what => `${prefix}/+/${what}`),
		note,
		onMessage(topic, payload, acknowledge) {
			const entry = readMessage(settings.base, topic, payload, Math.floor(Date.now() / 1000));
			if (typeof entry === "object" && entry !== null) {
				intake.add(entry, acknowledge);
				return;
			}
			if (entry !== null) {
				dropped[entry] += 1;
				if (dropped[entry] === 1) note(`dropped: a message that cannot be read (${entry}); further ones are counted`);
			}
			acknowledge?.();
		},
	});
	const timers = [setInterval(() => note(`so far: ${JSON.stringify(report())}`), reportMs)];
	if (file !== null) {
		const run = () => thin(file, Math.floor(Date.now() / 1000 - settings.days * 86_400), note);
		timers.push(setInterval(run, thinMs));
		run();
	}
	return {
		address: server?.address ?? null,
		report,
		async close() {
			for (const timer of timers) clearInterval(timer);
			await intake.close();
			await subscriber.close();
			await server?.close();
			for (const sink of sinks) await sink.close();
		},
	};
}

/** The same at every start, or the broker would not find the session. */
function findClientId(file: FileSink | null, spool: string): string {
	const make = () => `smarty-recorder-${randomBytes(6).toString("hex")}`;
	if (file !== null) return file.clientId(make);
	mkdirSync(spool, { recursive: true });
	const path = join(spool, "client");
	try {
		const found = readFileSync(path, "utf8").trim();
		if (found !== "") return found;
	} catch {
		// The first start.
	}
	const made = make();
	writeFileSync(path, `${made}\n`);
	return made;
}
