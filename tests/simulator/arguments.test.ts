/** Tests of `simulator/arguments.ts`. */
import { describe, expect, it } from "vitest";
import { readStartArguments } from "../../simulator/arguments.js";
import { formatSubscription } from "../../simulator/view.js";

describe("arguments of npm start", () => {
	it("has a default for everything", () => {
		expect(readStartArguments([])).toEqual({
			engine: "node",
			broker: null,
			period: 10_000,
			telegrams: null,
			capture: null,
			discovery: null,
			webPort: null,
			help: false,
		});
	});

	it("knows a page that is off, and a port that is none", () => {
		expect(readStartArguments(["--webPort", "off"])).toMatchObject({ webPort: "off" });
		expect(readStartArguments(["--webPort", "http"])).toBe("--webPort must be off or a number from 1 to 65535.");
	});

	it("reads them all", () => {
		const broker = ["--broker", "mqtts://u%40x:p%3Aw@broker.example"];
		expect(
			readStartArguments([
				"--engine",
				"xs",
				"--period=0.5",
				"--telegrams",
				"7",
				"--capture",
				"c.bin",
				"--discovery=off",
				"--webPort=8080",
				...broker,
			]),
		).toEqual({
			engine: "xs",
			broker: { host: "broker.example", port: 8883, secure: true, user: "u@x", password: "p:w" },
			period: 500,
			telegrams: 7,
			capture: "c.bin",
			discovery: "off",
			webPort: 8080,
			help: false,
		});
		for (const [text, host, port] of [
			["localhost:1883", "localhost", 1883],
			["127.0.0.1:1884", "127.0.0.1", 1884],
			["homeassistant.local", "homeassistant.local", 1883],
		]) {
			expect(readStartArguments(["--broker", `${text}`])).toMatchObject({ broker: { host, port, secure: false } });
		}
		expect(readStartArguments(["--broker", "mqtt://10.0.0.1:1884/"])).toMatchObject({
			broker: { host: "10.0.0.1", port: 1884, secure: false },
		});
	});

	it.each([
		[["--engine", "v8"], "--engine is node or xs, not v8"],
		[["--period", "0"], "--period is a number of seconds from 0.1 to 3600, not 0"],
		[["--period", "soon"], "--period is a number of seconds"],
		[["--period", "1e9"], "--period is a number of seconds"],
		[["--telegrams", "1.5"], "--telegrams is a whole number from 1, not 1.5"],
		[["--telegrams", "0"], "--telegrams is a whole number from 1, not 0"],
		[["--broker", "127.0.0.1:1883/topic"], "--broker is a URL like"],
		[["--broker", ""], "--broker is a URL like"],
		[["--broker", "http://host"], "--broker is a URL like"],
		[["--broker", "mqtt://host/topic"], "--broker is a URL like"],
		[["--broker", "mqtt://host:99999"], "--broker is a URL like"],
		[["--broker", "mqtt://host:0"], "--broker is a URL like"],
		[["--broker", "mqtt://:secret@host"], "--broker has a password and no user"],
		[["--broker", "mqtt://user:secret%@host"], "--broker has a %"],
		[["--broker", "mqtt://user:secret@[::1]"], "--broker is an IPv6 address"],
		[["--discovery", "on"], "--discovery must be device, entity or off"],
		[["--broker"], "--broker"],
		[["--colour"], "--colour"],
		[["--broker", "mqtt://user:half", "secret@host"], "word 3 stands without an option before it"],
	])("refuses %j in one line, without a password", (words, complaint) => {
		const answer = readStartArguments(words);
		expect(answer).toEqual(expect.stringContaining(complaint));
		expect(answer).not.toContain("\n");
		expect(answer).not.toContain("secret");
	});

	it("prints no credentials in the line to paste", () => {
		const address = { host: "h", port: 8883, secure: true, user: "me", password: "secret" };
		expect(formatSubscription(address, "smarty")).toBe(
			"mosquitto_sub -h h -p 8883 --tls-use-os-certs -u USER -P PASSWORD -t 'smarty/#' -v",
		);
	});
});
