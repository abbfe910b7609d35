/** Tests of `modules/settings/storage.ts`. */
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { findSetting, type RawSettings } from "../../modules/settings/settings.js";
import { checksum, openSettingsStorage, writeSettings } from "../../modules/settings/storage.js";
import { settingTable } from "../../modules/settings/table.js";
import { type Chance, createChance } from "../support/chance.js";
import { createFakeStore, PowerCut } from "../support/fake-ports.js";

/** All of them, null where nothing is set. */
function listed(values: RawSettings): (string | null)[] {
	return settingTable.map((_, at) => values[at] ?? null);
}

function randomValues(chance: Chance): RawSettings {
	return settingTable.map(() =>
		chance.integer(0, 2) === 0 ? null : chance.pick(["a", "a=b", "ä€😀", "x".repeat(60), " y ", "=", "1\\n2"]),
	);
}

test("what was written is there after a restart, in every one of many generations", () => {
	const chance = createChance(1);
	const store = createFakeStore();
	for (let round = 1; round <= 50; round++) {
		const values = randomValues(chance);
		writeSettings(openSettingsStorage(store), store, values);
		const vault = openSettingsStorage(store);
		expect(listed(vault.values)).toEqual(values);
		expect(vault.generation).toBe(round);
		expect(vault.damaged).toBe(false);
	}
	expect([...store.values.keys()].sort()).toEqual(["settings0", "settings1"]);
});

test.each(["old", "none", "part", "new"] as const)(
	"a power cut in any write (which leaves the %s value) loses neither generation",
	leaves => {
		const chance = createChance(2);
		for (let writes = 1; writes <= 6; writes++) {
			for (let seed = 0; seed < 20; seed++) {
				const store = createFakeStore();
				store.cut = { at: writes, leaves };
				let before: RawSettings = settingTable.map(() => null);
				let after = before;
				expect(() => {
					for (;;) {
						after = randomValues(chance);
						writeSettings(openSettingsStorage(store), store, after);
						before = after;
					}
				}).toThrow(PowerCut);
				const found = openSettingsStorage(store).values;
				expect(listed(found)).toEqual(leaves === "new" ? after : before);
				// And the device goes on: the next settings are kept as well.
				const next = randomValues(chance);
				writeSettings(openSettingsStorage(store), store, next);
				expect(listed(openSettingsStorage(store).values)).toEqual(next);
			}
		}
	},
);

test("one changed character in the newer generation is found, and the older one counts", () => {
	const chance = createChance(3);
	const first = randomValues(chance);
	const second = randomValues(chance);
	const store = createFakeStore();
	writeSettings(openSettingsStorage(store), store, first);
	writeSettings(openSettingsStorage(store), store, second);
	const whole = store.values.get("settings1")!;
	for (let at = 0; at < whole.length; at++) {
		store.values.set("settings1", `${whole.slice(0, at)}${whole[at] === "7" ? "8" : "7"}${whole.slice(at + 1)}`);
		const vault = openSettingsStorage(store);
		expect(listed(vault.values)).toEqual(first);
		expect(vault.damaged).toBe(true);
	}
});

test("a store that does not keep what it is given is a complaint", () => {
	const store = createFakeStore();
	const vault = openSettingsStorage(store);
	const forgetful = { ...store, write: () => {} };
	expect(() => writeSettings(vault, forgetful, randomValues(createChance(4)))).toThrow("did not keep");
	expect(vault.generation).toBe(0);
});

test("a setting that another version knew is left out, the others count", () => {
	const store = createFakeStore();
	const body = "1\nbirthday=tomorrow\nwifi=home\n";
	store.values.set("settings0", `${checksum(body)}\n${body}`);
	const vault = openSettingsStorage(store);
	expect(vault.damaged).toBe(false);
	expect(vault.values[findSetting("wifi")]).toBe("home");
	expect(vault.values.filter(value => value !== null)).toHaveLength(1);
});

test("the checksum is CRC-32 over UTF-16", () => {
	for (const text of ["", "a", "settings\nä€😀"]) {
		expect(checksum(text)).toBe(crc32(Buffer.from(text, "utf16le")).toString(16).padStart(8, "0"));
	}
});
