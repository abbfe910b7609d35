/** The Home Assistant add-on: its options are the settings', and its script runs the gateway. Home Assistant OS itself was never there. */
import { spawnSync } from "node:child_process";
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { settingTable } from "../../modules/settings/table.js";
import { describeAddon, describeTexts } from "../../tools/addon/describe.js";
import { createRepository } from "../../tools/addon.js";
import { type Broker, startMosquitto } from "../support/brokers.js";
import { projectRoot } from "../support/imports.js";
import { hexOf, realFrame } from "../support/vectors.js";
import { waitUntil } from "../support/wait.js";
import { type Child, startChild } from "./process.js";
import { type Subscriber, subscribeToAll } from "./subscriber.js";

const folder = "contrib/homeassistant/smarty-xs";
const readText = (path: string) => readFileSync(join(projectRoot, folder, path), "utf8");

interface Config {
	version: string;
	schema: Record<string, string>;
	options: Record<string, unknown>;
	arch: string[];
}

function parseYaml<Value>(text: string): Value {
	const script = "import sys, json, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))";
	return JSON.parse(spawnSync("python3", ["-c", script], { input: text, encoding: "utf8" }).stdout);
}

describe("the options", () => {
	const config = parseYaml<Config>(readText("config.yaml"));

	test("are what `npm run addon` makes of the table of settings", () => {
		expect(readText("config.yaml")).toBe(describeAddon());
		expect(readText("translations/en.yaml")).toBe(describeTexts());
	});

	test("are all settings but a board's, secrets as such, with help", () => {
		const { schema } = config;
		for (const { name, secret } of settingTable) {
			if (/^(wifi|wifiPassword|receivePin|requestPin|invert|meters|pulses|timeServer|updateUrl|lora\w*)$/.test(name))
				continue;
			expect(schema[name], name).toBeDefined();
			expect(schema[name] === "password?", name).toBe(secret);
		}
		const { configuration } = parseYaml<{ configuration: Record<string, { description: string }> }>(
			readText("translations/en.yaml"),
		);
		expect(Object.keys(configuration)).toEqual(Object.keys(schema));
		// As the Supervisor reads them; each may be left out.
		for (const [name, type] of Object.entries(schema))
			expect(type, name).toMatch(/^(str|password|port|list\([\w|]+\)|device\(subsystem=tty\))\?$/);
		for (const name of Object.keys(config.options)) expect(schema).toHaveProperty(name);
		expect(config.version).toBe(JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")).version);
	});
});

type Run = {
	toConfig(options: object, broker: object | null): Record<string, unknown>;
	askSupervisor(environment: Record<string, string>): Promise<object | null>;
};

describe("the script", async () => {
	const run: Run = await import(pathToFileURL(join(projectRoot, folder, "run.mjs")).href);
	const broker = { host: "core-mosquitto", port: 1883, ssl: false, username: "addons", password: "word" };

	test("takes the Supervisor's broker where none is set, and leaves out what is empty", () => {
		expect(run.toConfig({ device: "/dev/ttyUSB0", base: "", webPort: 8080, key: null }, broker)).toEqual({
			port: "/dev/ttyUSB0",
			webPort: 8080,
			broker: "mqtt://core-mosquitto:1883",
			user: "addons",
			password: "word",
		});
		expect(run.toConfig({ adapter: "tcp://10.0.0.7:23", broker: "mqtts://mine" }, broker)).toEqual({
			port: "tcp://10.0.0.7:23",
			broker: "mqtts://mine",
		});
		expect(run.toConfig({ device: "/dev/ttyUSB0" }, { ...broker, ssl: true }).broker).toBe(
			"mqtts://core-mosquitto:1883",
		);
		expect(run.toConfig({ device: "/dev/ttyUSB0" }, null)).toEqual({ port: "/dev/ttyUSB0" });
	});

	test("says what is missing", async () => {
		expect(() => run.toConfig({}, null)).toThrow("set device");
		expect(() => run.toConfig({ device: "/dev/ttyUSB0", adapter: "tcp://a:1" }, null)).toThrow("only one of them");
		expect(await run.askSupervisor({})).toBeNull();
	});
});

describe("in the image", () => {
	let place: string;
	let image: string;
	let mqtt: Broker;
	let subscriber: Subscriber;
	let supervisor: Server;
	let meter: TcpServer;
	let child: Child | null = null;
	const asked: string[] = [];

	beforeAll(async () => {
		place = mkdtempSync(join(tmpdir(), "smarty-addon-"));
		createRepository(join(place, "repository"));
		const addon = join(place, "repository/smarty-xs");
		// As the Dockerfile copies it.
		image = join(addon, "app");
		expect(readText("Dockerfile")).toMatch(/^RUN npm ci --omit=dev\b/m);
		writeFileSync(join(image, "run.mjs"), readText("run.mjs"));
		symlinkSync(join(projectRoot, "node_modules"), join(image, "node_modules"));
		mqtt = await startMosquitto();
		subscriber = await subscribeToAll(mqtt.port);
		meter = createTcpServer(socket => {
			socket.on("error", () => {});
			socket.write(realFrame.frame);
		});
		await new Promise<void>(done => meter.listen(0, "127.0.0.1", done));
		supervisor = createServer((request, response) => {
			asked.push(`${request.url} ${request.headers.authorization}`);
			const data = { host: "127.0.0.1", port: mqtt.port, ssl: false, username: "", password: "" };
			response.end(JSON.stringify({ result: "ok", data }));
		});
		await new Promise<void>(done => supervisor.listen(0, "127.0.0.1", done));
	});

	afterAll(async () => {
		await child?.stop();
		subscriber.close();
		meter.close();
		supervisor.close();
		await mqtt.stop();
		rmSync(place, { recursive: true });
	});

	const start = (options: object) => {
		const data = join(place, "data");
		mkdirSync(data, { recursive: true });
		writeFileSync(join(data, "options.json"), JSON.stringify(options));
		const port = (supervisor.address() as AddressInfo).port;
		const environment = { ADDON_DATA: data, SUPERVISOR_TOKEN: "token", SUPERVISOR_URL: `http://127.0.0.1:${port}` };
		const [, ...words] = JSON.parse(/^ENTRYPOINT (.+)$/m.exec(readText("Dockerfile"))![1]!) as string[];
		return startChild(process.execPath, words, environment, image);
	};

	test("the meter's readings come to the broker that the Supervisor knows, and no secret into the log", async () => {
		const key = hexOf(realFrame.key);
		const { port } = meter.address() as AddressInfo;
		child = start({ adapter: `tcp://127.0.0.1:${port}`, key, webToken: "", powerClass: "3" });
		const running = child;
		await running.waitFor("broker: connected");
		await waitUntil("the reading", () => subscriber.of("smarty/SAG1030700114004/state").length > 0);
		expect(asked).toEqual(["/services/mqtt Bearer token"]);
		const file = join(place, "data/smarty-xs/smarty.json");
		expect(statSync(file).mode & 0o777).toBe(0o600);
		expect(await running.stop()).toBe(0);
		expect(running.output.join("").toUpperCase()).not.toContain(key.toUpperCase());
		expect(existsSync(join(place, "data/smarty-xs/memory.json"))).toBe(true);
	});

	test("it ends with a sentence where no source is set", async () => {
		const stopped = start({ key: "" });
		expect(await stopped.exit).toBe(2);
		expect(stopped.output.join("")).toBe("smarty-xs: set device to the P1 cable, or adapter to tcp://HOST:PORT\n");
	});
});
