/** Tests of `modules/uplink/delivery.ts`. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Chunks } from "../../modules/messages/chunks.js";
import type { Backlog, QueuedMessage } from "../../modules/uplink/outbox.js";
import { isOnline } from "../../modules/uplink/uplink.js";
import { createChance } from "../support/chance.js";
import { joinPieces } from "../support/pieces.js";
import { createRig, type Rig, received, send, violations } from "../support/uplink-rig.js";

let rig: Rig;

beforeEach(() => {
	rig = createRig(createChance(1));
	rig.world.clock.pass(5_000);
});

test.each([0, 1] as const)("a message of QoS %i comes whole, and is settled", quality => {
	send(rig, "a", "grüße", quality);
	rig.world.clock.pass(100);
	expect(received(rig, "a")).toEqual(["grüße"]);
	expect(rig.uplink.delivery.inFlight).toEqual([]);
	expect(rig.uplink.delivery.published).toBe(rig.world.broker.received.length);
});

test.each([200, 300, 500, 1_448, 8_192])(
	"messages of any size through a buffer of %i bytes, in parts only where it must be",
	room => {
		rig.world.broker.room = room;
		rig.world.broker.drop();
		rig.world.clock.pass(3_000);
		const sizes = [0, 1, 63, 64, 100, 126, 127, 128, 129, 300, 1_430, 1_448, 8_180, 8_200, 16_300, 16_500, 40_000];
		for (const size of sizes) {
			send(rig, `size/${size}`, "x".repeat(size));
			rig.world.clock.pass(20_000);
			expect(
				received(rig, `size/${size}`).map(payload => payload.length),
				`${size}`,
			).toEqual([size]);
		}
		expect(violations(rig)).toEqual([]);
		expect(rig.world.broker.connections).toHaveLength(2);
		expect(rig.uplink.delivery.overflows).toBe(0);
	},
);

test("no more than four messages wait for their acknowledgement", () => {
	rig.world.broker.latency = 1_000;
	for (let at = 0; at < 12; at++) send(rig, `t/${at}`, "x");
	let most = 0;
	for (let time = 0; time < 8_000; time += 10) {
		rig.world.clock.pass(10);
		most = Math.max(most, rig.uplink.delivery.inFlight.length);
	}
	expect(most).toBe(4);
	expect(rig.world.broker.received.filter(({ topic }) => topic.startsWith("t/")).map(({ topic }) => topic)).toEqual(
		Array.from({ length: 12 }, (_, at) => `t/${at}`),
	);
});

describe("a text that is made in pieces", () => {
	/** Sixty pieces, some with characters of several bytes, and a look at when each was made. */
	function createPieces(made: number[] = []): Chunks {
		return {
			held: 0,
			make(at) {
				if (at === 60) return null;
				made.push(at);
				return `${at}:${(at % 7 === 0 ? "€" : "x").repeat(250)};`;
			},
		};
	}

	test.each([200, 1_448, 8_192, 40_000])("comes whole through a buffer of %i bytes", room => {
		rig.world.broker.room = room;
		rig.world.broker.drop();
		rig.world.clock.pass(3_000);
		send(rig, "long", createPieces());
		rig.world.clock.pass(60_000);
		expect(received(rig, "long")).toEqual([joinPieces(createPieces())]);
		expect(violations(rig)).toEqual([]);
		expect(rig.world.broker.connections).toHaveLength(2);
		expect(rig.uplink.delivery.overflows).toBe(0);
	});

	test("is never encoded as a whole: a block at a time, and made when there is room", () => {
		const { ports } = rig.world;
		const { encode } = ports;
		let longest = 0;
		ports.encode = text => {
			longest = Math.max(longest, text.length);
			return encode(text);
		};
		rig.world.broker.behaviour = "swallowing";
		const made: number[] = [];
		send(rig, "long", createPieces(made));
		rig.world.clock.pass(3_000);
		// Once for the length; then as many as the buffer of 8 KiB takes.
		expect(made.slice(0, 60)).toEqual(Array.from({ length: 60 }, (_, at) => at));
		expect(made.slice(60)).toEqual(Array.from({ length: made.length - 60 }, (_, at) => at));
		expect(made.length).toBeLessThan(60 + 40);
		expect(longest).toBeLessThan(1_500);
	});

	test("comes again from its beginning when the connection ended under it, if it was offered", () => {
		rig.world.broker.behaviour = "swallowing";
		send(rig, "long", createPieces());
		rig.world.clock.pass(3_000);
		rig.world.broker.behaviour = "ok";
		rig.world.broker.drop();
		rig.world.clock.pass(10_000);
		expect(received(rig, "long")).toEqual([joinPieces(createPieces())]);
	});

	test.each([
		["shorter", 100, "a message became shorter while it was written"],
		["longer", 310, "the client refused a message"],
	])("and becomes %s while it is written costs the connection, and no more", (_, length, complaint) => {
		let calls = 0;
		// Its length is told by the first sixty calls, and they are right again from the second try on.
		const piece = () => "x".repeat(calls++ >= 60 && calls <= 120 ? length : 250);
		const pieces: Chunks = { held: 0, make: at => (at === 60 ? null : piece()) };
		send(rig, "long", pieces);
		rig.world.clock.pass(100);
		expect(rig.uplink.broker.lastFailure).toContain(complaint);
		calls = 1_000;
		rig.world.clock.pass(10_000);
		expect(received(rig, "long")).toEqual(["x".repeat(15_000)]);
		expect(rig.exceptions).toEqual([]);
	});
});

test("after eight thousand unacknowledged characters the next message waits", () => {
	rig.world.broker.latency = 1_000;
	for (const [topic, length] of [
		["a", 5_000],
		["b", 5_000],
		["c", 1],
		["d", 20_000],
		["e", 1],
	] as const) {
		send(rig, topic, topic === "d" ? { held: length, make: at => (at === 0 ? "d" : null) } : "x".repeat(length));
	}
	const flying: string[] = [];
	for (let time = 0; time < 15_000; time += 100) {
		rig.world.clock.pass(100);
		const topics = rig.uplink.delivery.inFlight.map(({ message }) => message.topic).join("");
		if (topics !== flying.at(-1)) flying.push(topics);
	}
	expect(flying.join(" ")).not.toMatch(/abc|de/);
	for (const topic of ["a", "b", "c", "d", "e"]) expect(received(rig, topic)).toHaveLength(1);
});

test("packet identifiers run from 1 to 65535 and around, past those in use", () => {
	rig.uplink.delivery.nextId = 65_533;
	for (let at = 0; at < 6; at++) {
		send(rig, "id", String(at));
		rig.world.clock.pass(100);
	}
	const ids = rig.world.broker.received.filter(({ topic }) => topic === "id").map(({ id }) => id);
	expect(ids).toEqual([65_533, 65_534, 65_535, 1, 2, 3]);
	rig.world.broker.latency = 5_000;
	send(rig, "a", "");
	rig.world.clock.pass(10);
	const used = rig.uplink.delivery.inFlight[0]!.id;
	rig.uplink.delivery.nextId = used;
	send(rig, "b", "");
	rig.world.clock.pass(10);
	expect(rig.uplink.delivery.inFlight.map(({ id }) => id)).toEqual([used, used + 1]);
});

describe("a connection that ends", () => {
	test("what was not acknowledged comes again on the next one", () => {
		rig.world.broker.latency = 2_000;
		for (const topic of ["a", "b", "c", "d", "e", "f"]) send(rig, topic, "1");
		rig.world.clock.pass(1_000);
		rig.world.broker.drop();
		rig.world.broker.latency = 5;
		rig.world.clock.pass(5_000);
		for (const topic of ["a", "b", "c", "d", "e", "f"]) expect(received(rig, topic).at(-1)).toBe("1");
	});

	test("but not when something newer waits for the same topic", () => {
		rig.world.broker.behaviour = "swallowing";
		send(rig, "a", "old");
		rig.world.clock.pass(1_000);
		send(rig, "a", "new");
		rig.world.broker.drop();
		rig.world.broker.behaviour = "ok";
		rig.world.clock.pass(5_000);
		expect(received(rig, "a")).toEqual(["new"]);
	});

	test("a half-open one is noticed in 20 s by its missing acknowledgement", () => {
		rig.world.broker.behaviour = "swallowing";
		send(rig, "a", "1");
		rig.world.clock.pass(19_000);
		expect(isOnline(rig.uplink)).toBe(true);
		rig.world.broker.behaviour = "ok";
		rig.world.clock.pass(4_000);
		expect(rig.uplink.broker.lastFailure).toBe("a message was not acknowledged in time");
		expect(received(rig, "a")).toEqual(["1"]);
	});

	test("one that takes no bytes is noticed in 20 s, in the middle of a large message too", () => {
		rig.world.broker.behaviour = "swallowing";
		send(rig, "a", "x".repeat(30_000));
		rig.world.clock.pass(25_000);
		expect(rig.uplink.broker.lastFailure).toBe("a message was not taken in time");
		rig.world.broker.behaviour = "ok";
		rig.world.clock.pass(80_000);
		expect(received(rig, "a").map(payload => payload.length)).toEqual([30_000]);
		expect(violations(rig)).toEqual([]);
	});
});

test("a client that refuses more than it should is asked again, or replaced", () => {
	const { broker, clock, ports } = rig.world;
	const create = ports.createMqttClient;
	let overflows = 0;
	let mishaps = 0;
	ports.createMqttClient = options => {
		const client = create(options);
		const write = client.write;
		client.write = (data, details) => {
			if (details && "topic" in details && details.topic === "a" && overflows++ < 1) {
				clock.setAlarm(500, () => options.onWritable(4_000));
				throw new Error("overflow");
			}
			if (details && "topic" in details && details.topic === "b" && mishaps++ < 1) throw new TypeError("undefined");
			return write(data, details);
		};
		return client;
	};
	broker.drop();
	clock.pass(3_000);
	send(rig, "a", "1");
	clock.pass(1_000);
	expect(received(rig, "a")).toEqual(["1"]);
	expect(broker.connections).toHaveLength(2);
	send(rig, "b", "1");
	clock.pass(5_000);
	expect(received(rig, "b")).toEqual(["1"]);
	expect(broker.connections).toHaveLength(3);
	expect(rig.uplink.delivery.overflows).toBe(2);
	expect(rig.uplink.broker.lastFailure).toContain("undefined");
});

test("an acknowledgement for nothing changes nothing", () => {
	const before = rig.uplink.delivery.acknowledged;
	rig.world.broker.connections[0]!.options.onControl({ operation: 4, id: 4711 });
	rig.world.broker.connections[0]!.options.onControl({ operation: 13 });
	rig.world.clock.pass(1_000);
	expect(rig.uplink.delivery.acknowledged).toBe(before);
	expect(isOnline(rig.uplink)).toBe(true);
});

test("what a message does on this side does not come out of the client's callback", () => {
	rig.uplink.events.onMessage = () => {
		throw new Error("clumsy");
	};
	rig.world.clock.setAlarm(0, () => rig.world.broker.connections[0]!.publish("a", new Uint8Array(3)));
	rig.world.clock.pass(10);
	expect(rig.exceptions).toEqual(["client: Error: clumsy"]);
	send(rig, "b", "1");
	rig.world.clock.pass(100);
	expect(received(rig, "b")).toEqual(["1"]);
});

test("every incoming byte is read, and small messages are handed on whole", () => {
	const messages: [string, number][] = [];
	rig.uplink.events.onMessage = (topic, payload) => void messages.push([topic, payload.length]);
	const connection = rig.world.broker.connections[0]!;
	rig.world.clock.setAlarm(0, () => {
		connection.publish("homeassistant/status", new Uint8Array(6));
		connection.publish("large", new Uint8Array(5_000));
	});
	rig.world.clock.pass(10);
	expect(messages).toEqual([["homeassistant/status", 6]]);
	expect(violations(rig)).toEqual([]);
});

test("late readings go out when nothing else waits, and are settled or given back", () => {
	const log: string[] = [];
	let next = 1;
	const under = new Set<number>();
	const backlog: Backlog = {
		takeLate(): QueuedMessage | null {
			if (next > 3) return null;
			under.add(next);
			return { topic: "late", payload: String(next), quality: 1, retain: false, sequence: next++, late: true };
		},
		settle(sequence) {
			under.delete(sequence);
			log.push(`settled ${sequence}`);
		},
		giveBack(sequence) {
			under.delete(sequence);
			next = Math.min(next, sequence);
			log.push(`back ${sequence}`);
		},
	};
	rig = createRig(createChance(2), {}, "power on", backlog);
	const { broker, clock } = rig.world;
	while (broker.connections[0]?.state !== "login") clock.pass(1);
	broker.latency = 3_000;
	clock.pass(1_000);
	expect([...under]).toEqual([1, 2, 3]);
	broker.drop();
	broker.latency = 5;
	clock.pass(10_000);
	// In its order again, also where the first of them had come to the broker and only their acknowledgements had not.
	expect(log).toEqual(["back 3", "back 2", "back 1", "settled 1", "settled 2", "settled 3"]);
	expect(received(rig, "late").slice(-3)).toEqual(["1", "2", "3"]);
});
