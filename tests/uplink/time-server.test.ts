/** The time from a server: what is asked, what is believed, and when it is asked again. */
import { describe, expect, test } from "vitest";
import type { DatagramQuestion, OnDatagram, Ports } from "../../modules/ports/ports.js";
import { createTimeServer, readAnswer, runTimeServer } from "../../modules/uplink/time-server.js";
import { createChance } from "../support/chance.js";
import { createVirtualClock } from "../support/virtual-clock.js";

const july = Date.UTC(2026, 6, 1, 12, 0, 0, 250);

/** As a server answers (RFC 4330, 4): written with whole 64-bit numbers, and not as it is read. */
function answerTo(question: Uint8Array, time: number, changes: Partial<Record<number, number>> = {}): Uint8Array {
	const bytes = new Uint8Array(48);
	const view = new DataView(bytes.buffer);
	bytes[0] = 0x24;
	bytes[1] = 2;
	bytes.set(question.subarray(40, 48), 24);
	const stamp = ((BigInt(time) + 2_208_988_800_000n) << 32n) / 1_000n;
	view.setBigUint64(32, BigInt.asUintN(64, stamp));
	view.setBigUint64(40, BigInt.asUintN(64, stamp));
	for (const [at, byte] of Object.entries(changes)) bytes[Number(at)] = byte!;
	return bytes;
}

const asked = Uint8Array.from({ length: 48 }, (_, at) => (at >= 40 ? at * 5 : 0));
const read = (bytes: Uint8Array) => readAnswer(bytes, bytes.length, asked);

describe("an answer", () => {
	test.each([
		["2026", july],
		["the end of the first era", Date.UTC(2036, 1, 7, 6, 28, 15)],
		["the second era", Date.UTC(2036, 1, 7, 6, 28, 17)],
		["2050", Date.UTC(2050, 0, 1, 0, 0, 0, 999)],
	])("of %s is read", (_, time) => {
		expect(Math.abs(read(answerTo(asked, time))! - time)).toBeLessThanOrEqual(1);
	});

	test.each([
		["to another question", { 24: 1 }],
		["to another question, in the last byte", { 31: 1 }],
		["of a server that does not know the time", { 0: 0xe4 }],
		["of no server", { 0: 0x23 }],
		["that says to go away", { 1: 0 }],
		["of a stratum that is none", { 1: 16 }],
	])("%s is none", (_, changes) => {
		expect(read(answerTo(asked, july, changes))).toBeNull();
	});

	test("that is short, or without a time, is none", () => {
		expect(read(answerTo(asked, july).slice(0, 47))).toBeNull();
		const empty = answerTo(asked, july);
		empty.fill(0, 40, 48);
		expect(read(empty)).toBeNull();
	});
});

function createRig(answer: (question: DatagramQuestion, at: number) => number | null) {
	const clock = createVirtualClock();
	const chance = createChance(3);
	const questions: { time: number; question: DatagramQuestion; number: string }[] = [];
	const times: { at: number; time: number }[] = [];
	let open = 0;
	const ports = {
		clock,
		random: () => chance.integer(0, 0xffff) / 0x10000,
		askByDatagram(question: DatagramQuestion, onAnswer: OnDatagram) {
			const at = questions.length;
			questions.push({ time: clock.now(), question, number: Buffer.from(question.bytes.slice(40)).toString("hex") });
			const told = question.bytes.slice();
			const delay = answer(question, at);
			let closed = false;
			open += 1;
			const say = () => {
				if (!closed) onAnswer(answerTo(told, july + clock.now() - delay! / 2), 48);
			};
			if (delay !== null) clock.setAlarm(delay, say);
			return {
				close() {
					if (!closed) open -= 1;
					closed = true;
				},
			};
		},
	} as unknown as Ports;
	const server = createTimeServer("pool.ntp.org", clock.now());
	const pass = (seconds: number, nameServers: readonly string[] | null = ["10.0.0.1"]) => {
		for (let at = 0; at < seconds; at += 1) {
			clock.pass(1_000);
			runTimeServer(server, ports, nameServers, clock.now(), time => times.push({ at: clock.now(), time }));
		}
	};
	return { clock, server, questions, times, pass, isOpen: () => open };
}

test("is asked when the network is there, and again after four hours; half of the way is added", () => {
	const rig = createRig(() => 80);
	rig.pass(20, null);
	expect(rig.questions).toEqual([]);
	rig.pass(5 * 3_600);
	expect(rig.questions).toHaveLength(2);
	expect(rig.questions[0]!.question).toMatchObject({ host: "pool.ntp.org", port: 123, nameServers: ["10.0.0.1"] });
	expect(rig.questions[1]!.time - rig.questions[0]!.time).toBeGreaterThanOrEqual(4 * 3_600_000);
	for (const { at, time } of rig.times) expect(Math.abs(time - (july + at))).toBeLessThan(3);
	expect(rig.questions[0]!.number).not.toBe(rig.questions[1]!.number);
	expect(rig.isOpen()).toBe(0);
});

test("without an answer it is asked more and more seldom, but for ever, and nothing stays open", () => {
	const rig = createRig(() => null);
	rig.pass(24 * 3_600);
	expect(rig.times).toEqual([]);
	expect(rig.questions.length).toBeGreaterThan(90);
	expect(rig.questions.length).toBeLessThan(250);
	expect(rig.isOpen()).toBeLessThanOrEqual(1);
	expect(new Set(rig.questions.map(({ number }) => number)).size).toBe(rig.questions.length);
});

test("an answer that comes after five seconds is none, and the next one is heard", () => {
	const rig = createRig((_, at) => (at === 0 ? 30_000 : 10));
	rig.pass(60);
	expect(rig.times).toHaveLength(1);
	expect(rig.server.answered).toBe(1);
	expect(rig.isOpen()).toBe(0);
});
