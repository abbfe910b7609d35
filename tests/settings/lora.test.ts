/** Tests of `modules/settings/lora.ts`, and of what LoRa makes of other settings. */
import { describe, expect, test } from "vitest";
import { checkSettings, findSetting, type RawSettings, validateValue } from "../../modules/settings/settings.js";
import { settingTable } from "../../modules/settings/table.js";

const key = "2B7E151628AED2A6ABF7158809CF4F3C";

function check(values: Record<string, string>, medium: "wifi" | "ethernet" = "wifi") {
	const raw: RawSettings = settingTable.map(({ name }) => values[name] ?? null);
	return checkSettings(raw, medium, null);
}

function complain(name: string, value: string): string | null {
	return validateValue(findSetting(name), value);
}

describe("what is right", () => {
	test("LoRa is a way out: neither WiFi nor a broker is needed, and both may be there", () => {
		const lora = { lora: "LoRaWAN", loraAppKey: key };
		expect(check(lora).problems).toEqual([]);
		expect(check({ ...lora, wifi: "home", webPort: "80" }).problems).toEqual([]);
		expect(check({ ...lora, wifi: "home", broker: "mqtt://10.0.0.1" }).problems).toEqual([]);
		expect(check({ ...lora, receivePin: "4" }, "ethernet").problems).toEqual([]);
		expect(check({ ...lora, broker: "mqtt://10.0.0.1" }).problems).toEqual([
			"wifi is not set: the name of the WiFi network.",
		]);
		expect(check({ lora: "smartyreader" }).problems).toEqual([]);
		expect(check({ lora: "off" }).problems).toHaveLength(2);
	});

	test("is typed, with what nobody set", () => {
		expect(check({ lora: "lorawan", loraAppKey: key }).settings.lora).toEqual({
			mode: "lorawan",
			devEui: null,
			joinEui: new Uint8Array(8),
			appKey: Uint8Array.from(Buffer.from(key, "hex")),
			key: null,
			payload: "full",
			interval: 300_000,
			fairUse: true,
			power: 16,
		});
		const all = check({
			lora: "sealed",
			loraDevEui: "70-B3-D5-7E-D0-00-12-34",
			loraJoinEui: "0102030405060708",
			loraKey: key.toLowerCase(),
			loraPayload: "Basic",
			loraInterval: "60",
			loraFairUse: "no",
			loraPower: "14",
		});
		expect(all.problems).toEqual([]);
		expect(all.settings.lora).toMatchObject({
			mode: "sealed",
			devEui: Uint8Array.from(Buffer.from("70B3D57ED0001234", "hex")),
			joinEui: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]),
			key: Uint8Array.from(Buffer.from(key, "hex")),
			payload: "basic",
			interval: 60_000,
			fairUse: false,
			power: 14,
		});
		expect(check({ wifi: "home", broker: "mqtt://10.0.0.1", loraAppKey: key }).settings.lora).toBeNull();
	});
});

describe("what is wrong", () => {
	test("is said all at once, and nothing is sent with what is missing", () => {
		const { problems, settings } = check({
			lora: "lorawan",
			loraDevEui: "70B3D57ED000123",
			loraJoinEui: "0102030405060708AA",
			loraPayload: "none",
			loraInterval: "9",
			loraPower: "20",
		});
		expect(problems).toHaveLength(6);
		for (const [at, name] of ["DevEui", "JoinEui", "Payload", "Interval", "Power", "AppKey"].entries()) {
			expect(problems[at]).toContain(`lora${name}`);
		}
		expect(settings.lora).toBeNull();
		expect(check({ lora: "sealed" }).problems).toEqual(["loraKey is not set: 32 hexadecimal digits."]);
		expect(check({ lora: "sealed" }).settings.lora).toBeNull();
	});

	test("the meter's key is no key of LoRa", () => {
		const { problems } = check({ lora: "sealed", loraKey: key, key: key.toLowerCase() });
		expect(problems).toEqual(["loraKey is the meter's key; LoRa needs one of its own."]);
	});

	test("each value alone", () => {
		expect(complain("lora", "lorawan")).toBeNull();
		expect(complain("lora", "on")).toContain("lorawan, sealed, smartyreader or off");
		expect(complain("loraAppKey", key.slice(1))).toContain("needs 32");
		expect(complain("loraAppKey", key.slice(1))).not.toContain("7E1516");
		expect(complain("loraDevEui", `${"0".repeat(15)}G`)).toContain("place 16");
		expect(complain("loraInterval", "86401")).not.toBeNull();
		expect(complain("loraInterval", "1.5")).not.toBeNull();
		expect(complain("loraPower", "1")).not.toBeNull();
		expect(complain("loraFairUse", "maybe")).not.toBeNull();
	});

	test("keys are secret", () => {
		for (const name of ["loraAppKey", "loraKey"]) expect(settingTable[findSetting(name)]!.secret).toBe(true);
	});
});

test("what stands for it where there is no radio has the same names", async () => {
	const [all, none] = await Promise.all([
		import("../../modules/settings/lora.js"),
		import("../../modules/settings/without-lora.js"),
	]);
	expect(Object.keys(none).sort()).toEqual(Object.keys(all).sort());
	expect(none.loraTable).toEqual([]);
	expect([none.isLoraOn(), none.readLora()]).toEqual([false, null]);
});
