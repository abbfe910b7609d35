/** A board without a meter: it counts pulses, has the time from a server, and misses nothing. */
import { describe, expect, test } from "vitest";
import type { DatagramQuestion, OnDatagram, Ports } from "../../modules/ports/ports.js";
import { checkSettings, readConfiguration } from "../../modules/settings/settings.js";
import { createFakeStore } from "../support/fake-ports.js";
import { createFakePulses } from "../support/fake-pulses.js";
import { bootHouse, logOf, readerName } from "../support/house.js";
import type { VirtualClock } from "../support/virtual-clock.js";

const settings = { meters: "none", pulses: "34/16667/led", key: "" };
const july = Date.UTC(2026, 6, 1, 12, 0, 0);

function boot(changes: Record<string, string> = {}) {
	const asked: DatagramQuestion[] = [];
	const house = bootHouse(createFakeStore(), { ...settings, ...changes }, undefined, (ports: Ports) => {
		const clock = ports.clock as VirtualClock;
		const fake = createFakePulses(clock);
		fake.times.set(
			34,
			Array.from({ length: 5_000 }, (_, at) => at * 432),
		);
		return {
			...ports,
			...fake.ports,
			openListener: () => ({ close() {} }),
			askByDatagram(question: DatagramQuestion, onAnswer: OnDatagram) {
				asked.push(question);
				const answer = new Uint8Array(48);
				answer[0] = 0x24;
				answer[1] = 1;
				answer.set(question.bytes.subarray(40), 24);
				const view = new DataView(answer.buffer);
				view.setUint32(40, Math.floor((july + clock.now()) / 1_000) + 2_208_988_800);
				clock.setAlarm(40, () => onAnswer(answer, 48));
				return { close() {} };
			},
		};
	});
	return { ...house, asked };
}

test("is a valid set-up: no complaint, no line, and the light says that all is well", () => {
	expect(checkSettings(readConfiguration({ broker: "mqtt://a", ...settings }), "host", null)).toMatchObject({
		problems: [],
		settings: { plugs: [] },
	});
	const board = boot();
	board.world.clock.pass(180_000);
	expect(board.firmware.lines).toEqual([]);
	expect(board.firmware.light.code).toBe("ok");
	expect(board.firmware.exceptions).toBe(0);
	expect(board.world.requests).toEqual([]);
	expect(board.firmware.recovery.requestRestarts).toBe(0);
	const diagnostics = board.world.broker.received.filter(({ topic }) => topic.endsWith("/diagnostics")).at(-1)!;
	expect(JSON.parse(diagnostics.payload)).toMatchObject({ meters: [], telegrams: 0, faults: 0, settings: [] });
	board.world.type("status");
	expect(board.world.printed.join("\n")).toContain("pulses    led: 500 W");
});

test("the time comes from the server, and is in the counter's message", () => {
	const board = boot();
	board.world.clock.pass(60_000);
	expect(board.asked).toMatchObject([{ host: "pool.ntp.org", port: 123 }]);
	const { payload } = board.world.broker.received.filter(({ topic }) => topic === "smarty/led/state").at(-1)!;
	const { time } = JSON.parse(payload);
	expect(Math.abs(Date.parse(time) - july - board.world.clock.now())).toBeLessThan(62_000);
	expect(logOf(board).filter(text => text.startsWith("time: pool.ntp.org says 2026-07-01T12:00"))).toHaveLength(1);
});

test("nobody is asked where a meter is, or where nobody is to be", () => {
	for (const changes of [{ meters: "16/17" }, { meters: "" }, { timeServer: "none" }]) {
		const board = boot({ ...changes, pulses: "34/16667/led" });
		board.world.clock.pass(30_000);
		expect(board.asked).toEqual([]);
	}
});

describe("its pages", () => {
	test("say that there is no meter", () => {
		const board = boot({ webPort: "80" });
		board.world.clock.pass(20_000);
		const { respond } = board.firmware.servers.web!;
		const get = (path: string) =>
			respond(
				{
					method: "GET",
					path,
					query: "",
					host: "10.0.0.9",
					accept: "",
					authorization: null,
					bodyLength: null,
				} as never,
				board.world.clock.now(),
			) as { status: number; body: unknown };
		expect(get("/state")).toMatchObject({ status: 404, body: "Here is no meter.\n" });
		expect(get("/api/v1/data").status).toBe(404);
		expect(get("/healthz").status).toBe(200);
		expect(get("/metrics").status).toBe(200);
		expect(get("/api").status).toBe(200);
		const status = get("/status").body as Iterator<string>;
		const text = [...{ [Symbol.iterator]: () => status }].join("");
		expect(JSON.parse(text)).toMatchObject({ meters: [], problems: [] });
		expect(board.firmware.exceptions).toBe(0);
	});
});

test.each(["pool.ntp.org", "10.0.0.1", "none", "fritz.box"])("timeServer may be %s", value => {
	expect(checkSettings(readConfiguration({ broker: "mqtt://a", timeServer: value }), "host", null).problems).toEqual(
		[],
	);
});

test.each(["ntp:123", "a b", "-a", "http://a"])("timeServer may not be %s", value => {
	expect(
		checkSettings(readConfiguration({ broker: "mqtt://a", timeServer: value }), "host", null).problems,
	).toHaveLength(1);
});

test("the reader's name is the only one besides the counters'", () => {
	const board = boot();
	board.world.clock.pass(60_000);
	const names = new Set(board.world.broker.received.map(({ topic }) => topic.split("/").slice(0, 2).join("/")));
	names.delete("homeassistant/device");
	expect([...names].sort()).toEqual(["smarty/led", `smarty/${readerName}`]);
});
