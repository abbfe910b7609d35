/** The C of Ethernet, compiled for this computer over an ESP-IDF of its own, and the network port over a stand-in for it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Network } from "../../modules/ports/ports.js";
import { checkSettings, readConfiguration } from "../../modules/settings/settings.js";
import { readJson, root } from "../../tools/sdk/modules.js";
import { load } from "./stand-in.js";

const source = new URL("../../modules/device/network/ethernet/", import.meta.url).pathname;
const harness = new URL("ethernet/", import.meta.url).pathname;
let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "smarty-ethernet-"));
	const text = readFileSync(join(source, "smartyEthernet.c"), "utf8");
	// Each header that it includes is the harness.
	for (const [, name] of text.matchAll(/^#include "(.+)"/gm)) {
		const path = join(folder, name!);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, "");
	}
	const words = ["-g", "-fsanitize=address,undefined", "-I", folder, "-I", source, "-I", harness];
	execFileSync("gcc", [...words, "-o", join(folder, "ethernet"), join(harness, "harness.c")], { stdio: "pipe" });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(course: string): string[] {
	const env = { ASAN_OPTIONS: "detect_leaks=0" };
	return execFileSync(join(folder, "ethernet"), [course], { encoding: "utf8", env, stdio: "pipe" }).trim().split("\n");
}

test("there is a network with a link and an IPv4 address of its own, and nothing else counts", () => {
	expect(run("clock in")).toEqual([
		"chip: 1, pins 23 18, clock in 0, power 1 after 300 ms",
		"name: a0b1c2d3e4f5, route 150",
		"at first: none, 0",
		"an address of before, without a link: none, 1",
		"link: 10.0.0.7, 2",
		"off and on, one message: none, 3",
		"what others have: none, 3",
		"an address: 10.0.0.7, 4",
		"lost: none, 5",
		"given back: none, 6",
		"asked again: 1 1",
		"failed: ethernet: started before; a restart tries again",
		"deleted: 0",
	]);
});

test("the clock goes out where the board has no oscillator", () => {
	expect(run("clock out")[0]).toBe("chip: 0, pins 23 18, clock out 17, power 1 after 300 ms");
});

test.each([
	["no chip", "no clock, no chip or no memory", 2],
	["bad clock", "no clock on that pin", 0],
	["bad chip", "option out of range", 0],
])("%s is said, and nothing runs", (course, reason, deleted) => {
	expect(run(course)).toEqual([`failed: ethernet: ${reason}`, `deleted: ${deleted}`]);
});

test("the port says ready or idle and nothing else, is never told to connect, and is idle for a moment after a disconnect", async () => {
	let address: string | null = null;
	const called: string[] = [];
	const options: { onChanged(): void }[] = [];
	let driver: object = {};
	Object.assign(globalThis, {
		Native: () => class {},
		native: (name: string) => ({
			call(self: object, about: { onChanged(): void }) {
				called.push(name);
				driver = self;
				if (name.endsWith("constructor")) options.push(about);
				return name.endsWith("address") ? address : name.endsWith("mac") ? "a0b1c2d3e4f5" : undefined;
			},
		}),
	});
	const board = await load<{
		medium: string;
		openNetwork(guard: unknown, onChanged: () => void): Network;
	}>("modules/device/network/ethernet/network.ts", {
		"mc/config":
			'export default { phyAddress: "1", mdcPin: "23", mdioPin: "18", powerPin: "16", clockPin: "0", clock: "in" };',
		timer: "export default { set(work) { globalThis.WORLD.timers.push({ work }); return {}; } };",
		net: 'export default { get: () => ["10.0.0.1", "fe80::1"] };',
	});
	let changes = 0;
	const network = board.module.openNetwork(board.guard, () => {
		changes += 1;
	});
	expect(board.module.medium).toBe("ethernet");
	expect(options[0]).toMatchObject({
		phyAddress: 1,
		mdcPin: 23,
		mdioPin: 18,
		powerPin: 16,
		clockPin: 0,
		isClockOut: false,
	});
	expect(network).toMatchObject({ medium: "ethernet", state: "idle", address: null, signalStrength: null });
	expect(network.macAddress).toBe("a0b1c2d3e4f5");
	expect(network.nameServers).toEqual(["10.0.0.1"]);
	address = "10.0.0.7";
	options[0]!.onChanged.call(driver);
	expect([network.state, network.address, changes]).toEqual(["ready", "10.0.0.7", 1]);
	network.connect({ name: "", password: "" });
	network.disconnect();
	network.disconnect();
	expect(called.filter(name => name === "smarty_ethernet_renew")).toHaveLength(1);
	expect([network.state, network.address]).toEqual(["idle", null]);
	board.ring();
	expect([network.state, changes]).toEqual(["ready", 2]);
});

test("address and servers of names are those of the cable's interface", () => {
	const text = readFileSync(join(root, "modules/device/net/ethernet/smartyNet.c"), "utf8");
	for (const [, name] of text.matchAll(/^#include "(.+)"/gm)) writeFileSync(join(folder, name!), "");
	const words = ["-g", "-fsanitize=address,undefined", "-I", folder, "-I", join(root, "modules/device/net/ethernet")];
	const made = join(folder, "net");
	execFileSync("gcc", [...words, "-o", made, join(harness, "../net/harness.c")], { stdio: "pipe" });
	expect(execFileSync(made, { encoding: "utf8" }).trim().split("\n")).toEqual([
		"not started: undefined undefined undefined",
		"no address: undefined undefined undefined",
		"one server: 192.168.1.10 192.168.1.1 undefined",
		"two servers: 192.168.1.10 192.168.1.1 255.255.255.255",
		"servers of IPv6: 192.168.1.10 undefined undefined",
		"asked: ETH_DEF",
	]);
});

test("the module in the place of the SDK's tells what that tells, as far as it is asked", async () => {
	const servers = ["10.0.0.1"];
	Object.assign(globalThis, {
		native: (name: string) => ({
			call: (_: object, at: number) => (name.endsWith("address") ? "10.0.0.7" : servers[at]),
		}),
	});
	const { module } = await load<{ default: { get(name: string): unknown } }>("modules/device/net/ethernet/net.ts", {});
	expect(module.default.get("IP")).toBe("10.0.0.7");
	expect(module.default.get("DNS")).toEqual(["10.0.0.1"]);
	servers.push("10.0.0.2", "10.0.0.3");
	expect(module.default.get("DNS")).toEqual(["10.0.0.1", "10.0.0.2"]);
	expect(module.default.get("SSID")).toBeUndefined();
});

interface Target {
	config: Record<string, string>;
	modules: Record<string, string | string[]>;
}

/** Of the ESP32's MAC; the chip's two wires, and those that no board here leaves free (ESP-IDF, emac_periph.c). */
const rmii = [19, 21, 22, 25, 26, 27];

describe.each([
	["wt32_eth01", "in", 0],
	["olimex_esp32_poe", "out", 17],
])("the target %s", (name, clock, clockPin) => {
	const target = readJson<Target>(`targets/${name}/manifest.json`);
	const { config } = target;

	test("has a clock that the board can have", () => {
		expect(config).toMatchObject({ board: name, clock, clockPin: String(clockPin), mdcPin: "23", mdioPin: "18" });
	});

	test("uses each pin once, none of the chip's, none that decides how the board boots or flashes", () => {
		const own = [config.receivePin, config.requestPin, config.lightPin].map(Number);
		const chip = [config.mdcPin, config.mdioPin, config.clockPin, config.powerPin].map(Number);
		const all = [...own, ...chip, ...rmii];
		expect(new Set(all).size).toBe(all.length);
		for (const pin of own) expect([0, 1, 3, 6, 7, 8, 9, 10, 11, 12]).not.toContain(pin);
		for (const pin of [config.requestPin, config.lightPin].map(Number)) expect(pin).toBeLessThan(34);
		expect(readFileSync(join(root, `targets/${name}/host/provider.js`), "utf8")).toContain(`led: ${config.lightPin}`);
	});

	test("has a valid set-up with a broker and a key, and no complaint about WiFi", () => {
		const { receivePin, requestPin } = config;
		const built = readConfiguration({ receivePin, requestPin, broker: "mqtt://10.0.0.1" });
		expect(checkSettings(built, "ethernet", null).problems).toEqual([]);
	});

	test("has neither station nor access point in its image", () => {
		const { modules } = target;
		const without = ["io/wifi/esp32/*", "network/net/net", "network/net/esp/*"];
		expect(modules["~"]).toEqual(expect.arrayContaining(without.map(path => `$(MODULES)/${path}`)));
		expect(modules.net).toBe("../../modules/device/net/ethernet/*");
		expect(modules["device/network"]).toBe("../../modules/device/network/ethernet/*");
		expect(modules["device/access-point"]).toBe("../../modules/device/access-point/none/*");
		const lines = readFileSync(join(root, `targets/${name}/sdkconfig/sdkconfig.defaults`), "utf8");
		expect(lines).toContain("CONFIG_ETH_USE_ESP32_EMAC=y");
		for (const line of lines.trim().split("\n")) expect(line).toMatch(/^CONFIG_[A-Z0-9_]+=(y|n|\d+)$/);
	});

	test("has the LOLIN D32's partitions, so that an update fits either", () => {
		const read = (board: string) =>
			readFileSync(join(root, `targets/${board}/partitions.csv`), "utf8")
				.split("\n")
				.slice(1);
		expect(read(name)).toEqual(read("lolin_d32"));
	});
});

describe("with Ethernet", () => {
	const check = (changes: Record<string, string>, medium: "ethernet" | "wifi" = "ethernet") =>
		checkSettings(readConfiguration({ broker: "mqtt://a", receivePin: "35", ...changes }), medium, null).problems;

	test.each([18, 19, 21, 22, 23, 25, 26, 27, 16, 17])("GPIO %i is the chip's", pin => {
		const found = check({ receivePin: String(pin) });
		expect(found).toEqual([expect.stringContaining(`GPIO ${pin}, where the network's chip is`)]);
		expect(check({ requestPin: String(pin) })).toHaveLength(1);
		expect(check({ pulses: `${pin}/1000/led` })).toHaveLength(1);
		expect(check({ meters: `35/4 36/${pin}` })).toHaveLength(1);
		expect(check({ receivePin: String(pin), wifi: "home", wifiPassword: "12345678" }, "wifi")).toEqual([]);
	});

	test("others are free", () => {
		expect(check({ receivePin: "36", requestPin: "4", pulses: "34/16667/led 33/1000/pump" })).toEqual([]);
	});
});
