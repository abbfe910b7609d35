/** The recorder's entry: `npm run recorder -- --broker mqtt://…`, or `node --import tsx recorder/main.ts …` as a service. */
import { readArguments, usage } from "./arguments.js";

/** How long a goodbye may take. */
const drainMs = 10_000;

const note = (line: string) => void process.stdout.write(`${line}\n`);

async function run(): Promise<number> {
	const settings = readArguments(process.argv.slice(2), process.env);
	if (settings === "help") {
		process.stdout.write(usage);
		return 0;
	}
	if ("wrong" in settings) {
		process.stderr.write(`recorder: ${settings.wrong}\n${usage}`);
		return 2;
	}
	try {
		const { startRecorder } = await import("./recorder.js");
		const ended = new Promise<void>(resolve => {
			for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve());
		});
		const recorder = await startRecorder(settings, note);
		if (recorder.address !== null) note(`${recorder.address} shows what is recorded`);
		await ended;
		setTimeout(() => process.exit(0), drainMs).unref();
		await recorder.close();
		return 0;
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		const isMissing = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
		const hint = "its packages are not installed: npm run setup:recorder";
		process.stderr.write(`recorder: ${isMissing ? hint : message}\n`);
		return 1;
	}
}

process.exit(await run());
