/** The drawing and the firmware: the counter's filter, the pace of requests, and the settings of each sheet. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkSettings, readConfiguration } from "../../modules/settings/settings.js";
import { createBoards, pulsePin, readTargetPins } from "../../tools/hardware/boards.js";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const target = readTargetPins(new URL("../../targets/lolin_d32/manifest.json", import.meta.url));
const boards = createBoards(target);

describe("the LED reader", () => {
	const source = read("modules/device/pulses/esp32/smartyPulses.c");
	const glitch = Number(/#define GLITCH_NANOSECONDS (\d+)/.exec(source)![1]);

	test("gives pulses that are four times as long as what the counter takes for a glitch", () => {
		// The limit of the simulated figures.
		const shortest = Number(
			/low for (\d+) µs/.exec(read("tools/hardware/signal-figures.ts").match(/limit: counts.*/)![0])![1],
		);
		expect(shortest).toBe(20);
		expect(shortest * 1_000).toBeGreaterThanOrEqual(4 * glitch);
		// 1023 cycles of 80 MHz are the longest that the chip can filter.
		expect(glitch).toBeLessThanOrEqual(12_787);
	});

	test("each simulated pulse is longer than that, as the table says", () => {
		const rows = read("hardware/README.md").match(/^\| LED reader .*low for (\d+) µs to .*$/gm) ?? [];
		expect(rows.length).toBeGreaterThan(4);
		for (const row of rows) expect(Number(/low for (\d+) µs/.exec(row)![1]) * 1_000).toBeGreaterThan(4 * glitch);
		expect(rows.some(row => row.includes("350 a second"))).toBe(true);
	});

	test("is at the pin of the example, whose pulses begin with a falling edge", () => {
		const example = /^set pulses (.*)$/m.exec(read("docs/pulses.md"))![1]!;
		const { settings } = checkSettings(readConfiguration({ broker: "mqtt://a", pulses: example }), "host", null);
		expect(settings.pulses[0]).toMatchObject({ pin: Number(pulsePin), rising: false, pause: 0 });
	});
});

describe.each(boards.map(board => [board.name, board] as const))(
	"the sheet of %s",
	(_, { groups, receivePins, requestPins }) => {
		let at = 0;
		const plugs = groups.flatMap((group, index) =>
			group.map(() => {
				const request = requestPins[at];
				at += 1;
				return request === undefined ? receivePins[index]! : `${receivePins[index]}/${request}`;
			}),
		);
		const meters = plugs.join(" ");

		test("has a setting that the firmware takes, with the LED reader beside it", () => {
			const raw = { broker: "mqtt://a", meters, pulses: `${pulsePin}/16667/led` };
			const { settings, problems } = checkSettings(readConfiguration(raw), "host", null);
			expect(problems).toEqual([]);
			expect(settings.plugs).toHaveLength(groups.flat().length);
		});

		test("has it in the hardware's page", () => {
			expect(read("hardware/README.md")).toContain(`\`meters ${meters}\``);
		});
	},
);
