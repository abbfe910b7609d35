/** The board's key expansion beside the package's own. */

import aes from "aes-js";
import { expect, test } from "vitest";
import { type Encrypt, expandKey } from "../../modules/device/aes-js/expansion.js";
import { createChance } from "../support/chance.js";

const { encrypt } = aes.AES.prototype as unknown as { encrypt: Encrypt };

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
