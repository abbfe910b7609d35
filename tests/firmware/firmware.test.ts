/** The whole firmware over fake ports: one meter. */
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { abortFirmware, createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import type { Firmware } from "../../modules/firmware/state.js";
import type { LineConditions, Ports } from "../../modules/ports/ports.js";
import { createChance } from "../support/chance.js";
import { createFakeStore, createFakeWorld, type FakeWorld } from "../support/fake-ports.js";

const vector = JSON.parse(readFileSync(new URL("../vectors/luxembourg-2018.json", import.meta.url), "utf8"));
const frame = Uint8Array.from(Buffer.from(vector.frame, "hex"));
const config = { wifi: "home", wifiPassword: "12345678", broker: "mqtt://10.0.0.1", key: vector.key, requestPin: "17" };
const device = "smarty/smarty-xs-a1b2c3d4e5f6";
const meter = "smarty/SAG1030700114004";

let world: FakeWorld;
let firmware: Firmware;

function boot(given: Record<string, string> = config, store = createFakeStore()): void {
	world = createFakeWorld(createChance(1), store);
	firmware = createFirmware(given, world.ports);
	startFirmware(firmware);
}

function send(bytes = frame): void {
	world.receive(bytes, bytes.length, null);
}

/** The same frame is no recording for a reader that has forgotten it. */
function sendAgain(): void {
	firmware.wires[0]!.reader.frameCounters.meters.length = 0;
	send();
}

function received(topic: string) {
	return world.broker.received.filter(message => message.topic === topic);
}

function diagnostics() {
	return JSON.parse(received(`${device}/diagnostics`).at(-1)!.payload);
}

function violations(): string[] {
	return [...world.broker.violations, ...world.network.violations];
}

/** How often the light went on in the next ten seconds. */
function countFlashes(): number {
	const before = world.light.length;
	world.clock.pass(10_000);
	return world.light.slice(before).filter(({ on }) => on).length;
}

beforeEach(() => boot());

test("a real frame on the line becomes a state message at the broker", () => {
	world.clock.pass(10_000);
	send();
	world.clock.pass(10_000);
	const states = received(`${meter}/state`);
	expect(states).toHaveLength(1);
	expect(JSON.parse(states[0]!.payload)).toMatchObject({ verdict: "authenticated", active_energy_import: 6.695 });
	expect(world.broker.retained.get(`${meter}/status`)).toBe("online");
	expect(violations()).toEqual([]);
	expect(firmware.exceptions).toBe(0);
});

test("status says how the telegrams were verified", () => {
	const status = () => {
		world.printed.length = 0;
		world.type("status");
		return world.printed.filter(line => line.startsWith("telegrams"));
	};
	world.clock.pass(10_000);
	expect(status()).toEqual(["telegrams none; no faults"]);
	send();
	world.clock.pass(10_000);
	expect(status()).toEqual(["telegrams authenticated 1; no faults"]);
	// The last byte is the tag's.
	const altered = frame.slice();
	altered[altered.length - 1]! ^= 1;
	send(altered);
	world.clock.pass(10_000);
	expect(status()).toEqual(["telegrams authenticated 1, crc-only 1; no faults"]);
});

test("another reader of the same meter that goes does not leave it offline", () => {
	world.clock.pass(10_000);
	send();
	world.clock.pass(10_000);
	// Its last will, on the same topic.
	world.broker.retained.set(`${meter}/status`, "offline");
	for (let round = 0; round < 6; round += 1) {
		sendAgain();
		world.clock.pass(10_500);
	}
	expect(world.broker.retained.get(`${meter}/status`)).toBe("online");
	expect(world.broker.connections).toHaveLength(1);
});

test("the frame may come in pieces of any size", () => {
	for (let at = 0; at < frame.length; at += 7) {
		const piece = frame.slice(at, at + 7);
		world.receive(piece, piece.length, null);
		world.clock.pass(1);
	}
	expect(firmware.lines[0]!.tally.counters.authenticated).toBe(1);
});

test("a frame whose rest does not come is given up after two seconds of silence, one look later at most", () => {
	const { tally } = firmware.lines[0]!;
	send(frame.slice(0, 300));
	world.clock.pass(1_999);
	expect(tally.faults.expired).toBe(0);
	world.clock.pass(1_002);
	expect(tally.faults.expired).toBe(1);
	expect(firmware.wires[0]!.reader.search.end).toBe(0);
});

describe("settings", () => {
	test("without any: a dark radio, a light that says so, a console that mends it", () => {
		const store = createFakeStore();
		boot({}, store);
		world.clock.pass(60_000);
		expect(world.network.opened).toBe(false);
		expect(countFlashes()).toBe(20);
		expect(world.printed.some(line => line.includes("wifi is not set"))).toBe(true);
		for (const line of ["set wifi home", "set wifiPassword 12345678", "set broker 10.0.0.1", `set key ${vector.key}`]) {
			world.type(line);
		}
		world.type("restart");
		world.clock.pass(2_000);
		expect(world.restarts).toBe(1);
		boot({}, store);
		world.clock.pass(5_000);
		expect(world.broker.connections).toHaveLength(1);
		send();
		world.clock.pass(5_000);
		expect(received(`${meter}/state`)).toHaveLength(1);
		expect(world.printed.join("\n")).not.toContain(vector.key);
	});

	test("with a wrong key setting the rest still runs, and the complaint is published", () => {
		boot({ ...config, key: "123" });
		world.clock.pass(10_000);
		expect(diagnostics().settings.join()).toContain("key has 3 hexadecimal digits");
	});

	test("on a host there is no WiFi to set", () => {
		world = createFakeWorld(createChance(1));
		const ports: Ports = { ...world.ports, medium: "host" };
		ports.openNetwork = () => ({
			medium: "host",
			state: "ready",
			address: "127.0.0.1",
			signalStrength: null,
			macAddress: "a1b2c3d4e5f6",
			nameServers: [],
			connect: () => {
				throw new Error("not to be called");
			},
			disconnect: () => {},
		});
		firmware = createFirmware({ broker: "mqtt://127.0.0.1", key: vector.key }, ports);
		startFirmware(firmware);
		world.clock.pass(5_000);
		expect(firmware.checked.problems).toEqual([]);
		expect(world.broker.connections).toHaveLength(1);
		expect(firmware.exceptions).toBe(0);
	});
});

describe("diagnostics", () => {
	test("on connect and every minute, retained, with what the boot, the line and the reader went through", () => {
		world.clock.pass(3_000);
		expect(received(`${device}/diagnostics`)).toHaveLength(1);
		send();
		const conditions: LineConditions = { breaks: 1, framingErrors: 2, fifoOverflows: 3, ringOverflows: 4 };
		world.receive(frame, 0, conditions);
		world.clock.pass(600_000);
		expect(received(`${device}/diagnostics`).length).toBeGreaterThanOrEqual(11);
		expect(received(`${device}/diagnostics`).every(({ retain }) => retain)).toBe(true);
		expect(diagnostics()).toMatchObject({
			device: "smarty-xs-a1b2c3d4e5f6",
			reset_reason: "power on",
			boots: 1,
			last_abort: null,
			exceptions: 0,
			network: { medium: "wifi", signal_strength: -61, address: "192.168.1.50", connects: 1 },
			telegrams: 1,
			faults: 0,
			meters: [
				{
					name: "SAG1030700114004",
					state: "noCable",
					line: { breaks: 1, framing_errors: 2, fifo_overflows: 3, ring_overflows: 4 },
					reader: { telegrams: 1, authenticated: 1 },
				},
			],
		});
		expect(diagnostics().meters).toHaveLength(1);
		expect(diagnostics().uptime).toBeGreaterThan(500);
	});

	test("docs/topics.md has every field, and no other", () => {
		world.clock.pass(3_000);
		const page = readFileSync(new URL("../../docs/topics.md", import.meta.url), "utf8");
		const part = page.slice(page.indexOf("## The diagnostics message"));
		const rows = [...part.matchAll(/^\| `(\w+)` +\| (.*) \|$/gm)].map(([, name, text]) => ({
			name: name!,
			text: text!,
		}));
		const message: Record<string, unknown> = diagnostics();
		// Without counters of pulses and without LoRa, of which `pulses.test.ts` and `lora.test.ts` read the fields.
		const [further, usual] = [true, false].map(is => rows.filter(({ text }) => text.startsWith("only with") === is));
		expect(further!.map(({ name }) => name)).toEqual(["pulses", "lora"]);
		expect(usual!.map(({ name }) => name)).toEqual(Object.keys(message));
		for (const { name, text } of usual!) {
			const value = name === "meters" ? (message.meters as object[])[0] : message[name];
			if (typeof value !== "object" || value === null || Array.isArray(value)) continue;
			for (const field of Object.keys(value)) expect(text, name).toContain(`\`${field}\``);
		}
	});

	test("boots and the last abort are remembered", () => {
		const store = createFakeStore();
		boot(config, store);
		expect(abortFirmware(firmware, "memory full")).toBe(true);
		boot(config, store);
		world.clock.pass(5_000);
		expect(diagnostics()).toMatchObject({ boots: 2, last_abort: "memory full" });
	});

	test("an exception that nobody caught is counted and survived", () => {
		expect(abortFirmware(firmware, "unhandled exception", new Error("oops"))).toBe(false);
		world.clock.pass(5_000);
		expect(diagnostics()).toMatchObject({ exceptions: 1, last_abort: "unhandled exception: oops" });
	});

	test("no setting's secret is in any message or on the console", () => {
		boot({ ...config, user: "me", password: "Rumpelstilz" });
		world.clock.pass(3_000);
		for (const line of ["show", "status", "log", "help"]) world.type(line);
		send();
		world.clock.pass(120_000);
		const text = JSON.stringify([world.broker.received, world.printed]);
		for (const secret of [vector.key, "Rumpelstilz", config.wifiPassword]) expect(text).not.toContain(secret);
		expect(world.printed.some(line => line.startsWith("broker    online"))).toBe(true);
	});
});

describe("the light", () => {
	test("all well", () => {
		world.clock.pass(20_000);
		send();
		world.clock.pass(3_000);
		expect(countFlashes()).toBe(2);
	});

	test.each([
		["no WiFi", 2],
		["no broker", 3],
		["no meter", 4],
		["wrong key", 5],
	] as const)("%s is %i flashes", (what, flashes) => {
		if (what === "wrong key") boot({ ...config, key: "0123456789ABCDEF0123456789ABCDEF" });
		if (what === "no WiFi") world.network.behaviour = "away";
		if (what === "no broker") world.broker.behaviour = "unreachable";
		for (let round = 0; round < 6; round++) {
			world.clock.pass(10_000);
			if (what !== "no meter") send();
		}
		// Time enough for any pattern to come to its pause, which is where the counting begins.
		const edges = world.light.length;
		world.clock.pass(30_000);
		const lit = world.light.slice(edges).filter(({ on }) => on);
		const gaps = lit.slice(1).map(({ time }, at) => time - lit[at]!.time);
		const pauses = gaps.flatMap((gap, at) => (gap > 1_000 ? [at] : []));
		expect(pauses.length).toBeGreaterThan(2);
		for (let at = 1; at < pauses.length; at++) expect(pauses[at]! - pauses[at - 1]!).toBe(flashes);
	});
});

describe("the meter", () => {
	test("its clock becomes the device's", () => {
		expect(world.ports.clock.time()).toBeNull();
		send();
		world.clock.pass(0);
		expect(world.ports.clock.time()).toBe(Date.UTC(2018, 0, 30, 9, 21, 22));
	});

	test("its name is known after a restart, before its first telegram", () => {
		const store = createFakeStore();
		boot(config, store);
		send();
		world.clock.pass(100);
		boot(config, store);
		world.clock.pass(5_000);
		expect(diagnostics().meters).toMatchObject([{ name: "SAG1030700114004", state: "waiting", age: null }]);
	});

	test("one that was online before the boot, and does not send any more, is offline after 35 seconds", () => {
		const store = createFakeStore();
		boot(config, store);
		send();
		world.clock.pass(100);
		// The same frame comes again.
		store.remove("counter");
		boot(config, store);
		world.broker.retained.set(`${meter}/status`, "online");
		world.clock.pass(34_000);
		expect(world.broker.retained.get(`${meter}/status`)).toBe("online");
		world.clock.pass(2_000);
		expect(world.broker.retained.get(`${meter}/status`)).toBe("offline");
		send();
		world.clock.pass(1_000);
		expect(world.broker.retained.get(`${meter}/status`)).toBe("online");
	});

	test("is offline after 35 seconds without a telegram, and online with the next", () => {
		world.clock.pass(10_000);
		send();
		world.clock.pass(34_900);
		expect(world.broker.retained.get(`${meter}/status`)).toBe("online");
		world.clock.pass(300);
		expect(world.broker.retained.get(`${meter}/status`)).toBe("offline");
		expect(world.broker.retained.get(`${device}/status`)).toBe("online");
		sendAgain();
		world.clock.pass(200);
		expect(world.broker.retained.get(`${meter}/status`)).toBe("online");
	});

	test("that went while the broker was away is offline when it is back", () => {
		world.clock.pass(10_000);
		send();
		world.clock.pass(1_000);
		world.broker.behaviour = "unreachable";
		world.broker.drop();
		world.clock.pass(60_000);
		world.broker.behaviour = "ok";
		world.clock.pass(60_000);
		expect(world.broker.retained.get(`${meter}/status`)).toBe("offline");
		expect(world.broker.retained.get(`${device}/status`)).toBe("online");
	});

	test("a silent one is asked again over the request line", () => {
		world.clock.pass(200_000);
		expect(world.requests.slice(0, 3)).toEqual([true, false, true]);
		expect(diagnostics().recovery.request).toBeGreaterThan(0);
	});

	test("a change of its state is published at once", () => {
		world.clock.pass(20_000);
		send();
		world.clock.pass(5_000);
		expect(diagnostics().meters[0].state).toBe("ok");
		world.clock.pass(36_000);
		expect(diagnostics().meters[0].state).toBe("silent");
	});
});

test("a night without WiFi leaves the log readable", () => {
	world.network.behaviour = "away";
	world.clock.pass(12 * 3_600_000);
	world.network.behaviour = "ok";
	world.clock.pass(120_000);
	world.printed.length = 0;
	world.type("log");
	expect(world.printed.length).toBeLessThan(10);
	expect(world.printed.some(line => /WiFi: no connection \(\d+ times\)/.test(line))).toBe(true);
	expect(world.printed.some(line => line.includes("WiFi: connected, address 192.168.1.50"))).toBe(true);
});

test("restart says goodbye first", () => {
	world.clock.pass(5_000);
	send();
	world.clock.pass(5_000);
	world.type("restart");
	world.clock.pass(3_000);
	expect(world.restarts).toBe(1);
	expect(world.broker.connections.map(({ state }) => state)).toEqual(["closed"]);
	expect(world.broker.connections.every(({ disconnected }) => disconnected)).toBe(true);
	expect(world.broker.retained.get(`${meter}/status`)).toBe("offline");
	expect(world.broker.retained.get(`${device}/status`)).toBe("offline");
	expect(violations()).toEqual([]);
});

test("ports that throw at any time are counted, and the firmware goes on", () => {
	for (let seed = 1; seed <= 60; seed++) {
		const chance = createChance(seed);
		world = createFakeWorld(chance);
		let broken = true;
		function tripping<Given extends unknown[], Result>(work: (...given: Given) => Result) {
			return (...given: Given): Result => {
				if (broken && chance.integer(0, 9) === 0) throw new Error("tripped");
				return work(...given);
			};
		}
		const { ports } = world;
		const faulty = {
			...ports,
			setLight: tripping(ports.setLight),
			encode: tripping(ports.encode),
			openNetwork: tripping(ports.openNetwork),
			createMqttClient: tripping(ports.createMqttClient),
			device: { ...ports.device, readMemory: tripping(ports.device.readMemory) },
		};
		firmware = createFirmware(config, faulty);
		startFirmware(firmware);
		for (let round = 0; round < 12; round++) {
			sendAgain();
			world.clock.pass(10_000);
		}
		broken = false;
		world.clock.pass(100_000);
		expect(firmware.exceptions, `seed ${seed}`).toBeGreaterThan(0);
		const before = received(`${meter}/state`).length;
		sendAgain();
		world.clock.pass(2_000);
		expect(received(`${meter}/state`).length, `seed ${seed}`).toBe(before + 1);
		expect(violations(), `seed ${seed}`).toEqual([]);
	}
});

test("a board that once has no memory for an alarm goes on", () => {
	world = createFakeWorld(createChance(1));
	let refused = 0;
	const setAlarm: typeof world.clock.setAlarm = (delay, onAlarm) => {
		// What the SDK's timer says then.
		if (refused-- > 0) throw new Error("add failed");
		return world.clock.setAlarm(delay, onAlarm);
	};
	firmware = createFirmware(config, { ...world.ports, clock: { ...world.ports.clock, setAlarm } });
	startFirmware(firmware);
	world.clock.pass(5_000);
	refused = 1;
	send();
	world.clock.pass(60_000);
	expect(firmware.exceptions).toBe(1);
	expect(received(`${meter}/state`)).toHaveLength(1);
	expect(world.light.at(-1)!.time).toBeGreaterThan(60_000);
});
