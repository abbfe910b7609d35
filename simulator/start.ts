import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { statusTopic } from "../modules/publish/topics.js";
import { type BrokerAddress, readStartArguments, type StartArguments, usage } from "./arguments.js";
import { createChance } from "./chance.js";
import { type Core, type CoreReply, createCore } from "./core.js";
import { type EmbeddedBroker, startEmbeddedBroker } from "./embedded-broker.js";
import { gatewayUsage, isGateway } from "./gateway/arguments.js";
import { runGateway } from "./gateway/gateway.js";
import { chopStream } from "./line.js";
import { createMeter, type Meter, readMeter } from "./meter.js";
import { createPublisher, type Publisher } from "./publisher.js";
import { createView, formatSubscription, type View } from "./view.js";

/** `npm start`: a simulated meter, the firmware's core and a broker in one terminal. See `docs/simulator.md`. */

const base = "smarty";

interface Run {
	settings: StartArguments;
	view: View;
	core: Core;
	broker: EmbeddedBroker | null;
	address: BrokerAddress;
	publisher: Publisher | null;
	meter: Meter;
	/** The real frame, until it has been sent. */
	recorded: Uint8Array | null;
	number: number;
	/** When the next telegram is to leave; `performance.now()`. */
	due: number;
	/** Resolves the pause under way, early. */
	wake: () => void;
	stopping: boolean;
}

/** A frame that a real meter sent in 2018, with its key. Both were published by its owner. */
interface Recording {
	key: string;
	systemTitle: string;
	frameCounter: string;
	frame: string;
}

async function main(): Promise<number> {
	const settings = readStartArguments(process.argv.slice(2));
	if (typeof settings === "string") {
		process.stderr.write(`npm start: ${settings}\n`);
		return 2;
	}
	if (settings.help) {
		process.stdout.write(`${usage}\n${gatewayUsage}`);
		return 0;
	}
	const run = await prepare(settings);
	if (typeof run === "string") {
		process.stderr.write(`npm start: ${run}\n`);
		return 1;
	}
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop(run));
	// Whoever read the output has gone: `npm start | head`.
	process.stdout.on("error", () => stop(run));
	// A failure of the engine shows in the next telegram too, and is told there.
	const expiry = setInterval(() => void expirePartial(run).catch(() => {}), 1000);
	let failure: string | null = null;
	try {
		while (!run.stopping) {
			await sendTelegram(run);
			if (run.number === settings.telegrams) break;
			await pause(run);
		}
	} catch (error) {
		failure = (error as Error).message.split("\n")[0]!;
	}
	clearInterval(expiry);
	const code = await finish(run);
	if (failure !== null) process.stderr.write(`npm start: ${failure}\n`);
	return failure === null ? code : 1;
}

/** Everything that can fail before the first telegram, or why it did. */
async function prepare(settings: StartArguments): Promise<Run | string> {
	const recording: Recording = JSON.parse(
		readFileSync(new URL("../tests/vectors/luxembourg-2018.json", import.meta.url), "utf8"),
	);
	const { isTTY } = process.stdout;
	const colours = isTTY && !process.env.NO_COLOR;
	const view = createView({ write: text => process.stdout.write(text), isTerminal: isTTY, colours });
	const stops =
		settings.telegrams === null
			? "Ctrl-C stops it"
			: `It stops after telegram ${settings.telegrams}; Ctrl-C stops it now`;
	view.line(`smarty-xs: a simulated smarty meter and the firmware's core (${settings.engine} engine). ${stops}.`);
	let broker: EmbeddedBroker | null = null;
	let core: Core;
	try {
		if (settings.capture !== null) writeFileSync(settings.capture, "");
		core = await createCore(settings.engine, { base, key: recording.key });
		if (settings.broker === null) broker = await startEmbeddedBroker();
	} catch (error) {
		return (error as Error).message.split("\n")[0]!;
	}
	const address = settings.broker ?? broker?.address;
	if (address === undefined) return "there is no broker";
	view.line(
		`A telegram every ${settings.period / 1000} s goes to the ${broker ? "embedded " : ""}broker at ${address.host}:${address.port}.`,
	);
	view.line("To see the values arrive, paste this into another terminal:");
	view.line(`  ${formatSubscription(address, base)}`);
	const meter = createMeter(createChance(1), Date.now(), {
		key: Buffer.from(recording.key, "hex"),
		systemTitle: Buffer.from(recording.systemTitle, "hex"),
		frameCounter: Number.parseInt(recording.frameCounter, 16) + 1,
		devices: [
			{ type: 3, id: "FLO189900060355", index: 28_103 },
			{ type: 7, id: "WTR210000012345", index: 512_406 },
		],
	});
	const recorded = Buffer.from(recording.frame, "hex");
	const state = { publisher: null, recorded, number: 0, due: performance.now(), wake: () => {}, stopping: false };
	return { settings, view, core, broker, address, meter, ...state };
}

function stop(run: Run): void {
	run.stopping = true;
	run.wake();
}

async function sendTelegram(run: Run): Promise<void> {
	const bytes = run.recorded ?? readMeter(run.meter, Date.now()).bytes;
	const about = run.recorded ? "a real frame, captured in January 2018" : "simulated";
	run.recorded = null;
	run.number += 1;
	if (run.settings.capture !== null) appendFileSync(run.settings.capture, bytes);
	let shown = 0;
	// A serial port delivers what has come, not whole frames.
	for (const chunk of chopStream(bytes, 256, run.meter.chance)) {
		const reply = await run.core.accept(chunk, performance.now());
		shown += show(run, reply, bytes.length, about);
	}
	if (shown === 0) run.view.line(`Telegram ${run.number} was not accepted.`);
}

async function expirePartial(run: Run): Promise<void> {
	show(run, await run.core.expire(performance.now()), 0, "rescanned");
}

/** Shows and publishes what a reply brought; returns how many telegrams that were. */
function show(run: Run, reply: CoreReply, bytes: number, about: string): number {
	reply.telegrams.forEach((telegram, at) => {
		const { topic, payload } = reply.messages[at]!;
		run.view.telegram({ number: run.number, about, bytes, telegram, payload, topic });
	});
	if (reply.messages.length > 0) {
		// Only the first telegram tells the meter's name, which the topic of the last will needs.
		run.publisher ??= openPublisher(run, statusTopic(base, reply.messages[0]!.topic.split("/")[1]!));
		run.publisher.publish(reply.messages);
	}
	return reply.telegrams.length;
}

function openPublisher(run: Run, status: string): Publisher {
	const { view, address } = run;
	return createPublisher(address, status, {
		onOnline: () => view.line(`  connected to ${address.host}:${address.port}; ${status} is online`),
		onOffline: (error, delay) => view.line(`  no broker: ${error.message}; next try in ${delay / 1000} s`),
	});
}

/** Waits for the next telegram's time or for the end. */
async function pause(run: Run): Promise<void> {
	run.due += run.settings.period;
	const remaining = () => Math.max(0, run.due - performance.now());
	const tell = () => run.view.progress(`next telegram in ${Math.ceil(remaining() / 1000)} s, Ctrl-C stops `);
	const ticking = setInterval(tell, 1000);
	tell();
	await new Promise<void>(resolve => {
		const timer = setTimeout(resolve, remaining());
		run.wake = () => {
			clearTimeout(timer);
			resolve();
		};
		if (run.stopping) run.wake();
	});
	clearInterval(ticking);
}

/** Delivers what waits and takes everything down. A run that was to send N telegrams fails when the broker did not get them. */
async function finish(run: Run): Promise<number> {
	const delivered = (await run.publisher?.close(run.stopping ? 1000 : 5000)) ?? false;
	await run.core.close();
	await run.broker?.close();
	run.view.line("");
	const count = `${run.number} telegram${run.number === 1 ? "" : "s"}`;
	run.view.line(`Stopped after ${count}${delivered ? "" : "; the broker has not taken all of them"}.`);
	return delivered || run.stopping ? 0 : 1;
}

if (isGateway(process.argv.slice(2))) {
	process.exit(await runGateway(process.argv.slice(2)));
}
process.exitCode = await main();
