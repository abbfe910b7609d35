import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type ReceivedMessage, startMosquitto, subscribe, waitUntil } from "./support/brokers.js";
import { expectReadings, openCapture } from "./support/capture.js";
import { type Program, runProgram } from "./support/program.js";
import { realFrame } from "./support/vectors.js";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const serial = "SAG1030700114004";
const state = `smarty/${serial}/state`;
const status = `smarty/${serial}/status`;

function start(...words: string[]): Program {
	const program = runProgram("simulator/start.ts", words);
	cleanups.push(() => program.signal("SIGKILL"));
	return program;
}

function createCapture(): string {
	const folder = mkdtempSync(join(tmpdir(), "smarty-capture-"));
	cleanups.push(() => rmSync(folder, { recursive: true }));
	return join(folder, "capture.bin");
}

/** The state messages that the meter's own bytes call for, by another reader. */
function expectStates(capture: string): unknown[] {
	return openCapture(readFileSync(capture), realFrame.key).map(({ frameCounter, telegram }) => {
		const readings = expectReadings(telegram);
		return { verdict: "authenticated", frame_counter: frameCounter, ...readings };
	});
}

const payloads = (messages: ReceivedMessage[], topic: string) =>
	messages.filter(message => message.topic === topic).map(message => message.payload);

describe.each(["node", "xs"])("npm start with the engine %s", engine => {
	it("brings every value to mosquitto as the meter has it, and ends", async () => {
		const broker = await startMosquitto();
		cleanups.push(broker.stop);
		const subscriber = await subscribe(broker.port, "#");
		cleanups.push(subscriber.stop);
		const capture = createCapture();
		const where = ["--broker", `mqtt://127.0.0.1:${broker.port}`];
		const program = start(...where, "--engine", engine, "--telegrams", "5", "--period", "0.3", "--capture", capture);
		expect(await program.ended).toBe(0);
		expect(program.output.stderr).toBe("");
		await subscriber.waitFor(messages => messages.length === 7);
		const { messages } = subscriber;
		const frame = readFileSync(capture).subarray(0, realFrame.frame.length);
		expect(frame.equals(realFrame.frame)).toBe(true);
		expect(payloads(messages, state).map(payload => JSON.parse(payload))).toEqual(expectStates(capture));
		expect(payloads(messages, status)).toEqual(["online", "offline"]);
		expect(messages.every(message => message.quality === (message.topic === status ? 1 : 0))).toBe(true);
	});

	it("brings them to its own broker, found by the line it prints", async () => {
		const capture = createCapture();
		const program = start("--engine", engine, "--telegrams", "5", "--period", "1", "--capture", capture);
		const line = /mosquitto_sub -h 127\.0\.0\.1 -p (\d+) -t 'smarty\/#' -v\n/;
		await waitUntil(() => line.test(program.output.stdout), 10_000, "the line");
		const subscriber = await subscribe(Number(line.exec(program.output.stdout)![1]), "smarty/#");
		cleanups.push(subscriber.stop);
		expect(await program.ended).toBe(0);
		const received = payloads(subscriber.messages, state).map(payload => JSON.parse(payload));
		// The first telegram leaves at once, before anybody can have pasted the line.
		const expected = expectStates(capture);
		expect(expected).toHaveLength(5);
		expect(received.length).toBeGreaterThanOrEqual(3);
		expect(received).toEqual(expected.slice(-received.length));
		// Whoever subscribes in the moment of a retained publish may get it twice: live, and as the retained one.
		const statuses = payloads(subscriber.messages, status).filter((payload, at, all) => payload !== all[at - 1]);
		expect(statuses).toEqual(["online", "offline"]);
	});
});

describe("npm start", () => {
	it("tells a subscriber that it was killed", async () => {
		const broker = await startMosquitto();
		cleanups.push(broker.stop);
		const subscriber = await subscribe(broker.port, status);
		cleanups.push(subscriber.stop);
		const program = start("--broker", `mqtt://127.0.0.1:${broker.port}`);
		await subscriber.waitFor(messages => messages.length === 1);
		program.signal("SIGKILL");
		await subscriber.waitFor(messages => messages.length === 2);
		expect(payloads(subscriber.messages, status)).toEqual(["online", "offline"]);
	});

	it("ends cleanly on Ctrl-C, having said at once what it does and how to stop it", async () => {
		const program = start();
		await waitUntil(() => program.output.stdout.includes("is online"), 10_000, "the first telegram");
		const [first] = program.output.stdout.split("\n");
		expect(first).toContain("a simulated smarty meter");
		expect(first).toContain("Ctrl-C stops it");
		program.signal("SIGINT");
		expect(await program.ended).toBe(0);
		expect(program.output.stdout).toMatch(/\nStopped after 1 telegrams?\.\n$/);
		expect(program.output.stderr).toBe("");
		// Not a terminal: no colours, no line that counts down; and never a key.
		for (const control of ["\u001b", "\r"]) expect(program.output.stdout).not.toContain(control);
		expect(program.output.stdout.toUpperCase()).not.toContain(Buffer.from(realFrame.key).toString("hex").toUpperCase());
	});

	it("comes back when the broker does", async () => {
		const first = await startMosquitto();
		const program = start("--broker", `mqtt://127.0.0.1:${first.port}`, "--period", "0.2");
		await waitUntil(() => program.output.stdout.includes("is online"), 10_000, "the broker");
		await first.stop();
		await waitUntil(() => program.output.stdout.includes("no broker"), 10_000, "the loss");
		const again = await startMosquitto({ port: first.port });
		cleanups.push(again.stop);
		const subscriber = await subscribe(again.port, "#");
		cleanups.push(subscriber.stop);
		await subscriber.waitFor(messages => messages.some(message => message.topic === state));
		expect(payloads(subscriber.messages, status)).toEqual(["online"]);
	});

	it("fails when the broker never took the telegrams", async () => {
		const program = start("--broker", "mqtt://user:hush@127.0.0.1:1", "--telegrams", "1");
		expect(await program.ended).toBe(1);
		expect(program.output.stdout).toContain("no broker");
		expect(program.output.stdout + program.output.stderr).not.toContain("hush");
	});

	it("refuses a wrong argument with one line and exit code 2", async () => {
		const program = start("--period", "soon");
		expect(await program.ended).toBe(2);
		expect(program.output.stdout).toBe("");
		expect(program.output.stderr).toMatch(/^npm start: --period is a number of seconds[^\n]+\n$/);
	});
});
