import { describe, expect, test } from "vitest";
import { keepSticky, takeCommands } from "../../modules/lorawan/commands.js";
import type { LinkSettings } from "../../modules/lorawan/link.js";
import type { EndDevice } from "../../modules/lorawan/state.js";
import { hex, toHex } from "./hex.js";
import { createRig } from "./rig.js";

/** A device with eight channels, at DR3, as after a join with The Things Network. */
function createDevice(): EndDevice {
	const { device } = createRig();
	const { link } = device;
	for (let channel = 3; channel < 8; channel += 1) {
		link.frequencies[channel] = 867_100_000 + 200_000 * (channel - 3);
		link.mask |= 1 << channel;
	}
	return device;
}

function take(device: EndDevice, request: string): string {
	const bytes = hex(request);
	takeCommands(device, bytes, 0, bytes.length);
	return toHex(device.link.answers, device.link.answersLength);
}

/** What was agreed on, without what is still to be said. */
function settings({ link }: EndDevice): object {
	const { answers, answersLength, ...rest } = link;
	return { ...rest };
}

/** Requests and answers in hexadecimal digits, and what else is as it was not before. */
const table: [what: string, request: string, answer: string, changes: Partial<LinkSettings>][] = [
	[
		"LinkADR: data rate 5, power 4, eight channels, one transmission",
		"03 54 ff00 01",
		"0307",
		{ dataRate: 5, powerIndex: 4 },
	],
	["LinkADR: three transmissions, one channel", "03 30 0100 03", "0307", { mask: 1, transmissions: 3 }],
	["LinkADR: no transmissions are one", "03 30 ff00 00", "0307", {}],
	["LinkADR: nibbles of 15 keep data rate and power", "03 ff 0f00 01", "0307", { mask: 0x0f }],
	["LinkADR: all channels on", "03 3f 0000 61", "0307", {}],
	["LinkADR: no channel", "03 50 0000 01", "0306", {}],
	["LinkADR: a channel that there is not", "03 50 ff01 01", "0306", {}],
	["LinkADR: a mask control that there is not", "03 50 ff00 11", "0306", {}],
	["LinkADR: data rate 6", "03 60 ff00 01", "0305", {}],
	["LinkADR: power 8", "03 58 ff00 01", "0303", {}],
	["LinkADR: nothing of it", "03 78 0000 51", "0300", {}],
	[
		"LinkADR: a block holds as one",
		"03 50 0100 01 03 40 0300 02",
		"03070307",
		{ dataRate: 4, mask: 3, transmissions: 2 },
	],
	["LinkADR: a block of which one fails", "03 50 0100 01 03 40 0003 01", "03060306", {}],
	["DutyCycle", "04 07", "04", { dutyExponent: 7 }],
	["RXParamSetup", "05 23 d2ad84", "0507", { firstOffset: 2, secondDataRate: 3, secondFrequency: 869_525_000 }],
	["RXParamSetup: offset 6", "05 63 d2ad84", "0503", {}],
	["RXParamSetup: data rate 7", "05 07 d2ad84", "0505", {}],
	["RXParamSetup: 433 MHz", "05 03 101242", "0506", {}],
	["NewChannel", "07 08 18bb84 50", "0703", { mask: 0x1ff }],
	["NewChannel: a channel goes", "07 03 000000 50", "0703", { mask: 0xf7 }],
	["NewChannel: a default channel", "07 02 184f84 50", "0700", {}],
	["NewChannel: number 16", "07 10 184f84 50", "0700", {}],
	["NewChannel: 868.65 MHz, between two sub-bands", "07 08 a48b84 50", "0702", {}],
	["NewChannel: 868.6 MHz, half outside", "07 08 b08984 50", "0702", {}],
	["NewChannel: 871 MHz", "07 08 70e784 50", "0702", {}],
	["NewChannel: data rates 5 to 0", "07 08 184f84 05", "0701", {}],
	["NewChannel: data rate 7", "07 08 184f84 77", "0701", {}],
	["RXTimingSetup", "08 05", "08", { delay: 5 }],
	["RXTimingSetup: none is one", "08 00", "08", { delay: 1 }],
	["TXParamSetup is not for this region", "09 05", "", {}],
	["TXParamSetup does not end the list", "09 05 04 01", "04", { dutyExponent: 1 }],
	["DlChannel", "0a 01 d2ad84", "0a03", {}],
	["DlChannel: of a channel that there is not", "0a 09 d2ad84", "0a01", {}],
	["DlChannel: 433 MHz", "0a 01 101242", "0a02", {}],
	["DeviceTime was not asked for", "0d 0102030405 04 01", "04", { dutyExponent: 1 }],
	["an unknown command ends the list", "04 01 80 04 02", "04", { dutyExponent: 1 }],
	["number 0 is unknown", "00 04 02", "", {}],
	["one of class B is unknown", "04 01 11 00 04 02", "04", { dutyExponent: 1 }],
	["a command that is cut off ends the list", "04 01 05 23 d2ad", "04", { dutyExponent: 1 }],
	["a LinkADR that is cut off does not count", "03 50 ff00 01 03 40 ff00", "0307", { dataRate: 5 }],
];

describe("MAC commands", () => {
	test.each(table)("%s", (_, request, answer, changes) => {
		const device = createDevice();
		const before = settings(device);
		expect(take(device, request)).toBe(answer);
		expect(settings(device)).toEqual({ ...before, ...changes });
	});

	test("the frequencies of a new channel, and of another first window, are taken", () => {
		const device = createDevice();
		take(device, "07 08 18bb84 43 0a 08 d2ad84");
		expect(device.link.frequencies[8]).toBe(869_864_800);
		expect(device.link.downlinks[8]).toBe(869_525_000);
		expect(device.link.ranges[8]).toBe(0x43);
		// A channel that is made anew is answered where it is.
		take(device, "07 08 18bb84 43");
		expect(device.link.downlinks[8]).toBe(0);
	});

	test("LinkADR: a data rate that no channel of the mask has", () => {
		const device = createDevice();
		take(device, "07 08 18bb84 22");
		device.link.answersLength = 0;
		expect(take(device, "03 50 0001 01")).toBe("0305");
		expect(take(device, "03 20 0001 01")).toBe("03050307");
	});

	test("DevStatus: external power, and the SNR in dB", () => {
		for (const [snr, byte] of [
			[40, "0a"],
			[-20, "3b"],
			[200, "1f"],
			[-200, "20"],
			[null, "00"],
		] as const) {
			const device = createDevice();
			device.snr = snr;
			expect(take(device, "06")).toBe(`0600${byte}`);
		}
	});

	test("LinkCheck: margin and gateways", () => {
		const device = createDevice();
		expect(take(device, "02 14 03")).toBe("");
		expect(device).toMatchObject({ margin: 20, gateways: 3 });
	});

	test("answers are as many as have room, and none is cut", () => {
		const device = createDevice();
		expect(take(device, "06".repeat(6))).toBe("060000".repeat(5));
		device.link.answersLength = 0;
		expect(take(device, `${"0401".repeat(13)}06`)).toBe("04".repeat(13));
	});

	test("answers on where the device listens are repeated, others are not", () => {
		const device = createDevice();
		take(device, "04 01 05 23 d2ad84 06 08 05 0a 01 d2ad84 03 50 ff00 01");
		keepSticky(device.link);
		expect(toHex(device.link.answers, device.link.answersLength)).toBe("0507080a03");
	});
});
