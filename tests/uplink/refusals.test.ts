/** Tests of `modules/uplink/refusals.ts`. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Backlog, QueuedMessage } from "../../modules/uplink/outbox.js";
import { createRepeatedFailure, endRow, noteFailure } from "../../modules/uplink/repeated-failure.js";
import { isOnline } from "../../modules/uplink/uplink.js";
import { createChance } from "../support/chance.js";
import { createRig, type Rig, received, send, violations } from "../support/uplink-rig.js";

let rig: Rig;
const status = () => "smarty/smarty-xs-a1b2c3d4e5f6/status";

beforeEach(() => {
	rig = createRig(createChance(1));
});

/** The log without times. */
function logged(): string[] {
	return rig.uplink.log.lines.map(({ text }) => text);
}

function accepted(): number {
	return rig.world.broker.connections.length;
}

describe("a message that the broker closes the connection at", () => {
	test("is set aside after three times in a row, and the others arrive", () => {
		rig.world.broker.refuses = ({ payload }) => payload.length > 2_000;
		rig.world.clock.pass(5_000);
		const before = accepted();
		send(rig, "large", "x".repeat(2_001));
		for (let at = 0; at < 6; at += 1) send(rig, `small/${at}`, "x");
		rig.world.clock.pass(30_000);
		expect(accepted() - before).toBe(3);
		expect(isOnline(rig.uplink)).toBe(true);
		for (let at = 0; at < 6; at += 1) expect(received(rig, `small/${at}`)).toEqual(["x"]);
		expect(received(rig, "large")).toEqual([]);
		expect(logged()).toContain("set aside: 2001 bytes on large");
		expect(rig.uplink.delivery.refusals.count).toBe(1);
		// It does not cost another connection when it comes again, and a shorter one of its topic is tried.
		send(rig, "large", "x".repeat(2_001));
		send(rig, "large/2", "x");
		rig.world.clock.pass(5_000);
		send(rig, "large", "x".repeat(2_000));
		rig.world.clock.pass(5_000);
		expect(received(rig, "large")).toEqual(["x".repeat(2_000)]);
		expect(accepted() - before).toBe(3);
		expect(violations(rig)).toEqual([]);
	});

	test("also with QoS 0, which nothing acknowledges, and whatever else was under way", () => {
		rig.world.broker.refuses = ({ topic }) => topic === "forbidden";
		rig.world.clock.pass(5_000);
		const before = accepted();
		for (let round = 0; round < 60; round += 1) {
			send(rig, "a", `${round}`);
			send(rig, "b", `${round}`, 0);
			send(rig, "forbidden", `${round}`, 0);
			send(rig, "c", `${round}`, 0);
			rig.world.clock.pass(2_000);
		}
		expect(accepted() - before).toBeLessThanOrEqual(4);
		expect(received(rig, "c").length).toBeGreaterThan(40);
		expect(received(rig, "c").at(-1)).toBe("59");
		expect(rig.uplink.delivery.refusals.aside.map(({ topic }) => topic)).toEqual(["forbidden"]);
		expect(violations(rig)).toEqual([]);
	});

	test("is tried again after an hour, once; and goes on where the broker takes it by then", () => {
		rig.world.broker.refuses = ({ topic }) => topic === "large";
		rig.world.clock.pass(5_000);
		send(rig, "large", "x");
		rig.world.clock.pass(60_000);
		const before = accepted();
		rig.world.clock.pass(3_600_000);
		send(rig, "large", "x");
		rig.world.clock.pass(90_000);
		expect(accepted() - before).toBeLessThanOrEqual(2);
		rig.world.broker.refuses = () => false;
		rig.world.clock.pass(3_600_000);
		send(rig, "large", "x");
		rig.world.clock.pass(5_000);
		expect(received(rig, "large")).toEqual([]);
		rig.world.clock.pass(3_600_000);
		send(rig, "large", "y");
		rig.world.clock.pass(5_000);
		expect(received(rig, "large")).toEqual(["y"]);
		expect(rig.uplink.delivery.refusals.aside).toEqual([]);
	});

	test("a reading of now comes late instead, and a late one is given up so that the next can come", () => {
		const settled: number[] = [];
		const late = [7, 8, 9];
		const backlog: Backlog = {
			takeLate() {
				const sequence = late.shift();
				if (sequence === undefined) return null;
				const payload = (sequence === 8 ? "x".repeat(3_000) : "x") + sequence;
				return { topic: "history", payload, quality: 1, retain: false, sequence, late: true };
			},
			settle: sequence => void settled.push(sequence),
			giveBack: sequence => void late.unshift(sequence),
		};
		rig = createRig(createChance(2), {}, "power on", backlog);
		rig.world.broker.refuses = ({ payload }) => payload.length > 2_000;
		rig.world.clock.pass(60_000);
		expect(settled).toEqual([7, 8, 9]);
		expect(received(rig, "history")).toEqual(["x7", "x9"]);
		const state: QueuedMessage = {
			topic: "state",
			payload: "x".repeat(2_500),
			quality: 1,
			retain: true,
			sequence: 10,
			late: false,
		};
		rig.uplink.outbox.waiting.push(state);
		rig.uplink.events.onChange();
		rig.world.clock.pass(60_000);
		expect(received(rig, "history").at(-1)).toBe("x10");
		expect(settled).toEqual([7, 8, 9, 10]);
	});
});

describe("what is no refusal of a message", () => {
	test("a broker that restarts again and again", () => {
		rig.world.clock.pass(5_000);
		for (let round = 0; round < 20; round += 1) {
			send(rig, `topic/${round % 3}`, `${round}`);
			rig.world.clock.pass(round % 2 === 0 ? 2 : 60);
			rig.world.broker.drop();
			rig.world.clock.pass(40_000);
		}
		expect(rig.uplink.delivery.refusals.aside).toEqual([]);
		expect(new Set(rig.world.broker.received.map(({ topic }) => topic)).size).toBe(4);
	});

	test("an acknowledgement that does not come", () => {
		rig.world.clock.pass(5_000);
		rig.world.broker.behaviour = "swallowing";
		send(rig, "a", "x");
		rig.world.clock.pass(600_000);
		expect(rig.uplink.delivery.refusals.suspects).toEqual([]);
	});

	test("after a minute without trouble several messages go at a time again", () => {
		rig.world.broker.refuses = ({ topic }) => topic === "bad";
		rig.world.clock.pass(5_000);
		send(rig, "bad", "x");
		rig.world.clock.pass(10_000);
		expect(rig.uplink.delivery.refusals.careful).toBe(true);
		rig.world.clock.pass(80_000);
		send(rig, "good", "x");
		rig.world.clock.pass(1_000);
		expect(rig.uplink.delivery.refusals.careful).toBe(false);
	});
});

describe("a broker that keeps no retained messages", () => {
	const retained = (topic: string): QueuedMessage => {
		return { topic, payload: "x", quality: 1, retain: true, sequence: null, late: false };
	};

	test("gets them without, the last will, too; and the log says it once", () => {
		rig.world.broker.retains = false;
		rig.world.clock.pass(60_000);
		expect(isOnline(rig.uplink)).toBe(true);
		expect(received(rig, status())).toEqual(["online"]);
		rig.uplink.outbox.waiting.push(retained("a"));
		rig.uplink.events.onChange();
		rig.world.clock.pass(1_000);
		expect(received(rig, "a")).toEqual(["x"]);
		expect(rig.world.broker.connections.at(-1)?.options.will?.retain).toBe(false);
		rig.world.broker.drop();
		rig.world.clock.pass(10_000);
		expect(isOnline(rig.uplink)).toBe(true);
		expect(logged().filter(text => text.includes("refuses retained messages"))).toHaveLength(1);
		expect(rig.uplink.log.lines.find(({ text }) => text.includes("refuses retained"))?.count).toBe(1);
		expect(rig.uplink.delivery.refusals.aside).toEqual([]);
	});

	test("where only messages are refused, and not the last will", () => {
		rig.world.broker.refuses = ({ retain }) => retain;
		rig.world.clock.pass(60_000);
		expect(isOnline(rig.uplink)).toBe(true);
		expect(received(rig, status())).toEqual(["online"]);
		expect(rig.uplink.delivery.refusals.retain).toBe("no");
		expect(logged().filter(text => text.includes("refuses retained messages"))).toHaveLength(1);
		expect(rig.uplink.delivery.refusals.aside).toEqual([]);
	});

	test("that keeps them again while a connection stands is asked again after ten minutes, and the last will follows", () => {
		rig.world.broker.retains = false;
		rig.world.clock.pass(60_000);
		const made = rig.world.broker.connections.length;
		rig.world.broker.retains = true;
		rig.world.clock.pass(480_000);
		expect(rig.world.broker.connections).toHaveLength(made);
		rig.world.clock.pass(120_000);
		rig.uplink.outbox.waiting.push(retained("a"));
		rig.uplink.events.onChange();
		rig.world.clock.pass(60_000);
		expect(rig.uplink.delivery.refusals.retain).toBe("yes");
		expect(rig.world.broker.connections).toHaveLength(made + 1);
		expect(rig.world.broker.connections.at(-1)?.options.will?.retain).toBe(true);
		expect(logged().filter(text => text.includes("refuses retained messages"))).toHaveLength(1);
	});

	test("that never does is asked at lengthening times, and loses nothing by it", () => {
		rig.world.broker.retains = false;
		rig.world.clock.pass(60_000);
		const made = rig.world.broker.connections.length;
		const day = 24 * 3_600_000;
		for (let sent = 0; sent < 24 * 60; sent += 1) {
			rig.uplink.outbox.waiting.push(retained(`a${sent}`));
			rig.uplink.events.onChange();
			rig.world.clock.pass(day / (24 * 60));
			expect(received(rig, `a${sent}`).length).toBeGreaterThan(0);
		}
		// After 10, 20, 40 … 640 minutes of a connection that stands.
		const asked = rig.world.broker.connections.length - made;
		expect(asked).toBeGreaterThanOrEqual(6);
		expect(asked).toBeLessThanOrEqual(8);
		expect(isOnline(rig.uplink)).toBe(true);
		expect(rig.uplink.delivery.refusals.aside).toEqual([]);
		expect(logged().filter(text => text.includes("refuses retained messages"))).toHaveLength(1);
	});

	test("is not taken for one when it closes connections for another reason", () => {
		rig.world.broker.retains = false;
		while (rig.uplink.delivery.refusals.retain === "yes") rig.world.clock.pass(10);
		expect(rig.world.broker.connections).toHaveLength(3);
		rig.world.broker.retains = true;
		rig.world.clock.pass(30_000);
		expect(isOnline(rig.uplink)).toBe(true);
		expect(rig.uplink.delivery.refusals.retain).toBe("yes");
		expect(rig.world.broker.connections.at(-1)?.options.will?.retain).toBe(true);
		expect(logged().filter(text => text.includes("refuses retained messages"))).toEqual([]);
	});

	test("a large message that is retained is set aside for its size", () => {
		rig.world.broker.refuses = ({ payload }) => payload.length > 2_000;
		rig.world.clock.pass(5_000);
		rig.uplink.outbox.waiting.push({ ...retained("large"), payload: "x".repeat(2_001) });
		rig.uplink.events.onChange();
		rig.world.clock.pass(60_000);
		expect(rig.uplink.delivery.refusals.retain).toBe("yes");
		expect(logged()).toContain("set aside: 2001 bytes on large");
	});
});

describe("the same failure again and again", () => {
	test("is named after a minute, once", () => {
		rig.world.broker.behaviour = "unreachable";
		rig.world.clock.pass(50_000);
		expect(logged().filter(text => text.includes("the same"))).toEqual([]);
		rig.world.clock.pass(400_000);
		const named = rig.uplink.log.lines.filter(({ text }) => text.includes("the same"));
		expect(named.map(({ text }) => text)).toEqual([
			expect.stringMatching(/^broker: the same \d+ times in \d+ s: no connection$/),
		]);
		expect(named[0]!.count).toBe(1);
	});

	test("tells of a client of the same name where each connection had been accepted", () => {
		const repeated = createRepeatedFailure();
		const lines = [0, 20_000, 45_000, 61_000, 90_000].map(now =>
			noteFailure(repeated, "lost", true, "smarty-xs-1", now),
		);
		expect(lines).toEqual([
			null,
			null,
			null,
			"broker: the same 4 times in 61 s, each time after it had accepted; is another client called smarty-xs-1?",
			null,
		]);
		endRow(repeated);
		expect(noteFailure(repeated, "lost", false, "a", 200_000)).toBeNull();
		expect(noteFailure(repeated, "lost", true, "a", 261_000)).toBe("broker: the same 2 times in 61 s: lost");
		expect(noteFailure(repeated, "other", true, "a", 400_000)).toBeNull();
	});
});
