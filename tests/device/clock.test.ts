/** The board's clock over a stand-in for the SDK's timers, which hands a timer to its callback as the SDK does. */
import { beforeEach, expect, test } from "vitest";
import type { Clock } from "../../modules/ports/ports.js";
import { type Loaded, load } from "./stand-in.js";

const timer = `export default {
	set(work, delay) {
		globalThis.WORLD.call("set", delay);
		const timer = {};
		globalThis.WORLD.timers.push({ work: () => work(timer), delay });
		return timer;
	},
	repeat(work, interval) {
		const timer = {};
		globalThis.WORLD.beat = () => work(timer);
		return timer;
	},
	clear(timer) { globalThis.WORLD.call("clear", timer); },
};`;
/** Ticks are 32 bits with a sign. */
const time = `export default {
	get ticks() { return globalThis.WORLD.ticks | 0; },
	delta: (start, end) => (end - start) | 0,
	set(seconds) { globalThis.WORLD.call("set time", seconds); },
};`;

let board: Loaded<{ BoardClock: new (guard: unknown) => Clock }>;
let world: { ticks: number; beat(): void };
let clock: Clock;
const names = () => board.world.calls.map(([name]) => name);

beforeEach(async () => {
	board = await load("modules/device/clock.ts", { timer, time });
	world = Object.assign(board.world as unknown as typeof world, { ticks: 2 ** 31 - 1_000 });
	clock = new board.module.BoardClock(board.guard);
});

test("time goes on where the ticks wrap", () => {
	expect(clock.now()).toBe(0);
	world.ticks += 3_000;
	expect(clock.now()).toBe(3_000);
});

test("an alarm rings once, within the guard; one that has rung is not cancelled, not even by itself", () => {
	let rung = 0;
	const alarm = clock.setAlarm(50, () => {
		rung += 1;
		clock.cancelAlarm(alarm);
		throw new Error("a handler");
	});
	expect(board.world.timers.map(({ delay }) => delay)).toEqual([50]);
	board.ring();
	clock.cancelAlarm(alarm);
	expect([rung, names(), board.exceptions.map(String)]).toEqual([1, ["set"], ["Error: a handler"]]);
});

test("an alarm that is cancelled takes its timer along", () => {
	const alarm = clock.setAlarm(50, () => {});
	clock.cancelAlarm(alarm);
	expect(board.world.calls.at(-1)).toEqual(["clear", alarm]);
});

test("without memory for a timer an alarm rings with the heartbeat after its time, unless it was cancelled", () => {
	board.world.failing.add("set");
	const rung: string[] = [];
	clock.setAlarm(1_500, () => rung.push("one"));
	const other = clock.setAlarm(1_500, () => rung.push("other"));
	world.ticks += 1_000;
	world.beat();
	expect(rung).toEqual([]);
	clock.cancelAlarm(other);
	world.ticks += 1_000;
	world.beat();
	world.beat();
	expect(rung).toEqual(["one"]);
	expect(names()).not.toContain("clear");
});
