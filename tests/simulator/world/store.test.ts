/** Tests of simulator: store. */
import { expect, test } from "vitest";
import { createChance } from "../../../simulator/chance.js";
import { PowerCut } from "../../../simulator/world/board/flash.js";
import { createWorldStore, writeStore } from "../../../simulator/world/board/store.js";

test("values are kept and removed", () => {
	const store = createWorldStore(createChance(1));
	writeStore(store, "one", "1");
	writeStore(store, "two", "2");
	writeStore(store, "one", null);
	expect([...store.values]).toEqual([["two", "2"]]);
	expect(store.writes).toBe(3);
});

test("a cut leaves the old value, the new one or none, and nothing else is touched", () => {
	const found = new Set<string>();
	for (let seed = 0; seed < 60; seed++) {
		const store = createWorldStore(createChance(seed));
		writeStore(store, "other", "well");
		writeStore(store, "name", "old");
		store.cutAfter = 1;
		writeStore(store, "another", "before the cut");
		expect(() => writeStore(store, "name", "new")).toThrow(PowerCut);
		found.add(store.values.get("name") ?? "none");
		expect(store.values.get("other")).toBe("well");
		expect(store.values.get("another")).toBe("before the cut");
		// Once, until it is armed again.
		writeStore(store, "name", "newer");
		expect(store.values.get("name")).toBe("newer");
	}
	expect([...found].sort()).toEqual(["new", "none", "old"]);
});
