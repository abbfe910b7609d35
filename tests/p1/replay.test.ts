/** Tests of `modules/p1/replay.ts`. */
import { describe, expect, test } from "vitest";
import { telegramOf } from "../support/checksum.js";
import { luxembourg, type Sealing, seal } from "../support/sealer.js";
import { receive } from "../support/stream.js";
import { bytesOf, joinBytes, textBytes } from "../support/vectors.js";

function frame(frameCounter: number, changes: Partial<Sealing> = {}): Uint8Array {
	return seal(textBytes(telegramOf([`0-0:96.7.21(${frameCounter % 100_000})`])), { frameCounter, ...changes });
}

/** The counters of the accepted frames. */
function accepted(frames: readonly Uint8Array[], authentication: "required" | "prefer" | "off" = "required") {
	const { telegrams, faults } = receive({ key: luxembourg.key, authentication }, [
		{ bytes: joinBytes(...frames), at: 0 },
	]);
	expect(faults.replay + telegrams.length).toBe(frames.length);
	return telegrams.map(telegram => telegram.frameCounter);
}

describe("a counter must rise", () => {
	test("by any amount", () => {
		expect(accepted([0, 1, 2, 10, 0x7fffffff, 0x80000000, 0xffffffff].map(counter => frame(counter)))).toEqual([
			0, 1, 2, 10, 0x7fffffff, 0x80000000, 0xffffffff,
		]);
	});

	test("repeats and older ones are dropped", () => {
		expect(accepted([100, 100, 99, 101, 101, 100, 102].map(counter => frame(counter)))).toEqual([100, 101, 102]);
	});

	test("a repeat of the same old frame never becomes believed", () => {
		expect(accepted([100, ...new Array<number>(50).fill(100), 101].map(counter => frame(counter)))).toEqual([100, 101]);
		expect(accepted([100, ...new Array<number>(50).fill(7), 101].map(counter => frame(counter)))).toEqual([100, 101]);
	});

	test("old frames in falling order never become believed", () => {
		const counters = Array.from({ length: 60 }, (_, at) => 100 - at);
		expect(accepted([100, ...counters, 101].map(counter => frame(counter)))).toEqual([100, 101]);
	});
});

describe("a meter that starts from 0 again, with a clock that goes on", () => {
	const timed = (frameCounter: number) =>
		seal(textBytes(telegramOf(["0-0:1.0.0(260701120000S)", `0-0:96.7.21(${frameCounter % 100_000})`])), {
			frameCounter,
		});

	test("the third rising frame is believed, and what follows", () => {
		expect(accepted([5000, 0, 1, 2, 3, 4].map(counter => timed(counter)))).toEqual([5000, 2, 3, 4]);
	});

	test("a wrap behind the highest counter is one", () => {
		expect(accepted([0xfffffffe, 0xffffffff, 0, 1, 2, 3].map(counter => timed(counter)))).toEqual([
			0xfffffffe, 0xffffffff, 2, 3,
		]);
	});

	test("without a clock nothing tells it from a recording, and it is not believed", () => {
		expect(accepted([5000, 0, 1, 2, 3, 4, 5001].map(counter => frame(counter)))).toEqual([5000, 5001]);
	});

	test("gaps between them do not matter", () => {
		expect(accepted([5000, 3, 8, 9, 20].map(counter => timed(counter)))).toEqual([5000, 9, 20]);
	});

	test("a frame of the old sequence in between starts the count again", () => {
		expect(accepted([5000, 0, 1, 5001, 2, 3, 5002, 4, 5].map(counter => timed(counter)))).toEqual([5000, 5001, 5002]);
	});

	test("a repeat or an older one in between starts the count again", () => {
		expect(accepted([5000, 1, 2, 2, 3, 4].map(counter => timed(counter)))).toEqual([5000, 4]);
		expect(accepted([5000, 5, 6, 1, 2, 3].map(counter => timed(counter)))).toEqual([5000, 3]);
	});

	test("once believed, the old sequence is just higher", () => {
		expect(accepted([5000, 0, 1, 2, 2, 1].map(counter => timed(counter)))).toEqual([5000, 2]);
	});
});

describe("a recording has an older clock", () => {
	function at(frameCounter: number, clock: string): Uint8Array {
		return seal(textBytes(telegramOf([`0-0:1.0.0(${clock})`])), { frameCounter });
	}
	const now = at(5000, "260701120000S");

	test("rising recorded frames are never believed, however many", () => {
		const recorded = [10, 11, 12, 13, 14].map(counter => at(counter, `2606301200${counter}S`));
		expect(accepted([now, ...recorded, at(5001, "260701120010S")])).toEqual([5000, 5001]);
	});

	test("a renewed key whose clock goes on is believed", () => {
		const renewed = [0, 1, 2, 3].map(counter => at(counter, `26070112001${counter}S`));
		expect(accepted([now, ...renewed])).toEqual([5000, 2, 3]);
	});

	test("recorded frames in between do not disturb that", () => {
		const recorded = at(700, "260630120000S");
		const renewed = [0, 1, 2, 3].map(counter => at(counter, `26070112001${counter}S`));
		expect(accepted([now, renewed[0]!, recorded, renewed[1]!, recorded, renewed[2]!, renewed[3]!])).toEqual([
			5000, 2, 3,
		]);
	});

	test("the same moment in summer and winter time is not older", () => {
		expect(accepted([now, at(0, "260701110000W"), at(1, "260701110001W"), at(2, "260701110002W")])).toEqual([5000, 2]);
	});
});

describe("what nothing authenticates moves no counter", () => {
	const forged = { authenticationKey: bytesOf("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF") };

	test("a forged highest counter does not lock the meter out", () => {
		expect(accepted([frame(7), frame(0xffffffff, forged), frame(8)], "prefer")).toEqual([7, 0xffffffff, 8]);
		const frames = joinBytes(frame(7), frame(0xffffffff, forged), frame(8));
		const { telegrams, faults } = receive({ key: luxembourg.key, authentication: "required" }, [
			{ bytes: frames, at: 0 },
		]);
		expect(telegrams.map(telegram => telegram.frameCounter)).toEqual([7, 8]);
		expect(faults).toMatchObject({ wrongAuthenticationKey: 1, replay: 0 });
	});

	test("forged rising frames do not open the door to a recorded one", () => {
		const frames = [frame(5000), frame(1, forged), frame(2, forged), frame(3, forged), frame(4)];
		const { telegrams, faults } = receive({ key: luxembourg.key, authentication: "required" }, [
			{ bytes: joinBytes(...frames), at: 0 },
		]);
		expect(telegrams.map(telegram => telegram.frameCounter)).toEqual([5000]);
		expect(faults).toMatchObject({ wrongAuthenticationKey: 3, replay: 1 });
	});

	test("frames without a tag repeat as they like where that is allowed", () => {
		const bare = frame(3, { securityControl: 0x20 });
		expect(accepted([bare, bare, frame(2), bare, frame(2)], "prefer")).toEqual([3, 3, 2, 3]);
		expect(accepted([frame(3), frame(3), frame(2)], "off")).toEqual([3, 3, 2]);
	});
});

describe("each system title has its own counter", () => {
	const title = (index: number) => ({ systemTitle: bytesOf(`53414767700000${index.toString(16).padStart(2, "0")}`) });

	test("several meters on one line", () => {
		const frames = [
			frame(9, title(1)),
			frame(3, title(2)),
			frame(9, title(1)),
			frame(4, title(2)),
			frame(4, title(2)),
			frame(10, title(1)),
		];
		expect(accepted(frames)).toEqual([9, 3, 4, 10]);
	});

	test("titles that begin alike are different ones", () => {
		const frames = [
			frame(9, { systemTitle: bytesOf("5341") }),
			frame(3, { systemTitle: bytesOf("534100") }),
			frame(3, { systemTitle: bytesOf("53410000") }),
		];
		expect(accepted(frames)).toEqual([9, 3, 3]);
	});

	test("restarts are counted for each alone", () => {
		const frames = [
			frame(50, title(1)),
			frame(50, title(2)),
			frame(1, title(1)),
			frame(1, title(2)),
			frame(2, title(1)),
			frame(2, title(2)),
		];
		expect(accepted(frames)).toEqual([50, 50]);
	});

	test("eight meters are remembered", () => {
		const all = Array.from({ length: 8 }, (_, index) => frame(5, title(index)));
		expect(accepted([...all, ...all])).toEqual(new Array(8).fill(5));
	});
});
