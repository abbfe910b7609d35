/** Values become settings all together, or none of them does: `modules/settings/apply.ts`. */
import { describe, expect, test } from "vitest";
import { applyValues, type Change } from "../../modules/settings/apply.js";
import { findSetting, readConfiguration } from "../../modules/settings/settings.js";
import { openSettingsStorage } from "../../modules/settings/storage.js";
import { createFakeStore, type FakeStore } from "../support/fake-ports.js";

const built = readConfiguration({ wifi: "home", wifiPassword: "12345678", broker: "mqtt://10.0.0.1" });

function open(store: FakeStore = createFakeStore()) {
	const place = {
		storage: openSettingsStorage(store),
		store,
		built,
		medium: "wifi" as const,
		heap: null,
		forgetLearnt() {},
	};
	return {
		store,
		place,
		apply: (changes: readonly Change[], isWhole = true) => applyValues(place, changes, isWhole),
		kept: (name: string) => openSettingsStorage(store).values[findSetting(name)] ?? null,
	};
}

test("keeps all values in one write", () => {
	const { apply, kept, store } = open();
	const changes: Change[] = [
		["base", "house"],
		["WEBPORT", "8080"],
		["discovery", "OFF"],
	];
	expect(apply(changes)).toEqual({ complaints: [], problems: [], changed: true });
	expect(store.writes).toBe(1);
	expect([kept("base"), kept("webPort"), kept("discovery")]).toEqual(["house", "8080", "off"]);
	expect(apply(changes)).toEqual({ complaints: [], problems: [], changed: false });
	expect(apply([["base", null]])).toMatchObject({ changed: true });
	expect(kept("base")).toBeNull();
	expect(store.writes).toBe(2);
});

test("keeps none where one is wrong, and says all that is wrong by name and without a secret", () => {
	const { apply, kept, store } = open();
	const { complaints, changed } = apply([
		["base", "house"],
		["key", "0123456789ABCDEF0123456789ABCDEG"],
		["webToken", "short"],
		["nothing", "1"],
		["user", ""],
	]);
	expect(changed).toBe(false);
	expect(complaints.map(([name]) => name)).toEqual(["key", "webToken", "nothing", "user"]);
	expect(JSON.stringify(complaints)).not.toMatch(/0123|"short"/);
	expect(store.writes).toBe(0);
	expect(kept("base")).toBeNull();
});

describe("what is wrong only together", () => {
	test.each<[string, Change[], string]>([
		[
			"two ports",
			[
				["webPort", "8088"],
				["telegramPort", "8088"],
			],
			"telegramPort",
		],
		["a pin twice", [["requestPin", "16"]], "receivePin"],
		["a password without a user", [["password", "hush"]], "password"],
		["a guard without its word", [["webRead", "token"]], "webRead"],
	])("%s: a complaint where the values come together", (_, changes, name) => {
		const { apply, store } = open();
		const { complaints, changed } = apply(changes);
		expect(complaints.map(([own]) => own)).toEqual([name]);
		expect(changed).toBe(false);
		expect(store.writes).toBe(0);
	});

	test("is a problem where they come one by one, since the next may mend it", () => {
		const { apply, kept } = open();
		expect(apply([["password", "hush"]], false)).toMatchObject({ complaints: [], changed: true });
		expect(kept("password")).toBe("hush");
		expect(apply([["user", "me"]], false)).toEqual({ complaints: [], problems: [], changed: true });
	});

	test("is none where it was there before", () => {
		const { apply } = open();
		apply([["password", "hush"]], false);
		const { complaints, problems, changed } = apply([["base", "house"]]);
		expect([complaints, problems.length, changed]).toEqual([[], 1, true]);
	});
});

test("a power cut in the write leaves all of the old values or all of the new ones", () => {
	for (const leaves of ["old", "none", "part", "new"] as const) {
		const { apply, store, kept } = open();
		apply([
			["base", "one"],
			["user", "one"],
		]);
		store.cut = { at: store.writes + 1, leaves };
		const { complaints } = apply([
			["base", "two"],
			["user", "two"],
		]);
		expect(complaints).toEqual([["", "not kept: the power was cut"]]);
		const expected = leaves === "new" ? "two" : "one";
		expect([kept("base"), kept("user")]).toEqual([expected, expected]);
	}
});

test("a store that is full keeps the old values, and says so", () => {
	const { apply, kept, store } = open();
	apply([["base", "one"]]);
	store.write = () => {
		throw new Error("full");
	};
	expect(apply([["base", "two"]])).toMatchObject({ complaints: [["", "not kept: full"]], changed: false });
	expect(kept("base")).toBe("one");
});
