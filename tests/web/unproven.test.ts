/** HTTP and TCP say what has no good tag any more. */
import dsmrParser from "dsmr-parser";
import { describe, expect, test } from "vitest";
import { createLatest, type Latest } from "../../modules/meter/latest.js";
import { createFaults } from "../../modules/p1/faults.js";
import { copyTelegram, sayUnproven } from "../../modules/p1/plain.js";
import { accept, createReader, type Verdict } from "../../modules/p1/reader.js";
import { respond } from "../../modules/web/routes.js";
import { admitClient, broadcast, createTelegramServer } from "../../modules/web/telegram-server.js";
import { readTelegram } from "../support/telegrams.js";
import { specificationTelegram } from "../support/vectors.js";
import { readResponse } from "./bodies.js";
import { connect } from "./fake-stream.js";
import { parseMetrics } from "./metrics-parser.js";
import { requestFor } from "./requests.js";

const counters = { bytes: 1, discarded: 0, telegrams: 1, authenticated: 0, crcOnly: 0, plain: 1 };
const surroundings = {
	now: 1_000,
	network: "home",
	signalStrength: -60,
	macAddress: "a1b2c3d4e5f6",
	version: "x",
	counters: [],
};

function latestOf(isUnproven: boolean, verdict: Verdict): Latest {
	const telegram = readTelegram(specificationTelegram);
	return Object.assign(createLatest(createFaults(), counters, null), {
		readings: telegram.readings,
		meter: telegram.readings.serial,
		verdict,
		isUnproven,
		telegram: copyTelegram(telegram, isUnproven ? sayUnproven(verdict) : ""),
	});
}

function get(path: string, latest: Latest): string {
	const answer = respond(requestFor(path), [latest], surroundings, {
		token: null,
		isReadGuarded: false,
		hosts: [],
	});
	return String(readResponse(answer).body);
}

describe.each([
	[false, "authenticated"],
	[false, "plain"],
	[true, "plain"],
	[true, "crc-only"],
] as const)("unproven: %s, %s", (isUnproven, verdict) => {
	const latest = latestOf(isUnproven, verdict);

	test("HomeWizard's data have the field only where it says something", () => {
		const data = JSON.parse(get("/api/v1/data", latest));
		expect(data.verdict).toBe(isUnproven ? verdict : undefined);
		expect(data.total_power_import_kwh).toBe(25.653);
	});

	test("metrics have a gauge", () => {
		const family = parseMetrics(get("/metrics", latest), "modern").find(({ name }) => name === "smarty_unproven");
		expect(family?.samples).toEqual([["smarty_unproven", { meter: "SAG1030790002574" }, Number(isUnproven)]]);
	});

	test("a telegram over TCP has a line before it, which readers of telegrams take no notice of", () => {
		const server = createTelegramServer(4);
		const client = connect(stream => admitClient(server, stream, 0));
		broadcast(server, latest.telegram, 0);
		broadcast(server, latest.telegram, 10_000);
		const { received } = client;
		expect(received.startsWith(isUnproven ? `smarty-xs: ${verdict}, ` : "/Lux5")).toBe(true);
		expect(get("/api/v1/telegram", latest)).toBe(received.slice(0, received.length / 2));
		// As dsmr_parser for Python, of which Home Assistant's integration is made, takes them from the stream.
		const found = received.match(/\/[^/]+?![A-F0-9]{0,4}\0?\r\n/g);
		expect(found).toEqual([specificationTelegram, specificationTelegram]);
		expect(dsmrParser.parse(found![1]!).objects["electricity delivered tariff 0"]).toBe(25.653);
		const verdicts: Verdict[] = [];
		const reader = createReader({ key: null }, telegram => verdicts.push(telegram.verdict));
		const bytes = Buffer.from(received, "latin1");
		accept(reader, bytes, 0, bytes.length, 0);
		expect(verdicts).toEqual(["plain", "plain"]);
	});
});
