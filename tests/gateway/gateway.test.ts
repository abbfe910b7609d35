/** The gateway as a process: a cable, captures, real brokers, real and hostile clients. */
import { execFileSync } from "node:child_process";
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import dsmrParser from "dsmr-parser";
import { P1MeterApi } from "homewizard-energy-api";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createChance } from "../../simulator/chance.js";
import { createMeter, readMeter } from "../../simulator/meter.js";
import { type Broker, findFreePort, startMosquitto } from "../support/brokers.js";
import { hexOf, realFrame, specificationTelegram } from "../support/vectors.js";
import { waitUntil, waitUntilQuiet } from "../support/wait.js";
import { parseMetrics } from "../web/metrics-parser.js";
import { type Cable, layCable } from "./cable.js";
import { type Child, residentMemory, startGateway } from "./process.js";
import { type Subscriber, subscribeToAll } from "./subscriber.js";

const key = hexOf(realFrame.key);
const meter = "SAG1030700114004";
let folder: string;
let broker: Broker;
let subscriber: Subscriber;
const children: Child[] = [];

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "smarty-gateway-"));
	broker = await startMosquitto();
	subscriber = await subscribeToAll(broker.port);
});

afterEach(async () => {
	await Promise.all(children.splice(0).map(child => child.stop("SIGKILL")));
});

afterAll(async () => {
	subscriber?.close();
	await broker?.stop();
	rmSync(folder, { recursive: true, force: true });
});

function keep(child: Child): Child {
	children.push(child);
	return child;
}

/** Waits until the gateway has its cable, and has said to the broker how it is. */
async function waitForBroker(gateway: Child): Promise<void> {
	const count = subscriber.messages.length;
	const isOnline = () =>
		subscriber.messages
			.slice(count)
			.some(({ topic, payload }) => /^(smarty|hostile)\/.*\/status$/.test(topic) && payload === "online");
	await Promise.all([gateway.waitFor("reading "), waitUntil("online", isOnline)]);
}

function url(): string {
	return `mqtt://127.0.0.1:${broker.port}`;
}

function capture(name: string, bytes: Uint8Array | string): string {
	const path = join(folder, name);
	writeFileSync(path, bytes);
	return path;
}

async function openCable(name: string): Promise<Cable> {
	const laid = await layCable(folder, name);
	keep(laid.cable);
	return laid;
}

async function get(port: number, path: string): Promise<string> {
	const response = await fetch(`http://127.0.0.1:${port}${path}`);
	return response.text();
}

async function countTelegrams(port: number): Promise<number> {
	const families = parseMetrics(await get(port, "/metrics"), "modern");
	const found = families.find(family => family.name === "smarty_telegrams")!;
	return found.samples.reduce((sum, sample) => sum + sample[2], 0);
}

test("a cable: the real frame and a hundred more, with real clients; pulled and put back; killed", async () => {
	const [telegramPort, webPort] = [await findFreePort(), await findFreePort()];
	let { cable, meterEnd, readerEnd } = await openCable("cable");
	const config = capture(
		"config.json",
		JSON.stringify({ port: readerEnd, telegramPort, webPort, layout: ["json", "values"], address: "a1b2c3d4e5f6" }),
	);
	const gateway = keep(startGateway(["--config", config, "--broker", url()], { SMARTY_KEY: key }));
	await Promise.all([gateway.waitFor("HTTP at port"), waitForBroker(gateway)]);
	const telegrams: string[] = [];
	const reader = connect(telegramPort, "127.0.0.1");
	reader.on("data", bytes => telegrams.push(bytes.toString("latin1")));

	const house = createMeter(createChance(5), Date.now(), {
		key: realFrame.key,
		systemTitle: Buffer.from(realFrame.systemTitle, "hex"),
		frameCounter: realFrame.frameCounter + 1,
	});
	let line = createWriteStream(meterEnd);
	line.write(realFrame.frame);
	for (let count = 0; count < 100; count += 1) line.write(readMeter(house, Date.now() + count * 10_000).bytes);
	await waitUntil("101 telegrams", async () => (await countTelegrams(webPort)) === 101);
	const metrics = parseMetrics(await get(webPort, "/metrics"), "modern");
	for (const sample of metrics.find(family => family.name === "smarty_faults")!.samples)
		expect(sample[2], sample[1].fault).toBe(0);
	const states = () => [...subscriber.of(`smarty/${meter}/state`), ...subscriber.of(`smarty/${meter}/history`)];
	await waitUntil(
		"all of them at the broker",
		() => new Set(states().map(state => JSON.parse(state.payload).frame_counter)).size === 101,
	);

	// npm's dsmr-parser checks each CRC of what came over TCP.
	const texts = telegrams.join("").split(/(?<=\r\n![0-9A-F]{4}\r\n)/);
	expect(texts).toHaveLength(101);
	expect(texts[0]).toBe(realFrame.telegram);
	const objects = texts.map(text => dsmrParser.parse(text).objects);
	expect(objects[0]["electricity delivered tariff 0"]).toBe(6.695);
	expect(objects[0]["actual theshold electricity in kW"]).toBe(77.376);
	for (const found of objects) expect(found["number of power failures in any phase"]).toBeGreaterThan(0);

	// npm's client of HomeWizard's API.
	const api = new P1MeterApi(`http://127.0.0.1:${webPort}`);
	expect(await api.getBasicInformation()).toMatchObject({ product_type: "HWE-P1", api_version: "v1" });
	const data = await api.getData();
	const last = JSON.parse(await get(webPort, "/state"));
	expect(data.total_power_import_kwh).toBe(last.active_energy_import);
	expect(data.active_voltage_l1_v).toBe(last.voltage_l1);
	expect(await api.getTelegram()).toBe(texts[100]);
	expect(await api.getSystem()).toEqual({ cloud_enabled: false });
	expect(await api.updateSystem({ cloud_enabled: false })).toEqual({ cloud_enabled: false });
	expect(await api.identify()).toEqual({ identify: "ok" });
	await gateway.waitFor("somebody asked which reader this is");
	expect(execFileSync("curl", ["-sS", "--fail", `http://127.0.0.1:${webPort}/healthz`], { encoding: "utf8" })).toMatch(
		/s ago/,
	);

	// The cable is pulled and put back.
	await cable.stop("SIGKILL");
	await gateway.waitFor("the serial port is gone");
	line.destroy();
	({ cable, meterEnd, readerEnd } = await openCable("cable"));
	await waitUntil("reading again", () => gateway.output.join("").split("reading ").length > 2);
	line = createWriteStream(meterEnd);
	line.write(readMeter(house, Date.now() + 2_000_000).bytes);
	await waitUntil("the telegram after that", async () => (await countTelegrams(webPort)) === 102);
	line.destroy();
	reader.destroy();

	// Killed: the broker publishes the last will, which is the reader's.
	const status = (name: string) => subscriber.of(`smarty/${name}/status`).at(-1)?.payload;
	expect(["smarty-xs-a1b2c3d4e5f6", meter].map(status)).toEqual(["online", "online"]);
	await gateway.stop("SIGKILL");
	await waitUntil("the last will", () => status("smarty-xs-a1b2c3d4e5f6") === "offline");
	expect(status(meter)).toBe("online");
	expect(gateway.output.join("")).not.toContain(key);
});

test("a gateway that stood still in the middle of a frame finds the rest of it", async () => {
	const webPort = await findFreePort();
	const { meterEnd, readerEnd } = await openCable("still");
	const gateway = keep(startGateway(["--port", readerEnd, "--webPort", `${webPort}`], { SMARTY_KEY: key }));
	await Promise.all([gateway.waitFor("HTTP at port"), gateway.waitFor("reading ")]);
	const line = createWriteStream(meterEnd);
	const bytesOf = async () => {
		const families = parseMetrics(await get(webPort, "/metrics"), "modern");
		return families.find(family => family.name === "smarty_received_bytes")!.samples[0]![2];
	};
	line.write(realFrame.frame.subarray(0, 300));
	await waitUntil("half a frame", async () => (await bytesOf()) === 300);
	gateway.process.kill("SIGSTOP");
	line.write(realFrame.frame.subarray(300));
	// Longer than a frame waits for its next byte.
	await new Promise(resolve => setTimeout(resolve, 2_500));
	gateway.process.kill("SIGCONT");
	await waitUntil("the telegram", async () => (await countTelegrams(webPort)) === 1);
	line.end();
});

test("a capture that cannot be read ends at once, and one without a key says what is missing", async () => {
	const nowhere = keep(startGateway(["--replay", "/nowhere/capture.bin", "--broker", url()]));
	expect(await nowhere.exit).toBe(2);
	expect(nowhere.output.join("")).toBe("npm start: --replay /nowhere/capture.bin: ENOENT\n");
	const file = capture("sealed.bin", realFrame.frame);
	const closed = keep(startGateway(["--replay", file, "--broker", url()]));
	expect(await closed.exit).toBe(1);
	expect(closed.output.join("")).toContain("end of the capture: telegrams none; keyMissing 1 (docs/faults.md says");
});

test("a port that another program has is told of, and is no exception", async () => {
	const file = capture("sealed.bin", realFrame.frame);
	const words = ["--replay", file, "--broker", url(), "--key", key, "--webPort", String(broker.port)];
	const gateway = keep(startGateway([...words, "--address", "a0b1c2d3e4f5"]));
	await gateway.waitFor(`port ${broker.port}: listen EADDRINUSE`);
	expect(await gateway.exit).toBe(0);
	const diagnostics = subscriber.of("smarty/smarty-xs-a0b1c2d3e4f5/diagnostics").at(-1)!;
	expect(JSON.parse(diagnostics.payload)).toMatchObject({ exceptions: 0 });
});

test("it ends without a fault when nobody reads its output any more", async () => {
	const file = capture("sealed.bin", realFrame.frame);
	const gateway = keep(startGateway(["--replay", file, "--broker", url(), "--key", key]));
	await gateway.waitFor("broker: connected");
	gateway.process.stdout!.destroy();
	await gateway.exit;
	expect(gateway.output.join("")).not.toContain("EPIPE");
	await waitUntil("the goodbye", () => subscriber.of(`smarty/${meter}/status`).at(-1)?.payload === "offline");
});

test("each layout comes through mosquitto as its golden file has it", async () => {
	const file = capture("specification.txt", specificationTelegram);
	const words = ["--replay", file, "--broker", url(), "--layout", "json,values,smartyreader,sgrimee,dsmr-reader,raw"];
	const before = subscriber.messages.length;
	const gateway = keep(startGateway([...words, "--sgrimeeBase", "old"]));
	expect(await gateway.exit).toBe(0);
	expect(gateway.output.join("")).toContain("end of the capture: telegrams plain 1; no faults\n");
	expect(gateway.output.join("")).not.toContain("WiFi");
	const seen = new Map(subscriber.messages.slice(before).map(message => [message.topic, message.payload]));
	for (const name of ["values", "smartyreader", "sgrimee", "dsmr-reader"]) {
		const golden = readFileSync(new URL(`../messages/golden/${name}.txt`, import.meta.url), "utf8");
		for (const entry of golden.trimEnd().split("\n")) {
			const [topic, ...payload] = entry.split(" ");
			const own = name === "sgrimee" ? topic!.replace("smarty/", "old/") : topic!;
			expect(seen.get(own), own).toBe(payload.join(" "));
		}
	}
	expect(seen.get("smarty/SAG1030790002574/telegram")).toBe(specificationTelegram);
	expect(seen.get("smarty/SAG1030790002574/status")).toBe("offline");
});

test("Home Assistant: discovery is retained, birth is answered, a cleared message does no harm", async () => {
	const { meterEnd, readerEnd } = await openCable("home");
	const telegramEnd = createWriteStream(meterEnd);
	subscriber.publish("homeassistant/status", "online", true);
	const gateway = keep(startGateway(["--port", readerEnd, "--broker", url()]));
	await waitForBroker(gateway);
	telegramEnd.write(specificationTelegram);
	const configs = () =>
		subscriber.messages.filter(
			({ topic, payload }) => /^homeassistant\/device\/[^/]+_SAG1030790002574\/config$/.test(topic) && payload !== "",
		);
	await waitUntil("discovery", () => configs().length > 0);
	const fresh = await subscribeToAll(broker.port);
	await waitUntil(
		"retained discovery",
		() =>
			fresh.messages.filter(
				({ topic, retain }) => topic.includes("SAG1030790002574") && topic.endsWith("config") && retain,
			).length >= 3,
	);
	fresh.close();
	// It settles first.
	await waitUntil("the status", () => subscriber.of("smarty/SAG1030790002574/status").at(-1)?.payload === "online");
	await waitUntilQuiet("all is told", () => subscriber.messages.length);
	subscriber.publish("homeassistant/status", "", true);
	for (let round = 0; round < 3; round += 1) {
		const count = configs().length;
		subscriber.publish("homeassistant/status", "offline");
		subscriber.publish("homeassistant/status", "");
		subscriber.publish("homeassistant/status", "online");
		await waitUntil("an answer", () => configs().length > count);
	}
	telegramEnd.write(specificationTelegram);
	const states = subscriber.of("smarty/SAG1030790002574/state").length;
	await waitUntil("a state after all that", () => subscriber.of("smarty/SAG1030790002574/state").length > states);
	telegramEnd.destroy();
	expect(await gateway.stop("SIGTERM")).toBe(0);
	await waitUntil("goodbye", () => subscriber.of("smarty/SAG1030790002574/status").at(-1)?.payload === "offline");
});

test("hostile clients cost nobody anything", async () => {
	const [telegramPort, webPort] = [await findFreePort(), await findFreePort()];
	const { meterEnd, readerEnd } = await openCable("hostile");
	const line = createWriteStream(meterEnd);
	const gateway = keep(
		startGateway([
			"--port",
			readerEnd,
			"--broker",
			url(),
			"--base",
			"hostile",
			"--telegramPort",
			`${telegramPort}`,
			"--webPort",
			`${webPort}`,
		]),
	);
	await Promise.all([gateway.waitFor("HTTP at port"), waitForBroker(gateway)]);
	const states = () => subscriber.of("hostile/SAG1030790002574/state");
	/** Sends one telegram and waits until the broker has it. */
	const publish = async () => {
		const count = states().length;
		line.write(specificationTelegram);
		await waitUntil("a state", () => states().length > count);
	};
	await publish();
	await waitUntilQuiet("all is told", () => subscriber.messages.length);
	const before = residentMemory(gateway);
	const sockets: Socket[] = [];
	const open = (port: number) => {
		const socket = connect(port, "127.0.0.1");
		socket.on("error", () => {});
		sockets.push(socket);
		return socket;
	};
	// Fifty of each: who says nothing, who never reads, who sends rubbish, and a header without end.
	for (let count = 0; count < 50; count += 1) {
		open(webPort);
		open(telegramPort).pause();
		open(webPort).write("\x16\x03\x01 rubbish\r\n\r\n");
		open(webPort).write(`GET / HTTP/1.1\r\nCookie: ${"x".repeat(100_000)}`);
	}
	for (let count = 0; count < 5; count += 1) await publish();
	// Who asks properly is served all the same.
	expect(JSON.parse(await get(webPort, "/state"))).toMatchObject({ serial: "SAG1030790002574" });
	const statuses = await Promise.all(
		["POST /state", "GET /nothing", "BREW /", "GET  /", `GET /${"a".repeat(5_000)}`].map(async first => {
			const socket = open(webPort);
			socket.write(`${first} HTTP/1.1\r\nHost: a\r\n\r\n`);
			return new Promise<string>(resolve => socket.once("data", bytes => resolve(bytes.toString().split(" ")[1]!)));
		}),
	);
	expect(statuses).toEqual(["405", "404", "405", "400", "431"]);
	// A browser whose page's name was made to point here, as curl can do it, too; and the same for a name of the house.
	const rebind = (name: string) => {
		const where = ["--resolve", `${name}:${webPort}:127.0.0.1`, `http://${name}:${webPort}/state`];
		return execFileSync("curl", ["-sS", "-w", " %{http_code}", ...where], { encoding: "utf8" });
	};
	expect(rebind("rebound.example")).toMatch(/^Not a name of this reader: .*\n 421$/);
	expect(rebind("smarty.fritz.box")).toMatch(/"serial":"SAG1030790002574".* 200$/);
	// Slow readers hold at most what they were sent before they were dropped.
	for (let count = 0; count < 300; count += 1) line.write(specificationTelegram);
	await waitUntil("all telegrams", async () => (await countTelegrams(webPort)) >= 306);
	await publish();
	expect(residentMemory(gateway) - before).toBeLessThan(64 * 1024 * 1024);
	for (const socket of sockets) socket.destroy();
	line.destroy();
});

test("arguments: what is wrong is said in one line, without a secret", async () => {
	const run = async (words: string[], environment: Record<string, string> = {}) => {
		const child = keep(startGateway(words, environment));
		return { code: await child.exit, text: child.output.join("") };
	};
	const broken = capture("broken.json", `{"key": "${key}"`);
	const unknown = capture("unknown.json", '{"kee": "1"}');
	const results = await Promise.all([
		run(["--config", broken]),
		run(["--config", unknown]),
		run(["--config", join(folder, "none.json")]),
		run(["--port", "/dev/ttyUSB0", "--replay", "x"]),
		run(["--port", "/dev/ttyUSB0", "--nonsense", "x"]),
		run(["--port", "/dev/ttyUSB0", "--address", "x"]),
		run(["--port", "/dev/ttyUSB0", "--key", "00 11", "2233445566778899AABBCCDDEEFF"]),
		run(["--port", "/dev/ttyUSB0"], { SMARTY_WEBTOKEN: key }),
		run(["--port", "/dev/ttyUSB0"], { SMARTY_WEB_TOKEN: "" }),
	]);
	expect(results.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2, 2, 2, 2, 2]);
	expect(results.map(({ text }) => text)).toEqual([
		`npm start: --config ${broken}: it is not JSON\n`,
		`npm start: --config ${unknown}: there is no setting "kee"\n`,
		`npm start: --config ${join(folder, "none.json")}: ENOENT\n`,
		"npm start: --port and --replay: only one of them\n",
		"npm start: Unknown option '--nonsense'\n",
		"npm start: --address has twelve hexadecimal digits, in lower case\n",
		"npm start: word 5 stands without an option before it; a value with spaces needs quotes\n",
		"npm start: there is no setting SMARTY_WEBTOKEN; it is SMARTY_WEB_TOKEN\n",
		"npm start: SMARTY_WEB_TOKEN is empty: give it a value, or leave it out\n",
	]);
	// Wrong settings are told, and what they do not concern runs.
	const file = capture("real.bin", realFrame.frame);
	const wrong = await run(["--replay", file, "--broker", url(), "--webPort", "none"], { SMARTY_KEY: `${key}00` });
	expect(wrong.text).toContain("key has 34 hexadecimal digits");
	expect(wrong.text).toContain("webPort must be off or a number");
	expect(wrong.text).not.toContain(key);
	expect(wrong.code).toBe(1);
	// A secret in the arguments is warned of, once.
	const loud = await run(["--replay", file, "--broker", url(), "--key", key]);
	expect(loud.text.match(/^npm start: a secret in the arguments is seen by everyone/gm)).toHaveLength(1);
	expect(loud.code).toBe(0);
});

test("what it remembers survives a restart", async () => {
	const memory = join(folder, "memory", "memory.json");
	const file = capture("again.txt", specificationTelegram);
	const words = [
		"--replay",
		file,
		"--broker",
		url(),
		"--memory",
		memory,
		"--address",
		"0123456789ab",
		"--powerClass",
		"3",
	];
	expect(await keep(startGateway(words)).exit).toBe(0);
	expect(await keep(startGateway(words)).exit).toBe(0);
	const kept = JSON.parse(readFileSync(memory, "utf8"));
	expect(kept).toMatchObject({ boots: "2", meter: "SAG1030790002574" });
	expect(subscriber.of("smarty/smarty-xs-0123456789ab/diagnostics").length).toBeGreaterThan(0);
	expect(JSON.parse(kept.power).slice(0, 3)).toEqual([1, 3000, "SAG1030790002574"]);
	expect(statSync(memory).mode & 0o077).toBe(0);
});

test("the address that identifiers are made of stays the same, whatever the network cards are called next time", async () => {
	const file = capture("address.txt", specificationTelegram);
	const memory = capture("address.json", '{"address":"0a0b0c0d0e0f"}');
	const words = ["--replay", file, "--broker", url(), "--memory"];
	expect(await keep(startGateway([...words, memory])).exit).toBe(0);
	expect(subscriber.of("smarty/smarty-xs-0a0b0c0d0e0f/diagnostics").length).toBeGreaterThan(0);
	const fresh = join(folder, "fresh.json");
	expect(await keep(startGateway([...words, fresh])).exit).toBe(0);
	const { address } = JSON.parse(readFileSync(fresh, "utf8"));
	expect(address).toMatch(/^[0-9a-f]{12}$/);
	expect(subscriber.of(`smarty/smarty-xs-${address}/diagnostics`).length).toBeGreaterThan(0);
});
