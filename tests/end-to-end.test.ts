/** `npm start` as a person runs it, and what comes to a broker of it. Nothing here depends on how fast the computer is. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, type TestContext } from "vitest";
import { type ReceivedMessage, startMosquitto, subscribe } from "./support/brokers.js";
import { expectReadings, openCapture } from "./support/capture.js";
import { type Program, runProgram } from "./support/program.js";
import { realFrame } from "./support/vectors.js";
import { waitUntil } from "./support/wait.js";

const serial = "SAG1030700114004";
const state = `smarty/${serial}/state`;
const history = `smarty/${serial}/history`;
const status = `smarty/${serial}/status`;

function start({ onTestFinished }: TestContext, ...words: string[]): Program {
	const program = runProgram("simulator/start.ts", words);
	onTestFinished(() => program.signal("SIGKILL"));
	return program;
}

function createCapture({ onTestFinished }: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), "smarty-capture-"));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	return join(folder, "capture.bin");
}

/** The state messages that the meter's own bytes call for, by another reader. */
function expectStates(capture: string) {
	return openCapture(readFileSync(capture), realFrame.key).map(({ frameCounter, telegram }) => {
		const readings = expectReadings(telegram);
		const { active_power_import: taken, active_power_export: given } = readings;
		const power = Math.round(1000 * (Number(taken) - Number(given))) / 1000;
		return { verdict: "authenticated", frame_counter: frameCounter, active_power: power, ...readings };
	});
}

const payloads = (messages: ReceivedMessage[], topic: string) =>
	messages.filter(message => message.topic === topic).map(message => message.payload);

/** Whoever subscribes in the moment of a retained publish may get it twice, and `online` is said again each minute. */
const once = (list: string[]) => list.filter((payload, at) => payload !== list[at - 1]);

/** The readings in their order; one that a busy computer could not publish in time is in the history. */
function readingsOf(messages: ReceivedMessage[]): { frame_counter: number }[] {
	const all = [state, history].flatMap(topic => once(payloads(messages, topic)).map(payload => JSON.parse(payload)));
	return all.sort((one, other) => one.frame_counter - other.frame_counter);
}

describe.concurrent.each(["node", "xs"])("npm start with the engine %s", engine => {
	it("brings every value to mosquitto as the meter has it, and ends", async test => {
		const broker = await startMosquitto();
		test.onTestFinished(broker.stop);
		const subscriber = await subscribe(broker.port, "#");
		test.onTestFinished(subscriber.stop);
		const capture = createCapture(test);
		const where = ["--broker", `mqtt://127.0.0.1:${broker.port}`];
		const program = start(
			test,
			...where,
			"--engine",
			engine,
			"--telegrams",
			"5",
			"--period",
			"0.3",
			"--capture",
			capture,
		);
		expect(await program.ended).toBe(0);
		expect(program.output.stderr).toBe("");
		const { messages } = subscriber;
		await subscriber.waitFor(() => payloads(messages, status).includes("offline"));
		expect(readingsOf(messages)).toEqual(expectStates(capture));
		expect(once(payloads(messages, status))).toEqual(["online", "offline"]);
		// The last word is said on the way out: nobody waits for its acknowledgement.
		const own = messages.filter(({ topic, payload }) => topic === state || (topic === status && payload === "online"));
		for (const { topic, quality } of own) expect(quality, topic).toBe(1);
		// The whole firmware is there, not only its core.
		expect(messages.some(({ topic }) => /^homeassistant\/device\/.+\/config$/.test(topic))).toBe(true);
		expect(program.output.stdout).not.toContain("WRONG");
		expect(program.output.stdout).toMatch(/\nStopped after 5 telegrams\.\n$/);
	});

	it("brings them to its own broker, found by the line it prints", async test => {
		const capture = createCapture(test);
		const program = start(test, "--engine", engine, "--period", "1", "--capture", capture);
		const line = /mosquitto_sub -h 127\.0\.0\.1 -p (\d+) -t 'smarty\/#' -v\n/;
		await waitUntil("the line", () => line.test(program.output.stdout));
		const subscriber = await subscribe(Number(line.exec(program.output.stdout)![1]), "smarty/#");
		test.onTestFinished(subscriber.stop);
		const { messages } = subscriber;
		await subscriber.waitFor(() => readingsOf(messages).length >= 3);
		program.signal("SIGINT");
		expect(await program.ended).toBe(0);
		await subscriber.waitFor(() => payloads(messages, status).includes("offline"));
		expect(once(payloads(messages, status))).toEqual(["online", "offline"]);
		// How many came before it subscribed, nobody knows; from there on none is missing.
		const received = readingsOf(messages);
		const sent = expectStates(capture);
		const first = sent.findIndex(({ frame_counter }) => frame_counter === received[0]!.frame_counter);
		expect(received).toEqual(sent.slice(first, first + received.length));
	});
});

describe.concurrent("npm start", () => {
	it("tells a subscriber that it was killed", async test => {
		const broker = await startMosquitto();
		test.onTestFinished(broker.stop);
		const subscriber = await subscribe(broker.port, "smarty/+/status");
		test.onTestFinished(subscriber.stop);
		const program = start(test, "--broker", `mqtt://127.0.0.1:${broker.port}`);
		const readers = () => subscriber.messages.filter(({ topic }) => topic !== status).map(({ payload }) => payload);
		await subscriber.waitFor(messages => payloads(messages, status).length === 1);
		program.signal("SIGKILL");
		await subscriber.waitFor(() => readers().includes("offline"));
		expect(once(readers())).toEqual(["online", "offline"]);
		// Of the meter nobody can say anything any more.
		expect(payloads(subscriber.messages, status)).toEqual(["online"]);
	});

	it("ends cleanly on Ctrl-C, having said at once what it does and how to stop it", async test => {
		const program = start(test, "--period", "3600");
		await waitUntil("the first telegram", () => program.output.stdout.includes("Telegram 1:"));
		const [page, first] = program.output.stdout.split("\n");
		expect(page).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/ shows the meter in a browser\.$/);
		expect(first).toContain("a simulated smarty meter");
		expect(first).toContain("Ctrl-C stops it");
		program.signal("SIGINT");
		expect(await program.ended).toBe(0);
		expect(program.output.stdout).toContain(`${status} is offline`);
		expect(program.output.stdout).not.toContain("restarting");
		expect(program.output.stdout).toMatch(/\nStopped after 1 telegram\.\n$/);
		expect(program.output.stderr).toBe("");
		// Not a terminal: no colours; and never a key.
		expect(program.output.stdout).not.toContain("\u001b");
		expect(program.output.stdout.toUpperCase()).not.toContain(Buffer.from(realFrame.key).toString("hex").toUpperCase());
	});

	it("comes back when the broker does, with what was read meanwhile", async test => {
		const capture = createCapture(test);
		const first = await startMosquitto();
		const where = ["--broker", `mqtt://127.0.0.1:${first.port}`];
		const program = start(test, ...where, "--period", "0.2", "--discovery", "off", "--capture", capture);
		await waitUntil("telegrams", () => program.output.stdout.includes("Telegram 3:"));
		await first.stop();
		await waitUntil("the loss", () => program.output.stdout.includes("ECONNREFUSED"));
		const again = await startMosquitto({ port: first.port });
		test.onTestFinished(again.stop);
		const subscriber = await subscribe(again.port, "#");
		test.onTestFinished(subscriber.stop);
		const { messages } = subscriber;
		await subscriber.waitFor(() => readingsOf(messages).length > 10);
		expect(once(payloads(messages, status))).toEqual(["online"]);
		expect(messages.some(message => message.topic.startsWith("homeassistant/"))).toBe(false);
		// A telegram is on the screen when the broker has it.
		const sent = expectStates(capture).length;
		const shown = () => new Set([...program.output.stdout.matchAll(/^Telegram (\d+):/gm)].map(([, number]) => number));
		const isShown = () => Array.from({ length: sent }, (_, at) => `${at + 1}`).every(number => shown().has(number));
		await waitUntil("all that was sent until now", isShown);
		program.signal("SIGINT");
		expect(await program.ended).toBe(0);
		expect(program.output.stdout).not.toContain("WRONG");
	});

	it("hands what is typed to the board's console, and boots again when that says so", async test => {
		const program = start(test, "--period", "1");
		await waitUntil("the first telegram", () => program.output.stdout.includes("is online"));
		program.input.write("show\nrestart\n");
		await waitUntil("the restart", () => program.output.stdout.includes("boot 2: restart"));
		expect(program.output.stdout).toMatch(/^ {2}key +set/m);
		await waitUntil("the broker", () => program.output.stdout.split("is online").length === 3);
		program.signal("SIGTERM");
		expect(await program.ended).toBe(0);
		expect(program.output.stdout).not.toContain("WRONG");
	});

	it("fails when the broker never took the telegrams", async test => {
		const program = start(test, "--broker", "mqtt://user:hush@127.0.0.1:1", "--telegrams", "1");
		expect(await program.ended).toBe(1);
		expect(program.output.stdout).toMatch(/broker: .*127\.0\.0\.1:1/);
		expect(program.output.stdout).toContain("the broker does not have 1 of them");
		expect(program.output.stdout + program.output.stderr).not.toContain("hush");
	});

	it("refuses a wrong argument with one line and exit code 2", async test => {
		const program = start(test, "--period", "soon");
		expect(await program.ended).toBe(2);
		expect(program.output.stdout).toBe("");
		expect(program.output.stderr).toMatch(/^npm start: --period is a number of seconds[^\n]+\n$/);
	});
});
