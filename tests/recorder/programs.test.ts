/** The commands as people type them: the recorder with and without its packages, and the fleet. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../recorder/database.js";
import { createQueries } from "../../recorder/queries.js";
import { createHouse, readHouse } from "../../simulator/fleet/house.js";
import { startChild } from "../gateway/process.js";
import { startMosquitto } from "../support/brokers.js";
import { projectRoot } from "../support/imports.js";
import { runProgram } from "../support/program.js";
import { startRecorder } from "./programs.js";
import { makeFolder } from "./samples.js";

test("a fleet at a broker, and a recorder that has all of it in the end", async () => {
	const broker = await startMosquitto();
	onTestFinished(broker.stop);
	const url = `mqtt://127.0.0.1:${broker.port}`;
	const path = join(makeFolder(), "recorder.db");
	const recorder = startRecorder(["--broker", url, "--file", path, "--port", "0", "--linger", "0.1"]);
	onTestFinished(() => void recorder.stop("SIGKILL"));
	await recorder.waitFor("broker: connected");
	await new Promise(resolve => setTimeout(resolve, 300));
	const words = [
		"--readers",
		"6",
		"--doubles",
		"2",
		"--broker",
		url,
		"--period",
		"0.5",
		"--step",
		"10",
		"--seconds",
		"3",
	];
	const fleet = runProgram("simulator/fleet/main.ts", words);
	expect(await fleet.ended).toBe(0);
	const report = JSON.parse(fleet.output.stdout.trim().split("\n").at(-1)!);
	expect(report).toMatchObject({ readers: 6, open: 6, telegrams: 36, acknowledged: 36, waiting: 0 });
	await new Promise(resolve => setTimeout(resolve, 1_000));
	expect(await recorder.stop("SIGTERM")).toBe(0);
	const file = openDatabase(path);
	const queries = createQueries(file);
	const meters = queries.listMeters();
	expect(meters).toHaveLength(4);
	for (const { id } of meters) {
		const times = queries.readPoints(id, 0, 4e9).map(({ time }) => time);
		expect(times.map((time, at) => time - times[0]! - at * 10)).toEqual(Array(6).fill(0));
	}
	await file.close();
});

test("a recorder without its packages says what to type, and one without a broker how it is called", async () => {
	const folder = makeFolder();
	for (const name of ["recorder", "modules", "page"]) {
		const filter = (path: string) => !path.includes("node_modules");
		cpSync(join(projectRoot, name), join(folder, name), { recursive: true, filter });
	}
	cpSync(join(projectRoot, "package.json"), join(folder, "package.json"));
	mkdirSync(join(folder, "node_modules"));
	for (const name of ["tsx", "esbuild", "@esbuild", "get-tsconfig", "resolve-pkg-maps", "aes-js"]) {
		symlinkSync(join(projectRoot, "node_modules", name), join(folder, "node_modules", name));
	}
	const run = async (...words: string[]) => {
		const child = startChild(process.execPath, ["--import", "tsx", "recorder/main.ts", ...words], {}, folder);
		const code = await child.exit;
		return [code, child.output.join("")];
	};
	expect(await run("--broker", "mqtt://127.0.0.1:1")).toEqual([
		1,
		"recorder: its packages are not installed: npm run setup:recorder\n",
	]);
	const [code, text] = await run();
	expect(code).toBe(2);
	expect(text).toContain("--broker is mqtt://HOST");
});

test("a broker that refuses the login is asked again, and told of once", async () => {
	const folder = makeFolder();
	const passwords = join(folder, "passwords");
	writeFileSync(passwords, "", { mode: 0o600 });
	const learn = (password: string) => execFileSync("mosquitto_passwd", ["-b", passwords, "recorder", password]);
	learn("another");
	const broker = await startMosquitto({ lines: ["allow_anonymous false", `password_file ${passwords}`] });
	onTestFinished(broker.stop);
	const words = ["--broker", `mqtt://127.0.0.1:${broker.port}`, "--file", join(folder, "recorder.db"), "--port", "0"];
	const recorder = startRecorder(words, { SMARTY_BROKER_USER: "recorder", SMARTY_BROKER_PASSWORD: "secret-word" });
	onTestFinished(() => void recorder.stop("SIGKILL"));
	await recorder.waitFor("Not authorized");
	await new Promise(resolve => setTimeout(resolve, 2_500));
	learn("secret-word");
	broker.process.kill("SIGHUP");
	await recorder.waitFor("broker: connected");
	const text = recorder.output.join("");
	expect(text.match(/Not authorized/g)).toHaveLength(1);
	expect(text).not.toContain("secret-word");
	expect(await recorder.stop("SIGTERM")).toBe(0);
});

test("a recorder that cannot have its file ends with one line", async () => {
	const recorder = startRecorder(["--broker", "mqtt://127.0.0.1:1", "--file", "/nowhere/recorder.db"]);
	expect(await recorder.exit).toBe(1);
	expect(recorder.output.join("")).toMatch(/^recorder: .*\n$/);
});

test("a fleet is told what is wrong with its words", async () => {
	const run = async (...words: string[]) => {
		const program = runProgram("simulator/fleet/main.ts", words);
		return [await program.ended, program.output.stderr.split("\n")[0]];
	};
	expect(await run()).toEqual([2, "npm run fleet: --readers is a whole number from 1 to 50000"]);
	expect(await run("--readers", "3", "--doubles", "2")).toEqual([
		2,
		"npm run fleet: --doubles is at most half of --readers",
	]);
	expect(await run("--readers", "3", "--broker", "mqtts://x")).toEqual([
		2,
		"npm run fleet: --broker is mqtt://HOST or mqtt://HOST:PORT",
	]);
});

test("houses of a seed are the same houses, each with a meter of its own, and registers that only rise", () => {
	const start = Date.UTC(2026, 5, 1) / 1000;
	const read = (seed: number, at: number) => {
		const house = createHouse(seed, at, start * 1000);
		return Array.from({ length: 50 }, (_, step) => readHouse(house, start + 10 + step * 10));
	};
	expect(read(1, 4)).toEqual(read(1, 4));
	expect(read(1, 4)).not.toEqual(read(2, 4));
	expect(new Set([0, 1, 2, 9_999].map(at => read(1, at)[0]!.meter)).size).toBe(4);
	const series = read(1, 4);
	for (const [at, { imported, state, late, time }] of series.entries()) {
		expect(imported).toBeGreaterThanOrEqual(series[at - 1]?.imported ?? 0);
		const found = JSON.parse(state);
		expect(found.active_energy_import * 1_000).toBeCloseTo(imported, 6);
		expect(Date.parse(found.time) / 1_000).toBe(time);
		expect(JSON.parse(late).active_energy_import).toBe(found.active_energy_import);
	}
});
