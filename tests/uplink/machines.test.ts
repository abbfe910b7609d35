/** Tests of the small state machines: meter, light, back-off, recovery. */
import { describe, expect, test } from "vitest";
import { advanceLight, createLight, type LightCode, lightPattern } from "../../modules/health/light.js";
import { createLog, formatLine, note } from "../../modules/health/log.js";
import { advanceMeter, createMeter, isStale, noteLine, noteTelegram } from "../../modules/health/meter.js";
import { advanceRecovery, createRecovery, deviceMs, type RecoveryView } from "../../modules/health/recovery.js";
import { createFaults, type Fault } from "../../modules/p1/faults.js";
import { createBackoff, nextDelay, resetBackoff } from "../../modules/uplink/backoff.js";

describe("back-off", () => {
	test("doubles up to its cap and never beyond, the second half by chance", () => {
		const backoff = createBackoff(1_000, 30_000);
		expect(Array.from({ length: 8 }, () => nextDelay(backoff, 0.999_999))).toEqual([
			1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
		]);
		for (let round = 0; round < 10_000; round++) nextDelay(backoff, 0.5);
		expect(nextDelay(backoff, 0)).toBe(15_000);
		resetBackoff(backoff);
		expect(nextDelay(backoff, 0)).toBe(500);
	});
});

describe("meter", () => {
	function count(faults: Record<Fault, number>, fault: Fault, times: number) {
		faults[fault] += times;
	}

	test("waits, is well, and is stale after 35 s", () => {
		const faults = createFaults();
		const meter = createMeter(0, faults);
		expect(advanceMeter(meter, faults, 30_000)).toBe(false);
		expect(meter.state).toBe("waiting");
		noteTelegram(meter, faults, 0, true, 31_000);
		expect(meter.state).toBe("ok");
		expect(isStale(meter, 65_999)).toBe(false);
		expect(advanceMeter(meter, faults, 65_999)).toBe(false);
		expect(isStale(meter, 66_000)).toBe(true);
		expect(advanceMeter(meter, faults, 66_000)).toBe(true);
		expect(meter.state).toBe("silent");
	});

	test("no cable is a break that lasts; a break between bytes is none", () => {
		const faults = createFaults();
		const meter = createMeter(0, faults);
		noteLine(meter, 0, { breaks: 1, framingErrors: 0, fifoOverflows: 0, ringOverflows: 0 }, 1_000);
		advanceMeter(meter, faults, 10_000);
		expect(meter.state).toBe("noCable");
		noteLine(meter, 5, null, 11_000);
		advanceMeter(meter, faults, 12_000);
		expect(meter.state).toBe("waiting");
		noteLine(meter, 5, { breaks: 1, framingErrors: 2, fifoOverflows: 3, ringOverflows: 4 }, 13_000);
		advanceMeter(meter, faults, 14_000);
		expect(meter.state).toBe("waiting");
		expect(meter.line).toEqual({ breaks: 2, framingErrors: 2, fifoOverflows: 3, ringOverflows: 4 });
	});

	test.each([
		["keyMissing", "keyMissing"],
		["wrongKey", "wrongKey"],
	] as const)("two frames in a row with %s are no accident", (fault, state) => {
		const faults = createFaults();
		const meter = createMeter(0, faults);
		noteTelegram(meter, faults, 0, true, 1_000);
		count(faults, fault, 1);
		advanceMeter(meter, faults, 12_000);
		expect(meter.state).toBe("ok");
		count(faults, fault, 1);
		advanceMeter(meter, faults, 22_000);
		expect(meter.state).toBe(state);
		noteTelegram(meter, faults, 0, true, 32_000);
		expect(advanceMeter(meter, faults, 33_000)).toBe(false);
		expect(meter.state).toBe("ok");
	});

	test.each(["wrongAuthenticationKey", "unauthenticated", "replay"] as const)(
		"%s is the meter's state where nothing else comes, and not what somebody else sends between its telegrams",
		fault => {
			const faults = createFaults();
			const meter = createMeter(0, faults);
			noteLine(meter, 647, null, 10_000);
			count(faults, fault, 1);
			advanceMeter(meter, faults, 10_000);
			expect(meter.state).toBe("waiting");
			count(faults, fault, 1);
			advanceMeter(meter, faults, 20_000);
			expect(meter.state).toBe(fault);
			noteTelegram(meter, faults, 0, true, 30_000);
			count(faults, fault, 20);
			advanceMeter(meter, faults, 40_000);
			expect(meter.state).toBe("ok");
			noteLine(meter, 647, null, 64_000);
			advanceMeter(meter, faults, 65_000);
			expect(meter.state).toBe(fault);
		},
	);

	test("a meter that is gone is silent, whatever was wrong with its last frames", () => {
		const faults = createFaults();
		const meter = createMeter(0, faults);
		noteLine(meter, 647, null, 10_000);
		count(faults, "wrongKey", 2);
		advanceMeter(meter, faults, 44_999);
		expect(meter.state).toBe("wrongKey");
		advanceMeter(meter, faults, 45_000);
		expect(meter.state).toBe("silent");
		noteLine(meter, 647, null, 50_000);
		advanceMeter(meter, faults, 50_000);
		expect(meter.state).toBe("wrongKey");
	});

	test("bytes without telegrams are damage or noise", () => {
		const faults = createFaults();
		const meter = createMeter(0, faults);
		noteLine(meter, 100, null, 30_000);
		advanceMeter(meter, faults, 36_000);
		expect(meter.state).toBe("noise");
		count(faults, "damaged", 1);
		advanceMeter(meter, faults, 37_000);
		expect(meter.state).toBe("damaged");
	});
});

describe("light", () => {
	const codes: LightCode[] = ["settings", "ok", "network", "broker", "meter", "key"];

	/** Counts the flashes of each period by watching the light. */
	function watch(code: LightCode, duration: number): { lit: number; flashes: number } {
		const light = createLight(0);
		let lit = 0;
		let flashes = 0;
		for (let now = 0; now < duration; now += 10) {
			if (advanceLight(light, code, now) && light.on) flashes++;
			if (light.on) lit += 10;
		}
		return { lit, flashes };
	}

	test("each code has its own number of flashes before a pause", () => {
		for (const [code, flashes] of [
			["network", 2],
			["broker", 3],
			["meter", 4],
			["key", 5],
		] as const) {
			const period = lightPattern(code).reduce((sum, time) => sum + time, 0);
			expect(watch(code, period * 10).flashes).toBe(flashes * 10);
			expect(lightPattern(code).at(-1)).toBeGreaterThan(1_000);
		}
		expect(watch("ok", 50_000).flashes).toBe(10);
		expect(watch("settings", 5_000).flashes).toBe(10);
	});

	test("a pattern begins lit, ends dark, and takes over at once", () => {
		for (const code of codes) {
			expect(lightPattern(code).length % 2).toBe(0);
			const light = createLight(0);
			advanceLight(light, "ok", 0);
			advanceLight(light, "ok", 60);
			advanceLight(light, code, 100);
			expect(light.on).toBe(code !== "ok");
			expect(light.deadline).toBeGreaterThan(100);
		}
	});

	test("all well costs next to nothing", () => {
		expect(watch("ok", 60_000).lit).toBeLessThan(1_000);
	});
});

describe("log", () => {
	test("keeps the last lines, counts repetitions, cuts long ones", () => {
		const log = createLog(3);
		const seen: string[] = [];
		log.listener = { onLine: line => void seen.push(line.text) };
		for (const text of ["a", "b", "b", "b", "c", "d"]) note(log, text, 3_723_000);
		expect(log.lines.map(formatLine)).toEqual(["1:02:03 b (3 times)", "1:02:03 c", "1:02:03 d"]);
		expect(seen).toEqual(["a", "b", "c", "d"]);
		note(log, "b", 3_724_000);
		expect(log.lines.map(formatLine)).toEqual(["1:02:03 c", "1:02:03 d", "1:02:04 b (4 times)"]);
		const other = createLog(20);
		for (let at = 0; at < 9; at++) note(other, `x${at}`, 0);
		note(other, "x0", 1);
		expect(other.lines).toHaveLength(10);
		note(log, "x".repeat(500), 0);
		expect(log.lines.at(-1)!.text).toHaveLength(120);
	});
});

describe("recovery", () => {
	const well: RecoveryView = { network: true, online: true, refused: false, lastTelegram: 0 };

	function run(view: (now: number) => RecoveryView, hours: number): { now: number; action: string }[] {
		const recovery = createRecovery(0);
		const actions: { now: number; action: string }[] = [];
		for (let now = 0; now <= hours * 3_600_000; now += 30_000) {
			const action = advanceRecovery(recovery, view(now), now);
			if (action !== "none") actions.push({ now, action });
		}
		return actions;
	}

	test("nothing while all is well", () => {
		expect(run(now => ({ ...well, lastTelegram: now }), 48)).toEqual([]);
	});

	test("no broker: a new connection to the network, then a restart, no sooner than after six hours", () => {
		const actions = run(now => ({ ...well, online: false, lastTelegram: now }), 13);
		expect(actions[0]).toEqual({ now: 600_000, action: "network" });
		const restarts = actions.filter(({ action }) => action === "device").map(({ now }) => now);
		expect(restarts).toEqual([deviceMs, 2 * deviceMs]);
		expect(deviceMs).toBeGreaterThanOrEqual(15 * 60_000);
		const networks = actions.filter(({ action }) => action === "network").map(({ now }) => now);
		for (let at = 1; at < networks.length; at++)
			expect(networks[at]! - networks[at - 1]!).toBeGreaterThanOrEqual(600_000);
	});

	test("no network: there is nothing to reconnect, only the restart", () => {
		const actions = run(now => ({ ...well, network: false, online: false, lastTelegram: now }), 7);
		expect(actions.map(({ action }) => action)).toEqual(["device"]);
	});

	test("a broker that refuses is not a reason to restart", () => {
		expect(run(now => ({ ...well, online: false, refused: true, lastTelegram: now }), 48)).toEqual([]);
	});

	test("a silent meter is asked again every two minutes", () => {
		const actions = run(() => well, 1);
		expect(new Set(actions.map(({ action }) => action))).toEqual(new Set(["request"]));
		expect(actions).toHaveLength(30);
	});
});
