/** Tests of `modules/messages/topics.ts`. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
	diagnosticsTopic,
	identifyMeter,
	meterName,
	powerTopic,
	stateTopic,
	statusTopic,
	topicLevel,
} from "../../modules/messages/topics.js";
import type { Telegram } from "../../modules/p1/reader.js";
import { accept, createReader } from "../../modules/p1/reader.js";
import { telegramOf } from "../support/checksum.js";
import { luxembourg, seal } from "../support/sealer.js";
import { realFrame, textBytes } from "../support/vectors.js";

test("topics of a meter", () => {
	expect(stateTopic("smarty", "SAG1030700114004")).toBe("smarty/SAG1030700114004/state");
	expect(statusTopic("smarty", "SAG1030700114004")).toBe("smarty/SAG1030700114004/status");
	expect(powerTopic("smarty", "SAG1030700114004")).toBe("smarty/SAG1030700114004/power");
	expect(diagnosticsTopic("home/smarty", "smarty-xs-1")).toBe("home/smarty/smarty-xs-1/diagnostics");
});

test("whatever a meter calls itself, it is one level of plain characters", () => {
	const name = fc.oneof(
		fc.string({ unit: "binary" }),
		fc.string({ unit: fc.constantFrom("/", "+", "#", "$", "\0", " ", "A", "..") }),
	);
	fc.assert(
		fc.property(name, meter => {
			expect(topicLevel(meter)).toMatch(/^[A-Za-z0-9_.-]*$/);
			expect(topicLevel(meter)).toHaveLength(meter.length);
			expect(stateTopic("smarty", meter).split("/")).toHaveLength(3);
		}),
	);
});

test("a meter is named by its serial number, its equipment identifier, its system title, in this order, or by nothing", () => {
	const identify = (lines: string[], seals: boolean) => {
		const names: (string | null)[] = [];
		const reader = createReader({ key: luxembourg.key }, telegram => names.push(identifyMeter(telegram)));
		const text = textBytes(telegramOf(lines));
		const bytes = seals ? seal(text) : text;
		accept(reader, bytes, 0, bytes.length, 0);
		expect(names).toHaveLength(1);
		return names[0];
	};
	const serial = "0-0:42.0.0(53414731303330373030313134303034)";
	const first = "0-0:96.1.1(3153414700000000000000000041)";
	const second = "0-0:96.1.0(9902000001)";
	for (const seals of [false, true]) {
		expect(identify([second, first, serial], seals)).toBe("SAG1030700114004");
		expect(identify([second, first], seals)).toBe("3153414700000000000000000041");
		expect(identify([first, second], seals)).toBe("3153414700000000000000000041");
		expect(identify([second], seals)).toBe("9902000001");
		expect(identify(["0-0:96.1.1()", "0-0:42.0.0(0000)"], seals)).toBe(seals ? "5341476770000001" : null);
	}
});

function nameOf(bytes: Uint8Array): string {
	const names: string[] = [];
	const reader = createReader({ key: luxembourg.key }, (telegram: Telegram) => names.push(meterName(telegram)));
	accept(reader, bytes, 0, bytes.length, 0);
	return names.join();
}

test("a meter is called by its serial number, else by its system title, else unknown; never by nothing", () => {
	expect(nameOf(textBytes(realFrame.telegram))).toBe("SAG1030700114004");
	for (const lines of [[], ["0-0:42.0.0()"], ["0-0:42.0.0(00)"], ["0-0:42.0.0(2020)"], ["0-0:42.0.0(  )"]]) {
		expect(nameOf(seal(textBytes(telegramOf(lines)))), lines.join()).toBe("5341476770000001");
		expect(nameOf(textBytes(telegramOf(lines))), lines.join()).toBe("unknown");
	}
});
