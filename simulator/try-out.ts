/** The try-out: a simulated meter, the firmware and a broker in one terminal. See `docs/simulator.md`. */
import { once } from "node:events";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { createInterface } from "node:readline";
import { readPage } from "../gateway/page.js";
import { watchParent } from "../gateway/parent.js";
import { type BrokerAddress, formatBroker, type StartArguments } from "./arguments.js";
import { type EmbeddedBroker, startEmbeddedBroker } from "./embedded-broker.js";
import { createView, formatSubscription, type View } from "./view.js";
import { countUndelivered, type Live, type LiveEvents, startLive, stopLive, typeLine } from "./world/live/live.js";

interface Run {
	settings: StartArguments;
	view: View;
	broker: EmbeddedBroker | null;
	live: Live | null;
	violations: number;
	/** Resolves when the run is to end, early or not. */
	end: () => void;
	/** The board is being taken down: what its console says to that is not meant for people. */
	leaving: boolean;
	/** Ended by a signal, or because nobody reads the output any more. */
	stopped: boolean;
}

/** Of a real meter whose frame of 2018 was published by its owner (`tests/vectors/luxembourg-2018.json`); the simulated one has both. */
interface Recording {
	key: string;
	frameCounter: string;
}

/** kW. */
const powerClass = 3;
/** How long the broker may need for what it does not have when the last telegram is sent. */
const deliveryMs = 10_000;

/** Runs until a signal comes or the telegrams asked for are sent. Returns the exit code. */
export async function runTryOut(settings: StartArguments): Promise<number> {
	const { isTTY } = process.stdout;
	const colours = isTTY && !process.env.NO_COLOR;
	const view = createView({ write: text => process.stdout.write(text), colours });
	const run: Run = {
		settings,
		view,
		broker: null,
		live: null,
		violations: 0,
		end: () => {},
		leaving: false,
		stopped: false,
	};
	const ended = new Promise<void>(resolve => (run.end = resolve));
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop(run));
	watchParent(() => stop(run));
	// Whoever read the output has gone: `npm start | head`.
	process.stdout.on("error", () => stop(run));
	try {
		const live = await prepare(run);
		await Promise.race([ended, live.ended]);
		return await finish(run, live);
	} catch (error) {
		process.stderr.write(`npm start: ${(error as Error).message.split("\n")[0]}\n`);
		return 1;
	} finally {
		await run.broker?.close();
	}
}

function stop(run: Run): void {
	run.stopped = true;
	run.end();
}

/** Everything that can fail before the first telegram. */
async function prepare(run: Run): Promise<Live> {
	const { settings, view } = run;
	const { engine, telegrams, period, discovery, capture } = settings;
	const port = settings.webPort === "off" ? null : (settings.webPort ?? (await findFreePort()));
	if (port !== null) view.line(`http://127.0.0.1:${port}/ shows the meter in a browser.`);
	const stops = telegrams === null ? "Ctrl-C stops it" : `It stops after telegram ${telegrams}; Ctrl-C stops it now`;
	view.line(`smarty-xs: a simulated smarty meter and a board with the firmware (${engine} engine). ${stops}.`);
	if (capture !== null) writeFileSync(capture, "");
	if (settings.broker === null) run.broker = await startEmbeddedBroker();
	const address = settings.broker ?? run.broker!.address;
	const owner = run.broker === null ? "" : "embedded ";
	view.line(`A telegram every ${period / 1000} s goes to the ${owner}broker at ${address.host}:${address.port}.`);
	view.line("To see the values arrive, paste this into another terminal:");
	view.line(`  ${formatSubscription(address, "smarty")}`);
	view.line("What is typed here goes to the board's serial console; help lists what it understands.");
	const { user, password } = address;
	const config = {
		broker: formatBroker(address),
		...(user === undefined ? {} : { user }),
		...(password === undefined ? {} : { password }),
		...(discovery === null ? {} : { discovery }),
		...(port !== null && { webPort: String(port), powerClass: String(powerClass), powerPrice: "0.1139" }),
	};
	const recording: Recording = JSON.parse(
		readFileSync(new URL("../tests/vectors/luxembourg-2018.json", import.meta.url), "utf8"),
	);
	const options = {
		engine,
		config,
		period,
		count: telegrams,
		key: Buffer.from(recording.key, "hex"),
		frameCounter: Number.parseInt(recording.frameCounter, 16) + 1,
		limit: powerClass * 1_000,
		devices: [
			{ type: 3, id: "FLO189900060355", index: 28_103 },
			{ type: 7, id: "WTR210000012345", index: 512_406 },
		],
		page: port === null ? null : readPage(),
	};
	run.live = await startLive(options, createEvents(run, address));
	// What is typed goes to the board's serial console.
	const console = createInterface(process.stdin);
	console.on("line", line => typeLine(run.live!, line));
	run.live.ended.catch(() => {}).finally(() => console.close());
	return run.live;
}

/** A port of this computer's that nobody has now. */
async function findFreePort(): Promise<number> {
	const server = createServer();
	await once(server.listen(0, "127.0.0.1"), "listening");
	const { port } = server.address() as AddressInfo;
	server.close();
	await once(server, "close");
	return port;
}

function createEvents(run: Run, address: BrokerAddress): LiveEvents {
	const { view, settings } = run;
	return {
		onFrame(bytes) {
			if (settings.capture !== null) appendFileSync(settings.capture, bytes);
			if (run.live?.sent === settings.telegrams) setTimeout(() => run.end(), deliveryMs).unref();
		},
		onReading(number, length, topic, payload) {
			view.telegram({ number, bytes: length, payload, topic });
			if (run.live!.sent === settings.telegrams && countUndelivered(run.live!) === 0) run.end();
		},
		onMessage(topic, payload) {
			if (!topic.endsWith("/status")) return;
			view.line(`  ${address.host}:${address.port}: ${topic} is ${payload === "" ? "cleared" : payload}`);
		},
		onConsole(line) {
			if (!run.leaving) view.line(`  ${line}`);
		},
		onViolation(text) {
			run.violations += 1;
			view.line(`WRONG: ${text}`);
		},
	};
}

/** Takes everything down. A run that was to send N telegrams fails when the broker did not get them. */
async function finish(run: Run, live: Live): Promise<number> {
	const { view, stopped } = run;
	const missing = countUndelivered(live);
	run.leaving = true;
	await stopLive(live);
	view.line("");
	const count = `${live.sent} telegram${live.sent === 1 ? "" : "s"}`;
	view.line(`Stopped after ${count}${missing === 0 ? "" : `; the broker does not have ${missing} of them`}.`);
	return run.violations > 0 || (missing > 0 && !stopped) ? 1 : 0;
}
