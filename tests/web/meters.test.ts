/** Tests of `modules/web/meters.ts`. */
import { describe, expect, test } from "vitest";
import { createLatest, type Latest } from "../../modules/meter/latest.js";
import { createFaults } from "../../modules/p1/faults.js";
import { copyTelegram } from "../../modules/p1/plain.js";
import { findMeter, nameMeters, readParameter } from "../../modules/web/meters.js";
import { respond } from "../../modules/web/routes.js";
import { changeLine, readTelegram } from "../support/telegrams.js";
import { specificationTelegram } from "../support/vectors.js";
import { readResponse } from "./bodies.js";
import { parseMetrics } from "./metrics-parser.js";

const surroundings = {
	now: 5_000,
	network: "Stuff",
	signalStrength: null,
	macAddress: "a0b1",
	version: "smarty-xs 0.1.0",
	counters: [],
};

/** A meter with this serial number and this voltage; without a number it has sent nothing. */
function createMeter(serial: string | null, volts = 230, time = 0): Latest {
	const counters = { bytes: volts, discarded: 1, telegrams: 1, authenticated: 0, crcOnly: 0, plain: 1 };
	const latest = createLatest(Object.assign(createFaults(), { damaged: volts }), counters, null);
	if (serial === null) return latest;
	const digits = Buffer.from(serial).toString("hex").toUpperCase();
	let text = changeLine(specificationTelegram, "0-0:42.0.0", `0-0:42.0.0(${digits})`);
	text = changeLine(text, "1-0:32.7.0", `1-0:32.7.0(${volts}.0*V)`);
	const telegram = readTelegram(text);
	const { readings, verdict } = telegram;
	return Object.assign(latest, { readings, meter: readings.serial, verdict, telegram: copyTelegram(telegram), time });
}

function get(path: string, meters: readonly Latest[], query = "", now = 5_000) {
	const request = {
		method: "GET",
		path,
		query,
		isOld: false,
		host: null,
		authorization: null,
		accept: "",
		language: "",
	};
	const access = { token: null, isReadGuarded: false, hosts: [] };
	return readResponse(
		respond(
			{ ...request, bodyLength: null, contentType: null, origin: null, site: null, isWaiting: false },
			meters,
			{ ...surroundings, now },
			access,
		),
	);
}

const [first, second] = ["SAG1030700000001", "SAG1030700000002"];
const meters = [createMeter(first, 231), createMeter(second, 232), createMeter(null, 233)];
const metersPages = ["/state", "/api/v1/data", "/api/v1/telegram"];

test("a meter is asked for by its name; without one it is the first", () => {
	expect(JSON.parse(get("/state", meters).body)).toMatchObject({ serial: first, voltage_l1: 231 });
	expect(JSON.parse(get("/state", meters, `meter=${second}`).body)).toMatchObject({ serial: second, voltage_l1: 232 });
	expect(JSON.parse(get("/api/v1/data", meters, `a=b&meter=${second}`).body).active_voltage_l1_v).toBe(232);
	expect(get("/api/v1/telegram", meters, `meter=${second}`).body).toContain("(232.0*V)");
	for (const path of metersPages) {
		expect(get(path, meters, `meter=${first}`)).toEqual(get(path, meters));
		for (const query of ["meter=", "meter=nobody", `meter=${first}1`]) {
			expect(get(path, meters, query)).toMatchObject({
				status: 404,
				body: `No meter is called so. Here are ${first}, ${second}, meter 3.\n`,
			});
		}
		expect(get(path, meters, "meter=meter+3").status).toBe(503);
		expect(get(path, meters.slice(1), "other=1").body).toContain("232");
	}
});

test("parameters are read as forms write them", () => {
	expect(readParameter("", "meter")).toBe(null);
	expect(readParameter("meters=1&ameter=2&meter", "meter")).toBe(null);
	expect(readParameter("meter=a%20b+c%2Bd&meter=e", "meter")).toBe("a b c+d");
	expect(readParameter("meter=%F0%9F%92%A1=&", "meter")).toBe("💡=");
	expect(readParameter("meter=%zz%", "meter")).toBe("%zz%");
	expect(findMeter(meters, "meter=%53AG1030700000002")).toBe(meters[1]);
});

test("a name stands for one meter, also when a plug changed its place", () => {
	const swapped = [createMeter(null), createMeter(first, 1), createMeter(first, 2)];
	expect(nameMeters(swapped)).toEqual(["meter 1", first, "meter 3"]);
	const families = parseMetrics(get("/metrics", swapped).body, "modern");
	for (const { samples } of families) {
		const labels = samples.map(([name, labels]) => `${name} ${JSON.stringify(labels)}`);
		expect(new Set(labels).size).toBe(labels.length);
	}
});

test("well is when all are well, and who is not is named", () => {
	expect(get("/healthz", meters.slice(0, 2))).toMatchObject({
		status: 200,
		body: `${first}: last telegram 5 s ago\n${second}: last telegram 5 s ago\n`,
	});
	expect(get("/healthz", meters)).toMatchObject({
		status: 503,
		body: expect.stringContaining("meter 3: no telegram yet\n"),
	});
	const old = [createMeter(first, 231, 0), createMeter(second, 232, 60_000)];
	expect(get("/healthz", old, "", 61_000)).toMatchObject({
		status: 503,
		body: `${first}: last telegram 61 s ago\n${second}: last telegram 1 s ago\n`,
	});
	expect(get("/healthz", [createMeter(null)]).body).toBe("no telegram yet\n");
});

describe("metrics of several meters", () => {
	const families = parseMetrics(get("/metrics", meters).body, "modern");
	const samplesOf = (name: string) => families.find(family => family.name === name)?.samples ?? [];

	test("have each meter's label, each family once", () => {
		expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
		const volts = samplesOf("smarty_voltage_volts").filter(([, { phase }]) => phase === "l1");
		expect(volts.map(([, { meter }, value]) => [meter, value])).toEqual([
			[first, 231],
			[second, 232],
		]);
		expect(samplesOf("smarty_mbus_cubic_meters")).toHaveLength(4);
		expect(parseMetrics(get("/metrics", meters, "meter=nobody").body, "modern")).toEqual(families);
	});

	test("tell what a line counts once where meters share it", () => {
		const shared = [meters[0]!, { ...meters[1]!, counters: meters[0]!.counters, faults: meters[0]!.faults }];
		const own = parseMetrics(get("/metrics", shared).body, "modern");
		for (const name of ["smarty_received_bytes", "smarty_discarded_bytes", "smarty_faults", "smarty_telegrams"]) {
			const found = own.find(family => family.name === name)?.samples ?? [];
			expect(new Set(found.map(([, { meter }]) => meter)), name).toEqual(new Set([first]));
		}
		expect(own.find(({ name }) => name === "smarty_telegram_age_seconds")?.samples).toHaveLength(2);
	});

	test("tell of each reader what it counted, with the label where there are several", () => {
		for (const [name, labels] of [
			["smarty_received_bytes", {}],
			["smarty_faults", { fault: "damaged" }],
		] as const) {
			const found = samplesOf(name).filter(([, { fault }]) => fault === undefined || fault === "damaged");
			expect(found.map(([, own, value]) => [own, value])).toEqual([
				[{ meter: first, ...labels }, 231],
				[{ meter: second, ...labels }, 232],
				[{ meter: "meter 3", ...labels }, 233],
			]);
		}
		expect(samplesOf("smarty_telegram_age_seconds").map(([, { meter }]) => meter)).toEqual([first, second]);
		expect(samplesOf("smarty_telegrams")).toHaveLength(9);
		expect(samplesOf("smarty_uptime_seconds")).toEqual([["smarty_uptime_seconds", {}, 5]]);
		const alone = parseMetrics(get("/metrics", [meters[0]!]).body, "modern");
		const labels = alone.find(({ name }) => name === "smarty_received_bytes")?.samples[0]?.[1];
		expect(labels).toEqual({});
	});
});
