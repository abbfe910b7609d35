/** A counter compared with the meter's register. */
import { expect, test } from "vitest";
import { calibrate, createCalibration, restartCalibration } from "../../modules/pulses/calibration.js";

/** Telegrams each ten seconds of a meter at so many W, whose light flashes `constant` times a kWh; the register has whole Wh. */
function live(constant: number, watts: number, hours: number, calibration = createCalibration()) {
	for (let at = 0; at <= hours * 360; at += 1) {
		const energy = 5_000_000 + (watts * at) / 360;
		calibrate(calibration, Math.floor(energy), watts === 0, Math.floor((energy * constant) / 1_000));
	}
	return calibration;
}

test.each([
	[16_667, 500],
	[1_000, 3_000],
	[3_200, 11_000],
])("%i pulses per kWh are found at %i W, to 0.1 %% after 1 kWh", (constant, watts) => {
	const calibration = live(constant, watts, 1_000 / watts + 0.1);
	expect(Math.abs(calibration.measured! / constant - 1)).toBeLessThan(0.0035);
	const longer = live(constant, watts, 10_000 / watts + 0.1);
	expect(Math.abs(longer.measured! / constant - 1)).toBeLessThan(0.001);
});

test("nothing is measured before 1 kWh", () => {
	expect(live(1_000, 500, 1.9).measured).toBeNull();
});

test("a register that falls, of another meter for instance, begins the measure anew", () => {
	const calibration = live(1_000, 2_000, 1);
	calibrate(calibration, 10, false, 7_000);
	calibrate(calibration, 20, false, 7_100);
	calibrate(calibration, 1_020, false, 9_100);
	expect(calibration.measured).toBeCloseTo(2_000, 6);
});

test("pulses that were not counted begin it anew, too", () => {
	const calibration = createCalibration();
	calibrate(calibration, 0, false, 0);
	calibrate(calibration, 10, false, 10);
	restartCalibration(calibration);
	calibrate(calibration, 600, false, 30);
	calibrate(calibration, 700, false, 100);
	calibrate(calibration, 1_650, false, 1_050);
	expect(calibration.measured).toBeNull();
	calibrate(calibration, 1_700, false, 1_100);
	expect(calibration.measured).toBeCloseTo(1_000, 6);
});

test("pulses while the meter says 0 W are light from elsewhere", () => {
	const calibration = createCalibration();
	calibrate(calibration, 5, true, 100);
	calibrate(calibration, 5, true, 107);
	calibrate(calibration, 5, false, 120);
	calibrate(calibration, 5, true, 130);
	expect(calibration.stray).toBe(7);
	calibrate(calibration, 5, true, 131);
	expect(calibration.stray).toBe(8);
});
