/** The firmware of a board with a LoRa radio: when it sends, what it says of it, and what it does without a network. */
import { describe, expect, test } from "vitest";
import { createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import type { Firmware } from "../../modules/firmware/state.js";
import { openAnyRadio } from "../../modules/lorawan/drivers.js";
import { readPins } from "../../modules/lorawan/open-radio.js";
import { createPart } from "../../modules/lorawan/part.js";
import type { LorawanPart, Sender, SenderHost, SenderOptions } from "../../modules/lorawan/part-type.js";
import type { Reported } from "../../modules/lorawan/payload.js";
import { createReadings } from "../../modules/p1/readings.js";
import type { Ports } from "../../modules/ports/ports.js";
import { createChance as createSimulatedChance } from "../../simulator/chance.js";
import { addGateway, createAir, transmit } from "../../simulator/lora/air.js";
import { hear } from "../../simulator/lora/network-server.js";
import { createNetworkServer, register, type ServerDevice } from "../../simulator/lora/network-server-state.js";
import { createSx1276Model } from "../../simulator/lora/sx1276.js";
import type { Meter } from "../../simulator/meter.js";
import { createChance } from "../support/chance.js";
import { createFakeFlash } from "../support/fake-flash.js";
import { createFakeStore, createFakeWorld, type FakeWorld } from "../support/fake-ports.js";
import { createHouseMeter, forge, type House, keyText, live, start } from "../support/house.js";

const key = "2B7E151628AED2A6ABF7158809CF4F3C";
const pins = "5 19 27 18 23 26";
const settings = { key: keyText, lora: "lorawan", loraAppKey: key, radio: "sx1276", radioPins: pins };

interface FakePart extends LorawanPart {
	options: SenderOptions | null;
	host: SenderHost | null;
	state: Sender["state"];
	readonly offered: Reported[];
}

function createFakePart(): FakePart {
	const part: FakePart = {
		options: null,
		host: null,
		state: "ready",
		offered: [],
		createSender(options, host) {
			part.options = options;
			part.host = host;
			return {
				deadline: Infinity,
				get state() {
					return part.state;
				},
				run: () => {},
				offer: reported => void part.offered.push(reported),
				rejoin: () => true,
				describe: () => ({ data_rate: 5 }),
				measure: () => [["counter", "frames", "", "Frames.", 7]],
				tell: () => ["lora      fine"],
			};
		},
	};
	return part;
}

interface Board extends House {
	world: FakeWorld;
	firmware: Firmware;
}

function boot(
	changes: Record<string, string>,
	part: LorawanPart | null,
	changePorts: (ports: Ports) => Ports = ports => ports,
): Board {
	const world = createFakeWorld(createChance(1), createFakeStore());
	const device = { ...world.ports.device, readMac: () => "24d7eb0c1a2f" };
	const ports = changePorts({ ...world.ports, device, openListener: () => ({ close() {} }) });
	const firmware = createFirmware({ ...settings, ...changes }, ports, part);
	startFirmware(firmware);
	world.clock.pass(5_000);
	return { world, firmware, time: start };
}

describe("the settings", () => {
	test("off: nothing is made", () => {
		const part = createFakePart();
		const board = boot({ lora: "off", wifi: "home", broker: "mqtt://10.0.0.1" }, part);
		expect(board.firmware.lora).toBeNull();
		expect(part.options).toBeNull();
		board.world.type("lora status");
		expect(board.world.printed.at(-1)).toBe("lora is off, or this board has no radio");
	});

	test("a board without a radio says so, and goes on", () => {
		const board = boot({}, null);
		expect(board.firmware.checked.problems).toEqual(["lora is set, and this board has no radio."]);
		expect(board.firmware.light.code).toBe("settings");
		live(board, createHouseMeter(), 2);
		expect(board.firmware.meters).toHaveLength(1);
	});

	test("the DevEUI is that of the MAC address, or the one that is set", () => {
		const part = createFakePart();
		boot({}, part);
		expect(Buffer.from(part.options!.devEui).toString("hex")).toBe("24d7ebfffe0c1a2f");
		boot({ loraDevEui: "70B3D57ED0001234" }, part);
		expect(Buffer.from(part.options!.devEui).toString("hex")).toBe("70b3d57ed0001234");
		const board = boot({}, part, ports => ({
			...ports,
			device: { ...ports.device, readMac: () => "" },
		}));
		expect(board.firmware.checked.problems).toEqual([
			"loraDevEui is not set, and this board knows no address of its own.",
		]);
	});
});

describe("without WiFi", () => {
	test("the light tells of LoRa alone, and set-up does not open", () => {
		const part = createFakePart();
		part.state = "noRadio";
		const air = () => ({ close() {} });
		const board = boot({}, part, ports => ({ ...ports, openAccessPoint: air }));
		expect(board.firmware.setup).toBeNull();
		live(board, createHouseMeter(), 1);
		const codes = (["noRadio", "joining", "unheard", "ready"] as const).map(state => {
			part.state = state;
			board.world.clock.pass(2_000);
			return board.firmware.light.code;
		});
		expect(codes).toEqual(["network", "network", "broker", "ok"]);
		expect(board.firmware.uplink.network).toBeNull();
		expect(board.firmware.checked.problems).toEqual([]);
	});

	test("set-up opens where neither is set", () => {
		const board = boot({ lora: "off" }, createFakePart(), ports => ({
			...ports,
			openAccessPoint: () => ({ close() {} }),
			openDatagrams: () => ({ send() {}, close() {} }),
		}));
		expect(board.firmware.setup).not.toBeNull();
	});
});

test("telegrams of the first meter are offered, with their verdict; what has no tag is not, where others had one", () => {
	const part = createFakePart();
	const board = boot({ authentication: "prefer" }, part);
	const meter = createHouseMeter();
	live(board, meter, 3);
	expect(part.offered.map(({ verdict }) => verdict)).toEqual(["authenticated", "authenticated", "authenticated"]);
	const clear = forge(meter, board.time);
	board.world.receive(clear, clear.length, null);
	board.world.clock.pass(3_000);
	expect(part.offered).toHaveLength(3);
});

test("diagnostics, metrics and console say how it fares", () => {
	const part = createFakePart();
	const board = boot({ wifi: "home", wifiPassword: "12345678", broker: "mqtt://10.0.0.1", webPort: "80" }, part);
	board.world.clock.pass(70_000);
	const last = board.world.broker.received.filter(({ topic }) => topic.endsWith("/diagnostics")).at(-1)!;
	expect(JSON.parse(last.payload).lora).toEqual({ state: "ready", data_rate: 5, quarters: null });
	board.world.type("lora status");
	expect(board.world.printed.at(-1)).toBe("lora      fine");
	board.world.type("lora join");
	expect(board.world.printed.at(-1)).toBe("joining anew");
	part.host!.note("something");
	expect(board.firmware.log.lines.at(-1)!.text).toBe("lora: something");
});

interface Network {
	device: ServerDevice;
	gatewayUp: boolean;
	/** The chip has power. */
	setPower(on: boolean): void;
	faults: string[];
}

/** A board with an SX1276, a gateway and a server. */
function bootWhole(changes: Record<string, string>): Board & { network: Network; meter: Meter } {
	const chance = createSimulatedChance(7);
	const world = createFakeWorld(createChance(1), createFakeStore());
	const { clock } = world;
	const air = createAir(clock, chance);
	const model = createSx1276Model(air, "board", readPins(pins));
	const server = createNetworkServer(chance);
	const devEui = Uint8Array.from(Buffer.from("24d7ebfffe0c1a2f", "hex"));
	const appKey = Uint8Array.from(Buffer.from(key, "hex"));
	const network: Network = {
		device: register(server, { devEui, joinEui: new Uint8Array(8), appKey }),
		gatewayUp: true,
		setPower: on => model.setPower(on),
		faults: model.faults,
	};
	const gateway = addGateway(
		air,
		"gateway",
		frame => network.gatewayUp && !frame.modulation.inverted,
		({ bytes, frame, snr }) => {
			const answer = hear(server, { bytes, modulation: frame.modulation, snr, end: frame.end });
			if (answer === null) return;
			clock.setAlarm(
				answer.start - clock.now(),
				() => void transmit(air, gateway, answer.modulation, answer.bytes, 14),
			);
		},
	);
	const { openOutput } = world.ports;
	const ports: Ports = {
		...world.ports,
		...model.board.ports,
		openOutput: pin => (pin === 18 || pin === 23 ? model.board.ports.openOutput(pin) : openOutput(pin)),
		device: { ...world.ports.device, readMac: () => "24d7eb0c1a2f" },
		flash: createFakeFlash(8, createChance(3)),
	};
	const firmware = createFirmware({ ...settings, ...changes }, ports, createPart(openAnyRadio));
	startFirmware(firmware);
	return { world, firmware, time: start, network, meter: createHouseMeter() };
}

describe("with a radio, a gateway and a server", () => {
	test("it joins, sends, and is told another interval", () => {
		const board = bootWhole({ loraInterval: "60", loraFairUse: "no" });
		const { network, meter, world } = board;
		live(board, meter, 60);
		expect(network.device.devNonces).toHaveLength(1);
		expect(board.firmware.lora!.sender.state).toBe("ready");
		const live1 = network.device.delivered.filter(({ port }) => port === 2);
		expect(live1.length).toBeGreaterThanOrEqual(8);
		expect(live1.every(({ confirmed }) => !confirmed)).toBe(true);
		network.device.queue.push({ port: 1, bytes: Uint8Array.from([5]), confirmed: false });
		live(board, meter, 12);
		const before = network.device.delivered.length;
		live(board, meter, 60);
		expect(network.device.delivered.length - before).toBeLessThanOrEqual(3);
		world.type("lora status");
		expect(world.printed.join("\n")).toContain("the network's owner wants 300 s between frames");
		expect(network.faults).toEqual([]);
		expect(board.firmware.exceptions).toBe(0);
	});

	test("quarter hours of a time without a gateway come later, each once where nothing is lost", () => {
		const board = bootWhole({ loraInterval: "30", loraFairUse: "no" });
		const { network, meter } = board;
		live(board, meter, 30);
		network.gatewayUp = false;
		live(board, meter, 6 * 90);
		network.gatewayUp = true;
		live(board, meter, 2 * 90);
		const payloads = network.device.delivered.filter(({ port }) => port === 3);
		expect(payloads.every(({ confirmed }) => confirmed)).toBe(true);
		const first = payloads.map(({ bytes }) => (bytes[0]! << 12) | (bytes[1]! << 4) | (bytes[2]! >> 4));
		const quarters = payloads.flatMap(({ bytes }, at) =>
			Array.from({ length: (bytes.length - 6) / 4 }, (_, more) => first[at]! + more),
		);
		const from = (start - Date.UTC(2020, 0, 1)) / 900_000;
		expect(quarters).toEqual(Array.from({ length: 9 }, (_, at) => from + at));
		// Six of them, which waited for the gateway, took fewer uplinks.
		expect(payloads.length).toBeLessThan(7);
		expect(board.firmware.lora!.late).toMatchObject({ delivered: 9, lost: 0, taken: [] });
	});

	test("with fair use it asks for an acknowledgement each two and a half hours", () => {
		const board = bootWhole({ loraInterval: "300" });
		live(board, board.meter, 2_800);
		const confirmed = board.network.device.delivered.filter(delivered => delivered.confirmed);
		expect(confirmed).toHaveLength(3);
		// A third of a day, and the bucket that is full at the boot.
		expect(board.firmware.lora!.sender.describe(0).airtime).toBeLessThanOrEqual(12_000);
	});

	test("nothing is sent while a telegram is opened, and windows go on", () => {
		const board = bootWhole({ loraInterval: "30", loraFairUse: "no" });
		const { world, network, firmware } = board;
		live(board, board.meter, 30);
		const { sender } = firmware.lora!;
		const readings = createReadings("x");
		const sent = () => sender.describe(0).sent as number;
		world.clock.pass(40_000);
		// From here on the test calls the sender.
		firmware.stopped = true;
		const before = sent();
		sender.offer({ verdict: "authenticated", readings });
		sender.run(true, world.clock.now());
		expect(sent()).toBe(before);
		sender.run(false, world.clock.now());
		expect(sent()).toBe(before + 1);
		network.device.queue.push({ port: 1, bytes: Uint8Array.from([9]), confirmed: false });
		const taken = sender.describe(0).taken as number;
		for (let time = 0; time < 10_000; time += 50) {
			world.clock.pass(50);
			sender.run(true, world.clock.now());
		}
		expect(sender.describe(0).taken).toBe(taken + 1);
	});

	test("a radio that fails is looked for again, and the session goes on", () => {
		const board = bootWhole({ loraInterval: "30", loraFairUse: "no" });
		const { network, meter } = board;
		live(board, meter, 30);
		const before = network.device.delivered.length;
		expect(before).toBeGreaterThan(3);
		network.setPower(false);
		live(board, meter, 30);
		expect(board.firmware.lora!.sender.state).toBe("noRadio");
		expect(board.firmware.meters[0]!.online).toBe(true);
		network.setPower(true);
		live(board, meter, 60);
		expect(board.firmware.lora!.sender.state).toBe("ready");
		expect(network.device.delivered.length).toBeGreaterThan(before + 3);
		expect(network.device.devNonces).toHaveLength(1);
		expect(network.device.violations).toEqual([]);
		expect(board.firmware.exceptions).toBe(0);
	});
});
