/** Messages into entries: the firmware's own, and what a hostile or broken sender may send instead. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeState } from "../../modules/messages/json.js";
import { addReading, createAccount, encodeAccount } from "../../modules/meter/account.js";
import { registers } from "../../modules/p1/obis.js";
import type { Account, Reading } from "../../recorder/entry.js";
import { formatLines } from "../../recorder/lines.js";
import { readMessage } from "../../recorder/message.js";
import { packNumbers, unpackNumbers } from "../../recorder/numbers.js";
import { readTelegram } from "../support/telegrams.js";
import { specificationTelegram } from "../support/vectors.js";

const read = (topic: string, payload: string | object, now = 1_700_000_000) =>
	readMessage("smarty", topic, Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload)), now);
const state = (changes: object = {}) => ({
	verdict: "authenticated",
	time: "2018-01-30T09:21:22Z",
	active_energy_import: 6.695,
	...changes,
});

test("a state message of the firmware's loses no number and no decimal", () => {
	const { readings, ...rest } = readTelegram(specificationTelegram);
	const text = encodeState({ ...rest, readings, verdict: "crc-only", frameCounter: null });
	const entry = read("smarty/SAG1030790002574/state", text) as Reading;
	expect(entry).toMatchObject({ kind: "reading", meter: "SAG1030790002574", verdict: "crc-only", clock: "meter" });
	expect(entry.time).toBe(readings.time! / 1000);
	const found = Object.fromEntries(entry.names.map((name, at) => [name, entry.numbers[at]]));
	for (const [at, value] of readings.values.entries()) {
		if (value !== null) expect(found[registers[at]!.name], registers[at]!.name).toBe(value);
	}
	const gas = readings.devices.find(({ type }) => type === "gas")!;
	expect(found[`gas/${gas.id}/value m³`]).toBe(gas.value);
	expect(found[`gas/${gas.id}/time`]).toBe(gas.time! / 1000);
	// The same message on `history` is the same reading.
	expect(read("smarty/SAG1030790002574/history", text)).toEqual(entry);
});

test("a power class account of the firmware's", () => {
	const account = createAccount(3_000);
	const time = Date.parse("2025-01-15T10:00:00Z");
	addReading(account, { time, register: 25_000, power: 4_000 });
	addReading(account, { time: time + 900_000, register: 26_400, power: 5 });
	const entry = read("smarty/M/power", encodeAccount(account, 0.1139)!) as Account;
	expect(entry).toMatchObject({ kind: "account", limit: 3_000, exceeded: 650, cost: 0.07, peak: 5_600 });
	expect(entry.peakTime).toBe(time / 1000);
});

test("how a reader fares, at the time at which it is told", () => {
	const text = { uptime: 60, boots: 3, free_memory: null, network: { signal_strength: -61 }, history: { lost: 2 } };
	const entry = read("smarty/smarty-xs-1/diagnostics", text, 42);
	const numbers = [
		["uptime", 60],
		["boots", 3],
		["signal_strength", -61],
		["history_lost", 2],
	];
	expect(entry).toEqual({ kind: "diagnostics", reader: "smarty-xs-1", time: 42, text: JSON.stringify(text), numbers });
});

describe("what is dropped", () => {
	test.each([
		["another base", "other/M/state", state(), "topic"],
		["a level too much", "smarty/M/gas/state", state(), "topic"],
		["an odd name", "smarty/a b/state", state(), "topic"],
		["a long name", `smarty/${"m".repeat(65)}/state`, state(), "topic"],
		["another message", "smarty/M/telegram", state(), "topic"],
		["no JSON", "smarty/M/state", "online", "json"],
		["half of it", "smarty/M/state", JSON.stringify(state()).slice(0, -5), "json"],
		["a list", "smarty/M/state", "[1]", "json"],
		["null", "smarty/M/state", "null", "json"],
		["no verdict", "smarty/M/state", state({ verdict: "yes" }), "json"],
		["an unknown clock", "smarty/M/state", state({ clock: "sun" }), "json"],
		["no time", "smarty/M/state", state({ time: undefined }), "time"],
		["a local time", "smarty/M/state", state({ time: "2018-01-30T09:21:22" }), "time"],
		["a 13th month", "smarty/M/state", state({ time: "2018-13-30T09:21:22Z" }), "time"],
		["a clock never set", "smarty/M/state", state({ time: "2000-01-01T00:00:07Z" }), "time"],
		["a text for a number", "smarty/M/state", state({ active_energy_import: "6.695" }), "number"],
		["too fine a number", "smarty/M/state", state({ active_energy_import: 6.6955 }), "number"],
		[
			"a number without end",
			"smarty/M/state",
			'{"verdict":"plain","time":"2018-01-30T09:21:22Z","active_energy_import":1e999}',
			"number",
		],
		["half a count", "smarty/M/state", state({ breaker_state: 0.5 }), "number"],
		["a null", "smarty/M/state", state({ active_power_import: null }), "number"],
		["five devices", "smarty/M/state", state({ devices: Array(5).fill({ type: "gas", channel: 1 }) }), "number"],
		[
			"two same devices",
			"smarty/M/state",
			state({ devices: Array(2).fill({ type: "gas", id: "a", value: 1 }) }),
			"number",
		],
		["a device's odd type", "smarty/M/state", state({ devices: [{ type: "a,b=1", value: 1 }] }), "number"],
		["a device's odd unit", "smarty/M/state", state({ devices: [{ type: "gas", value: 1, unit: "x y" }] }), "number"],
		["nothing measured", "smarty/M/state", { verdict: "plain", time: "2018-01-30T09:21:22Z" }, "register"],
		["much too long", "smarty/M/state", state({ message: "x".repeat(70_000) }), "length"],
		[
			"no class",
			"smarty/M/power",
			{ time: "2018-01-30T09:21:22Z", class: 0, exceeded_month: 0, missing_month: 0 },
			"number",
		],
	])("%s", (_, topic, payload, fault) => {
		expect(read(topic, payload)).toBe(fault);
	});

	test("an empty message takes a retained one away, and is none", () => {
		expect(read("smarty/M/state", "")).toBeNull();
	});

	test("whatever comes, nothing is thrown, and no name or value can end a line or a cell", () => {
		const anything = fc.oneof(
			fc.string(),
			fc.json(),
			fc.object().map(value => JSON.stringify({ ...state(), ...value })),
		);
		fc.assert(
			fc.property(fc.constantFrom("state", "history", "power", "diagnostics"), anything, (what, text) => {
				const entry = read(`smarty/M/${what}`, text);
				if (typeof entry !== "object" || entry === null) return;
				for (const line of formatLines([entry]).split("\n").slice(0, -1)) {
					expect(line).toMatch(/^smarty(_\w+)?(,\w+=[A-Za-z0-9_.³-]+)+ (\w+=-?[\d.e+-]+,?)+ \d+$/);
				}
			}),
		);
		const id = 'a,b=" c\n/';
		const entry = read("smarty/M/state", state({ devices: [{ type: "gas", id, value: 1 }] })) as Reading;
		expect(entry.names).toEqual(["active_energy_import", "gas/a_b___c__/value"]);
	});
});

test("numbers come back as they were", () => {
	const list = fc.array(fc.maxSafeInteger());
	fc.assert(
		fc.property(list, numbers => {
			expect(unpackNumbers(packNumbers(numbers))).toEqual(numbers);
		}),
	);
	expect(packNumbers([0, 1, -1, 63]).length).toBe(4);
});

test("lines have the meter's decimals, counts and moments", () => {
	const gas = { type: "gas", id: "F1", value: 28.103, unit: "m³", time: "2018-01-30T09:15:00Z" };
	const entry = read(
		"smarty/M/state",
		state({ breaker_state: 1, active_power_export: 0.007, devices: [gas] }),
	) as Reading;
	expect(formatLines([entry])).toBe(
		"smarty,meter=M authenticated=1,active_energy_import=6.695,breaker_state=1,active_power_export=0.007 1517304082\n" +
			"smarty_device,id=F1,meter=M,type=gas,unit=m³ value=28.103 1517304082\n" +
			"smarty_device,id=F1,meter=M,type=gas time=1517303700 1517304082\n",
	);
});
