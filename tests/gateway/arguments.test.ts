/** The gateway's command line, environment and file: what is refused, and what comes first. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readGatewayArguments } from "../../gateway/arguments.js";

const folder = mkdtempSync(join(tmpdir(), "smarty-arguments-"));
afterAll(() => rmSync(folder, { recursive: true }));
const key = "D491470F47126332B07D1923B3504188";
const port = ["--port", "/dev/ttyUSB0"];

function save(name: string, text: string): string {
	const path = join(folder, name);
	writeFileSync(path, text);
	return path;
}

describe("refused at the start", () => {
	test.each<[Record<string, string>, string]>([
		[{ SMARTY_WEBTOKEN: "correct-horse" }, "there is no setting SMARTY_WEBTOKEN; it is SMARTY_WEB_TOKEN"],
		[{ SMARTY_AUTHENTICATE: "required" }, "there is no setting SMARTY_AUTHENTICATE; is SMARTY_AUTHENTICATION meant?"],
		[{ smarty_key: key }, "there is no setting smarty_key; it is SMARTY_KEY"],
		[{ SMARTY_NONSENSE: "" }, "there is no setting SMARTY_NONSENSE; docs/settings.md has all names"],
		[{ SMARTY_WEB_TOKEN: "" }, "SMARTY_WEB_TOKEN is empty: give it a value, or leave it out"],
		[{ SMARTY_WEB_TOKEN: "  " }, "SMARTY_WEB_TOKEN is empty: give it a value, or leave it out"],
		[{ SMARTY_KEY: "" }, "SMARTY_KEY is empty: give it a value, or leave it out"],
		[{ SMARTY_AUTHENTICATION: "" }, "SMARTY_AUTHENTICATION is empty: give it a value, or leave it out"],
		[{ SMARTY_BIND: "everywhere" }, "--bind is an address of this computer, for instance 127.0.0.1"],
		[{ SMARTY_BIND: "" }, "SMARTY_BIND is empty: give it a value, or leave it out"],
		[{ SMARTY_KEY_FILE: "/nowhere/key" }, "--key-file /nowhere/key: ENOENT"],
	])("%j", (environment, complaint) => {
		expect(readGatewayArguments(port, environment)).toBe(complaint);
	});

	test("an empty secret on the command line or in the file, and a name twice", () => {
		expect(readGatewayArguments([...port, "--webToken", ""], {})).toMatch(/^--webToken is empty/);
		const empty = save("empty.json", '{"webToken": ""}');
		expect(readGatewayArguments([...port, "--config", empty], {})).toBe(
			`"webToken" of ${empty} is empty: give it a value, or leave it out`,
		);
		const twice = save("twice.json", '{"webToken": "correct-horse", "WEBTOKEN": "another-one"}');
		expect(readGatewayArguments([...port, "--config", twice], {})).toBe(`--config ${twice}: webToken is there twice`);
	});

	test("a key and a key file, an empty one, and one with more in it", () => {
		const file = save("key", `${key}\n`);
		expect(readGatewayArguments([...port, "--key-file", file, "--key", key], {})).toBe(
			"--key and a key file: only one of them",
		);
		const empty = save("none", "\n");
		expect(readGatewayArguments([...port, "--key-file", empty], {})).toBe(`--key-file ${empty} is empty`);
		const more = save("more", `${key}\n${key}\n`);
		expect(readGatewayArguments([...port, "--key-file", more], {})).not.toContain(key);
	});
});

test("the command line comes before the environment, and that before the file; empty words are none", () => {
	const file = save("settings.json", JSON.stringify({ key: "1", broker: "mqtt://a", base: "file", powerClass: 3 }));
	const environment = { SMARTY_KEY: "2", SMARTY_BROKER: "mqtt://b", SMARTY_BASE: "", HOME: "/" };
	const found = readGatewayArguments([...port, "--config", file, "--broker", "mqtt://c"], environment);
	expect(found).toMatchObject({ settings: { key: "2", broker: "mqtt://c", base: "file", powerClass: "3" } });
	expect(found).toMatchObject({ port: "/dev/ttyUSB0", bind: null, exposed: false });
});

test("a key comes out of its file, in each of the three ways", () => {
	const file = save("key", ` ${key}\n`);
	const config = save("key.json", JSON.stringify({ keyFile: file }));
	for (const found of [
		readGatewayArguments([...port, "--key-file", file], { SMARTY_KEY: "2" }),
		readGatewayArguments(port, { SMARTY_KEY_FILE: file }),
		readGatewayArguments([...port, "--config", config], {}),
	]) {
		expect(found).toMatchObject({ settings: { key }, exposed: false });
	}
});

test("a secret in the arguments is noticed", () => {
	for (const name of ["key", "password", "webToken", "authenticationKey"]) {
		expect(readGatewayArguments([...port, `--${name}`, "something"], {})).toMatchObject({ exposed: true });
	}
	expect(readGatewayArguments([...port, "--broker", "mqtt://a"], { SMARTY_KEY: key })).toMatchObject({
		exposed: false,
	});
});

test("a capture that begins again has no memory", () => {
	expect(readGatewayArguments(["--replay", "a.bin", "--loop"], {})).toMatchObject({ replay: "a.bin", loop: true });
	expect(readGatewayArguments(["--replay", "a.bin"], {})).toMatchObject({ loop: false });
	const file = save("loop.json", '{"replay": "a.bin", "loop": true}');
	expect(readGatewayArguments(["--config", file], {})).toMatchObject({ loop: true });
	expect(readGatewayArguments([...port, "--loop"], {})).toBe("--loop: only a capture (--replay) can begin again");
	expect(readGatewayArguments(["--replay", "a.bin", "--loop", "--memory", "m.json"], {})).toBe(
		"--loop and --memory: what is remembered would refuse the same telegrams",
	);
	expect(readGatewayArguments(["--replay", "a.bin"], { SMARTY_LOOP: "often" })).toBe("loop is yes or no");
});
