/** Tests of `modules/settings/settings.ts`. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Medium } from "../../modules/ports/ports.js";
import { parseBroker } from "../../modules/settings/address.js";
import { countBytes } from "../../modules/settings/setting.js";
import {
	checkSettings,
	findSetting,
	mergeSettings,
	type RawSettings,
	readConfiguration,
} from "../../modules/settings/settings.js";
import { settingTable } from "../../modules/settings/table.js";
import { createChance } from "../support/chance.js";

const good = {
	wifi: "home",
	wifiPassword: "correct horse",
	broker: "mqtt://10.0.0.1",
	key: "D491470F47126332B07D1923B3504188",
};

/** Publishing and serving where nothing of it is set. */
const defaults = {
	layouts: ["json"],
	mode: "telegram",
	period: 10_000,
	deadBands: { power: 20, energy: 10, voltage: 2_000, current: 1_000, index: 1 },
	stateQuality: 1,
	stateRetain: true,
	valuesQuality: 0,
	valuesRetain: false,
	smartyreaderBases: ["lamsmarty"],
	smartmeterBase: "lamsmarty",
	sgrimeeBases: ["smarty"],
	dsmrReaderBases: ["dsmr"],
	labels: [],
	discovery: "device",
	discoveryPrefix: "homeassistant",
	unproven: "say",
	powerClasses: [null],
	powerPrice: null,
	telegramPorts: [],
	webPort: null,
	webToken: null,
	isReadGuarded: false,
	webHosts: [],
	updateUrl: null,
};

function check(changes: Record<string, string | null>, medium: Medium = "wifi") {
	return checkSettings(raw({ ...good, ...changes }), medium, null);
}

function raw(values: Record<string, string | null>): RawSettings {
	return settingTable.map(({ name }) => values[name] ?? null);
}

describe("what is right", () => {
	test("the least that a device needs, and the rest by itself", () => {
		const { settings, problems } = check({});
		expect(problems).toEqual([]);
		expect(settings).toEqual({
			wifi: "home",
			wifiPassword: "correct horse",
			broker: { host: "10.0.0.1", port: 1883, secure: false },
			user: null,
			password: null,
			brokerKey: null,
			authorities: ["authority"],
			keys: [Uint8Array.from(Buffer.from(good.key, "hex"))],
			authenticationKey: Uint8Array.from(Buffer.from("00112233445566778899AABBCCDDEEFF", "hex")),
			authentication: "automatic",
			base: "smarty",
			plugs: [{ receivePin: 16, requestPin: null }],
			invert: true,
			timeServer: "pool.ntp.org",
			pulses: [],
			integrations: defaults,
			lora: null,
		});
	});

	test("everything set", () => {
		const { settings, problems } = check({
			broker: "mqtts://broker.example.org:8884",
			user: "meter",
			password: "pass word",
			brokerKey: `${"00".repeat(31)}Ff`,
			authorities: "isrg-root-x1, isrg-root-x2",
			authenticationKey: "ffeeddccbbaa99887766554433221100",
			authentication: "required",
			base: "house/cellar",
			receivePin: "34",
			requestPin: "25",
			invert: "no",
		});
		expect(problems).toEqual([]);
		expect(settings).toMatchObject({
			broker: { host: "broker.example.org", port: 8884, secure: true },
			user: "meter",
			password: "pass word",
			brokerKey: Uint8Array.from({ length: 32 }, (_, at) => (at === 31 ? 255 : 0)),
			authorities: ["isrg-root-x1", "isrg-root-x2"],
			authentication: "required",
			base: "house/cellar",
			plugs: [{ receivePin: 34, requestPin: 25 }],
			invert: false,
		});
	});

	test("a key with spaces, colons, dashes and small letters", () => {
		const spaced = "d4 91 47 0f:47:12:63:32-b0-7d-19-23 b3504188";
		expect(check({ key: spaced }).settings.keys).toEqual([Uint8Array.from(Buffer.from(good.key, "hex"))]);
	});

	test("an open network, a meter in clear, and no WiFi where the network is the host's", () => {
		expect(check({ wifiPassword: null, key: null }).problems).toEqual([]);
		expect(check({ wifi: null, wifiPassword: null }, "host").problems).toEqual([]);
	});
});

describe("whom to trust", () => {
	const broker = "mqtts://broker";
	const pin = `sha256/${Buffer.alloc(32, 7).toString("base64")}`;

	test("a pin in either form, authorities by name or none", () => {
		expect(check({ broker, brokerKey: pin }).settings.brokerKey).toEqual(new Uint8Array(32).fill(7));
		expect(check({ broker, brokerKey: "07".repeat(32) }).settings.brokerKey).toEqual(new Uint8Array(32).fill(7));
		expect(check({ broker, authorities: "none" }).settings.authorities).toEqual([]);
	});

	test.each([
		["brokerKey", pin.slice(7), "brokerKey must be sha256/"],
		["brokerKey", pin.slice(0, -2), "brokerKey must be sha256/"],
		["brokerKey", "07".repeat(31), "brokerKey must be sha256/"],
		["brokerKey", "", "brokerKey is empty"],
		["authorities", "../authority", "authorities must be none, or"],
		["authorities", "ISRG Root X1", "authorities must be none, or"],
		["authorities", ",", "authorities must be none, or"],
	])("%s '%s' is refused, and no broker is called with a weaker check", (name, value, complaint) => {
		const { settings, problems } = check({ broker, [name]: value });
		expect(problems).toHaveLength(1);
		expect(problems[0]).toContain(complaint);
		expect(settings.broker).toBeNull();
	});

	test("a pin without TLS is one, too: no broker is called in clear where its key was to be checked", () => {
		const { settings, problems } = check({ brokerKey: pin });
		expect(problems.join()).toContain("brokerKey is set, and broker is not mqtts://");
		expect(settings.broker).toBeNull();
	});
});

describe("what is wrong", () => {
	const key = good.key;
	test.each<[string, Record<string, string | null>, RegExp]>([
		["31 digits", { key: key.slice(1) }, /key has 31 hexadecimal digits and needs 32: 1 missing/],
		["33 digits", { key: `${key}0` }, /key has 33 .* 1 too many/],
		["an O for a 0", { key: key.replace("0", "O") }, /key has something at place 7 .*O meant to be 0/],
		["the public key", { key: "00112233445566778899aabbccddeeff" }, /key is the public authentication key/],
		["nothing but zeros", { key: "0".repeat(32) }, /key is one digit 32 times/],
		["the same twice", { authenticationKey: key.toLowerCase() }, /key and authenticationKey are the same/],
		["half a second key", { authenticationKey: "0011" }, /authenticationKey has 4 hexadecimal digits/],
		["no WiFi", { wifi: null, wifiPassword: null }, /wifi is not set/],
		["a password for no WiFi", { wifi: null }, /wifiPassword is set, and wifi is not/],
		["a long name", { wifi: "ä".repeat(17) }, /wifi is 34 bytes long/],
		["a short password", { wifiPassword: "1234567" }, /wifiPassword has 7 characters; .* at least 8/],
		["a long password", { wifiPassword: "x".repeat(65) }, /wifiPassword has 65 characters/],
		["64 letters", { wifiPassword: "x".repeat(64) }, /only a key in hexadecimal digits/],
		["no broker", { broker: null }, /broker is not set/],
		["a web address", { broker: "http://10.0.0.1" }, /broker begins with http:\/\//],
		["no host", { broker: "mqtt://" }, /broker has no host/],
		["a bad port", { broker: "mqtt://a:70000" }, /broker has a port that is not a number/],
		["a bad address", { broker: "mqtt://192.168.1.300" }, /looks like an address and is none/],
		["an address in octal numbers", { broker: "mqtt://192.168.001.010" }, /looks like an address and is none/],
		["a short address", { broker: "192.168.1" }, /looks like an address and is none/],
		["a user in the address", { broker: "mqtt://me:secret@a" }, /broker holds a user or a password/],
		["a path", { broker: "mqtt://a/b" }, /something behind the host/],
		["IPv6", { broker: "mqtt://[::1]" }, /IPv6/],
		["a password without a user", { password: "x" }, /password is set, and user is not/],
		["a wildcard", { base: "smarty/#" }, /base holds \+ or #/],
		["a slash at the end", { base: "smarty/" }, /base begins or ends with \//],
		["the broker's own topics", { base: "$SYS" }, /base begins with \$/],
		["a policy nobody knows", { authentication: "yes" }, /authentication must be automatic, required, prefer or off/],
		["a pin of the flash", { receivePin: "7" }, /receivePin is GPIO 7, where the flash memory is/],
		["a pin that is none", { receivePin: "40" }, /receivePin must be the number of a GPIO/],
		[
			"a pin that the boot looks at",
			{ receivePin: "12" },
			/receivePin is GPIO 12, .* a board held there does not start/,
		],
		["another one", { requestPin: "0" }, /requestPin is GPIO 0, .* a board held there does not start/],
		["the console's pin", { receivePin: "3" }, /where this console is/],
		["an input that has to send", { requestPin: "35" }, /requestPin is GPIO 35, which can only receive/],
		[
			"one pin twice, once with a zero",
			{ receivePin: "4", requestPin: "04" },
			/receivePin and requestPin are the same GPIO/,
		],
		["one pin twice", { requestPin: "16" }, /receivePin and requestPin are the same GPIO/],
		["invert maybe", { invert: "maybe" }, /invert must be yes or no/],
		["a control character", { user: "a\u0007b" }, /user holds a control character/],
		["endless", { user: "a".repeat(300) }, /user is longer than 256 characters/],
	])("%s", (_, changes, complaint) => {
		const { problems } = check(changes);
		expect(problems.filter(text => complaint.test(text))).toHaveLength(1);
	});

	test("all complaints at once", () => {
		const { problems } = check({
			wifi: null,
			wifiPassword: "x",
			broker: "http://a",
			key: "1",
			base: "#",
			invert: "1",
		});
		for (const name of ["wifi ", "wifiPassword", "broker", "key", "base", "invert"]) {
			expect(problems.some(text => text.startsWith(name))).toBe(true);
		}
	});

	test("a wrong value is never used", () => {
		const { settings } = check({ key: "1", broker: "mqtt://a:0", receivePin: "7", authentication: "x" });
		const plugs = [{ receivePin: 16, requestPin: null }];
		expect(settings).toMatchObject({ keys: [], broker: null, plugs, authentication: "required" });
	});

	test("no complaint repeats a secret", () => {
		const chance = createChance(7);
		const alphabet = "GHIJKLMNOPQRSTUVWXYZ!§$%&";
		for (let round = 0; round < 500; round++) {
			const secret = Array.from({ length: chance.integer(4, 80) }, () => chance.pick([...alphabet])).join("");
			const { problems } = check({
				wifiPassword: secret.slice(0, 7),
				password: secret,
				key: secret,
				authenticationKey: secret,
			});
			expect(problems.length).toBeGreaterThan(2);
			for (const text of problems) expect(text).not.toContain(secret.slice(0, 4));
		}
	});
});

describe("several meters", () => {
	const other = "00112233445566778899AABBCCDDEE00";

	test("the plugs of a list, in the place of receivePin and requestPin", () => {
		const { settings, problems } = check({ receivePin: "4", meters: "16/17, 16/18 13" });
		expect(problems).toEqual([]);
		expect(settings.plugs).toEqual([
			{ receivePin: 16, requestPin: 17 },
			{ receivePin: 16, requestPin: 18 },
			{ receivePin: 13, requestPin: null },
		]);
	});

	test("keys in any form, after the first", () => {
		const { settings, problems } = check({ keys: `${other}, d4:91 ${"0A".repeat(14)}` });
		expect(problems).toEqual([]);
		expect(settings.keys.map(key => Buffer.from(key).toString("hex").toUpperCase())).toEqual([
			good.key.toUpperCase(),
			other,
			`D491${"0A".repeat(14)}`,
		]);
	});

	test.each([
		["meters", "16/17/18", /meters must be a list of GPIOs/],
		["meters", "x", /meters must be a list of GPIOs/],
		["meters", "16/0", /meters has 16\/0, which is GPIO 0, .* does not start/],
		["meters", "16/35", /meters has 16\/35, which is GPIO 35, which can only receive/],
		["meters", "16/17 16/17", /meters has GPIO 17 as the request of two meters/],
		["meters", "16/17 17/18", /meters has GPIO 17 as a data line and as a request/],
		["meters", "16/17 16", /meters has GPIO 16 twice, once without a request/],
		["meters", "4 13 14 15", /meters has 4 data lines, and the chip has 3 UARTs/],
		["meters", "16/17 16/18 16/19 16/21 16/22 16/23 16/25", /meters has 7 meters; a reader has 6 at most/],
		["keys", "00", /keys, number 1, has 2 hexadecimal digits and needs 32: 30 missing/],
		["keys", `${other} 0`, /keys, number 2, has 1 hexadecimal digits/],
		["keys", `${other} ${other}`, /keys, number 2, is there twice/],
		["keys", good.key, /keys has the same key as key; each meter has its own/],
		["keys", "00112233445566778899AABBCCDDEEFF", /keys, number 1, is the public authentication key/],
		["keys", "a".repeat(32), /keys, number 1, is one digit 32 times/],
		["keys", [1, 2, 3, 4, 5, 6].map(digit => `0${digit}`.repeat(16)).join(" "), /keys has more than five keys/],
	])("%s %s is a complaint", (name, value, complaint) => {
		const { problems } = check({ [name]: value });
		expect(problems).toHaveLength(1);
		expect(problems[0]).toMatch(complaint);
		expect(problems[0]).not.toContain(other);
	});

	test("further keys without a first one are a complaint", () => {
		expect(check({ key: null, keys: other }).problems).toContain(
			"keys is set, and key is not: the first meter's is key.",
		);
	});
});

test("random text is a complaint or a setting, and never an exception", () => {
	const chance = createChance(3);
	const characters = [..."mqts:/.-[]@#+$0123456789abcdefABCDEF äß€😀\t\u0000 yesno"];
	for (let round = 0; round < 2_000; round++) {
		const values = settingTable.map(() =>
			chance.integer(0, 3) === 0
				? null
				: Array.from({ length: chance.integer(1, 40) }, () => chance.pick(characters)).join(""),
		);
		const { settings, problems } = checkSettings(values, "wifi", null);
		expect(settings.keys.every(key => key.length === 16)).toBe(true);
		expect(settings.plugs.every(({ receivePin }) => receivePin >= 0)).toBe(true);
		expect(new Set(problems).size).toBe(problems.length);
	}
});

test.each<[string, ReturnType<typeof parseBroker>]>([
	["homeassistant.local", { host: "homeassistant.local", port: 1883, secure: false }],
	["homeassistant:1884", { host: "homeassistant", port: 1884, secure: false }],
	["MQTT://A.b/", { host: "a.b", port: 1883, secure: false }],
	["mqtt://HomeAssistant.LOCAL", { host: "homeassistant.local", port: 1883, secure: false }],
	["mqtts://192.168.1.9", { host: "192.168.1.9", port: 8883, secure: true }],
])("the broker %s", (text, address) => {
	expect(parseBroker(text)).toEqual(address);
});

test("the store counts before the build, and an empty value of the build is none", () => {
	const built = readConfiguration({ wifi: "bench", broker: " ", key: 5 });
	const stored = raw({ wifi: "home" });
	const merged = mergeSettings(stored, built);
	expect(merged[findSetting("WIFI")]).toBe("home");
	expect(mergeSettings(raw({}), built)[findSetting("wifi")]).toBe("bench");
	expect(merged[findSetting("broker")]).toBeNull();
	expect(merged[findSetting("key")]).toBeNull();
});

test("bytes are counted as UTF-8 has them", () => {
	for (const text of ["", "abc", "äöü", "€uro", "😀", "a\u07ff\u0800"]) {
		expect(countBytes(text)).toBe(Buffer.byteLength(text));
	}
});

test("docs/settings.md has every setting with its default, and no other", () => {
	const text = readFileSync(new URL("../../docs/settings.md", import.meta.url), "utf8");
	const rows = text.slice(0, text.indexOf("\n## ")).matchAll(/^\| `(\w+)`/gm);
	expect([...rows].map(([, name]) => name)).toEqual(settingTable.map(({ name }) => name));
	for (const { name, fallback } of settingTable) {
		const row = text.split("\n").find(line => line.startsWith(`| \`${name}\``));
		expect(row, name).toBeDefined();
		if (fallback !== null) expect(row).toContain(`\`${fallback}\``);
	}
});

describe("publishing and serving", () => {
	test("everything set", () => {
		const { settings, problems } = check({
			layout: "raw, values json",
			publish: "30",
			deadBand: "power=5 voltage=0.5",
			stateQuality: "0",
			stateRetain: "no",
			valuesQuality: "1",
			valuesRetain: "yes",
			smartyreaderBase: "smartyreader, reader 2",
			smartmeterBase: "cellar",
			sgrimeeBase: "lamsmarty",
			dsmrReaderBase: "house/dsmr",
			labels: "114004=PV, 26568 = heat pump",
			discovery: "entity",
			discoveryPrefix: "ha",
			unproven: "Omit",
			powerClass: "7 off 12",
			powerPrice: "0.1139",
			telegramPort: "8088 8089",
			webPort: "80",
			webToken: "correct-horse",
			webHost: "Smarty.example.org, energy",
			updateUrl: "http://HA.local:8123/local/smarty-xs.bin",
		});
		expect(problems).toEqual([]);
		expect(settings.integrations).toEqual({
			layouts: ["json", "values", "raw"],
			mode: "interval",
			period: 30_000,
			deadBands: { power: 5, energy: 10, voltage: 500, current: 1_000, index: 1 },
			stateQuality: 0,
			stateRetain: false,
			valuesQuality: 1,
			valuesRetain: true,
			smartyreaderBases: ["smartyreader", "reader 2"],
			smartmeterBase: "cellar",
			sgrimeeBases: ["lamsmarty"],
			dsmrReaderBases: ["house/dsmr"],
			labels: [
				["114004", "PV"],
				["26568", "heat pump"],
			],
			discovery: "entity",
			discoveryPrefix: "ha",
			unproven: "omit",
			powerClasses: [7_000, null, 12_000],
			powerPrice: 0.1139,
			telegramPorts: [8088, 8089],
			webPort: 80,
			webToken: "correct-horse",
			isReadGuarded: false,
			webHosts: ["smarty.example.org", "energy"],
			updateUrl: { host: "ha.local", port: 8123, path: "/local/smarty-xs.bin" },
		});
		expect(check({ publish: "change" }).settings.integrations).toMatchObject({ mode: "change", period: 60_000 });
	});

	test("Home Assistant's entities need the state message, unless they are not wanted", () => {
		const complaint =
			"layout has no json, of which Home Assistant's entities are made: add json, or set discovery off.";
		expect(check({ layout: "values" }).problems).toEqual([complaint]);
		expect(check({ layout: "raw sgrimee", discovery: "entity" }).problems).toEqual([complaint]);
		expect(check({ layout: "values", discovery: "off" }).problems).toEqual([]);
		expect(check({ layout: "values json" }).problems).toEqual([]);
		expect(check({}).problems).toEqual([]);
	});

	test.each([
		["layout", "json,xml", "layout must be one or more of json, values"],
		["layout", ",", "layout must be"],
		["publish", "5", "from 10 to 3600"],
		["publish", "1e3", "from 10 to 3600"],
		["deadBand", "power", "deadBand must be a list like power=20"],
		["deadBand", "power=-1", "deadBand must be"],
		["deadBand", "weight=1", "deadBand must be"],
		["stateQuality", "2", "stateQuality must be 0 or 1."],
		["valuesRetain", "true", "valuesRetain must be yes or no."],
		["discovery", "yes", "discovery must be device, entity or off."],
		["discoveryPrefix", "ha/#", "discoveryPrefix holds + or #"],
		["smartyreaderBase", "/x", "smartyreaderBase begins or ends with /"],
		["powerClass", "0", "powerClass must be off or a number"],
		["powerClass", "7 8x", "powerClass must be off or a number"],
		["smartyreaderBase", "a,,b", "smartyreaderBase has nothing between two commas"],
		["sgrimeeBase", "a, a", "sgrimeeBase has the same topic for two meters"],
		["labels", "PV", "labels must be a list like"],
		["labels", `1=${"x".repeat(33)}`, "labels has a name of more than 32 bytes"],
		["telegramPort", "8088 08088", "telegramPort has a port twice"],
		["powerClass", "3.5", "powerClass must be"],
		["powerPrice", "0,11", "powerPrice must be a number like"],
		["telegramPort", "65536", "telegramPort must be off or a number from 1 to 65535."],
		["webPort", "0", "webPort must be off"],
		["webToken", "short", "fewer than 8 characters"],
		["webToken", 'quotation"mark', "webToken may hold letters"],
		["webHost", "http://smarty.example.org", "webHost must be one or more names like smarty.example.org"],
		["webHost", "smarty.example.org:80", "webHost must be"],
		["webHost", "*", "webHost must be"],
		["webHost", ",", "webHost must be"],
		["updateUrl", "https://ha.local/x.bin", "updateUrl is an address of a file like http://192.168.1.10"],
		["updateUrl", "http://ha.local", "updateUrl is an address"],
		["updateUrl", "http://ha.local/x y", "updateUrl is an address"],
		["updateUrl", "http://ha.local/x?y", "updateUrl is an address"],
		["updateUrl", "http:///x.bin", "updateUrl has no host"],
		["updateUrl", "http://user:word@ha.local/x.bin", "updateUrl has a host that cannot be"],
		["updateUrl", "http://[::1]/x.bin", "updateUrl is an IPv6 address"],
		["updateUrl", "http://192.168.1.300/x.bin", "updateUrl looks like an address and is none"],
		["updateUrl", "http://ha.local:0/x.bin", "updateUrl has a port"],
	])("%s %s", (name, value, complaint) => {
		const { settings, problems } = check({ [name]: value });
		expect(problems).toHaveLength(1);
		expect(problems[0]).toContain(complaint);
		if (name === "webToken") expect(problems[0]).not.toContain(value);
		expect(settings.integrations).toEqual(defaults);
	});

	test("two servers need two ports", () => {
		expect(check({ telegramPort: "80", webPort: "80" }).problems).toEqual([
			"telegramPort and webPort are the same port.",
		]);
		expect(check({ telegramPort: "080", webPort: "80" }).problems).toHaveLength(1);
		expect(check({ telegramPort: "off", webPort: "off" }).problems).toEqual([]);
	});
});

test("what the table says of a setting needs no escape in JSON, where the page takes it as it is", () => {
	for (const { name, fallback, help } of settingTable) {
		for (const text of [name, fallback ?? "", help]) expect(JSON.stringify(text)).toBe(`"${text}"`);
	}
});
