/** The key for updates is changed: by one update that is signed with the old key and brings the new one. */
import { generateKeyPairSync } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { createReceiver, finishUpdate, receiveUpdate } from "../../modules/update/receiver.js";
import {
	boot,
	createImage,
	createProgram,
	flashByCable,
	type Slots,
	sectors,
} from "../../simulator/world/board/slots.js";
import { publicDigits } from "../../tools/update/sign.js";
import { createChance } from "../support/chance.js";
import { createFakeFlash } from "../support/fake-flash.js";
import { createUpdate } from "./updates.js";

const chance = createChance(4);
const [old, next, stranger] = [1, 2, 3].map(() => generateKeyPairSync("ec", { namedCurve: "prime256v1" }));
const [oldDigits, nextDigits] = [old!, next!].map(({ publicKey }) => publicDigits(publicKey));

let slots: Slots;
/** Keys of the program that runs, as its build has them, and its sequence. */
let keys: string[];
let sequence: number;

beforeEach(() => {
	slots = flashByCable(createFakeFlash(sectors, createChance(1)), createImage(chance.bytes(2_000)));
	boot(slots);
	keys = [oldDigits!];
	sequence = 1;
});

/** An update that is signed with `signer` and built with `built`; what became of it, in words. */
function install(signer: typeof old, built: string[], number = sequence + 1): string {
	const version = `0.${number}.0`;
	const update = createUpdate(createImage(chance.bytes(2_000)), { sequence: number, version }, signer!.privateKey);
	const receiver = createReceiver(createProgram(slots, keys, sequence), update.length);
	const refusal = receiveUpdate(receiver, update, 0, update.length);
	if (refusal !== null) return refusal;
	const done = finishUpdate(receiver);
	if (typeof done === "string") return done;
	boot(slots);
	createProgram(slots, built, number).keep();
	[keys, sequence] = [built, number];
	return done.version;
}

const unknown = "This update is not signed with a key that this program knows.";

describe("a key", () => {
	test("gives way to the next one with one update, and is no key any more", () => {
		expect(install(next, [nextDigits!])).toBe(unknown);
		expect(install(old, [nextDigits!])).toBe("0.2.0");
		expect(install(old, [oldDigits!])).toBe(unknown);
		expect(install(next, [nextDigits!])).toBe("0.3.0");
	});

	test("may be known beside the next one, so that no board is left behind", () => {
		expect(install(old, [oldDigits!, nextDigits!])).toBe("0.2.0");
		expect(install(next, [oldDigits!, nextDigits!])).toBe("0.3.0");
		// A board that slept through the change: it takes nothing of the new key's, but still the update that brought it.
		keys = [oldDigits!];
		sequence = 1;
		expect(install(next, [nextDigits!])).toBe(unknown);
		expect(install(old, [oldDigits!, nextDigits!], 2)).toBe("0.2.0");
		expect(install(next, [nextDigits!])).toBe("0.3.0");
	});

	test("of somebody else is never one, and no key at all is the end of updates", () => {
		expect(install(stranger, [nextDigits!])).toBe(unknown);
		expect(install(old, [])).toBe("0.2.0");
		expect(install(old, [oldDigits!])).toBe(unknown);
	});
});
