/** A gateway whose clock is right says when a meter's differs, and makes nothing else of it. */
import { expect, test } from "vitest";
import { describeDiagnostics } from "../../modules/firmware/diagnostics.js";
import { createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import { createChance as createSimulatorChance } from "../../simulator/chance.js";
import { createMeter, readMeter } from "../../simulator/meter.js";
import { createChance } from "../support/chance.js";
import { createFakeWorld } from "../support/fake-ports.js";
import { joinPieces } from "../support/pieces.js";
import { realFrame } from "../support/vectors.js";

const begin = Date.UTC(2026, 10, 30, 12);

/** Telegrams whose times are so many minutes from the computer's; the lines of the log that came of them, and the difference. */
function live(isRight: boolean, minutes: readonly number[]) {
	const world = createFakeWorld(createChance(1));
	const { clock } = world;
	const set: number[] = [];
	const own = {
		...clock,
		isRight,
		time: () => begin + clock.now(),
		setTime: (time: number) => void set.push(time),
	};
	const firmware = createFirmware(
		{ wifi: "home", broker: "mqtt://10.0.0.1", key: Buffer.from(realFrame.key).toString("hex") },
		{ ...world.ports, clock: own },
	);
	startFirmware(firmware);
	const house = createMeter(createSimulatorChance(2), begin, { key: realFrame.key, frameCounter: 1 });
	const differences = minutes.map(minute => {
		clock.pass(120_000);
		const { bytes } = readMeter(house, begin + clock.now() + minute * 60_000);
		world.receive(bytes, bytes.length, null);
		clock.pass(10);
		return JSON.parse(joinPieces(describeDiagnostics(firmware))).clock_difference;
	});
	const lines = firmware.log.lines.filter(({ text }) => text.startsWith("clocks: ")).map(({ text }) => text);
	return { lines, differences, telegrams: firmware.lines[0]!.tally.counters.telegrams, set };
}

test("said when it begins and when it ends, in the log and in the diagnostics; every reading counts all the same", () => {
	const { lines, differences, telegrams } = live(true, [-59, -59, 0, 59, 61, 90, 30]);
	expect(differences.map(value => (value === null ? null : Math.round(value / 60)))).toEqual([
		null,
		null,
		null,
		null,
		61,
		90,
		null,
	]);
	expect(lines).toEqual([
		"clocks: the meter's says 2026-11-30T13:11:00Z, this computer's 2026-11-30T12:10:00Z",
		"clocks: both agree again",
	]);
	expect(telegrams).toBe(7);
});

test("a recording of a year before, after a restart", () => {
	expect(live(true, [-365 * 24 * 60]).lines).toHaveLength(1);
});

test("a board, whose clock is the meter's, says nothing", () => {
	expect(live(false, [0, 600])).toMatchObject({ lines: [], differences: [null, null] });
});
