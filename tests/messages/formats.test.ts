/** Tests of `modules/messages/formats.ts`. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { encodeRaw, type ValueLayout } from "../../modules/messages/formats.js";
import { encodeSgrimeeUnits } from "../../modules/messages/sgrimee.js";
import { meterName, meterRoot } from "../../modules/messages/topics.js";
import { readText } from "../../modules/p1/hex-text.js";
import { copyTelegram } from "../../modules/p1/plain.js";
import { closeTelegram, slowChecksum, telegramOf } from "../support/checksum.js";
import { listLayout } from "../support/layouts.js";
import { joinPieces } from "../support/pieces.js";
import { changeLine, readTelegram } from "../support/telegrams.js";
import { realFrame, specificationTelegram, textBytes } from "../support/vectors.js";

const roots = { smartyreader: "lamsmarty", smartmeter: "weigu", sgrimee: "smarty", "dsmr-reader": "dsmr" };

function publish(layout: ValueLayout, text: string): string[] {
	const lines: string[] = [];
	const telegram = readTelegram(text);
	const root = layout === "values" ? meterRoot("smarty", meterName(telegram)) : roots[layout];
	for (const [topic, payload] of listLayout(layout, telegram, root)) lines.push(`${topic} ${payload}`);
	return lines;
}

function golden(name: string): string[] {
	return readFileSync(new URL(`golden/${name}.txt`, import.meta.url), "utf8")
		.trimEnd()
		.split("\n");
}

describe("the specification's telegram in each layout", () => {
	for (const layout of ["values", "smartyreader", "dsmr-reader"] as const) {
		test(layout, () => expect(publish(layout, specificationTelegram)).toEqual(golden(layout)));
	}

	test("sgrimee, with its units", () => {
		const lines = publish("sgrimee", specificationTelegram);
		for (const [topic, unit] of encodeSgrimeeUnits("smarty")) lines.push(`${topic} ${unit}`);
		expect(lines).toEqual(golden("sgrimee"));
	});

	test("raw", () => {
		expect(joinPieces(encodeRaw(readTelegram(specificationTelegram)))).toBe(specificationTelegram);
	});
});

describe("the layout of SmartyReader's board for five meters", () => {
	test("has one object per meter, with what that meter's telegram has, as it prints it", () => {
		const [line] = publish("smartmeter", realFrame.telegram);
		const printed = (code: string) => new RegExp(`^${code}\\((.*)\\)`, "m").exec(realFrame.telegram)![1]!;
		const [topic, payload] = [line!.slice(0, line!.indexOf(" ")), line!.slice(line!.indexOf(" ") + 1)];
		expect(topic).toBe("weigu/smartmeter1_p1");
		const found = JSON.parse(payload);
		expect(Object.keys(found)).toEqual(["dt", "id", "c1", "p1", "c2", "p2"]);
		expect(found.dt).toBe(printed("0-0:1\\.0\\.0"));
		// The firmware of 2018 prints no units.
		const digits = (text: string) => text.split("*")[0];
		expect([found.c1, found.p1, found.c2, found.p2].map(digits)).toEqual(
			["1", "2", "3", "4"].map(number => digits(printed(`1-0:${number}\\.8\\.0`))),
		);
		expect(found.c1).toMatch(/\*kWh$/);
		expect(found.c2).toMatch(/\*kvarh$/);
	});

	test("is on the topic of the meter's number, and leaves out what there is not", () => {
		const telegram = readTelegram(telegramOf(["1-0:1.8.0(1.5*kWh)"]));
		const expected = [["a/b/smartmeter6_p1", '{"id":"","c1":"000001.500*kWh"}']];
		expect(listLayout("smartmeter", telegram, "a/b", 5)).toEqual(expected);
	});
});

test("SmartyReader's names are those that its dashboards know", () => {
	const topics = publish("smartyreader", specificationTelegram).map(line => line.slice(0, line.indexOf(" ")));
	for (const name of [
		"ntp_datetime",
		"identification",
		"p1_version",
		"timestamp",
		"equipment_id",
		"act_energy_imported_p_plus_kWh",
		"act_energy_exported_p_minus_kWh",
		"react_energy_imported_q_plus_kvarh",
		"act_pwr_imported_p_plus_kW",
		"act_pwr_imp_p_plus_l1_kW",
		"curr_l1_A",
		"volt_l1_V",
		"active_threshold_smax_kVA",
		"breaker_ctrl_state_0",
		"num_pwr_failures",
		"gas_index_m3",
		"gas_meter_id_hex",
		"limiter_curr_monitor_A",
		"power_consumption_calc_W",
		"power_excess_solar_calc_W",
	]) {
		expect(topics).toContain(`lamsmarty/${name}`);
	}
});

test("what a telegram does not have", () => {
	const values = publish("values", realFrame.telegram);
	expect(values).toContain("smarty/SAG1030700114004/active_energy_import 6.695");
	expect(values.some(line => line.includes("voltage_l1"))).toBe(false);
	const sgrimee = publish("sgrimee", realFrame.telegram);
	expect(sgrimee).toContain("smarty/phase_volt_l1/value (null)");
	expect(sgrimee).toContain("smarty/gas_index/value (null)");
	expect(sgrimee).toContain("smarty/energy_delivered_tariff1/value 000006.695");
	expect(publish("smartyreader", realFrame.telegram).some(line => line.includes("gas"))).toBe(false);
	expect(publish("dsmr-reader", realFrame.telegram).at(-1)).toContain('"extra_device_delivered":null');
});

test("SmartyReader's calculated power is the balance of import and export", () => {
	const text = changeLine(
		changeLine(specificationTelegram, "1-0:1.7.0", "1-0:1.7.0(02.000*kW)"),
		"1-0:2.7.0",
		"1-0:2.7.0(04.000*kW)",
	);
	const lines = publish("smartyreader", text);
	expect(lines).toContain("lamsmarty/power_consumption_calc_W 0");
	expect(lines).toContain("lamsmarty/power_excess_solar_calc_W 2000");
});

test("a meter cannot write outside of its own topics", () => {
	const text = changeLine(specificationTelegram, "0-0:42.0.0", "0-0:42.0.0(2F2B2F23)");
	for (const line of publish("values", text)) expect(line).toMatch(/^smarty\/____\/[^+#]+ /);
});

describe("the telegram in clear", () => {
	test("is the one of the meter, where that has a good CRC", () => {
		for (const text of [specificationTelegram, realFrame.telegram]) {
			expect(Buffer.from(copyTelegram(readTelegram(text))).toString("latin1")).toBe(text);
		}
	});

	test("gets a CRC of its own where the meter's is missing, in lower case or followed by a NUL", () => {
		const telegram = readTelegram(specificationTelegram);
		for (const ending of ["!\r\n", "!8b52\r\n", "!8B52\r\n\0", "!", ""]) {
			const bytes = textBytes(`noise${specificationTelegram.split("!")[0]}${ending}`);
			const copy = copyTelegram({ ...telegram, bytes, start: 5, end: bytes.length });
			expect(Buffer.from(copy).toString("latin1")).toBe(specificationTelegram);
		}
	});

	test("has the CRC of its own text, leading zeros included", () => {
		const found = new Set<number>();
		for (let serial = 0; serial < 600; serial += 1) {
			const text = closeTelegram(`/Lux5\\1\r\n\r\n0-0:96.1.9(${serial})\r\n!`);
			const copy = Buffer.from(copyTelegram(readTelegram(text))).toString("latin1");
			expect(copy).toBe(text);
			found.add(slowChecksum(textBytes(text.slice(0, text.indexOf("!") + 1))) >> 12);
		}
		expect(found).toContain(0);
	});
});

test("the bytes of a text, and no bytes", () => {
	const bytes = textBytes(specificationTelegram);
	expect(readText(bytes, 0, bytes.length)).toBe(specificationTelegram);
	expect(readText(bytes, 5, 5)).toBe("");
});
