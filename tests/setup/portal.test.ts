/** Set-up over fake sockets: a phone of each system finds the portal, and its owner sets the reader up. */
import { beforeEach, describe, expect, test } from "vitest";
import { createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import type { Firmware } from "../../modules/firmware/state.js";
import type { LorawanPart } from "../../modules/lorawan/part-type.js";
import { findSetting } from "../../modules/settings/settings.js";
import { openSettingsStorage } from "../../modules/settings/storage.js";
import { createChance as createSimulatedChance } from "../../simulator/chance.js";
import { createMeter, type Meter, readMeter } from "../../simulator/meter.js";
import { createChance } from "../support/chance.js";
import { createFakeStore, createFakeWorld, type FakeStore, type FakeWorld } from "../support/fake-ports.js";
import { bytesOf } from "../support/vectors.js";
import { type Air, addAir, createPhone, exchange, exchangeRaw, type Phone, resolve, systems } from "./phones.js";

const keyText = "000102030405060708090A0B0C0D0E0F";
const form = {
	wifi: "home",
	wifiPassword: "correct horse",
	key: keyText,
	broker: "mqtt://10.0.0.1",
	user: "owner",
	password: "secret-of-the-owner",
};
const secrets = ["correct horse", "correct+horse", keyText, keyText.toLowerCase(), "secret-of-the-owner"];

let world: FakeWorld;
let air: Air;
let firmware: Firmware;
let meter: Meter;
let time: number;

/** A radio with which nothing is done here. */
const part: LorawanPart = {
	createSender: () => ({
		deadline: Infinity,
		state: "ready",
		run: () => {},
		offer: () => {},
		rejoin: () => true,
		describe: () => ({}),
		measure: () => [],
		tell: () => [],
	}),
};

function boot(
	store: FakeStore = createFakeStore(),
	config: Record<string, string> = {},
	reason = "power on",
	radio: LorawanPart | null = null,
): void {
	world = createFakeWorld(createChance(1), store, reason);
	air = addAir(world);
	world.network.only = { name: "home", password: "correct horse" };
	world.network.inReach = [
		{ name: "home", strength: -60, isOpen: false },
		{ name: "neighbour's <b>", strength: -50, isOpen: false },
		{ name: "", strength: -40, isOpen: true },
		{ name: "home", strength: -45, isOpen: false },
	];
	firmware = createFirmware(config, world.ports, radio);
	startFirmware(firmware);
	time = Date.parse("2026-06-01T10:00:00Z");
	meter = createMeter(createSimulatedChance(1), time, { key: bytesOf(keyText) });
}

/** The meter sends each ten seconds. */
function pass(seconds: number): void {
	for (let at = 0; at < seconds; at += 1) {
		world.clock.pass(1_000);
		time += 1_000;
		if (at % 10 === 5) {
			const { bytes } = readMeter(meter, time);
			world.receive(bytes, bytes.length, null);
		}
	}
}

function open(phone = createPhone(world, air)): Phone {
	phone.openPortal();
	return phone;
}

function kept(name: string): string | null {
	return openSettingsStorage(world.store).values[findSetting(name)] ?? null;
}

function tellsNoSecret(): void {
	const texts = [...world.printed, ...firmware.log.lines.map(({ text }) => text)].join("\n");
	for (const secret of secrets) expect(texts).not.toContain(secret);
}

beforeEach(() => {
	boot();
	world.clock.pass(5_000);
});

describe.each(systems)("a phone of %s", system => {
	test("finds the portal by itself, and believes in the network when all is done", () => {
		const phone = createPhone(world, air, system);
		expect(phone.probe()).toBe(false);
		const page = phone.openPortal();
		expect(page).toMatchObject({ status: 200 });
		expect(page.body).toContain('<form method="post" action="/try"');
		phone.press("/try", form);
		pass(60);
		phone.get("http://192.168.4.1/");
		expect(phone.page.body).toContain("The key opens this meter&#39;s frames.");
		// Not before the owner has seen how to go on: iOS closes its window by itself.
		phone.press("/keep");
		expect(phone.probe()).toBe(false);
		expect(phone.press("/finish").body).toContain("The reader restarts");
		expect(phone.probe()).toBe(true);
		expect(world.restarts).toBe(0);
		pass(15);
		expect(world.restarts).toBe(1);
		expect(air.options).toBeNull();
		expect(air.listeners.size + air.names.size).toBe(0);
		tellsNoSecret();
		expect(firmware.exceptions).toBe(0);
		expect([...world.broker.violations, ...world.network.violations]).toEqual([]);
	});
});

test("the access point has a name with the address in it, and a published password", () => {
	expect(air.options).toEqual({
		name: "smarty-xs e5f6 192.168.4.1",
		password: "smarty-xs",
		portal: "http://192.168.4.1/captive-portal/api",
	});
	expect(world.printed.join("\n")).toContain("join the WiFi smarty-xs e5f6 192.168.4.1, password smarty-xs");
});

test("networks are looked for before the access point opens, each name once, and shown as text", () => {
	boot();
	world.clock.pass(3_500);
	expect(air.options).toBeNull();
	world.clock.pass(1_500);
	const { body } = open().page;
	expect(body.match(/<option[^>]*>/g)).toEqual(['<option value="home">', '<option value="neighbour&#39;s &lt;b&gt;">']);
	expect(body).toContain("-45 dBm");
});

test("is set up without JavaScript, in one write, and shows the token once", () => {
	const phone = open();
	pass(10);
	phone.press("/try", form);
	expect(phone.page.body).toContain('<meta http-equiv="refresh" content="3">');
	expect(phone.page.body).toContain("is being tested");
	pass(50);
	phone.get("http://192.168.4.1/");
	for (const text of ["WiFi joined: 192.168.1.50", "The broker answers.", "The key opens this meter"]) {
		expect(phone.page.body).toContain(text);
	}
	expect(kept("wifi")).toBeNull();
	const before = world.store.writes;
	phone.press("/keep");
	expect(world.store.writes - before).toBe(2);
	expect(kept("webPort")).toBe("80");
	for (const [name, value] of Object.entries(form)) expect(kept(name)).toBe(value);
	const token = kept("webToken")!;
	expect(token).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
	expect(phone.page.body).toContain(`http://192.168.1.50/#token=${token}`);
	expect(phone.page.body).toContain(`http://smarty-xs-a1b2c3d4e5f6.local/#token=${token}`);
	expect([...world.printed, ...firmware.log.lines.map(({ text }) => text)].join()).not.toContain(token);
	expect(world.restarts).toBe(0);
	// Without its last button, too.
	pass(150);
	expect(world.restarts).toBe(1);
	const { store } = world;
	boot(store);
	pass(60);
	expect(air.options).toBeNull();
	expect(world.network.credentials).toEqual({ name: "home", password: "correct horse" });
	expect(air.listeners.has(80)).toBe(true);
	expect(world.broker.received.some(({ topic }) => topic.endsWith("/state"))).toBe(true);
});

test("the meter is read meanwhile: the readings of set-up come to the broker later", () => {
	const store = createFakeStore();
	boot(store, { ...form, wifi: "", wifiPassword: "" });
	pass(35);
	expect(air.options).not.toBeNull();
	expect(firmware.history.recent.waiting + firmware.outbox.waiting.length).toBeGreaterThan(0);
	expect(open().page.body).toContain("Telegrams come from the meter.");
	expect(world.broker.connections).toEqual([]);
});

describe("a board with a LoRa radio", () => {
	const lora = { key: keyText, lora: "lorawan", loraAppKey: "2b7e151628aed2a6abf7158809cf4f3c" };

	test("is set up without a WiFi, and says so", () => {
		boot(createFakeStore(), {}, "power on", part);
		world.clock.pass(5_000);
		const phone = open();
		for (const name of ["lora", "loraDevEui", "loraJoinEui", "loraAppKey", "loraKey"]) {
			expect(phone.page.body).toContain(`name="${name}"`);
		}
		phone.press("/try", lora);
		pass(60);
		phone.get("http://192.168.4.1/");
		expect(phone.page.body).toContain("No WiFi is set: only LoRa is used.");
		expect(phone.page.body).toContain("The key opens this meter&#39;s frames.");
		expect(phone.page.body).not.toContain(lora.loraAppKey);
		phone.press("/keep");
		phone.press("/finish");
		pass(15);
		expect(world.restarts).toBe(1);
		const { values } = openSettingsStorage(world.store);
		expect(values[findSetting("loraAppKey")]).toBe(lora.loraAppKey);
		expect(values[findSetting("wifi")] ?? null).toBeNull();
		expect(firmware.exceptions).toBe(0);
	});

	test("says what is missing", () => {
		boot(createFakeStore(), {}, "power on", part);
		world.clock.pass(5_000);
		const phone = open();
		phone.press("/try", { ...lora, loraAppKey: "2b7e" });
		expect(phone.page.body).toContain("loraAppKey");
		expect(phone.page.body).toContain('<p class="bad"');
	});

	test("is the only one that has these fields", () => {
		boot();
		world.clock.pass(5_000);
		expect(open().page.body).not.toContain("loraAppKey");
	});
});

describe("what does not work is told by its reason", () => {
	test.each([
		[{ wifiPassword: "wrong horse" }, "The WiFi password is wrong.", "The broker was not asked"],
		[{ wifi: "elsewhere" }, "No network of this name is in reach.", "The broker was not asked"],
		[{ broker: "" }, "WiFi joined", "No broker is set."],
		[{ key: "0F0102030405060708090A0B0C0D0E0F" }, "The key does not open this meter", "The broker answers."],
		[{ key: "" }, "frames need a key", "The broker answers."],
	])("%j", (changes, ...texts) => {
		const phone = open();
		phone.press("/try", { ...form, ...changes });
		pass(90);
		phone.get("http://192.168.4.1/");
		for (const text of texts) expect(phone.page.body).toContain(text);
		// It can be kept all the same: the network may not be here yet.
		expect(phone.page.body).toContain("/keep");
		tellsNoSecret();
	});

	test.each([
		["refusing", "wrong user or password"],
		["nameless", "name"],
		["unreachable", "reached"],
		["mute", "no answer in time"],
	] as const)("a broker that is %s", (behaviour, text) => {
		world.broker.behaviour = behaviour;
		const phone = open();
		phone.press("/try", form);
		pass(120);
		phone.get("http://192.168.4.1/");
		expect(phone.page.body).toContain("Broker: ");
		expect(phone.page.body).toContain(text);
	});

	test("a router without addresses", () => {
		world.network.behaviour = "noAddress";
		const phone = open();
		phone.press("/try", form);
		pass(60);
		expect(phone.get("http://192.168.4.1/").body).toContain("the router gave no address");
	});

	test("no cable", () => {
		const phone = open();
		phone.press("/try", form);
		world.clock.pass(60_000);
		expect(phone.get("http://192.168.4.1/").body).toContain("look at the cable");
	});
});

test("wrong values are told before anything is tried, and a secret need not be typed twice", () => {
	const phone = open();
	phone.press("/try", { ...form, key: "0001", broker: "http://10.0.0.1" });
	expect(phone.page.body).toContain("This cannot be used:");
	expect(phone.page.body).toContain("key has 4 hexadecimal digits");
	expect(phone.page.body).toContain("broker begins with http://");
	expect(phone.page.body).toContain('value="http://10.0.0.1"');
	for (const secret of secrets) expect(phone.page.body).not.toContain(secret);
	expect(world.network.tries).toEqual([]);
	phone.press("/try", { wifiPassword: "", password: "", key: keyText, broker: "mqtt://10.0.0.1" });
	pass(60);
	expect(phone.get("http://192.168.4.1/").body).toContain("The broker answers.");
	phone.press("/keep");
	for (const [name, value] of Object.entries(form)) expect(kept(name)).toBe(value);
});

test("secrets of before stay where nothing is typed, are never shown, and can be forgotten", () => {
	const store = createFakeStore(new Map([["setup", "asked"]]));
	boot(store, {});
	world.type(`set key ${keyText}`);
	for (const [name, value] of Object.entries(form)) world.type(`set ${name} ${value}`);
	world.type("set webToken a-token-of-before");
	pass(10);
	const phone = open();
	for (const secret of [...secrets, "a-token-of-before"]) expect(phone.page.body).not.toContain(secret);
	expect(phone.page.body).toContain('placeholder="set; empty keeps it"');
	phone.press("/try", { "forget-password": "on", user: "" });
	pass(60);
	phone.get("http://192.168.4.1/");
	expect(phone.page.body).toContain("The key opens");
	phone.press("/keep");
	expect(phone.page.body).not.toContain("#token=");
	expect([kept("wifiPassword"), kept("password"), kept("user"), kept("key")]).toEqual([
		"correct horse",
		null,
		null,
		keyText,
	]);
	expect(kept("webToken")).toBe("a-token-of-before");
});

test("a new token is made where the owner asks for one; another network does not keep the password of the one before", () => {
	boot(createFakeStore(new Map([["setup", "asked"]])));
	for (const [name, value] of Object.entries(form)) world.type(`set ${name} ${value}`);
	world.type("set webToken a-token-of-before");
	world.network.only = { name: "guests", password: "" };
	pass(10);
	const phone = open();
	phone.press("/try", { wifi: "guests", newToken: "on" });
	pass(60);
	phone.get("http://192.168.4.1/");
	expect(phone.page.body).toContain("WiFi joined");
	expect(world.network.credentials).toEqual({ name: "guests", password: "" });
	phone.press("/keep");
	expect(kept("wifiPassword")).toBeNull();
	expect(kept("webToken")).toMatch(/^[a-z2-9-]{19}$/);
});

test("a broker whose key nobody knows is shown by it, and pinned by a button", () => {
	world.broker.behaviour = "unknown";
	const phone = open();
	phone.press("/try", { ...form, broker: "mqtts://10.0.0.1" });
	pass(60);
	phone.get("http://192.168.4.1/");
	expect(phone.page.body).toContain(`It shows the key sha256/${"A".repeat(43)}=.`);
	world.broker.behaviour = "ok";
	phone.press("/trust");
	pass(60);
	phone.get("http://192.168.4.1/");
	expect(phone.page.body).toContain("The broker answers.");
	phone.press("/keep");
	expect(kept("brokerKey")).toBe(`sha256/${"A".repeat(43)}=`);
});

test("only phones of the reader's own network are answered, and only by its address", () => {
	const request = "GET / HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n";
	expect(exchange(world, air, request).status).toBe(200);
	expect(exchangeRaw(world, air, request, "192.168.1.7")).toBeNull();
	expect(exchange(world, air, "GET / HTTP/1.1\r\nHost: 192.168.1.50\r\n\r\n")).toMatchObject({ status: 302 });
	expect(exchange(world, air, "GET / HTTP/1.0\r\n\r\n")).toMatchObject({ status: 302 });
	expect(resolve(air, "broker.home")).toBe("192.168.4.1");
	expect(resolve(air, "broker.home", 28)).toBeNull();
	const before = air.answers.length;
	air.names.get(53)!(air.answers[0]!.bytes, "192.168.1.7", 5_353);
	expect(air.answers).toHaveLength(before);
});

test("another web site can change nothing", () => {
	const body = new URLSearchParams(form).toString();
	const post = (origin: string, type = "application/x-www-form-urlencoded") =>
		exchange(
			world,
			air,
			`POST /try HTTP/1.1\r\nHost: 192.168.4.1\r\nOrigin: ${origin}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
		).status;
	expect(post("http://evil.example")).toBe(403);
	expect(post("null")).toBe(403);
	expect(post("http://192.168.4.1", "text/plain")).toBe(415);
	expect(firmware.setup!.state.run).toBeNull();
	expect(post("http://192.168.4.1")).toBe(303);
	expect(firmware.setup!.state.run).not.toBeNull();
});

test("a captive portal's API says where the portal is", () => {
	const answer = exchange(world, air, "GET /captive-portal/api HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n");
	expect(answer.header).toContain("Content-Type: application/captive+json\r\n");
	expect(JSON.parse(answer.body)).toEqual({ captive: true, "user-portal-url": "http://192.168.4.1/" });
});

test.each([
	["de-LU,de;q=0.9", "Zählerleser einrichten", "de"],
	["fr-FR", "Installer le lecteur", "fr"],
	["lb,de;q=0.5", "Zielerlieser ariichten", "lb"],
	["pt-PT,pt", "Set up the meter reader", "en"],
])("speaks the language of the phone: %s", (accepted, title, language) => {
	const { body } = open(createPhone(world, air, "iOS", accepted)).page;
	expect(body).toContain(`<html lang="${language}">`);
	expect(body).toContain(title);
});

test("ends after ten minutes without a request, and is not there again before the next time that the power comes", () => {
	const phone = createPhone(world, air);
	pass(500);
	open(phone);
	pass(500);
	expect(world.restarts).toBe(0);
	// Probes of a phone that was forgotten are no requests of a person.
	for (let minute = 0; minute < 10; minute += 1) {
		pass(60);
		if (air.options !== null) phone.probe();
	}
	// The device did not do it, and is asked again each minute.
	expect(world.restarts).toBeGreaterThan(0);
	expect(air.options).toBeNull();
	boot(world.store, {}, "restart");
	pass(900);
	expect(air.opened).toBe(0);
	boot(world.store);
	pass(10);
	expect(air.opened).toBe(1);
});

test("what cannot be opened is tried again, and the rest is there", () => {
	boot();
	air.broken.add("accessPoint").add("names");
	pass(10);
	expect(air.listeners.has(80)).toBe(true);
	expect(world.printed.join("\n")).toContain("no accessPoint; next try in 10 s");
	air.broken.clear();
	pass(15);
	expect(air.options).not.toBeNull();
	expect(air.names.has(53)).toBe(true);
});

test("a reader without a meter tries WiFi and broker alone", () => {
	boot(createFakeStore(), { meters: "none", pulses: "34/1000/led" });
	pass(10);
	const phone = open();
	expect(phone.page.body).not.toContain("meter is listened to");
	phone.press("/try", { wifi: form.wifi, wifiPassword: form.wifiPassword, broker: form.broker });
	pass(30);
	phone.get("http://192.168.4.1/");
	expect(phone.page.body).toContain("The broker answers.");
	expect(phone.page.body).not.toContain("look at the cable");
	phone.press("/keep");
	expect(phone.page.body).toContain("#token=");
	expect(firmware.exceptions).toBe(0);
});

test("networks are looked for again when somebody asks", () => {
	const phone = open();
	world.network.inReach = [];
	world.network.inReach.push({ name: "new", strength: -70, isOpen: false });
	phone.press("/scan");
	pass(5);
	expect(phone.get("http://192.168.4.1/").body).toContain('<option value="new">');
});
