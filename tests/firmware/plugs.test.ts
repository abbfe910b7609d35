/** Six meters in six plugs: turns on shared lines, keys that are found, plugs that are swapped. */
import { describe, expect, test } from "vitest";
import { createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import { createFaults } from "../../modules/p1/faults.js";
import { createChance } from "../support/chance.js";
import { createFakeStore, createFakeWorld, type FakeStore } from "../support/fake-ports.js";
import { keyOf, live, type Plugged, plug } from "../support/plugs.js";

const start = Date.parse("2026-06-01T10:00:00Z");
const reader = "smarty-xs-a1b2c3d4e5f6";
const settings = {
	wifi: "home",
	wifiPassword: "12345678",
	broker: "mqtt://10.0.0.1",
	key: keyOf(0),
	keys: [1, 2, 3, 4, 5].map(keyOf).join(","),
};
const shared: readonly (readonly [number, number])[] = [17, 18, 19, 21, 22, 23].map(pin => [16, pin] as const);
const minute = 60_000;

function boot(pins: readonly (readonly [number, number])[], store: FakeStore = createFakeStore(), more: object = {}) {
	const world = createFakeWorld(createChance(1), store);
	const meters = pins.map(([receivePin, requestPin]) => `${receivePin}/${requestPin}`).join(" ");
	const firmware = createFirmware({ ...settings, meters, ...more }, world.ports);
	startFirmware(firmware);
	expect(firmware.checked.problems).toEqual([]);
	const states = (serial: string) =>
		world.broker.received
			.filter(({ topic }) => topic === `smarty/${serial}/state`)
			.map(({ payload }) => JSON.parse(payload));
	const diagnostics = () =>
		JSON.parse(world.broker.received.filter(({ topic }) => topic === `smarty/${reader}/diagnostics`).at(-1)!.payload);
	return { world, firmware, states, diagnostics };
}

type Board = ReturnType<typeof boot>;

function expectGood({ world, firmware }: Board): void {
	expect([...world.broker.violations, ...world.network.violations]).toEqual([]);
	expect(firmware.exceptions).toBe(0);
	expect(firmware.refused).toBe(0);
}

/** Every state message has the meter's own numbers: the meters' counts begin a megawatt hour apart. */
function expectOwn(board: Board, plugs: readonly Plugged[]): void {
	for (const [at, { meter }] of plugs.entries()) {
		for (const { serial, active_energy_import: energy } of board.states(meter.serial)) {
			expect(serial).toBe(meter.serial);
			expect(Math.floor(energy / 1_000)).toBe(at + 1);
		}
	}
}

describe.each([
	["six that answer within a second", ["prompt", "prompt", "prompt", "prompt", "prompt", "prompt"], 11_500],
	["six that keep a beat of their own", ["beat", "beat", "beat", "beat", "beat", "beat"], 67_000],
	["both", ["prompt", "beat", "prompt", "beat", "prompt", "beat"], 45_000],
] as const)("%s, on one line", (_, kinds, gap) => {
	const plugs = kinds.map((kind, at) => plug(at, kind, shared[at]!, start));
	const board = boot(shared);
	live(board.world, plugs, start, 10 * minute);

	test("are all read, with the key that fits, as often as the line lets them", () => {
		for (const { meter, telegrams } of plugs) {
			const times = board.states(meter.serial).map(({ time }) => Date.parse(time));
			expect(times.length).toBeGreaterThanOrEqual(telegrams - 1);
			const gaps = times.slice(1).map((time, at) => time - times[at]!);
			expect(Math.max(...gaps)).toBeLessThanOrEqual(gap);
			expect(board.world.broker.retained.get(`smarty/${meter.serial}/status`)).toBe("online");
		}
		expectOwn(board, plugs);
		expectGood(board);
	});

	test("make no fault, and each line is ok", () => {
		for (const { tally: own, health } of board.firmware.lines) {
			expect(own.faults).toEqual(createFaults());
			expect(health.state).toBe("ok");
		}
		expect(board.diagnostics().meters.map(({ state }: { state: string }) => state)).toEqual(Array(6).fill("ok"));
	});

	test("and each key's tables were made only when another meter's turn came", () => {
		const { keys } = board.firmware.wires[0]!.reader.decryptor;
		for (const { reader: own } of board.firmware.wires) expect(own.decryptor.keys).toBe(keys);
	});
});

test("three lines with two meters each: three meters send at once, and all are read", () => {
	const pins = [17, 18, 19, 21, 22, 23].map((pin, at) => [[16, 4, 13][at % 3]!, pin] as const);
	const plugs = pins.map((own, at) => plug(at, "prompt", own, start));
	const board = boot(pins);
	live(board.world, plugs, start, 5 * minute);
	expect([...board.world.lines.keys()]).toEqual([0, 1, 2]);
	for (const { meter } of plugs) expect(board.states(meter.serial).length).toBeGreaterThan(20);
	expectOwn(board, plugs);
	expectGood(board);
});

describe("the third line", () => {
	const pins = [
		[16, 17],
		[4, 18],
		[13, 19],
	] as const;

	test("is the console's until thirty seconds after the boot, and the log says when it is not any more", () => {
		const { world } = boot(pins);
		world.clock.pass(29_000);
		expect([...world.lines.keys()]).toEqual([0, 1]);
		world.clock.pass(2_000);
		expect(world.lines.get(2)).toMatchObject({ receivePin: 13 });
		expect(world.printed.some(text => text.includes("what is typed is not heard any more"))).toBe(true);
	});

	test("waits five minutes for who types", () => {
		const { world } = boot(pins);
		world.clock.pass(20_000);
		world.type("status");
		world.clock.pass(290_000);
		expect(world.lines.has(2)).toBe(false);
		world.clock.pass(20_000);
		expect(world.lines.has(2)).toBe(true);
	});
});

describe("among six, one silent, one with a key that nobody set, and one that is cut off", () => {
	const plugs = shared.map((pins, at) => plug(at, at === 1 ? "silent" : "prompt", pins, start));
	plugs[3]!.cutAt = 700;
	const board = boot(shared, createFakeStore(), { keys: [1, 3, 4, 5].map(keyOf).join(",") });
	live(board.world, plugs, start, 15 * minute);
	const states = () => board.firmware.lines.map(({ health }) => health.state);

	test("the other three are read, and late by a silent one's turn at most", () => {
		for (const at of [0, 4, 5]) {
			const times = board.states(plugs[at]!.meter.serial).map(({ time }) => Date.parse(time));
			const gaps = times.slice(1).map((time, index) => time - times[index]!);
			expect(Math.max(...gaps.slice(6))).toBeLessThanOrEqual(45_000);
			expect(times.length).toBeGreaterThan(40);
		}
		expectOwn(board, plugs);
		expect(board.world.broker.violations).toEqual([]);
		expect(board.firmware.exceptions).toBe(0);
	});

	test("each line says what is wrong with it, and with no other", () => {
		expect(states()).toEqual(["ok", "silent", "wrongKey", "damaged", "ok", "ok"]);
		for (const at of [0, 4, 5]) expect(board.firmware.lines[at]!.tally.faults).toEqual(createFaults());
		expect(board.states(plugs[2]!.meter.serial)).toEqual([]);
	});
});

describe("two plugs that were swapped", () => {
	const store = createFakeStore();
	const plugs = shared.map((pins, at) => plug(at, "prompt", pins, start));
	const first = boot(shared, store);
	live(first.world, plugs, start, 2 * minute);
	const titles = () => ["plug", "plug2", "plug6"].map(name => store.read(name));
	const [one, two] = [plugs[0]!, plugs[1]!];
	[one.requestPin, two.requestPin] = [two.requestPin, one.requestPin];
	const board = boot(shared, store);
	live(board.world, plugs, start + 2 * minute, 3 * minute);

	test("while the board was off are said to be, and every value is its meter's", () => {
		expect(titles()).toEqual(["5341476770000001", "5341476770000002", "5341476770000006"]);
		const entries: { name: string; state: string }[] = board.diagnostics().meters;
		for (const { name, state } of entries) {
			expect(state).toBe(name === one.meter.serial || name === two.meter.serial ? "swapped" : "ok");
		}
		expect(board.firmware.lines.map(({ tally: own }) => own.faults.swapped > 0)).toEqual([
			true,
			true,
			false,
			false,
			false,
			false,
		]);
		expect(board.firmware.log.lines.filter(({ text }) => text.includes("plugs were swapped"))).toHaveLength(2);
		expectOwn(board, plugs);
		expect(board.firmware.exceptions).toBe(0);
	});

	test("are not said to be any more when they are back, within five minutes", () => {
		[one.requestPin, two.requestPin] = [two.requestPin, one.requestPin];
		live(board.world, plugs, start + 2 * minute, 7 * minute);
		expect(board.diagnostics().meters.map(({ state }: { state: string }) => state)).toEqual(Array(6).fill("ok"));
	});

	test("a meter that nobody knew takes the line over, without a word", () => {
		const other = plug(6, "prompt", [16, 23], start);
		plugs[5]!.requestPin = 99;
		const later = boot(shared, store, { keys: [1, 2, 3, 4, 6].map(keyOf).join(",") });
		live(later.world, [...plugs, other], start + 12 * minute, 3 * minute);
		expect(titles()[2]).toBe("5341476770000007");
		expect(later.firmware.lines[5]!.tally.faults.swapped).toBe(0);
		expect(later.states(other.meter.serial).length).toBeGreaterThan(10);
	});

	test("set meters forgets whose line is whose", () => {
		const later = boot(shared, store);
		later.world.type("set meters 16/17 16/18 16/19 16/21 16/22 16/23");
		expect(titles()).toEqual([null, null, null]);
	});
});

describe("what each meter has of its own outside", () => {
	const pins = shared.slice(0, 3);
	const plugs = pins.map((own, at) => plug(at, "prompt", own, start));
	const layouts = {
		layout: "json smartyreader smartmeter",
		smartyreaderBase: "house,solar",
		powerClass: "12 off 3",
		labels: "0001=house, 0002=PV",
		telegramPort: "8088 8089",
	};
	const board = boot(pins, createFakeStore(), layouts);
	live(board.world, plugs, start, 3 * minute);
	const { received } = board.world.broker;
	const serials = plugs.map(({ meter }) => meter.serial);

	test("a base of the layouts whose topics do not name it, and nothing where there are fewer bases", () => {
		const ids = (root: string) =>
			new Set(received.filter(({ topic }) => topic === `${root}/equipment_id`).map(({ payload }) => payload));
		expect([...ids("house")]).toEqual([serials[0]]);
		expect([...ids("solar")]).toEqual([serials[1]]);
		expect(received.some(({ topic }) => topic.startsWith("lamsmarty/act_"))).toBe(false);
	});

	test("its number in SmartyReader's topics", () => {
		for (const [at, serial] of serials.entries()) {
			const own = received.filter(({ topic }) => topic === `lamsmarty/smartmeter${at + 1}_p1`);
			expect(own.length).toBeGreaterThan(5);
			for (const { payload } of own) {
				expect(JSON.parse(payload).id).toBe(serial.slice(-3));
				expect(JSON.parse(payload).c1).toMatch(new RegExp(`^00${at + 1}\\d{3}\\.\\d{3}\\*kWh$`));
			}
		}
	});

	test("a power class, or none", () => {
		const classes = serials.map(serial =>
			received
				.filter(({ topic }) => topic === `smarty/${serial}/power`)
				.map(({ payload }) => JSON.parse(payload).class),
		);
		expect(classes.map(own => [...new Set(own)])).toEqual([[12], [], [3]]);
	});

	test("a label in Home Assistant, and power entities where it has the account", () => {
		const config = (serial: string) =>
			received.find(({ topic }) => topic === `homeassistant/device/${reader}_${serial}/config`)!.payload;
		expect(serials.map(serial => JSON.parse(config(serial)).dev.name)).toEqual(["house", "PV", `smarty ${serials[2]}`]);
		expect(serials.map(serial => config(serial).includes("/power"))).toEqual([true, false, true]);
		// Three meters on one line have a telegram each 33 s at most: three of them may be missing.
		expect(config(serials[0]!)).toContain('"exp_aft":99');
	});

	test("a port for its telegrams; the third has none", () => {
		const { telegrams, openings } = board.firmware.servers;
		expect(openings.filter(({ name }) => name.startsWith("telegrams")).map(({ name }) => name)).toEqual([
			"telegrams in clear at port 8088",
			"telegrams in clear at port 8089",
		]);
		const names = telegrams.map(({ last }) => /0-0:42\.0\.0\(([0-9A-F]+)\)/.exec(Buffer.from(last!).toString())![1]!);
		expect(names.map(hex => Buffer.from(hex, "hex").toString())).toEqual(serials.slice(0, 2));
	});

	test("and the board's clock is the first one's, although all of them differ", () => {
		const ahead = board.world.ports.clock.time()! - (start + board.world.clock.now());
		expect(Math.abs(ahead - plugs[0]!.ahead)).toBeLessThan(2_000);
	});
});

test("what meters keep over a restart is theirs with any of the keys: counters, and which key it was", () => {
	const store = createFakeStore();
	const plugs = shared.map((pins, at) => plug(at, "prompt", pins, start));
	live(boot(shared, store).world, plugs, start, 3 * minute);
	const board = boot(shared, store);
	const { meters } = board.firmware.wires[0]!.reader.frameCounters;
	expect(meters.map(({ systemTitle, key }) => [systemTitle.at(-1), key])).toEqual(
		[0, 1, 2, 3, 4, 5].map(at => [`${at + 1}`, at]),
	);
	expect(meters.every(({ last }) => last > 0)).toBe(true);
});
