/** What settings need of the board's heap, and what people are told. */

import { describe, expect, test } from "vitest";
import { interpret } from "../../modules/settings/console.js";
import { boardPoolsFor, poolsFor } from "../../modules/settings/heap.js";
import { checkSettings, readConfiguration } from "../../modules/settings/settings.js";
import { openSettingsStorage } from "../../modules/settings/storage.js";
import { createFakeStore } from "../support/fake-ports.js";

const first = { wifi: "home", wifiPassword: "12345678", broker: "mqtt://10.0.0.1" };

function needed(changes: Record<string, string>) {
	const { settings } = checkSettings(readConfiguration({ ...first, ...changes }), "wifi", null);
	return boardPoolsFor(settings.integrations, settings.broker?.secure === true, 1);
}

const basis = needed({});
/** A heap in which a first setup fits, and so much more. */
const heap = (slots: number, chunks: number) => ({ slots: basis.slots + slots, chunks: basis.chunks + chunks });
const problems = (changes: Record<string, string>, pools = heap(0, 0)) =>
	checkSettings(readConfiguration({ ...first, ...changes }), "wifi", pools).problems;

describe("settings that need more than there is", () => {
	test("a first setup fits exactly", () => {
		expect(problems({})).toEqual([]);
		expect(problems({}, heap(-1, 0))).toHaveLength(1);
	});

	test("name the one thing that is too much, and by how much", () => {
		expect(problems({ webPort: "80" }).join()).toMatch(
			/^these settings need about \d+ KB more memory than this board has: leave out webPort\.$/,
		);
		expect(problems({ webPort: "80" }, needed({ webPort: "80" }))).toEqual([]);
	});

	test("name each of those that would be enough, or all where one is not", () => {
		const layout = "json values smartyreader raw";
		const others = problems({ layout }, needed({ layout: "json values" })).join();
		expect(others).toMatch(/leave out raw\.$/);
		expect(problems({ layout }).join()).toMatch(/leave out more than one of the layouts of single values, raw\.$/);
	});

	test("are no problem where memory means nothing", () => {
		const all = { layout: "json values smartyreader sgrimee dsmr-reader raw", webPort: "80", telegramPort: "8088" };
		expect(checkSettings(readConfiguration({ ...first, ...all }), "host", null).problems).toEqual([]);
	});

	test("are complained about on the console when they are set, and kept", () => {
		const store = createFakeStore();
		const context = {
			storage: openSettingsStorage(store),
			store,
			built: readConfiguration(first),
			medium: "wifi" as const,
			heap: heap(0, 0),
			describeStatus: () => [],
			describeLog: () => [],
			readCertificates: undefined,
			paste: null,
			forget: () => [],
			forgetLearnt() {},
			restart: () => {},
			askForSetUp: () => ["restarting"],
			random: () => 0,
			commandLora: () => [],
			tellPage: () => "http://192.168.1.50/",
		};
		expect(interpret(context, "set webPort 80").join("\n")).toMatch(/^webPort is set and kept.*\nthese settings need/);
		expect(interpret(context, "show").at(-1)).toMatch(/^these settings need/);
		expect(interpret(context, "unset webPort").join("\n")).not.toContain("memory");
	});
});

describe("several meters", () => {
	const key = "0123456789abcdef0123456789abcdef";
	const meters = (count: number) =>
		[17, 18, 19, 21, 22, 23]
			.slice(0, count)
			.map(pin => `16/${pin}`)
			.join(" ");

	test("need memory each, and a line of their own needs more", () => {
		const { integrations } = checkSettings(readConfiguration(first), "wifi", null).settings;
		const [shared, own] = [poolsFor(integrations, false, 3, 1), poolsFor(integrations, false, 3, 3)];
		expect(own.slots).toBeGreaterThan(shared.slots);
		expect(own.chunks).toBeGreaterThan(shared.chunks);
	});

	test("are told how many of them fit", () => {
		const { integrations } = checkSettings(readConfiguration(first), "wifi", null).settings;
		const four = boardPoolsFor(integrations, false, 4);
		expect(problems({ key, meters: meters(4) }, four)).toEqual([]);
		expect(problems({ key, meters: meters(6) }, four).join()).toMatch(
			/^these settings need about \d+ KB more memory than this board has: have 4 meters on one line at most\.$/,
		);
		expect(problems({ key, meters: meters(2), webPort: "80" }, needed({ webPort: "80" })).join()).toMatch(
			/: leave out webPort, or have 1 meter at most\.$/,
		);
	});

	test("need most where the page shows them and their telegrams are served, least where no page does", () => {
		const grown = (settings: Record<string, string>) => {
			const { integrations } = checkSettings(readConfiguration({ ...first, ...settings }), "wifi", null).settings;
			return poolsFor(integrations, false, 2).chunks - poolsFor(integrations, false, 1).chunks;
		};
		const [page, served, both] = [{ webPort: "80" }, { telegramPort: "8088" }, { webPort: "80", telegramPort: "8088" }];
		expect(grown(both)).toBeGreaterThan(grown(page));
		expect(grown(page)).toBeGreaterThan(grown(served));
		expect(grown(served)).toBe(grown({}));
	});

	test("are told of lines that could be shared", () => {
		const { integrations } = checkSettings(readConfiguration(first), "wifi", null).settings;
		const three = boardPoolsFor(integrations, false, 3);
		expect(problems({ key, meters: "16/17 4/18 13/19" }, three).join()).toMatch(/have 3 meters on one line at most/);
	});
});

describe("counters of pulses", () => {
	const pulses = "34/1000/led 33/1000/pump 35/1000/box 36/1000/car";

	test("need memory each", () => {
		expect(problems({ pulses }).join()).toMatch(/^these settings need about 7 KB more memory/);
		const { integrations } = checkSettings(readConfiguration(first), "wifi", null).settings;
		expect(problems({ pulses }, boardPoolsFor(integrations, false, 1, 1, 4))).toEqual([]);
	});

	test("fit without a meter where a first setup fits with one", () => {
		const { integrations } = checkSettings(readConfiguration(first), "wifi", null).settings;
		const one = boardPoolsFor(integrations, false, 1, 1, 1);
		expect(problems({ meters: "none", pulses: "34/1000/led" }, one)).toEqual([]);
		expect(problems({ meters: "none", pulses }, one).join()).toMatch(/about \d KB more.*: have fewer counters\.$/);
	});
});

test("two meters need more than one", () => {
	const { integrations } = checkSettings(readConfiguration(first), "wifi", null).settings;
	const [one, two] = [poolsFor(integrations, false, 1), poolsFor(integrations, false, 2)];
	expect(two.slots).toBeGreaterThan(one.slots);
	expect(two.chunks).toBeGreaterThanOrEqual(one.chunks);
});
