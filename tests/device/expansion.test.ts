/** The board's key expansion beside the package's own. */

import { join } from "node:path";
import aes from "aes-js";
import { expect, test } from "vitest";
import { compileModule } from "../../tools/compile.js";
import { root } from "../../tools/sdk/modules.js";
import { createChance } from "../support/chance.js";

// As the board has it.
const file = join(root, "modules/device/aes-js/expansion.ts");
const code = Buffer.from(await compileModule(file)).toString("base64");
const { expandKey } = (await import(`data:text/javascript;base64,${code}`)) as {
	expandKey(key: Uint8Array, encrypt: unknown): number[][];
};
const { encrypt } = aes.AES.prototype;

test("gives the round keys of npm's aes-js for any key of 16 bytes", () => {
	const chance = createChance(1);
	const keys: Uint8Array[] = [new Uint8Array(16), new Uint8Array(16).fill(0xff)];
	for (let count = 0; count < 500; count += 1) keys.push(chance.bytes(16));
	for (const key of keys) {
		const { _Ke } = new aes.AES(key) as unknown as { _Ke: number[][] };
		// The package's words are signed, but for those that it did not change.
		expect(expandKey(key, encrypt)).toEqual(_Ke.map(round => round.map(word => word | 0)));
	}
});

test("refuses keys of other lengths", () => {
	for (const length of [0, 15, 17, 24, 32])
		expect(() => expandKey(new Uint8Array(length), encrypt)).toThrow(RangeError);
});
