/** `docs/fleet.md`: a broker with its access rules, asked by a house that is not to see or touch another's. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startMosquitto, subscribe } from "../support/brokers.js";
import { makeFolder } from "./samples.js";

const page = readFileSync(new URL("../../docs/fleet.md", import.meta.url), "utf8");
const rules = /```\n(# A reader[\s\S]*?)```/.exec(page)![1]!;
const [reader, meter] = ["smarty-xs-020000000001", "SAG1030700114004"];

test("a reader writes under its own names and its meter's, and reads nothing; a recorder reads and writes nothing", async () => {
	const folder = makeFolder();
	const passwords = join(folder, "passwords");
	const access = join(folder, "access");
	writeFileSync(passwords, "", { mode: 0o600 });
	for (const user of [reader, "recorder", "overseer"])
		execFileSync("mosquitto_passwd", ["-b", passwords, user, "secret"]);
	writeFileSync(access, `${rules}\nuser overseer\ntopic readwrite #\n`, { mode: 0o600 });
	const lines = ["allow_anonymous false", `password_file ${passwords}`, `acl_file ${access}`];
	const broker = await startMosquitto({ lines });
	onTestFinished(broker.stop);
	const login = (user: string) => ["-u", user, "-P", "secret"];
	const all = await subscribe(broker.port, "#", ...login("overseer"));
	const byReader = await subscribe(broker.port, "smarty/#", ...login(reader));
	const byRecorder = await subscribe(broker.port, "smarty/#", ...login("recorder"));
	for (const subscriber of [all, byReader, byRecorder]) onTestFinished(() => subscriber.stop());
	const publish = (user: string, topic: string) =>
		execFileSync("mosquitto_pub", ["-p", String(broker.port), "-t", topic, "-m", topic, "-q", "1", ...login(user)]);
	const own = [
		`smarty/${meter}/state`,
		`smarty/${meter}/history`,
		`smarty/${reader}/status`,
		`smarty/${reader}/diagnostics`,
	];
	const foreign = [
		"smarty/SAG1030700114005/state",
		"smarty/smarty-xs-020000000002/status",
		"homeassistant/status",
		"x",
	];
	for (const topic of [...own, ...foreign]) publish(reader, topic);
	for (const topic of own) publish("recorder", topic);
	const command = `smarty/${reader}/update/set`;
	publish("overseer", command);
	publish("overseer", "smarty/SAG1030700114005/state");
	publish("overseer", "end");
	await all.waitFor(messages => messages.some(({ topic }) => topic === "end"));
	const topics = (subscriber: typeof all) => subscriber.messages.map(({ topic }) => topic);
	expect(topics(all)).toEqual([...own, command, "smarty/SAG1030700114005/state", "end"]);
	await byReader.waitFor(messages => messages.length > 0);
	expect(topics(byReader)).toEqual([command]);
	const kept = own.filter(topic => !topic.endsWith("/status"));
	await byRecorder.waitFor(messages => messages.length > 3);
	expect(topics(byRecorder)).toEqual([...kept, "smarty/SAG1030700114005/state"]);
});
