import fc from "fast-check";
import { expect, test } from "vitest";
import {
	diagnosticsTopic,
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

function nameOf(bytes: Uint8Array): string {
	const names: string[] = [];
	const reader = createReader({ key: luxembourg.key }, (telegram: Telegram) => names.push(meterName(telegram)));
	accept(reader, bytes, 0, bytes.length, 0);
	return names.join();
}

test("a meter is called by its serial number, else by its system title, else unknown; never by nothing", () => {
	expect(nameOf(textBytes(realFrame.telegram))).toBe("SAG1030700114004");
	for (const lines of [[], ["0-0:42.0.0()"], ["0-0:42.0.0(00)"], ["0-0:42.0.0(2020)"], ["0-0:42.0.0(xx)"]]) {
		expect(nameOf(seal(textBytes(telegramOf(lines)))), lines.join()).toBe("5341476770000001");
		expect(nameOf(textBytes(telegramOf(lines))), lines.join()).toBe("unknown");
	}
});
