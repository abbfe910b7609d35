/** What stands before an image: who may have made it, and for whom. */

import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { headerLength, judgeHeader, readHeader, signedLength } from "../../modules/update/header.js";
import { createImage, createProgram, flashByCable, sectors, slotLength } from "../../simulator/world/board/slots.js";
import { publicDigits, signUpdate } from "../../tools/update/sign.js";
import { createChance } from "../support/chance.js";
import { createFakeFlash } from "../support/fake-flash.js";
import { bytesOf, hexOf } from "../support/vectors.js";
import { createUpdate, fields, key, privateKey, publicKey } from "./updates.js";

const chance = createChance(1);
const image = createImage(chance.bytes(1_000));
const update = createUpdate(image);
const header = update.slice(0, headerLength);
const program = createProgram(flashByCable(createFakeFlash(sectors, chance), image), [key], 1);

function judge(bytes: Uint8Array, { length = update.length, keys = [key], sequence = 1 } = {}) {
	return judgeHeader(bytes.slice(0, headerLength), length, { ...program, keys, sequence });
}

const order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

describe("a header", () => {
	test("of ours is taken, and its image is as node:crypto hashes it", () => {
		expect(judge(header)).toMatchObject({ ...fields, length: image.length });
	});

	test("has a signature that openssl verifies", () => {
		const folder = mkdtempSync(join(tmpdir(), "smarty-sign-"));
		try {
			writeFileSync(join(folder, "key.pem"), publicKey.export({ format: "pem", type: "spki" }));
			writeFileSync(join(folder, "signed"), header.subarray(0, signedLength));
			// An integer of DER has a zero before a first bit of 1.
			const integer = (at: number): number[] => {
				let bytes = [...header.subarray(at, at + 32)];
				while (bytes[0] === 0 && bytes[1]! < 128) bytes = bytes.slice(1);
				if (bytes[0]! > 127) bytes = [0, ...bytes];
				return [2, bytes.length, ...bytes];
			};
			const numbers = [...integer(signedLength), ...integer(signedLength + 32)];
			writeFileSync(join(folder, "signature"), Uint8Array.of(0x30, numbers.length, ...numbers));
			const options = ["dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "signed"];
			expect(execFileSync("openssl", options, { cwd: folder, encoding: "utf8" })).toBe("Verified OK\n");
		} finally {
			rmSync(folder, { recursive: true });
		}
	});

	test("with any bit changed is refused", () => {
		for (let bit = 0; bit < 8 * headerLength; bit += 1) {
			const changed = header.slice();
			changed[bit >> 3]! ^= 1 << (bit & 7);
			expect(typeof judge(changed), `bit ${bit}`).toBe("string");
		}
	});

	test.each([
		["another board", { board: "lolin32" }, {}, "This update is for lolin32, not for lolin_d32."],
		["an older one", {}, { sequence: 3 }, "0.2.0 is older than what is installed."],
		["another length", {}, { length: update.length + 1 }, "This file is not as long as its header says."],
		["no key at all", {}, { keys: [] }, "This update is not signed with a key that this program knows."],
	])("for %s is refused in words", (_, changed, options, sentence) => {
		expect(judge(createUpdate(image, changed), options)).toBe(sentence);
	});

	test("of what is installed is taken, and so is one of the next key", () => {
		expect(judge(header, { sequence: 2 })).toMatchObject(fields);
		const other = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
		const next = createUpdate(image, {}, other.privateKey);
		expect(typeof judge(next)).toBe("string");
		expect(judge(next, { keys: [key, publicDigits(other.publicKey)] })).toMatchObject(fields);
	});

	test("longer than the slot is refused", () => {
		const long = createUpdate(createImage(new Uint8Array(slotLength)));
		expect(judge(long, { length: long.length })).toBe("This update is longer than the room for it.");
	});

	test("of other signatures is refused: zero, one, the order and its neighbours, all ones", () => {
		const numbers = [
			0n,
			1n,
			BigInt(`0x${order}`) - 1n,
			BigInt(`0x${order}`),
			BigInt(`0x${order}`) + 1n,
			2n ** 256n - 1n,
		];
		const own = [hexOf(header.subarray(192, 224)), hexOf(header.subarray(224, 256))].map(text => BigInt(`0x${text}`));
		for (const r of [...numbers, own[0]!]) {
			for (const s of [...numbers, own[1]!]) {
				if (r === own[0] && s === own[1]) continue;
				const forged = header.slice();
				forged.set(bytesOf([r, s].map(number => number.toString(16).padStart(64, "0")).join("")), 192);
				expect(typeof judge(forged), `${r} ${s}`).toBe("string");
			}
		}
	});

	test("of a key that is not on the curve is refused", () => {
		const flipped = key.slice(0, -1) + (key.endsWith("0") ? "1" : "0");
		for (const bad of ["0".repeat(128), "f".repeat(128), flipped, "g".repeat(128)])
			expect(typeof judge(header, { keys: [bad] })).toBe("string");
	});

	test("cut short or of another format is none", () => {
		for (let length = 0; length < headerLength; length += 1) expect(readHeader(header.slice(0, length))).toBeNull();
		for (const at of [0, 4, 7, 8, 24, 100, 191]) {
			const changed = header.slice();
			changed[at] = at === 8 || at === 24 ? 0 : 32;
			expect(readHeader(changed), `byte ${at}`).toBeNull();
		}
	});
});

describe("signing", () => {
	test.each([
		["an image of something else", Uint8Array.of(1, 2, 3), {}, privateKey, "E9"],
		["a board with a space", image, { board: "lolin d32" }, privateKey, "board"],
		["a version that is too long", image, { version: "1".repeat(25) }, privateKey, "version"],
		["a sequence that is none", image, { sequence: -1 }, privateKey, "sequence"],
		["a key of another curve", image, {}, generateKeyPairSync("ec", { namedCurve: "secp384r1" }).privateKey, "P-256"],
		["a key of another kind", image, {}, generateKeyPairSync("ed25519").privateKey, "P-256"],
	])("refuses %s", (_, bytes, changed, signer, word) => {
		expect(() => signUpdate(bytes, { ...fields, ...changed }, signer)).toThrow(word);
	});
});
