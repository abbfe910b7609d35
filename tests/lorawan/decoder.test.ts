/** The decoder of `contrib/lorawan/` on the bytes that the firmware makes, in a context that has nothing else. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { transform } from "esbuild";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
	addQuarter,
	deviceTypes,
	encodeBasic,
	encodeFull,
	encodeQuarter,
	encodeText,
	longestPayload,
	places,
	type QuarterReading,
	type Reported,
} from "../../modules/lorawan/payload.js";
import { registerIndex } from "../../modules/p1/obis.js";
import { createReadings, type Readings } from "../../modules/p1/readings.js";
import type { Unit } from "../../modules/p1/register.js";

const source = readFileSync(fileURLToPath(new URL("../../contrib/lorawan/decoder.js", import.meta.url)), "utf8");
const context = createContext({});
runInContext(source, context);

interface Decoded {
	data: Record<string, unknown>;
	errors?: string[];
}

/** As a server calls it: plain numbers go in, and JSON comes out. */
function decode(fPort: number, bytes: Uint8Array, length = bytes.length): Decoded {
	const input = JSON.stringify({ fPort, bytes: [...bytes.subarray(0, length)] });
	return JSON.parse(runInContext(`JSON.stringify(decodeUplink(${input}))`, context));
}

const energy = fc.option(fc.integer({ min: 0, max: 999_999_999 }));
const power = fc.option(fc.integer({ min: 0, max: 163_814 }));
const switchState = fc.option(fc.integer({ min: 0, max: 2 }));
const device = fc.record({
	kind: fc.constantFrom(...deviceTypes),
	value: energy,
});

const reported: fc.Arbitrary<Reported> = fc
	.record({
		time: fc.option(fc.integer({ min: 1_577_836_800, max: 2_500_000_000 })),
		verdict: fc.constantFrom("authenticated" as const, "crc-only" as const, "plain" as const),
		energies: fc.tuple(energy, energy),
		powers: fc.tuple(power, power),
		switches: fc.tuple(switchState, switchState, switchState),
		phases: fc.array(
			fc.record({
				voltage: fc.option(fc.integer({ min: 0, max: 510_499 })),
				current: fc.option(fc.integer({ min: 0, max: 254_499 })),
				bought: fc.option(fc.integer({ min: 0, max: 300_000 })),
				sold: fc.option(fc.integer({ min: 0, max: 300_000 })),
			}),
			{ minLength: 3, maxLength: 3 },
		),
		devices: fc.array(device, { maxLength: 4 }),
	})
	.map(({ time, verdict, energies, powers, switches, phases, devices }) => {
		const readings: Readings = createReadings("Lux5\\253663653_B");
		readings.time = time === null ? null : time * 1_000;
		const put = (name: string, value: number | null) => {
			readings.values[registerIndex(name)] = value;
		};
		put("active_energy_import", energies[0]);
		put("active_energy_export", energies[1]);
		put("active_power_import", powers[0]);
		put("active_power_export", powers[1]);
		put("breaker_state", switches[0]);
		put("relay_1_state", switches[1]);
		put("relay_2_state", switches[2]);
		for (const [at, { voltage, current, bought, sold }] of phases.entries()) {
			put(`voltage_l${at + 1}`, voltage);
			put(`current_l${at + 1}`, current);
			put(`active_power_import_l${at + 1}`, bought);
			put(`active_power_export_l${at + 1}`, sold);
		}
		readings.devices = devices.map(({ kind, value }, at) => {
			return { type: kind[0], unit: kind[1] as Unit, value, id: null, channel: at + 1, time: null, valve: null };
		});
		return { verdict, readings };
	});

/** What the server must show, reckoned from the readings in another way: by names and in decimals. */
function expectBasic({ readings }: Reported): Record<string, unknown> {
	const value = (name: string) => readings.values[registerIndex(name)] ?? null;
	const expected: Record<string, unknown> = {};
	for (const name of ["active_energy_import", "active_energy_export"]) {
		if (value(name) !== null) expected[name] = value(name)! / 1_000;
	}
	for (const name of ["active_power_import", "active_power_export"]) {
		if (value(name) !== null) expected[name] = Math.round(value(name)! / 10) / 100;
	}
	return expected;
}

function expectFull(source: Reported): Record<string, unknown> {
	const { readings, verdict } = source;
	const value = (name: string) => readings.values[registerIndex(name)] ?? null;
	const expected = expectBasic(source);
	expected.verdict = verdict;
	if (readings.time !== null) expected.time = new Date(readings.time).toISOString().replace(".000Z", "Z");
	for (const name of ["breaker_state", "relay_1_state", "relay_2_state"]) {
		if (value(name) !== null) expected[name] = value(name);
	}
	for (const phase of [1, 2, 3]) {
		const voltage = value(`voltage_l${phase}`);
		const current = value(`current_l${phase}`);
		const bought = value(`active_power_import_l${phase}`);
		const sold = value(`active_power_export_l${phase}`);
		if (voltage !== null) expected[`voltage_l${phase}`] = Math.round(voltage / 1_000);
		if (current !== null) expected[`current_l${phase}`] = Math.round(current / 1_000);
		// No zero with a sign: JSON has none.
		if (bought !== null || sold !== null)
			expected[`active_power_l${phase}`] = Math.round(((bought ?? 0) - (sold ?? 0)) / 10) / 100 + 0;
	}
	if (readings.devices.length > 0) {
		expected.devices = readings.devices.map(({ type, unit, value }) => {
			return { type, ...(unit !== "" && { unit }), ...(value !== null && { value: value / 1_000 }) };
		});
	}
	return expected;
}

describe("what the servers show is what the meter showed", () => {
	test("on port 1", () => {
		fc.assert(
			fc.property(reported, source => {
				const bytes = new Uint8Array(longestPayload).fill(0x5a);
				const length = encodeBasic(source, bytes);
				expect(length).toBe(11);
				expect(decode(1, bytes, length)).toEqual({ data: expectBasic(source) });
			}),
			{ numRuns: 300 },
		);
	});

	test("on port 2", () => {
		const lengths = [29, 33, 37, 41, 46];
		fc.assert(
			fc.property(reported, source => {
				const bytes = new Uint8Array(longestPayload).fill(0xa5);
				const length = encodeFull(source, bytes);
				expect(length).toBe(lengths[source.readings.devices.length]);
				expect(decode(2, bytes, length)).toEqual({ data: expectFull(source) });
			}),
			{ numRuns: 500 },
		);
	});

	test("on port 3, as many quarter hours as were put together", () => {
		const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 70_000 }), fc.integer({ min: 0, max: 70_000 })), {
			maxLength: 54,
		});
		const start = fc.record({
			quarter: fc.integer({ min: 1_753_152, max: 1_753_152 + 2 ** 20 - 100 }),
			imported: fc.option(fc.integer({ min: 0, max: 900_000_000 })),
			exported: fc.option(fc.integer({ min: 0, max: 900_000_000 })),
		});
		fc.assert(
			fc.property(start, steps, (first, more) => {
				const bytes = new Uint8Array(242);
				let length = encodeQuarter(first, bytes);
				let last: QuarterReading = first;
				const sent = [first];
				for (const [bought, sold] of more) {
					const { quarter, imported, exported } = last;
					const next = { quarter: quarter + 1, imported: (imported ?? 0) + bought, exported: (exported ?? 0) + sold };
					const longer = addQuarter(last, next, bytes, length);
					const isTold = imported !== null && exported !== null && bought < 65_535 && sold < 65_535;
					expect(longer).toBe(isTold ? length + 4 : length);
					if (!isTold) break;
					length = longer;
					last = next;
					sent.push(next);
				}
				const quarters = sent.map(({ quarter, imported, exported }) => ({
					time: new Date(quarter * 900_000).toISOString().replace(".000Z", "Z"),
					...(imported !== null && { active_energy_import: imported / 1_000 }),
					...(exported !== null && { active_energy_export: exported / 1_000 }),
				}));
				expect(decode(3, bytes, length)).toEqual({ data: { quarters } });
			}),
			{ numRuns: 300 },
		);
		const quarter = { quarter: 1_900_000, imported: 5, exported: 5 };
		const bytes = new Uint8Array(20);
		expect(addQuarter(quarter, { ...quarter, quarter: 1_900_002 }, bytes, 10)).toBe(10);
		expect(addQuarter(quarter, { ...quarter, quarter: 1_900_001, imported: 4 }, bytes, 10)).toBe(10);
	});

	test("on port 10, to ten watt hours", () => {
		fc.assert(
			fc.property(reported, source => {
				const bytes = new Uint8Array(longestPayload);
				const length = encodeText(source, bytes);
				const [imported, exported] = [source.readings.values[0] ?? null, source.readings.values[1] ?? null];
				if (imported === null || exported === null) {
					expect(length).toBe(0);
					return;
				}
				expect(decode(10, bytes, length)).toEqual({
					data: {
						active_energy_import: Math.round(imported / 10) / 100,
						active_energy_export: Math.round(exported / 10) / 100,
					},
				});
				expect(length).toBeLessThanOrEqual(20);
			}),
		);
	});
});

test("a number that has no room is none, and not another one", () => {
	const readings = createReadings("x");
	readings.values[places.import] = 2 ** 31;
	readings.values[places.export] = 2 ** 30 - 1;
	readings.values[places.powerImport] = 163_825;
	const bytes = new Uint8Array(longestPayload);
	expect(decode(1, bytes, encodeBasic({ verdict: "plain", readings }, bytes))).toEqual({ data: {} });
	readings.values[places.phaseImport] = 400_000;
	readings.values[places.voltage] = 511_000;
	readings.time = Date.UTC(2019, 0, 1);
	expect(decode(2, bytes, encodeFull({ verdict: "plain", readings }, bytes))).toEqual({ data: { verdict: "plain" } });
});

test("the places of registers are those of the table", () => {
	expect(places).toEqual({
		import: registerIndex("active_energy_import"),
		export: registerIndex("active_energy_export"),
		powerImport: registerIndex("active_power_import"),
		powerExport: registerIndex("active_power_export"),
		breaker: registerIndex("breaker_state"),
		relay1: registerIndex("relay_1_state"),
		relay2: registerIndex("relay_2_state"),
		voltage: registerIndex("voltage_l1"),
		current: registerIndex("current_l1"),
		phaseImport: registerIndex("active_power_import_l1"),
		phaseExport: registerIndex("active_power_export_l1"),
	});
	for (const phase of [1, 2]) {
		expect(registerIndex(`voltage_l${phase + 1}`)).toBe(places.voltage + phase);
		expect(registerIndex(`current_l${phase + 1}`)).toBe(places.current + phase);
		expect(registerIndex(`active_power_import_l${phase + 1}`)).toBe(places.phaseImport + phase);
		expect(registerIndex(`active_power_export_l${phase + 1}`)).toBe(places.phaseExport + phase);
	}
});

test("other lengths and ports give errors and no numbers", () => {
	const good: Record<number, (length: number) => boolean> = {
		1: length => length === 11,
		2: length => [29, 33, 37, 41, 46].includes(length),
		3: length => length >= 10 && length % 4 === 2,
		10: () => false,
	};
	for (let port = 0; port <= 224; port += 1) {
		for (let length = 0; length <= 60; length += 1) {
			const { data, errors } = decode(port, new Uint8Array(length));
			if (good[port]?.(length) === true) expect(errors).toBeUndefined();
			else expect([data, errors?.length]).toEqual([{}, 1]);
		}
	}
	expect(decode(10, new TextEncoder().encode("1.00;2.0")).errors).toHaveLength(1);
});

test("an interval goes down as one byte", () => {
	const call = (expression: string) => JSON.parse(runInContext(`JSON.stringify(${expression})`, context));
	expect(call("encodeDownlink({ data: { interval: 15 } })")).toEqual({ bytes: [15], fPort: 1 });
	expect(call("encodeDownlink({ data: { interval: 256 } })").errors).toHaveLength(1);
	expect(call("encodeDownlink({ data: {} })").errors).toHaveLength(1);
	expect(call("decodeDownlink({ fPort: 1, bytes: [15] })")).toEqual({ data: { interval: 15 } });
});

test("it is ECMAScript 5.1, and small enough for The Things Stack", async () => {
	const options = { loader: "js", minify: false, minifySyntax: false, charset: "utf8" } as const;
	const modern = await transform(source, { ...options, target: "esnext" });
	const old = await transform(source, { ...options, target: "es5" });
	expect(old.code).toBe(modern.code);
	expect(old.warnings).toEqual([]);
	expect(Buffer.byteLength(source)).toBeLessThan(40_960);
	// That it would be seen: what is newer cannot be made older, or is changed.
	await expect(transform("let x = 1;", { ...options, target: "es5" })).rejects.toThrow();
});
