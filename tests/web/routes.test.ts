/** Tests of `modules/web/routes.ts`. */
import { describe, expect, test } from "vitest";
import { addReading, createAccount } from "../../modules/meter/account.js";
import { createLatest, type Latest } from "../../modules/meter/latest.js";
import { createFaults } from "../../modules/p1/faults.js";
import { copyTelegram } from "../../modules/p1/plain.js";
import type { Request } from "../../modules/web/request.js";
import { explain } from "../../modules/web/response.js";
import type { Sources } from "../../modules/web/route.js";
import { respond } from "../../modules/web/routes.js";
import { changeLine, readTelegram } from "../support/telegrams.js";
import { realFrame, specificationTelegram } from "../support/vectors.js";
import { readResponse } from "./bodies.js";
import { parseMetrics } from "./metrics-parser.js";
import { requestFor } from "./requests.js";

const surroundings = {
	now: 5000,
	network: "Stuff",
	signalStrength: -61,
	macAddress: "a0b1c2d3e4f5",
	version: "smarty-xs 0.1.0",
	counters: [],
};
const counters = {
	bytes: 3000,
	discarded: 12,
	telegrams: 3,
	authenticated: 2,
	crcOnly: 1,
	plain: 0,
};

const sources: Sources = {
	readPage: () => Buffer.from("a page"),
	describeStatus: () => ["status"].values(),
	describeLog: () => ["log"].values(),
	listRecent: (_house, meter) => [`recent ${meter}`].values(),
	listQuarters: (_house, after) => [`quarters after ${after}`].values(),
	describeSettings: () => ["settings"].values(),
	takeSettings: () => explain(200, "taken"),
};

function snapshotOf(text: string | null): Latest {
	const account = createAccount(3000);
	const snapshot = createLatest(Object.assign(createFaults(), { damaged: 2 }), counters, account);
	if (text === null) return snapshot;
	const telegram = readTelegram(text);
	const { readings, verdict, frameCounter } = telegram;
	const time = Date.parse("2020-07-06T08:30:00Z");
	addReading(account, { time, register: 25_000, power: 4000 });
	addReading(account, { time: time + 360_000, register: 25_653, power: 5 });
	return Object.assign(snapshot, {
		readings,
		meter: readings.serial,
		verdict,
		frameCounter,
		telegram: copyTelegram(telegram),
	});
}

function get(
	path: string,
	snapshot: Latest,
	changes: Partial<Request> = {},
	token: string | null = null,
	now = 5000,
	hosts: string[] = [],
) {
	const access = { token, isReadGuarded: token !== null, hosts };
	return readResponse(
		respond(requestFor(path, changes), [snapshot], { ...surroundings, now }, access, undefined, sources),
	);
}

/** Sends a body byte by byte. */
function put(path: string, body: string, token: string | null = null) {
	const bytes = Buffer.from(body);
	const request = requestFor(path, { method: "PUT", bodyLength: bytes.length });
	const answer = respond(request, [none], surroundings, { token, isReadGuarded: token !== null, hosts: [] });
	if (!("onBytes" in answer)) return readResponse(answer);
	for (let at = 0; at < bytes.length; at += 1) answer.onBytes(bytes, at, at + 1);
	return readResponse(answer.onEnd());
}

const full = snapshotOf(specificationTelegram);
const none = snapshotOf(null);
const pages = ["/state", "/metrics", "/api", "/api/v1/data", "/api/v1/telegram", "/api/v1/system"];

test("who may see what", () => {
	for (const path of pages) {
		expect(get(path, full).status).toBe(200);
		expect(get(path, full, {}, "secret").status).toBe(401);
		for (const authorization of ["secret", "Bearer", "Bearer secre", "Bearer secret2", "Basic secret"]) {
			expect(get(path, full, { authorization }, "secret").status).toBe(401);
		}
		expect(get(path, full, { authorization: "bearer secret" }, "secret").status).toBe(200);
		expect(get(path, full, { method: "POST" }).status).toBe(405);
	}
	expect(get("/healthz", full, {}, "secret").status).toBe(200);
	expect(get("/api/v1/data/", full).status).toBe(404);
});

test("what is not there says what is", () => {
	const { status, body } = get("/nothing", full);
	expect(status).toBe(404);
	const asked = body.match(/((PUT|POST) )?\/[^\s,.]+/g)!.map(words => words.split(" "));
	for (const words of asked) {
		const method = words.at(-2) ?? "GET";
		// What changes something is for whoever has the token.
		expect(get(words.at(-1)!, full, { method }).status).toBe(method === "POST" ? 403 : 200);
	}
	expect(asked).toContainEqual(["PUT", "/api/v1/identify"]);
	for (const path of [...pages, "/healthz"]) expect(body).toContain(path);
	expect(get("/nothing", full, {}, "secret")).toMatchObject({
		status: 401,
		body: expect.not.stringContaining("/state"),
	});
});

test("a web site whose name points into the house learns nothing", () => {
	const asked = (path: string, token: string | null, hosts: string[], authorization: string | null = null) =>
		get(path, full, { host: "rebound.example", authorization }, token, 5000, hosts).status;
	for (const path of [...pages, "/healthz", "/"]) {
		expect(asked(path, null, [])).toBe(421);
		expect(asked(path, null, ["smarty.example"])).toBe(421);
	}
	for (const path of pages) {
		expect(asked(path, null, ["rebound.example"])).toBe(200);
		// A token says more than a name: no web site has it.
		expect(asked(path, "secret", [])).toBe(401);
		expect(asked(path, "secret", [], "Bearer secret")).toBe(200);
		expect(get(path, full, { host: null }).status).toBe(200);
	}
	const { body } = get("/state", full, { host: "rebound.example" });
	expect(body).toMatch(/^Not a name of this reader: .* set webHost to this name\.\n$/);
});

test("old readings are not shown for new ones", () => {
	for (const path of ["/state", "/api/v1/data", "/api/v1/telegram", "/healthz"]) {
		expect(get(path, none).status).toBe(503);
		expect(get(path, full, {}, null, 59_999).status).toBe(200);
		expect(get(path, full, {}, null, 60_000).status).toBe(503);
	}
	expect(get("/metrics", full, {}, null, 60_000).body).not.toContain("import");
	expect(get("/metrics", full, {}, null, 60_000).body).toContain("smarty_telegram_age_seconds 60\n");
});

test("state and telegram", () => {
	expect(JSON.parse(get("/state", full).body)).toMatchObject({ serial: "SAG1030790002574", voltage_l1: 233 });
	expect(get("/api/v1/telegram", full).body).toBe(specificationTelegram);
	expect(get("/healthz", full).body).toBe("last telegram 5 s ago\n");
});

describe("the page", () => {
	test("comes packed, with what keeps it from being framed or taken for something else, and without a token", () => {
		for (const token of [null, "secret"]) {
			const { status, type, body, extra } = get("/", full, {}, token);
			expect([status, type, body]).toEqual([200, "text/html; charset=utf-8", "a page"]);
			expect(extra?.split("\r\n")).toEqual([
				"Content-Encoding: gzip",
				"Content-Security-Policy: frame-ancestors 'none'",
				"X-Frame-Options: DENY",
				"X-Content-Type-Options: nosniff",
				"Referrer-Policy: no-referrer",
				"Cross-Origin-Resource-Policy: same-origin",
				"",
			]);
		}
	});

	test("gets what it shows, for the meter and from the sector that it names", () => {
		const meter = "SAG1030790002574";
		expect(get("/status", full).body).toBe("status");
		expect(get("/log", full).body).toBe("log");
		expect(get("/settings", full).body).toBe("settings");
		expect(get("/recent", full).body).toBe(`recent ${meter}`);
		expect(get("/recent", full, { query: `meter=${meter}` }).body).toBe(`recent ${meter}`);
		// What is old is not hidden: it has its own time.
		expect(get("/recent", full, {}, null, 3_600_000).status).toBe(200);
		expect(get("/recent", full, { query: "meter=nobody" }).status).toBe(404);
		expect(get("/recent", none).status).toBe(404);
		expect(get("/quarters", full).body).toBe("quarters after 0");
		expect(get("/quarters", full, { query: "after=42" }).body).toBe("quarters after 42");
		for (const path of ["/status", "/log", "/settings", "/recent", "/quarters"]) {
			expect(get(path, full, {}, "secret").status).toBe(401);
			expect(get(path, full, { host: "rebound.example" }).status).toBe(421);
		}
	});

	test("is not there where there is none", () => {
		const access = { token: null, isReadGuarded: false, hosts: [] };
		for (const path of ["/", "/status", "/recent"]) {
			expect(readResponse(respond(requestFor(path, {}), [full], surroundings, access)).status).toBe(404);
		}
	});
});

describe("HomeWizard", () => {
	test("device", () => {
		expect(JSON.parse(get("/api", none).body)).toEqual({
			product_type: "HWE-P1",
			product_name: "P1 meter (smarty-xs)",
			serial: "a0b1c2d3e4f5",
			firmware_version: "0.1.0",
			api_version: "v1",
		});
	});

	test("data of the specification's telegram", () => {
		expect(JSON.parse(get("/api/v1/data", full).body)).toEqual({
			wifi_ssid: "Stuff",
			wifi_strength: 78,
			smr_version: 42,
			meter_model: "Lux5\\253694471_M",
			unique_id: "53414731303330373930303032353734",
			total_power_import_kwh: 25.653,
			total_power_import_t1_kwh: 25.653,
			total_power_export_kwh: 0.04,
			total_power_export_t1_kwh: 0.04,
			active_power_w: 5,
			active_power_l1_w: 5,
			active_power_l2_w: 0,
			active_power_l3_w: 0,
			active_voltage_l1_v: 233,
			active_voltage_l2_v: 0,
			active_voltage_l3_v: 1,
			active_current_a: 0,
			active_current_l1_a: 0,
			active_current_l2_a: 0,
			active_current_l3_a: 0,
			voltage_sag_l1_count: 40,
			voltage_sag_l2_count: 3,
			voltage_sag_l3_count: 2,
			voltage_swell_l1_count: 0,
			voltage_swell_l2_count: 0,
			voltage_swell_l3_count: 0,
			any_power_fail_count: 99,
			active_power_average_w: 6530,
			total_gas_m3: 0.006,
			gas_timestamp: 200706103140,
			gas_unique_id: "464C4F313839393030303630333535",
			external: [
				{
					unique_id: "464C4F313839393030303630333535",
					type: "gas_meter",
					timestamp: 200706103140,
					value: 0.006,
					unit: "m3",
				},
				{
					unique_id: "454C53333533353839393830333030",
					type: "gas_meter",
					timestamp: 200706102900,
					value: 28.103,
					unit: "m3",
				},
			],
		});
	});

	test("export and its currents are negative; what the meter does not send is not there", () => {
		let text = changeLine(specificationTelegram, "1-0:2.7.0", "1-0:2.7.0(02.345*kW)");
		text = changeLine(text, "1-0:22.7.0", "1-0:22.7.0(02.345*kW)");
		text = changeLine(text, "1-0:31.7.0", "1-0:31.7.0(010*A)");
		expect(JSON.parse(get("/api/v1/data", snapshotOf(text)).body)).toMatchObject({
			active_power_w: -2340,
			active_power_l1_w: -2340,
			active_current_l1_a: -10,
		});
		const old = JSON.parse(get("/api/v1/data", snapshotOf(realFrame.telegram)).body);
		expect(old).not.toHaveProperty("active_voltage_l1_v");
		expect(old).not.toHaveProperty("active_power_l1_w");
		expect(old).not.toHaveProperty("total_gas_m3");
		expect(old.active_current_l1_a).toBe(0);
	});

	test("the sum of the currents has the signs of its phases", () => {
		const read = (lines: Record<string, string>) => {
			let text = specificationTelegram;
			for (const [code, value] of Object.entries(lines)) text = changeLine(text, code, `${code}(${value})`);
			return JSON.parse(get("/api/v1/data", snapshotOf(text)).body);
		};
		const currents = { "1-0:31.7.0": "005*A", "1-0:51.7.0": "008*A", "1-0:71.7.0": "009*A" };
		const powers = { "1-0:22.7.0": "00.930*kW", "1-0:42.7.0": "01.894*kW", "1-0:61.7.0": "02.047*kW" };
		expect(read({ ...currents, ...powers })).toMatchObject({
			active_current_a: -4,
			active_current_l1_a: -5,
			active_current_l2_a: -8,
			active_current_l3_a: 9,
		});
		expect(read({ "1-0:31.7.0": "002.3*A", "1-0:51.7.0": "000.4*A", "1-0:71.7.0": "000.2*A" })).toMatchObject({
			active_current_a: 2.9,
		});
	});

	test("where the phases have no power, the sign of their currents is that of the whole", () => {
		const lines = (sold: string, bought = "00.000") =>
			`/Lux5\\1\r\n\r\n1-0:1.7.0(${bought}*kW)\r\n1-0:2.7.0(${sold}*kW)\r\n1-0:31.7.0(005*A)\r\n1-0:51.7.0(002*A)\r\n!`;
		const data = (text: string) => JSON.parse(get("/api/v1/data", snapshotOf(text)).body);
		expect(data(lines("04.873"))).toMatchObject({
			active_power_w: -4873,
			active_current_a: -7,
			active_current_l1_a: -5,
			active_current_l2_a: -2,
		});
		expect(data(lines("00.100", "00.900"))).toMatchObject({ active_power_w: 800, active_current_a: 7 });
		const single = "/Lux5\\1\r\n\r\n1-0:2.7.0(01.500*kW)\r\n1-0:31.7.0(006*A)\r\n!";
		expect(data(single)).toMatchObject({ active_power_w: -1500, active_current_a: -6, active_current_l1_a: -6 });
		expect(data("/Lux5\\1\r\n\r\n1-0:1.7.0(01.500*kW)\r\n!")).not.toHaveProperty("active_current_a");
	});

	test("tariffs, frequency, long failures and the peak of meters of other countries", () => {
		const text = (...lines: string[]) => `/ISK5\\1\r\n\r\n${lines.join("\r\n")}\r\n!`;
		const data = (...lines: string[]) => {
			const latest = snapshotOf(text(...lines));
			return JSON.parse(get("/api/v1/data", { ...latest, account: null }).body);
		};
		expect(
			data(
				"0-0:96.1.1(31323334)",
				"1-0:1.8.1(000123.456*kWh)",
				"1-0:1.8.2(000654.321*kWh)",
				"0-0:96.14.0(0002)",
				"1-0:14.7.0(49.98*Hz)",
				"0-0:96.7.9(00005)",
			),
		).toMatchObject({
			unique_id: "31323334",
			total_power_import_kwh: 777.777,
			total_power_import_t1_kwh: 123.456,
			total_power_import_t2_kwh: 654.321,
			active_tariff: 2,
			active_frequency_hz: 49.98,
			long_power_fail_count: 5,
		});
		expect(data("1-0:1.8.0(1*kWh)", "1-0:1.4.0(02.351*kW)", "1-0:1.6.0(230105101500W)(02.589*kW)")).toMatchObject({
			active_power_average_w: 2351,
			montly_power_peak_w: 2589,
			montly_power_peak_timestamp: 230105101500,
		});
	});

	test("the cloud is off, and stays so", () => {
		expect(JSON.parse(get("/api/v1/system", none).body)).toEqual({ cloud_enabled: false });
		for (const value of ["true", "false"]) {
			expect(put("/api/v1/system", `{"cloud_enabled": ${value}}`)).toMatchObject({
				status: 200,
				type: "application/json",
				body: '{"cloud_enabled":false}',
			});
		}
		const errors: [string, number][] = [
			["", 2],
			['{"cloud_enabled": yes}', 2],
			['{"cloud_enabled": 1}', 7],
			["{}", 7],
			["null", 7],
			["[]", 7],
		];
		for (const [body, id] of errors) {
			const answer = put("/api/v1/system", body);
			expect([answer.status, JSON.parse(answer.body).error.id]).toEqual([400, id]);
		}
		expect(put("/api/v1/system", "{}", "secret").status).toBe(401);
	});

	test("identify lets the light flash", () => {
		let asked = 0;
		const actions = {
			identify() {
				asked += 1;
			},
			update: () => explain(500, "not asked for"),
		};
		const identify = (changes: Partial<Request>, token: string | null = null) =>
			readResponse(
				respond(
					requestFor("/api/v1/identify", changes),
					[none],
					surroundings,
					{ token, isReadGuarded: token !== null, hosts: [] },
					actions,
				),
			);
		expect(identify({ method: "PUT" })).toMatchObject({ status: 200, body: '{"identify":"ok"}' });
		expect(identify({ method: "PUT", bodyLength: 0 }).status).toBe(200);
		expect(asked).toBe(2);
		expect(identify({ method: "GET" })).toMatchObject({ status: 405, extra: "Allow: PUT\r\n" });
		expect(identify({ method: "PUT", host: "rebound.example" }).status).toBe(421);
		expect(identify({ method: "PUT" }, "secret").status).toBe(401);
		expect(asked).toBe(2);
	});

	test("version 2 is not there, as on a device with older firmware", () => {
		for (const path of ["/api/measurement", "/api/system", "/api/ws", "/api/telegram"]) {
			expect(get(path, full).status).toBe(404);
		}
		expect(get("/api/user", full, { method: "POST" }).status).toBe(404);
		expect(get("/api/system/identify", full, { method: "PUT" }).status).toBe(404);
		expect(JSON.parse(get("/api", full).body).api_version).toBe("v1");
	});
});

describe("metrics", () => {
	const page = get("/metrics", full);
	const families = parseMetrics(page.body, "modern");
	const find = (name: string) => families.find(family => family.name === name);

	test("are strict OpenMetrics", () => {
		expect(page.type).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
		expect(families.length).toBeGreaterThan(35);
		for (const { name, type, unit, samples } of families) {
			expect(samples.length).toBeGreaterThan(0);
			if (unit !== "") expect(name.endsWith(`_${unit}`)).toBe(true);
			for (const [sample] of samples) expect(sample).toBe(type === "counter" ? `${name}_total` : name);
		}
	});

	test("hold the telegram's values in base units", () => {
		const meter = "SAG1030790002574";
		expect(find("smarty_active_energy_import_joules")?.samples).toEqual([
			["smarty_active_energy_import_joules_total", { meter }, 25653 * 3600],
		]);
		expect(find("smarty_voltage_volts")?.samples.map(sample => [sample[1].phase, sample[2]])).toEqual([
			["l1", 233],
			["l2", 0],
			["l3", 1],
		]);
		expect(find("smarty_active_power_import_watts")?.samples).toHaveLength(1);
		expect(find("smarty_phase_active_power_import_watts")?.samples).toHaveLength(3);
		expect(find("smarty_mbus_cubic_meters")?.samples[1]).toEqual([
			"smarty_mbus_cubic_meters_total",
			{ meter, type: "gas", device: "ELS353589980300" },
			28.103,
		]);
		expect(find("smarty_meter_time_seconds")?.samples[0][2]).toBe(Date.parse("2020-07-06T08:41:57Z") / 1000);
		expect(find("smarty_quarter_power_watts")?.samples[0][2]).toBe(6530);
		expect(find("smarty_telegrams")?.samples.map(sample => sample[2])).toEqual([2, 1, 0]);
		expect(find("smarty_faults")?.samples.find(sample => sample[1].fault === "damaged")?.[2]).toBe(2);
		expect(find("smarty_wifi_signal_dbm")?.samples[0][2]).toBe(-61);
	});

	test("are text of version 0.0.4 for who asks for plain text, with the same samples", () => {
		const old = get("/metrics", full, { accept: "text/plain," });
		expect(old.type).toContain("0.0.4");
		expect(old.body).not.toContain("# EOF");
		// The parser for the old format takes _total off counters, too.
		const samples = parseMetrics(old.body, "old").flatMap(family => family.samples);
		expect(samples).toEqual(families.flatMap(family => family.samples));
		const scrape = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,";
		expect(get("/metrics", full, { accept: scrape }).type).toContain("openmetrics");
	});

	test("keep labels in their quotes", () => {
		const snapshot = snapshotOf(specificationTelegram);
		snapshot.meter = 'a"b\\c\nd';
		expect(parseMetrics(get("/metrics", snapshot).body, "modern")[0].samples[0][1].meter).toBe('a"b\\c\nd');
		expect(parseMetrics(get("/metrics", none).body, "modern").length).toBeGreaterThan(4);
	});
});
