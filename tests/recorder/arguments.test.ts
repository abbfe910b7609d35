/** The recorder's command line, and what its page says of it. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readArguments, usage } from "../../recorder/arguments.js";
import { faults } from "../../recorder/entry.js";
import { readTable } from "../support/pages.js";

const broker = ["--broker", "mqtt://broker"];
const read = (words: string[], environment = {}) => readArguments(words, environment);

test("the broker is enough", () => {
	expect(read(broker)).toMatchObject({
		broker: "mqtt://broker",
		username: null,
		base: "smarty",
		file: "recorder.db",
		days: 31,
		engine: null,
		settleMs: 60_000,
		lingerMs: 1_000,
		port: 8_090,
		bind: "127.0.0.1",
	});
	expect(read(["--help"])).toBe("help");
});

test("secrets may come from the environment, and are not part of the address", () => {
	const found = read(["--broker", "mqtts://me:s%3Ft@broker:8884"]);
	expect(found).toMatchObject({ broker: "mqtts://broker:8884", username: "me", password: "s?t" });
	const environment = {
		SMARTY_BROKER_USER: "you",
		SMARTY_BROKER_PASSWORD: "x",
		SMARTY_ENGINE_AUTHORIZATION: "Token t",
	};
	expect(read(broker, environment)).toMatchObject({ username: "you", password: "x", authorization: "Token t" });
});

test.each([
	[[], "--broker is"],
	[["--broker", "http://broker"], "--broker is"],
	[["--broker", "mqtt://"], "--broker is"],
	[[...broker, "--base", "a/#"], "--base is"],
	[[...broker, "--group", "a/b"], "--group has"],
	[[...broker, "--days", "0"], "--days is a number from 1"],
	[[...broker, "--days", ""], "--days is a number from 1"],
	[[...broker, "--port", "80.5"], "--port is a whole number"],
	[[...broker, "--file", "none"], "--file none needs --engine"],
	[[...broker, "--group", "all"], "--group needs --file none"],
	[[...broker, "--engine", "engine:8428"], "--engine is"],
	[[...broker, "--engine", "http://u:secret@engine/write"], "--engine is"],
	[[...broker, "--authority", "/nowhere.pem"], "--authority: ENOENT"],
	[[...broker, "--colour", "red"], "Unknown option '--colour'"],
	[[...broker, "secret"], "Unexpected argument"],
])("%j is refused", (words, complaint) => {
	const found = read(words);
	expect(found).toHaveProperty("wrong");
	const { wrong } = found as { wrong: string };
	expect(wrong).toContain(complaint);
	expect(wrong.replace("'secret'", words.includes("secret") ? "" : "'secret'")).not.toContain("secret");
});

test("docs/recorder.md has every option and every reason to drop a message", () => {
	const page = readFileSync(new URL("../../docs/recorder.md", import.meta.url), "utf8");
	const names = (heading: string) => readTable(page, heading).map(([cell = ""]) => /^`([\w-]+)/.exec(cell)![1]!);
	const options = [...usage.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, name]) => name!);
	expect(options).toHaveLength(15);
	expect(names("## Options")).toEqual(options);
	expect(page).toContain("| `dropped` ");
	for (const fault of faults) expect(page).toMatch(new RegExp(`^\\| \`${fault}\` `, "m"));
});
