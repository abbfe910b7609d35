/** Settings that guard fail closed, and words are words in any case. */
import { describe, expect, test } from "vitest";
import { checkSettings, mergeSettings, type RawSettings, readConfiguration } from "../../modules/settings/settings.js";
import { openSettingsStorage, writeSettings } from "../../modules/settings/storage.js";
import { settingTable } from "../../modules/settings/table.js";
import { createFakeStore } from "../support/fake-ports.js";

const good = { wifi: "home", broker: "mqtt://10.0.0.1", webPort: "80" };

function raw(values: Record<string, string>): RawSettings {
	return settingTable.map(({ name }) => values[name] ?? null);
}

/** The three ways in which a value comes to the firmware. */
const ways: [string, (values: Record<string, string>) => RawSettings][] = [
	["typed", raw],
	["from the build", values => mergeSettings(raw({}), readConfiguration(values))],
	[
		"from the store",
		values => {
			const store = createFakeStore();
			writeSettings(openSettingsStorage(store), store, raw(values));
			return mergeSettings(openSettingsStorage(store).values, readConfiguration({ webToken: "good-enough" }));
		},
	],
];

describe.each(ways)("%s", (_, give) => {
	test.each(["Hidden-token!", "seven77", "", "two words", "ü".repeat(12), "shut"])(
		"a bad token %j shuts HTTP",
		token => {
			const { settings, problems } = checkSettings(give({ ...good, webToken: token }), "wifi", null);
			expect(settings.integrations).toMatchObject({ webPort: null, webToken: null });
			expect(problems).toHaveLength(1);
			expect(problems[0]).toMatch(/^webToken .*\. Until that is mended, HTTP is shut\.$|^webToken is empty/);
			if (token !== "" && token !== "shut") expect(problems[0]).not.toContain(token);
		},
	);

	test.each(["requird", "", "yes", "required prefer"])("a bad policy %j is the strictest", authentication => {
		const { settings, problems } = checkSettings(give({ ...good, authentication }), "wifi", null);
		expect(settings.authentication).toBe("required");
		expect(problems).toHaveLength(1);
		expect(problems[0]).toMatch(/^authentication .*it is required\.$/);
	});

	test.each(["no", "", "say omit"])("a bad word %j for what has no tag any more leaves it out", unproven => {
		const { settings, problems } = checkSettings(give({ ...good, unproven }), "wifi", null);
		expect(settings.integrations.unproven).toBe("omit");
		expect(problems).toHaveLength(1);
		expect(problems[0]).toMatch(/^unproven .*they are left out\.$/);
	});

	test("a good token guards, and lets nobody in without it", () => {
		const { settings, problems } = checkSettings(give({ ...good, webToken: "correct-horse" }), "wifi", null);
		expect(settings.integrations).toMatchObject({ webPort: 80, webToken: "correct-horse" });
		expect(problems).toEqual([]);
	});

	test("words are words in any case", () => {
		const words = {
			authentication: "Required",
			requestPin: "NONE",
			invert: "No",
			layout: "JSON, Values",
			publish: "Change",
			deadBand: "Power=5",
			stateRetain: "No",
			valuesRetain: "YES",
			discovery: "Off",
			powerClass: "OFF",
			telegramPort: "Off",
		};
		const { settings, problems } = checkSettings(give({ ...good, ...words }), "wifi", null);
		expect(problems).toEqual([]);
		expect(settings).toMatchObject({
			authentication: "required",
			plugs: [{ receivePin: 16, requestPin: null }],
			invert: false,
		});
		expect(settings.integrations).toMatchObject({
			layouts: ["json", "values"],
			mode: "change",
			stateRetain: false,
			valuesRetain: true,
			discovery: "off",
			powerClasses: [null],
			telegramPorts: [],
		});
		expect(settings.integrations.deadBands.power).toBe(5);
	});
});

test("names of the build may be written in any case, and a guard that is no text is bad", () => {
	expect(
		checkSettings(readConfiguration({ ...good, WEBTOKEN: "correct-horse" }), "wifi", null).settings.integrations,
	).toMatchObject({ webToken: "correct-horse" });
	for (const webToken of [true, null, {}, 12_345_678]) {
		const { settings } = checkSettings(readConfiguration({ ...good, webToken }), "wifi", null);
		expect(settings.integrations.webPort).toBeNull();
	}
});

test("what is not set guards nothing, and is no problem", () => {
	const { settings, problems } = checkSettings(raw(good), "wifi", null);
	expect(problems).toEqual([]);
	expect(settings).toMatchObject({ authentication: "automatic" });
	expect(settings.integrations).toMatchObject({ webPort: 80, webToken: null });
});

test("no value of a person is a guard's own word", () => {
	for (const { guard, secret, validate } of settingTable) {
		if (guard !== null && secret) expect(validate(guard.strictest)).not.toBeNull();
	}
});
