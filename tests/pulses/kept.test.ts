/** What is kept of counters: never less than was told, whatever write the power is cut in. */
import { describe, expect, test } from "vitest";
import type { Retained, Store } from "../../modules/ports/ports.js";
import { type Counter, createCounter, energyAt } from "../../modules/pulses/counter.js";
import { keepCounter, keepMs, restoreCounter, retainCounter } from "../../modules/pulses/kept.js";
import { createChance } from "../support/chance.js";
import { createFakeStore } from "../support/fake-ports.js";

function createRetained(): Retained & { lose(): void } {
	const places = new Map<number, [number, number]>();
	return {
		read: (place, tag) => (places.get(place)?.[0] === tag ? places.get(place)![1] : null),
		write: (place, tag, value) => void places.set(place, [tag, value]),
		lose: () => places.clear(),
	};
}

function boot(
	store: Store,
	retained?: Retained,
	name = "led",
	constant = 16_667,
	start: number | null = null,
	place = 0,
) {
	const counter = createCounter(name, constant, start);
	const kept = restoreCounter(counter, place, store, retained);
	return { counter, kept };
}

function keep({ counter, kept }: { counter: Counter; kept: ReturnType<typeof restoreCounter> }, store: Store): void {
	keepCounter(kept, counter, store, kept.nextWrite);
}

test("a new counter begins at nothing, and is not written before it counts", () => {
	const store = createFakeStore();
	const now = boot(store);
	keep(now, store);
	expect(store.writes).toBe(0);
	expect([now.counter.count, now.kept.told]).toEqual([0, 0]);
});

test("a restart loses nothing, a loss of power what came since the last write; what was told was in the store", () => {
	const store = createFakeStore();
	const retained = createRetained();
	const first = boot(store, retained);
	first.counter.count = 1_000;
	keep(first, store);
	expect(first.kept.told).toBe(1_000);
	first.counter.count = 1_700;
	retainCounter(first.kept, first.counter, retained);
	const second = boot(store, retained);
	expect(second.counter.count).toBe(1_700);
	expect(second.kept.told).toBe(1_000);
	retained.lose();
	expect(boot(store, retained).counter.count).toBe(1_000);
	// Before an end it is written at once.
	keepCounter(second.kept, second.counter, store, 0, true);
	expect(boot(store, retained).counter.count).toBe(1_700);
});

test("is written once a minute, and not where nothing was counted", () => {
	const store = createFakeStore();
	const { counter, kept } = boot(store);
	for (let now = 0; now < 3_600_000; now += 1_000) {
		counter.count += 350;
		keepCounter(kept, counter, store, now);
	}
	expect(store.writes).toBe(60);
	for (let now = 3_600_000; now < 7_200_000; now += 1_000) keepCounter(kept, counter, store, now);
	expect(store.writes).toBe(61);
	expect(keepMs).toBe(60_000);
	for (const text of store.values.values()) expect(text.length).toBeLessThanOrEqual(120);
});

describe.each(["old", "none", "part", "new"] as const)("a write that the power cuts, which leaves %s", leaves => {
	test("leaves a count that is no less than was told and no more than was counted", () => {
		const chance = createChance(5);
		const store = createFakeStore();
		let told = 0;
		let truth = 0;
		for (let life = 0; life < 200; life += 1) {
			const now = boot(store);
			expect(now.counter.count).toBeGreaterThanOrEqual(told);
			expect(now.counter.count).toBeLessThanOrEqual(truth);
			store.cut = { at: store.writes + chance.integer(1, 4), leaves };
			try {
				for (;;) {
					const more = chance.integer(0, 5);
					now.counter.count += more;
					truth += more;
					keep(now, store);
					told = Math.max(told, now.kept.told);
				}
			} catch {
				store.cut = null;
			}
		}
		expect(told).toBeGreaterThan(100);
	});
});

test("a store that cannot be written does not stop what is told", () => {
	const store = createFakeStore();
	const now = boot(store);
	now.counter.count = 5;
	const broken: Store = {
		...store,
		write: () => {
			throw new Error("worn out");
		},
	};
	expect(() => keepCounter(now.kept, now.counter, broken, 0)).toThrow("worn out");
	expect(now.kept.told).toBe(5);
});

describe("settings that change", () => {
	test("another constant: the sum goes on from where it was", () => {
		const store = createFakeStore();
		const first = boot(store);
		first.counter.count = 16_667;
		keep(first, store);
		const second = boot(store, undefined, "led", 1_000);
		expect(energyAt(second.counter, second.counter.count)).toBe(1_000);
		second.counter.count += 500;
		expect(energyAt(second.counter, second.counter.count)).toBe(1_500);
		keep(second, store);
		const third = boot(store, undefined, "led", 1_000);
		expect(energyAt(third.counter, third.counter.count)).toBe(1_500);
	});

	test("another start: from now on that, once", () => {
		const store = createFakeStore();
		const first = boot(store, undefined, "led", 1_000);
		first.counter.count = 2_000;
		keep(first, store);
		const second = boot(store, undefined, "led", 1_000, 7_000_000);
		expect(energyAt(second.counter, second.counter.count)).toBe(7_000);
		second.counter.count += 5;
		keep(second, store);
		const third = boot(store, undefined, "led", 1_000, 7_000_000);
		expect(energyAt(third.counter, third.counter.count)).toBe(7_005);
		// Taken away again it changes nothing.
		const fourth = boot(store, undefined, "led", 1_000);
		expect(energyAt(fourth.counter, fourth.counter.count)).toBe(7_005);
	});

	test("another place: the count moves with the name, and what another counter had stays its own", () => {
		const store = createFakeStore();
		const led = boot(store, undefined, "led", 1_000);
		const pump = boot(store, undefined, "pump", 1_000, null, 1);
		led.counter.count = 10;
		pump.counter.count = 20;
		keep(led, store);
		keep(pump, store);
		for (let turn = 0; turn < 4; turn += 1) {
			const place = turn % 2;
			const one = boot(store, undefined, "led", 1_000, null, 1 - place);
			const two = boot(store, undefined, "pump", 1_000, null, place);
			expect([one.counter.count, two.counter.count]).toEqual([10 + turn, 20 + turn]);
			one.counter.count += 1;
			two.counter.count += 1;
			keep(one, store);
			keep(two, store);
		}
	});

	test("another name is another counter, also for memory that survived", () => {
		const store = createFakeStore();
		const retained = createRetained();
		const led = boot(store, retained);
		led.counter.count = 99;
		retainCounter(led.kept, led.counter, retained);
		keep(led, store);
		expect(boot(store, retained, "pump").counter.count).toBe(0);
		expect(boot(store, retained, "led").counter.count).toBe(99);
	});
});

test.each(["", "1 [", "7", "x []", '0 [1,"led",1,null,0,0,9]', "\u0000"])("%j in the store is nothing", text => {
	const store = createFakeStore(new Map([["pulses00", text]]));
	expect(boot(store).counter.count).toBe(0);
});
