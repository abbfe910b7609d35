/** The whole firmware over fake ports: layouts, Home Assistant, servers. */
import { describe, expect, test } from "vitest";
import { createFirmware, isIdle, startFirmware, stopFirmware } from "../../modules/firmware/firmware.js";
import type { Firmware } from "../../modules/firmware/state.js";
import type { Admit, HeapPools, Service } from "../../modules/ports/ports.js";
import { createChance } from "../support/chance.js";
import { closeTelegram } from "../support/checksum.js";
import { createFakeStore, createFakeWorld, type FakeWorld } from "../support/fake-ports.js";
import { changeLine } from "../support/telegrams.js";
import { realFrame, specificationTelegram, textBytes } from "../support/vectors.js";
import { connect, send } from "../web/fake-stream.js";

const plain = { wifi: "home", wifiPassword: "12345678", broker: "mqtt://10.0.0.1" };
const device = "smarty-xs-a1b2c3d4e5f6";
const meter = "SAG1030790002574";

interface Board {
	world: FakeWorld;
	firmware: Firmware;
	/** Ports that are listened on. */
	listeners: Map<number, Admit>;
	services: Service[];
	show(text: string): void;
	received(topic: string): { payload: string; quality: number; retain: boolean; time: number }[];
}

/** `taken`: ports that cannot be opened, and types of services that cannot be announced. */
function boot(
	settings: Record<string, string>,
	store = createFakeStore(),
	taken: (number | string)[] = [],
	heap: HeapPools | null = null,
): Board {
	const world = createFakeWorld(createChance(1), store);
	const listeners = new Map<number, Admit>();
	const services: Service[] = [];
	const ports = {
		...world.ports,
		device: { ...world.ports.device, capacity: { ...world.ports.device.capacity, heap } },
		openListener(port: number, admit: Admit) {
			if (taken.includes(port)) throw new Error(`port ${port} is taken`);
			listeners.set(port, admit);
			return { close: () => void listeners.delete(port) };
		},
		announce(service: Service) {
			if (taken.includes(service.type)) throw new Error("no socket");
			services.push(service);
			return { close: () => void services.splice(services.indexOf(service), 1) };
		},
	};
	const firmware = createFirmware({ ...plain, ...settings }, ports);
	startFirmware(firmware);
	world.clock.pass(5_000);
	return {
		world,
		firmware,
		listeners,
		services,
		show(text) {
			const bytes = textBytes(text.endsWith("!") ? closeTelegram(text) : text);
			world.receive(bytes, bytes.length, null);
			world.clock.pass(1_000);
		},
		received: topic => world.broker.received.filter(message => message.topic === topic),
	};
}

function expectWell({ world, firmware }: Board): void {
	expect([...world.broker.violations, ...world.network.violations]).toEqual([]);
	expect(firmware.exceptions).toBe(0);
	expect(firmware.outbox.refused).toBe(0);
}

describe("Home Assistant", () => {
	const readerTopic = `homeassistant/device/${device}/config`;
	const meterTopic = `homeassistant/device/${device}_${meter}/config`;
	const birth = (board: Board, payload: string, topic = "homeassistant/status") => {
		board.world.broker.connections.at(-1)!.publish(topic, textBytes(payload));
		board.world.clock.pass(1_000);
	};

	test("is told of the reader at once, and of the meters with the first telegram, retained", () => {
		const board = boot({});
		expect(board.received(readerTopic)).toHaveLength(1);
		expect(board.received(meterTopic)).toHaveLength(0);
		board.show(specificationTelegram);
		board.show(specificationTelegram);
		const messages = board.received(meterTopic);
		expect(messages).toHaveLength(1);
		expect(messages[0]).toMatchObject({ quality: 1, retain: true });
		expect(JSON.parse(messages[0].payload)).toMatchObject({
			avty: [{ t: `smarty/${device}/status` }, { t: `smarty/${meter}/status` }],
			avty_mode: "all",
		});
		expect(board.world.broker.retained.get(`smarty/${meter}/status`)).toBe("online");
		expect(board.received(`homeassistant/device/${device}_${meter}_gas_FLO189900060355/config`)).toHaveLength(1);
		expectWell(board);
	});

	test("is told again when a reading is new, when it starts and after a lost connection", () => {
		const board = boot({});
		board.show(specificationTelegram);
		const count = () => board.received(meterTopic).length;
		board.show(changeLine(specificationTelegram, "0-2:96.1.0", "0-2:96.1.0(5A)"));
		expect(count()).toBe(2);
		const before = board.world.clock.now();
		birth(board, "online");
		expect(count()).toBe(3);
		expect(board.received(meterTopic)[2].time - before).toBeLessThan(1_000);
		board.world.broker.drop();
		board.world.clock.pass(60_000);
		expect(count()).toBe(4);
		expectWell(board);
	});

	test("is not heard when it says anything else, and a cleared message does no harm", () => {
		const board = boot({});
		board.show(specificationTelegram);
		for (const payload of ["", "offline", "onlinE", "online ", "x".repeat(2000)]) birth(board, payload);
		birth(board, "online", "homeassistant/other");
		expect(board.received(meterTopic)).toHaveLength(1);
		board.show(specificationTelegram);
		expect(board.received(`smarty/${meter}/state`)).toHaveLength(2);
		birth(board, "online");
		expect(board.received(meterTopic)).toHaveLength(2);
		expectWell(board);
	});

	test("may be without, elsewhere, or of the older form", () => {
		const off = boot({ discovery: "off" });
		off.show(specificationTelegram);
		birth(off, "online");
		expect(off.world.broker.received.filter(message => message.topic.startsWith("homeassistant"))).toEqual([]);
		const elsewhere = boot({ discoveryPrefix: "ha" });
		elsewhere.show(specificationTelegram);
		birth(elsewhere, "online");
		expect(elsewhere.received(meterTopic.replace("homeassistant", "ha"))).toHaveLength(2);
		const older = boot({ discovery: "entity" });
		older.show(specificationTelegram);
		expect(older.received(`homeassistant/sensor/${device}_${meter}/voltage_l1/config`)).toHaveLength(1);
		expect(older.received(meterTopic)).toEqual([]);
		for (const board of [off, elsewhere, older]) expectWell(board);
	});
});

describe("a telegram of more than 4 KB", () => {
	const long = changeLine(specificationTelegram, "0-0:96.13.0", `0-0:96.13.0(${"41".repeat(1_024)})`);
	const longer = changeLine(long, "0-0:96.13.2", `0-0:96.13.2(${"42".repeat(1_024)})`);
	const heap = { slots: 65_536, chunks: 1_048_576 };
	const ask = ({ listeners }: Board, path: string) => {
		const client = connect(listeners.get(80)!);
		send(client, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
		return client.received;
	};

	test("is not kept as a copy on a board that has no telegram port, and its readings are", () => {
		const board = boot({ webPort: "80" }, createFakeStore(), [], heap);
		board.show(longer);
		expect(ask(board, "/api/v1/telegram")).toMatch(/^HTTP\/1.1 503 .*more than 4 KB/s);
		expect(ask(board, "/state")).toMatch(/^HTTP\/1.1 200 .*"active_energy_import":25.653/s);
		board.show(specificationTelegram);
		expect(ask(board, "/api/v1/telegram")).toContain(specificationTelegram);
		expectWell(board);
	});

	test("is, where there is a telegram port, and on a computer", () => {
		const served = boot({ webPort: "80", telegramPort: "8088" }, createFakeStore(), [], heap);
		const computer = boot({ webPort: "80" });
		for (const board of [served, computer]) {
			board.show(longer);
			expect(ask(board, "/api/v1/telegram")).toContain("42".repeat(1_024));
		}
	});
});

describe("layouts", () => {
	test("several at once, with their quality and retain", () => {
		const layout = "values smartyreader, sgrimee,dsmr-reader raw";
		const board = boot({ layout, valuesRetain: "yes", valuesQuality: "1" });
		board.show(specificationTelegram);
		board.world.clock.pass(5_000);
		expect(board.received(`smarty/${meter}/state`)).toHaveLength(0);
		for (const [topic, payload] of [
			[`smarty/${meter}/voltage_l1`, "233"],
			["lamsmarty/volt_l1_V", "233"],
			["smarty/phase_volt_l1/value", "233.0"],
			["smarty/phase_volt_l1/unit", "V"],
			["dsmr/reading/phase_voltage_l1", "233"],
			[`smarty/${meter}/telegram`, specificationTelegram],
		]) {
			expect(board.received(topic).at(-1), topic).toMatchObject({ payload, retain: true, quality: 1 });
		}
		// Without the state message Home Assistant's entities would have nothing to show.
		expect(board.world.broker.retained.has(`homeassistant/device/${device}/config`)).toBe(false);
		expectWell(board);
	});

	test("their values wait in no memory: each topic is made when there is room for it", () => {
		const board = boot({ layout: "json values smartyreader sgrimee dsmr-reader" });
		board.world.broker.behaviour = "unreachable";
		board.world.broker.drop();
		for (let count = 0; count < 3; count += 1) board.show(specificationTelegram);
		expect(board.firmware.outbox.waiting.length).toBeLessThan(8);
		board.world.broker.behaviour = "ok";
		board.world.clock.pass(60_000);
		// One telegram's, the newest, and what does not change.
		expect(board.received(`smarty/${meter}/voltage_l1`)).toHaveLength(1);
		expect(board.received("smarty/phase_volt_l1/value")).toHaveLength(1);
		expect(board.received("smarty/phase_volt_l1/unit").length).toBeGreaterThan(1);
		expect(isIdle(board.firmware)).toBe(true);
		expectWell(board);
	});

	test("a slow broker gets whole sets, and then the newest", () => {
		const board = boot({ layout: "values", valuesQuality: "1" });
		const { world, firmware } = board;
		Object.assign(world.broker, { room: 160, latency: 500 });
		world.broker.drop();
		world.clock.pass(20_000);
		for (let count = 0; count < 12; count += 1) {
			const line = `1-0:1.8.0(${String(200 + count).padStart(6, "0")}.000*kWh)`;
			board.show(changeLine(specificationTelegram, "1-0:1.8.0", line));
			world.clock.pass(9_000);
			expect(firmware.outbox.waiting.length).toBeLessThan(8);
		}
		const own = world.broker.received.filter(({ topic }) => topic.startsWith(`smarty/${meter}/`));
		const values = own.map(({ topic }) => topic).filter(topic => !topic.endsWith("/status"));
		const starts = values.flatMap((topic, at) => (topic.endsWith("/verdict") ? [at] : []));
		expect(starts.length).toBeGreaterThan(2);
		expect(starts.length).toBeLessThan(9);
		for (let at = 1; at < starts.length; at += 1) {
			const set = values.slice(starts[at - 1], starts[at]);
			expect(new Set(set).size).toBe(set.length);
			expect(set.length).toBeGreaterThan(40);
		}
		// Of twelve telegrams some had no turn.
		const energies = board.received(`smarty/${meter}/active_energy_import`).map(({ payload }) => Number(payload));
		expect(energies).toEqual([...energies].sort((one, other) => one - other));
		expect(energies.at(-1)).toBeGreaterThanOrEqual(209);
		expectWell(board);
	});

	test("a value under which the connection ends comes again, and those behind it follow", () => {
		const whole = boot({ layout: "values" });
		whole.show(specificationTelegram);
		whole.world.clock.pass(5_000);
		const expected = new Set(whole.world.broker.received.map(({ topic }) => topic));
		const board = boot({ layout: "values", valuesQuality: "1", publish: "3600" });
		const { world } = board;
		Object.assign(world.broker, { room: 160, latency: 300 });
		world.broker.drop();
		world.clock.pass(20_000);
		board.show(specificationTelegram);
		for (let count = 0; count < 9; count += 1) {
			world.clock.pass(2_000);
			world.broker.drop();
			world.clock.pass(20_000);
		}
		world.clock.pass(60_000);
		const came = new Set(world.broker.received.map(({ topic }) => topic));
		expect([...expected].filter(topic => !came.has(topic))).toEqual([]);
		expectWell(board);
	});

	test("every thirty seconds, while the servers get every telegram", () => {
		const board = boot({ publish: "30", webPort: "80" });
		for (let count = 0; count < 9; count += 1) {
			board.show(specificationTelegram);
			board.world.clock.pass(9_000);
		}
		expect(board.received(`smarty/${meter}/state`)).toHaveLength(3);
		expect(board.firmware.meters[0]!.latest!.time).toBeGreaterThan(board.world.clock.now() - 10_001);
		expectWell(board);
	});

	test("once an hour: where the one of this hour could not be sent in time, the next telegram is published", () => {
		for (const publish of ["3600", "change"]) {
			const board = boot({ publish });
			const { world } = board;
			world.broker.behaviour = "unreachable";
			world.broker.drop();
			board.show(specificationTelegram);
			world.clock.pass(40_000);
			world.broker.behaviour = "ok";
			world.clock.pass(31_000);
			const times = () => board.received(`smarty/${meter}/state`).map(({ time }) => time);
			expect(times()).toEqual([]);
			for (let count = 0; count < 3; count += 1) board.show(specificationTelegram);
			// The first one names the meter, with which the session begins anew.
			expect(times().length).toBeGreaterThanOrEqual(1);
			expect(times().length).toBeLessThanOrEqual(2);
			expectWell(board);
		}
	});

	test("an index that falls is not published", () => {
		const board = boot({ layout: "json values" });
		board.show(specificationTelegram);
		board.show(changeLine(specificationTelegram, "1-0:1.8.0", "1-0:1.8.0(000000.001*kWh)"));
		expect(JSON.parse(board.received(`smarty/${meter}/state`)[1].payload)).not.toHaveProperty("active_energy_import");
		expect(board.received(`smarty/${meter}/active_energy_import`)).toHaveLength(1);
		board.world.clock.pass(60_000);
		const diagnostics = JSON.parse(board.received(`smarty/${device}/diagnostics`).at(-1)!.payload);
		expect(diagnostics).toMatchObject({ held: 1, servers: { telegram_clients: 0, web_answered: 0 } });
	});
});

test("the power class account is published, told to Home Assistant and survives a restart", () => {
	const store = createFakeStore();
	const settings = { powerClass: "3", powerPrice: "0.1139" };
	const at = (clock: string, energy: string) =>
		changeLine(
			changeLine(specificationTelegram, "0-0:1.0.0", `0-0:1.0.0(2007061${clock}S)`),
			"1-0:1.8.0",
			`1-0:1.8.0(${energy}*kWh)`,
		);
	const board = boot(settings, store);
	board.show(at("04500", "000100.000"));
	board.show(at("05958", "000101.000"));
	board.show(at("10008", "000101.000"));
	const power = () => JSON.parse(board.received(`smarty/${meter}/power`).at(-1)!.payload);
	expect(power()).toMatchObject({ class: 3, exceeded_today: 0.25, cost_month: 0.03, peak_month: 4 });
	expect(board.world.broker.retained.get(`homeassistant/device/${device}_${meter}/config`)).toContain("exceeded_month");
	expectWell(board);
	const next = boot(settings, store);
	next.show(at("10100", "000101.100"));
	expect(JSON.parse(next.received(`smarty/${meter}/power`)[0].payload)).toMatchObject({
		exceeded_today: 0.25,
		quarter_energy: 0.1,
	});
	// A store that fails costs the account its memory, and nothing else.
	store.write = () => {
		throw new Error("worn out");
	};
	next.show(at("11500", "000101.200"));
	expect(next.firmware.exceptions).toBe(1);
	expect(next.received(`smarty/${meter}/state`)).toHaveLength(2);
});

describe("servers", () => {
	const get = (path: string, header = "", host = "a") => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${header}\r\n`;

	test("are off unless their ports are set", () => {
		const board = boot({});
		expect([...board.listeners.keys(), ...board.services]).toEqual([]);
	});

	test("serve what the meter sent, decrypted", () => {
		const board = boot({ telegramPort: "8088", webPort: "80", key: Buffer.from(realFrame.key).toString("hex") });
		const early = connect(board.listeners.get(8088)!);
		board.world.receive(realFrame.frame, realFrame.frame.length, null);
		board.world.clock.pass(1_000);
		expect(early.received).toBe(realFrame.telegram);
		expect(connect(board.listeners.get(8088)!).received).toBe(realFrame.telegram);
		for (const [path, part] of [
			["/state", '"verdict":"authenticated"'],
			["/metrics", 'smarty_telegrams_total{verdict="authenticated"} 1'],
			["/api", '"serial":"a1b2c3d4e5f6"'],
			["/api/v1/data", '"total_power_import_kwh":6.695'],
			["/healthz", "1 s ago"],
		]) {
			const client = connect(board.listeners.get(80)!);
			send(client, get(path));
			expect(client.received, path).toContain("200 OK");
			expect(client.received, path).toContain(part);
		}
		expect(board.services.map(service => [service.type, service.port])).toEqual([
			["_http._tcp", 80],
			["_hwenergy._tcp", 80],
		]);
		expect(board.services.map(({ name }) => name)).toEqual(["smarty-xs-a1b2c3d4e5f6", "p1meter-d4e5f6"]);
		expect(board.services[1].text).toMatchObject({ path: "/api/v1", api_enabled: "1", serial: "a1b2c3d4e5f6" });
		expectWell(board);
	});

	test("let the light flash for some seconds when HomeWizard's clients ask for it", () => {
		const board = boot({ webPort: "80" });
		board.show(specificationTelegram);
		board.world.clock.pass(10_000);
		const client = connect(board.listeners.get(80)!);
		const before = board.world.light.length;
		send(client, "PUT /api/v1/identify HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
		expect(client.received).toContain('{"identify":"ok"}');
		board.world.clock.pass(6_500);
		expect(board.world.light.length - before).toBeGreaterThan(40);
		const after = board.world.light.length;
		board.world.clock.pass(10_000);
		expect(board.world.light.length - after).toBeLessThan(6);
		expectWell(board);
	});

	test("with a token let nobody else in, and are not announced to those who have none", () => {
		const board = boot({ webPort: "80", webToken: "correct-horse", webRead: "token" });
		board.show(specificationTelegram);
		const stranger = connect(board.listeners.get(80)!);
		send(stranger, get("/state"));
		expect(stranger.received).toContain("401 Unauthorized");
		const friend = connect(board.listeners.get(80)!);
		send(friend, get("/state", "Authorization: Bearer correct-horse\r\n"));
		expect(friend.received).toContain("200 OK");
		expect(board.services.map(service => service.type)).toEqual(["_http._tcp"]);
		expect(boot({ webPort: "8080" }).services.map(service => service.type)).toEqual(["_http._tcp"]);
		board.world.type("show");
		expect(board.world.printed.join("\n")).not.toContain("correct-horse");
	});

	test("tell nothing to a web site whose name points at the board, and answer to the names they were given", () => {
		const board = boot({ webPort: "80", webHost: "smarty.example.org" });
		board.show(specificationTelegram);
		const statusFor = (host: string) => {
			const client = connect(board.listeners.get(80)!);
			send(client, get("/state", "", host));
			return client.received.split(" ")[1];
		};
		const announced = `${board.services[0].name.toLowerCase()}.local`;
		const hosts = ["192.168.1.50", announced, "smarty.example.org:80", "rebound.example"];
		expect(hosts.map(statusFor)).toEqual(["200", "200", "200", "421"]);
		expectWell(board);
	});

	describe.each([
		["the port of HTTP", [80], [8088], []],
		["the port of telegrams", [8088], [80], ["_http._tcp", "_hwenergy._tcp"]],
		["the announcement for HomeWizard", ["_hwenergy._tcp"], [8088, 80], ["_http._tcp"]],
		["multicast DNS", ["_http._tcp", "_hwenergy._tcp"], [8088, 80], []],
	])("%s fails", (_, fails, ports, types) => {
		test("and everything else is open, with its clients, and stays so when it opens at last", () => {
			const taken = [...fails];
			const board = boot({ telegramPort: "8088", webPort: "80" }, createFakeStore(), taken);
			const announced = () => board.services.map(({ type }) => type);
			board.show(specificationTelegram);
			expect([...board.listeners.keys()]).toEqual(ports);
			expect(announced()).toEqual(types);
			expect(board.received(`smarty/${meter}/state`)).toHaveLength(1);
			const clients = [...board.listeners.values()].map(admit => connect(admit));
			for (let count = 0; count < 5; count += 1) board.world.clock.pass(5_000);
			const { failures } = board.firmware.servers;
			expect(failures).toBe(fails.length);
			board.world.clock.pass(60_000);
			expect(board.firmware.servers.failures).toBe(3 * failures);
			taken.length = 0;
			board.world.clock.pass(35_000);
			expect([...board.listeners.keys()].sort()).toEqual([80, 8088]);
			expect(announced().sort()).toEqual(["_http._tcp", "_hwenergy._tcp"]);
			if (ports.includes(8088)) expect(clients[ports.indexOf(8088)]!.closed).toBe(false);
			board.world.clock.pass(120_000);
			expect(announced()).toHaveLength(2);
			expect(board.firmware.servers.failures).toBe(3 * failures);
			expectWell(board);
		});
	});

	test("a port that cannot be closed does not keep the others open", () => {
		const board = boot({ telegramPort: "8088", webPort: "80" });
		board.firmware.servers.openings[0]!.closable!.close = () => {
			throw new Error("stuck");
		};
		stopFirmware(board.firmware, () => {});
		expect([...board.listeners.keys()]).toEqual([8088]);
		expect(board.services).toEqual([]);
	});

	test("an idle connection is ended, and a board without servers goes on", () => {
		const board = boot({ webPort: "80" });
		const idle = connect(board.listeners.get(80)!);
		board.world.clock.pass(12_000);
		expect(idle.closed).toBe(true);
		const world = createFakeWorld(createChance(1));
		const firmware = createFirmware({ ...plain, webPort: "80" }, world.ports);
		startFirmware(firmware);
		world.clock.pass(60_000);
		expect(firmware.exceptions).toBe(0);
		expect(firmware.log.lines.some(line => line.text.includes("this board has none"))).toBe(true);
	});
});
