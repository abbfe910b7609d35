import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createCore } from "../../simulator/core.js";
import type { EngineName } from "../../simulator/engines/engine.js";

const vector = JSON.parse(readFileSync(new URL("../vectors/luxembourg-2018.json", import.meta.url), "utf8"));
const names: EngineName[] = ["node", "xs"];

describe.each(names)("the core in the engine %s", name => {
	it("reads the real frame of 2018", async () => {
		const core = await createCore(name, { base: "smarty", key: vector.key });
		const { telegrams, messages, counters } = await core.accept(Buffer.from(vector.frame, "hex"), 0);
		expect(telegrams).toEqual([
			{
				verdict: "authenticated",
				systemTitle: vector.systemTitle,
				frameCounter: Number.parseInt(vector.frameCounter, 16),
				telegram: Buffer.from(vector.telegram, "latin1").toString("hex").toUpperCase(),
			},
		]);
		expect(messages.map(({ topic, retain }) => ({ topic, retain }))).toEqual([
			{ topic: "smarty/SAG1030700114004/state", retain: true },
		]);
		expect(JSON.parse(messages[0]!.payload)).toMatchObject({ verdict: "authenticated", time: "2018-01-30T09:21:22Z" });
		expect(counters).toMatchObject({ bytes: 647, telegrams: 1, authenticated: 1, discarded: 0 });
		await core.close();
	});

	it("says why it refuses its options", async () => {
		await expect(createCore(name, { base: "smarty", key: "00" })).rejects.toThrow("16 bytes");
	});
});
