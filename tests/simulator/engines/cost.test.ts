/** Tests of simulator: cost. */
import { createCipheriv } from "node:crypto";
import { expect, it } from "vitest";
import { createXsEngine } from "../../../simulator/engines/xs.js";

it("opens 1 KiB in at most 520 000 computrons, debug lines included", async () => {
	const engine = await createXsEngine(new URL("../../../tools/bench/guests/smarty.ts", import.meta.url));
	const key = Buffer.from("D491470F47126332B07D1923B3504188", "hex");
	const nonce = Buffer.from("534147677001BD540005A8E3", "hex");
	const additional = Buffer.from("3000112233445566778899AABBCCDDEEFF", "hex");
	const text = Buffer.from(Array.from({ length: 1024 }, (_, at) => ((at * 31) % 95) + 32));
	const cipher = createCipheriv("aes-128-gcm", key, nonce, { authTagLength: 12 }).setAAD(additional);
	const ciphered = [cipher.update(text), cipher.final(), cipher.getAuthTag()];
	// The byte between tells the tag's length.
	const sealed = Buffer.concat([nonce, additional, Uint8Array.of(12), ...ciphered]);

	await engine.call(Buffer.concat([Uint8Array.of(0), key]));
	const costs: number[] = [];
	for (let round = 0; round < 2; round += 1) {
		await engine.call(Buffer.concat([Uint8Array.of(1), sealed]));
		await engine.call(Uint8Array.of(2));
		costs.push(engine.figures.compute);
		const result = Buffer.from(await engine.call(Uint8Array.of(3)));
		expect(result[0]).toBe(1);
		expect(result.subarray(1)).toEqual(text);
	}
	expect(costs[0]).toBe(costs[1]);
	expect(costs[0]).toBeLessThanOrEqual(520_000);
	await engine.close();
});
