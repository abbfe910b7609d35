/** Counters of pulses, as people write them. */
import { describe, expect, test } from "vitest";
import { parsePulses, validatePulses } from "../../modules/settings/pulses.js";
import { checkSettings, readConfiguration } from "../../modules/settings/settings.js";

test("a light, and an S0 output with everything", () => {
	const value = "34/16667/led/meter, 33/1000/heat-pump/rising/50ms/1234.567kwh";
	expect(validatePulses(value)).toBeNull();
	const rest = { rising: false, pause: 0, start: null, isOfMeter: false };
	expect(parsePulses(value)).toEqual([
		{ ...rest, pin: 34, constant: 16_667, name: "led", isOfMeter: true },
		{ ...rest, pin: 33, constant: 1_000, name: "heat-pump", rising: true, pause: 50, start: 1_234_567_000 },
	]);
});

test("upper case is lower case, and without the setting there is no counter", () => {
	const { settings } = checkSettings(readConfiguration({ pulses: "34/16667/LED/20kWh" }), "host", null);
	expect(settings.pulses).toMatchObject([{ name: "led", start: 20_000_000 }]);
	expect(checkSettings(readConfiguration({}), "host", null).settings.pulses).toEqual([]);
});

describe("is refused", () => {
	test.each([
		[",", /must be a list/],
		["34", /no number of pulses per kWh/],
		["34/0/led", /no number of pulses per kWh/],
		["34/100001/led", /no number of pulses per kWh/],
		["34/1e3/led", /no number of pulses per kWh/],
		["34/1000", /no name/],
		["34/1000/l\u00e9d", /no name/],
		["34/1000/a/b", /can follow/],
		["34/1000/led/5s", /can follow/],
		["34/1000/led/-5kwh", /can follow/],
		["34/1000/+", /no name/],
		["7/1000/led", /where the flash memory is/],
		["0/1000/led", /does not start/],
		["40/1000/led", /must be the number of a GPIO/],
		["x/1000/led", /must be the number of a GPIO/],
		["34/1000/led 34/1000/pump", /GPIO 34 twice/],
		["34/1000/led 35/1000/led", /name led twice/],
		["34/1000/led/meter 35/1000/pump/meter", /light twice/],
		["34/1/a 35/1/b 36/1/c 39/1/d 33/1/e", /at most/],
	])("%s", (value, complaint) => {
		expect(validatePulses(value)).toMatch(complaint);
	});

	test("a pin that the meter has", () => {
		const problems = (pulses: string, requestPin = "none") =>
			checkSettings(readConfiguration({ broker: "mqtt://a", pulses, requestPin }), "host", null).problems;
		expect(problems("16/1000/led")).toEqual(["pulses has GPIO 16, which is a meter's."]);
		expect(problems("17/1000/led", "17")).toEqual(["pulses has GPIO 17, which is a meter's."]);
		expect(problems("17/1000/led")).toEqual([]);
	});
});
