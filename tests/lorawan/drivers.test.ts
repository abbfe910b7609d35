/** The drivers of both radios against models of their chips in the simulated air. */
import { describe, expect, test } from "vitest";
import { airtimeMicroseconds, headerTime, symbolTime } from "../../modules/lorawan/airtime.js";
import type { RadioPorts } from "../../modules/lorawan/bus.js";
import { openAnyRadio } from "../../modules/lorawan/drivers.js";
import { type OpenRadio, openRadio, readPins } from "../../modules/lorawan/open-radio.js";
import type { Modulation, RadioEvent } from "../../modules/lorawan/radio.js";
import { createChance } from "../../simulator/chance.js";
import { type Air, type Antenna, addGateway, createAir, type Received, transmit } from "../../simulator/lora/air.js";
import { createSx1262Model, type Sx1262Model } from "../../simulator/lora/sx1262.js";
import { createSx1276Model, type Sx1276Model } from "../../simulator/lora/sx1276.js";
import { createVirtualClock, type VirtualClock } from "../support/virtual-clock.js";

const pinText = { sx1276: "5 19 27 18 23 26", sx1262: "9 11 10 8 12 14 13" };
const uplink: Modulation = { frequency: 868_100_000, spreading: 7, inverted: false, crc: true, syncWord: 0x34 };
const downlink: Modulation = { ...uplink, inverted: true, crc: false };
const bytes = Uint8Array.from({ length: 23 }, (_, at) => 200 + at);

interface Scene {
	clock: VirtualClock;
	air: Air;
	model: Sx1276Model | Sx1262Model;
	open: OpenRadio;
	gateway: Antenna;
	heard: Received[];
	events: number[];
	config: Record<string, unknown>;
	/** Of the last frame that `watch` saw. */
	content: Uint8Array;
}

type Chip = "sx1276" | "sx1262";
const chips = ["sx1276", "sx1262"] as const;

function createModel(air: Air, chip: Chip): Sx1276Model | Sx1262Model {
	const pins = readPins(pinText[chip]);
	return chip === "sx1276"
		? createSx1276Model(air, "device", pins)
		: createSx1262Model(air, "device", pins, { tcxo: 2 });
}

function createScene(chip: Chip): Scene {
	const clock = createVirtualClock();
	const air = createAir(clock, createChance(1));
	const model = createModel(air, chip);
	const heard: Received[] = [];
	const events: number[] = [];
	const config = { radio: chip, radioPins: pinText[chip] };
	const open = openRadio(openAnyRadio, model.board.ports, config, () => events.push(clock.now()));
	const gateway = addGateway(
		air,
		"gateway",
		() => true,
		frame => heard.push(frame),
	);
	return { clock, air, model, open, gateway, heard, events, config, content: new Uint8Array(0) };
}

/** What `look` says over some time, each millisecond, without `none`. */
function watch(scene: Scene, duration: number): RadioEvent[] {
	const { clock, open } = scene;
	const found: RadioEvent[] = [];
	for (let time = 0; time < duration; time++) {
		clock.pass(1);
		const event = open.radio.look();
		if (event !== "none") found.push(event);
		if (event === "received") scene.content = open.radio.frame.slice(0, open.radio.length);
	}
	return found;
}

describe.each(chips)("the driver of the %s", chip => {
	test("takes its pins, tells of its events, and gives the pins back", () => {
		const { model, open, config } = createScene(chip);
		expect([...model.board.taken].sort()).toEqual(pinText[chip].split(" ").map(Number).sort());
		expect(open.tells).toBe(true);
		open.close();
		expect([...model.board.taken]).toEqual([]);
		openRadio(openAnyRadio, model.board.ports, config, () => {}).close();
		expect(model.faults).toEqual([]);
	});

	test.each([7, 8, 9, 10, 11, 12])(
		"sends with spreading factor %i, and says so when the airtime is over",
		spreading => {
			const scene = createScene(chip);
			const { clock, open, heard, events, model } = scene;
			open.radio.send({ ...uplink, spreading }, bytes, bytes.length, 14);
			const airtimeMs = airtimeMicroseconds(spreading, bytes.length, true) / 1000;
			clock.pass(airtimeMs - 1);
			expect(open.radio.look()).toBe("none");
			clock.pass(2);
			expect(events).toHaveLength(1);
			expect(events[0]).toBeCloseTo(airtimeMs, 6);
			expect(open.radio.look()).toBe("sent");
			expect(open.radio.look()).toBe("none");
			expect(heard).toHaveLength(1);
			expect(heard[0]!.bytes).toEqual(bytes);
			expect(heard[0]!.frame).toMatchObject({ power: 14, modulation: { ...uplink, spreading } });
			expect(model.faults).toEqual([]);
		},
	);

	test("sends and receives frames of any length from 1 to 255, and of either inversion and sync word", () => {
		const scene = createScene(chip);
		const { clock, open, heard, air, gateway, model } = scene;
		for (const length of [1, 2, 63, 64, 128, 254, 255]) {
			const modulation = { ...uplink, inverted: length % 2 === 0, syncWord: length > 64 ? 0x12 : 0x34 };
			const content = Uint8Array.from({ length }, (_, at) => (at * 7 + length) & 255);
			open.radio.send(modulation, content, length, 14);
			clock.pass(1000);
			expect(open.radio.look()).toBe("sent");
			expect(heard.pop()).toMatchObject({ bytes: content, frame: { modulation } });
			open.radio.receive(modulation);
			clock.pass(1);
			transmit(air, gateway, modulation, content, 14);
			clock.pass(1000);
			expect(open.radio.look()).toBe("received");
			expect(open.radio.frame.subarray(0, open.radio.length)).toEqual(content);
		}
		expect(model.faults).toEqual([]);
	});

	test.each([
		[-20, chip === "sx1276" ? 2 : -9],
		[5, 5],
		[30, chip === "sx1276" ? 17 : 22],
	])("sends with %i dBm as %i", (asked, sent) => {
		const { clock, open, heard, model } = createScene(chip);
		open.radio.send(uplink, bytes, bytes.length, asked);
		clock.pass(1000);
		expect(heard[0]!.frame.power).toBe(sent);
		expect(model.faults).toEqual([]);
	});

	test.each([7, 9, 12])(
		"with spreading factor %i tells of a header, then of the frame, with its strength",
		spreading => {
			const scene = createScene(chip);
			const { clock, open, air, gateway, events, model } = scene;
			const modulation = { ...downlink, spreading, frequency: 869_525_000 };
			open.radio.receive(modulation);
			clock.pass(10);
			const start = clock.now();
			air.pathLoss = () => 135;
			const frame = transmit(air, gateway, modulation, bytes, 14);
			clock.pass(headerTime(spreading) - 1);
			expect(open.radio.look()).toBe("none");
			clock.pass(1);
			expect(open.radio.look()).toBe("header");
			expect(open.radio.look()).toBe("none");
			clock.pass(frame.end - clock.now());
			expect(events).toHaveLength(1);
			expect(events[0]).toBeCloseTo(frame.end, 6);
			expect(events[0]! - start).toBeCloseTo(airtimeMicroseconds(spreading, bytes.length, false) / 1000, 6);
			expect(open.radio.look()).toBe("received");
			expect(open.radio.frame.subarray(0, open.radio.length)).toEqual(bytes);
			expect(open.radio.rssi).toBeGreaterThanOrEqual(-122);
			expect(open.radio.rssi).toBeLessThanOrEqual(-120);
			expect(open.radio.snr).toBe(-16);
			expect(model.faults).toEqual([]);
		},
	);

	test("goes on to receive after a frame, and tells a damaged one from a whole one", () => {
		const scene = createScene(chip);
		const { open, air, gateway, model } = scene;
		open.radio.receive(uplink);
		scene.clock.pass(1);
		transmit(air, gateway, uplink, bytes, 14);
		expect(watch(scene, 100)).toEqual(["header", "received"]);
		air.damage = 1;
		transmit(air, gateway, uplink, bytes, 14);
		expect(watch(scene, 100)).toEqual(["header", "damaged"]);
		air.damage = 0;
		const other = Uint8Array.of(1, 2, 3);
		transmit(air, gateway, uplink, other, 14);
		expect(watch(scene, 100)).toEqual(["header", "received"]);
		expect(scene.content).toEqual(other);
		expect(model.faults).toEqual([]);
	});

	test.each([
		["frequency", { frequency: 868_300_000 }],
		["spreading factor", { spreading: 8 }],
		["inversion", { inverted: false }],
		["sync word", { syncWord: 0x12 }],
	])("hears nothing with another %s", (_, change) => {
		const scene = createScene(chip);
		scene.open.radio.receive({ ...downlink, ...change });
		scene.clock.pass(1);
		transmit(scene.air, scene.gateway, downlink, bytes, 14);
		expect(watch(scene, 200)).toEqual([]);
		expect(scene.model.faults).toEqual([]);
	});

	test("hears a frame of whose preamble it missed three symbols, and not one of which it missed four", () => {
		for (const [missed, expected] of [
			[3, ["header", "received"]],
			[4, []],
		] as const) {
			const scene = createScene(chip);
			transmit(scene.air, scene.gateway, downlink, bytes, 14);
			scene.clock.pass((missed * symbolTime(7)) / 1000);
			scene.open.radio.receive(downlink);
			expect(watch(scene, 200), String(missed)).toEqual(expected);
		}
	});

	test("that is told to receive or to sleep while it sends breaks off, and hears what comes then", () => {
		const scene = createScene(chip);
		const { clock, open, heard, air, gateway, model } = scene;
		open.radio.send(uplink, bytes, bytes.length, 14);
		clock.pass(20);
		open.radio.receive(downlink);
		transmit(air, gateway, downlink, bytes, 14);
		expect(watch(scene, 200)).toEqual(["header", "received"]);
		expect(heard).toEqual([]);
		open.radio.sleep();
		transmit(air, gateway, downlink, bytes, 14);
		expect(watch(scene, 200)).toEqual([]);
		open.radio.send(uplink, bytes, bytes.length, 14);
		expect(watch(scene, 200)).toEqual(["sent"]);
		expect(model.faults).toEqual([]);
	});

	test("without a chip says so, and takes no pin", () => {
		const { model, open, config } = createScene(chip);
		open.close();
		model.setPower(false);
		expect(() => openRadio(openAnyRadio, model.board.ports, config, () => {})).toThrow(
			`no ${chip.toUpperCase()} answers`,
		);
		expect([...model.board.taken]).toEqual([]);
	});

	test("without power while it sends or receives throws, and works again when power is back", () => {
		const scene = createScene(chip);
		const { clock, open, heard, model } = scene;
		for (const begin of [() => open.radio.receive(downlink), () => open.radio.send(uplink, bytes, bytes.length, 14)]) {
			begin();
			clock.pass(5);
			model.setPower(false);
			expect(() => {
				open.radio.look();
				begin();
			}).toThrow("answers");
			model.setPower(true);
			heard.length = 0;
			open.radio.send(uplink, bytes, bytes.length, 14);
			clock.pass(200);
			expect(open.radio.look()).toBe("sent");
			expect(heard).toHaveLength(1);
		}
		expect(model.faults).toEqual([]);
	});
});

describe("opening", () => {
	const ports: RadioPorts = { openOutput: () => ({ write() {} }) };

	test.each([
		["5 19 27", "radioPins cannot be 5 19 27"],
		["5 19 27 x", "radioPins cannot be 5 19 27 x"],
		["5 19 27 1.5", "radioPins cannot be"],
		["none 19 27 18", "radioPins cannot be"],
		["5 19 27 18 23 26 1 2", "radioPins cannot be"],
		["undefined", "radioPins cannot be undefined"],
	])("refuses pins %s", (radioPins, text) => {
		expect(() => openRadio(openAnyRadio, ports, { radio: "sx1276", radioPins }, () => {})).toThrow(text);
	});

	test("reads pins that are not connected", () => {
		expect(readPins("5 19 27 18 none 26")).toEqual({
			clock: 5,
			in: 19,
			out: 27,
			select: 18,
			reset: -1,
			event: 26,
			busy: -1,
		});
	});

	test("says what a build lacks", () => {
		expect(() => openRadio(openAnyRadio, ports, {}, () => {})).toThrow("names none");
		const config = { radio: "sx1276", radioPins: pinText.sx1276 };
		expect(() => openRadio(openAnyRadio, ports, config, () => {})).toThrow("no SPI");
		const { model } = createScene("sx1262");
		const without = { radio: "sx1262", radioPins: "9 11 10 8" };
		model.board.taken.clear();
		expect(() => openRadio(openAnyRadio, model.board.ports, without, () => {})).toThrow("RESET and BUSY");
		const other = { radio: "sx1280", radioPins: pinText.sx1262 };
		expect(() => openRadio(openAnyRadio, model.board.ports, other, () => {})).toThrow("no driver for sx1280");
		const tcxo = { radio: "sx1262", radioPins: pinText.sx1262, radioTcxo: "5" };
		expect(() => openRadio(openAnyRadio, model.board.ports, tcxo, () => {})).toThrow("radioTcxo cannot be 5");
	});

	test("works without reset and events, and then the radio has to be looked at", () => {
		const clock = createVirtualClock();
		const air = createAir(clock, createChance(1));
		const radioPins = "5 19 27 18";
		const model = createSx1276Model(air, "device", readPins(radioPins));
		const { radio, tells } = openRadio(openAnyRadio, model.board.ports, { radio: "sx1276", radioPins }, () => {});
		expect(tells).toBe(false);
		radio.send(uplink, bytes, bytes.length, 14);
		clock.pass(100);
		expect(radio.look()).toBe("sent");
		expect(model.faults).toEqual([]);
	});
});

describe("the models are strict", () => {
	test.each([
		["a change to LoRa while it is awake", [[0x81, 0x80]], "LongRangeMode"],
		["the FIFO written asleep", [[0x80, 1]], "the FIFO is written in mode 0"],
		["the FIFO read asleep", [[0x00, 0]], "the FIFO is read asleep"],
		["a register that is read only", [[0xc2, 1]], "is read only"],
		[
			"a frequency set while it receives",
			[
				[0x81, 0x85],
				[0x86, 1],
			],
			"is written in mode 5",
		],
	])("of the SX1276: %s", (name, accesses, fault) => {
		const air = createAir(createVirtualClock(), createChance(1));
		const model = createSx1276Model(air, "device", readPins(pinText.sx1276));
		const select = model.board.ports.openOutput(18);
		const spi = model.board.ports.openSpi!({ clock: 5, in: 19, out: 27 });
		const exchange = (...words: number[]) => {
			select.write(false);
			spi.transfer(Uint8Array.from(words), words.length);
			select.write(true);
		};
		for (let turn = 0; turn < 50; turn++) exchange(0x42, 0);
		if (!name.includes("awake")) for (const mode of [0x00, 0x80]) exchange(0x81, mode);
		expect(model.faults).toEqual([]);
		for (const [register = 0, value = 0] of accesses) exchange(register, value);
		expect(model.faults.join("\n")).toContain(fault);
	});

	test("both: access while they are not selected, and twice while they are", () => {
		const air = createAir(createVirtualClock(), createChance(1));
		const model = createSx1276Model(air, "device", readPins(pinText.sx1276));
		const select = model.board.ports.openOutput(18);
		const spi = model.board.ports.openSpi!({ clock: 5, in: 19, out: 27 });
		select.write(true);
		spi.transfer(Uint8Array.of(0x42, 0), 2);
		select.write(false);
		spi.transfer(Uint8Array.of(0x42, 0), 2);
		spi.transfer(Uint8Array.of(0x42, 0), 2);
		expect(model.faults).toEqual([
			"a transfer while the chip is not selected",
			"a second access while the chip is selected",
		]);
	});

	test("of the SX1262: a command while it is busy, and calibration without its oscillator", () => {
		const air = createAir(createVirtualClock(), createChance(1));
		const model = createSx1262Model(air, "device", readPins(pinText.sx1262), { tcxo: 2 });
		const select = model.board.ports.openOutput(8);
		const spi = model.board.ports.openSpi!({ clock: 9, in: 11, out: 10 });
		const busy = model.board.ports.openInput!(13, null);
		const exchange = (...words: number[]) => {
			select.write(false);
			spi.transfer(Uint8Array.from(words), words.length);
			select.write(true);
		};
		exchange(0x80, 0);
		expect(model.faults).toEqual(["command 0x80 while it is busy"]);
		while (busy.read());
		exchange(0x89, 0x7f);
		expect(model.faults.at(-1)).toContain("XOSC_START_ERR");
	});

	test("a driver that is told of no oscillator meets that fault", () => {
		const air = createAir(createVirtualClock(), createChance(1));
		const model = createSx1262Model(air, "device", readPins(pinText.sx1262), { tcxo: 2 });
		const config = { radio: "sx1262", radioPins: pinText.sx1262, radioTcxo: "0" };
		openRadio(openAnyRadio, model.board.ports, config, () => {});
		expect(model.faults.join()).toContain("XOSC_START_ERR");
	});
});
