/** The policy `automatic`: like `prefer` until ten telegrams in a row had a good tag, like `required` from then on. */
import { describe, expect, test } from "vitest";
import { describeDiagnostics } from "../../modules/firmware/diagnostics.js";
import { createFakeStore } from "../support/fake-ports.js";
import {
	bootHouse,
	createHouseMeter,
	forge,
	type House,
	keyText,
	live,
	logOf,
	play,
	record,
	statesOf,
} from "../support/house.js";
import { joinPieces } from "../support/pieces.js";
import { seal } from "../support/sealer.js";
import { bytesOf } from "../support/vectors.js";

const { serial } = createHouseMeter();
const sentence =
	"telegrams without a good tag are refused since ten in a row had one; to read them: set authentication prefer";

function counts({ firmware }: House) {
	const { counters, faults } = firmware.lines[0]!.tally;
	const { authenticated, crcOnly, plain } = counters;
	return { authenticated, crcOnly, plain, refused: faults.wrongAuthenticationKey + faults.unauthenticated };
}

function breakTag(frame: Uint8Array): Uint8Array {
	const broken = frame.slice();
	broken[broken.length - 1]! ^= 1;
	return broken;
}

function status({ world }: House): string {
	world.printed.length = 0;
	world.type("status");
	return world.printed.join("\n");
}

function entryOf({ firmware }: House) {
	return JSON.parse(joinPieces(describeDiagnostics(firmware))).meters[0];
}

/** Three forgeries: in clear, with a broken tag, and without one. */
function forgeAll(house: House, meter = createHouseMeter()): void {
	play(house, forge(meter, house.time), 1_000);
	const [frame] = record(meter, house.time, 1);
	play(house, breakTag(frame!), 1_000);
	const plain = forge(meter, house.time);
	const systemTitle = meter.systemTitle;
	play(house, seal(plain, { key: bytesOf(keyText), systemTitle, securityControl: 0x20, frameCounter: 9_999 }), 1_000);
}

test("is the default", () => {
	expect(bootHouse().firmware.checked.settings.authentication).toBe("automatic");
});

describe("ten in a row", () => {
	test.each([
		[9, { crcOnly: 2, plain: 1, refused: 0 }],
		[10, { crcOnly: 0, plain: 0, refused: 3 }],
	])("after %i good tags", (rounds, expected) => {
		const meter = createHouseMeter();
		const house = bootHouse();
		live(house, meter, rounds);
		forgeAll(house, meter);
		expect(counts(house)).toEqual({ authenticated: rounds, ...expected });
	});

	test("one without a tag in between begins the count again: of the line, and of the title if it has one", () => {
		const meter = createHouseMeter();
		const house = bootHouse();
		const playBroken = () => {
			play(house, breakTag(record(meter, house.time, 1)[0]!), 1_000);
			house.time += 10_000;
		};
		live(house, meter, 9);
		playBroken();
		live(house, meter, 9);
		playBroken();
		live(house, meter, 6);
		play(house, forge(meter, house.time), 1_000);
		live(house, meter, 3);
		expect(counts(house)).toMatchObject({ plain: 1, crcOnly: 2, refused: 0 });
		// The title has ten now, and the line four.
		live(house, meter, 1);
		playBroken();
		play(house, forge(meter, house.time), 1_000);
		expect(counts(house)).toMatchObject({ plain: 2, crcOnly: 2, refused: 1 });
		live(house, meter, 10);
		forgeAll(house, meter);
		expect(counts(house).refused).toBe(4);
	});

	test("the meter's own go on, and what is refused is searched like every refused frame", () => {
		const meter = createHouseMeter();
		const house = bootHouse();
		live(house, meter, 12);
		live(house, meter, 12, () => forgeAll(house, meter));
		expect(counts(house)).toMatchObject({ authenticated: 24, refused: 36 });
		expect(house.firmware.lines[0]!.health.state).toBe("ok");
		expect(statesOf(house, serial)).toHaveLength(24);
	});
});

describe("whichever matches: the line or the system title", () => {
	/** Two meters in turn on one line, of which one sends in clear. */
	function share(rounds: number): { house: House; sealed: ReturnType<typeof createHouseMeter> } {
		const sealed = createHouseMeter();
		const other = createHouseMeter({ systemTitle: bytesOf("5341476770000009") });
		const house = bootHouse();
		live(house, sealed, rounds, () => play(house, forge(other, house.time)));
		return { house, sealed };
	}

	test("a meter in clear on the same line goes on, and the other's frames need their tag", () => {
		const { house, sealed } = share(15);
		expect(counts(house)).toMatchObject({ authenticated: 15, plain: 15, refused: 0 });
		play(house, breakTag(record(sealed, house.time, 1)[0]!));
		expect(counts(house)).toMatchObject({ crcOnly: 0, refused: 1 });
		// Over a restart as well, where the line has nothing to remember.
		house.world.type("restart");
		house.world.clock.pass(2_000);
		const after = bootHouse(house.world.store, {}, house.time);
		play(after, breakTag(record(sealed, house.time, 1)[0]!));
		play(after, forge(createHouseMeter({ systemTitle: bytesOf("5341476770000009") }), house.time));
		expect(counts(after)).toMatchObject({ crcOnly: 0, plain: 1, refused: 1 });
	});
});

describe("over restarts", () => {
	function learn(rounds = 12) {
		const meter = createHouseMeter();
		const before = bootHouse();
		live(before, meter, rounds);
		return { meter, before, store: before.world.store };
	}

	test("it is kept, over a power cut at once after the tenth as well", () => {
		for (const rounds of [10, 12]) {
			const { meter, before, store } = learn(rounds);
			const after = bootHouse(store, {}, before.time);
			forgeAll(after, meter);
			expect(counts(after)).toEqual({ authenticated: 0, crcOnly: 0, plain: 0, refused: 3 });
		}
	});

	test.each([
		["another policy and back", [{ authentication: "prefer" }, {}]],
		["another key and back", [{ key: "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF" }, {}]],
	])("ended by %s, whichever way it is set", (_, boots) => {
		const { meter, before, store } = learn();
		let house = before;
		for (const changes of boots) {
			house = bootHouse(store, changes, before.time);
			live(house, meter, 1);
		}
		forgeAll(house, meter);
		expect(counts(house)).toMatchObject({ crcOnly: 2, plain: 1, refused: 0 });
	});

	test("another authentication key ends it", () => {
		const { meter, before, store } = learn();
		const house = bootHouse(store, { authenticationKey: "FFEEDDCCBBAA99887766554433221100" }, before.time);
		forgeAll(house, meter);
		expect(counts(house)).toMatchObject({ crcOnly: 2, plain: 1, refused: 0 });
	});

	test.each([
		`set key ${keyText}`,
		"set authenticationKey 00112233445566778899AABBCCDDEEFF",
		"set authentication automatic",
	])("%s ends it, also with the value that it had, and also where the board reads on until the restart", line => {
		const { meter, before, store } = learn();
		const name = line.split(" ")[1]!;
		// As it was typed once.
		before.world.type(line);
		before.world.type("restart");
		before.world.clock.pass(2_000);
		const again = bootHouse(store, {}, before.time);
		live(again, meter, 12);
		again.world.printed.length = 0;
		again.world.type(line);
		expect(again.world.printed.join()).toContain(`${name} is set`);
		live(again, meter, 100);
		again.world.type("restart");
		again.world.clock.pass(2_000);
		const after = bootHouse(store, {}, again.time);
		forgeAll(after, meter);
		expect(counts(after)).toMatchObject({ crcOnly: 2, plain: 1, refused: 0 });
	});

	test("other settings end nothing; recordings stay recordings whatever the policy", () => {
		const { meter, before, store } = learn();
		const [frame] = record(meter, before.time, 1);
		play(before, frame!);
		before.world.type("set publish 10");
		before.world.type("restart");
		before.world.clock.pass(2_000);
		const after = bootHouse(store, {}, before.time + 10_000);
		forgeAll(after, meter);
		expect(counts(after).refused).toBe(3);
		after.world.type("set authentication prefer");
		after.world.type("restart");
		after.world.clock.pass(2_000);
		const free = bootHouse(store, {}, before.time + 20_000);
		play(free, frame!);
		expect(free.firmware.lines[0]!.tally.faults.replay).toBe(1);
	});

	test("what is stored is damaged: nothing is known, and nothing fails", () => {
		const { meter, before, store } = learn();
		for (const text of ["", "x", "[1]"]) {
			store.values.set("automatic", text);
			store.values.set("counter", text);
			const after = bootHouse(createFakeStore(new Map(store.values)), {}, before.time);
			forgeAll(after, meter);
			expect(counts(after)).toMatchObject({ crcOnly: 2, plain: 1, refused: 0 });
			expect(after.firmware.exceptions).toBe(0);
		}
	});
});

describe("why telegrams are refused now, and what to type", () => {
	test("log, status and diagnostics say it in one sentence while they are, and not before and long after", () => {
		const meter = createHouseMeter();
		const house = bootHouse();
		live(house, meter, 12);
		expect(status(house)).not.toContain("set authentication");
		expect(entryOf(house).refusal).toBeNull();
		const says = () => [status(house).includes(sentence), entryOf(house).refusal];
		for (let at = 0; at < 6; at += 1) play(house, forge(meter, house.time), 10_000);
		expect(logOf(house).filter(text => text === sentence)).toHaveLength(1);
		expect(says()).toEqual([true, sentence]);
		expect(entryOf(house)).toMatchObject({ state: "unauthenticated", explanation: "unauthenticated" });
		house.world.clock.pass(60_000);
		expect(says()).toEqual([false, null]);
		play(house, forge(meter, house.time), 2_000);
		expect(says()).toEqual([true, sentence]);
	});

	test("required says nothing of it", () => {
		const meter = createHouseMeter();
		const house = bootHouse(createFakeStore(), { authentication: "required" });
		live(house, meter, 12);
		for (let at = 0; at < 6; at += 1) play(house, forge(meter, house.time), 10_000);
		expect(status(house)).not.toContain("since ten");
	});
});
