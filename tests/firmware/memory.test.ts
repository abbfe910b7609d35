/** What the firmware gives up when memory is short, and what becomes of a port call that fails for memory. */

import { describe, expect, test } from "vitest";
import { createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import type { Firmware } from "../../modules/firmware/state.js";
import { hasValues } from "../../modules/firmware/values.js";
import type { Admit, Ports, Stream, Uart } from "../../modules/ports/ports.js";
import { createChance } from "../support/chance.js";
import { createFakeFlash } from "../support/fake-flash.js";
import { createFakeWorld, type FakeWorld } from "../support/fake-ports.js";
import { specificationTelegram, textBytes } from "../support/vectors.js";
import { connect, send } from "../web/fake-stream.js";

const settings = {
	wifi: "home",
	wifiPassword: "12345678",
	requestPin: "17",
	broker: "mqtt://10.0.0.1",
	webPort: "80",
	telegramPort: "8088",
	layout: "json values smartyreader",
};
const device = "smarty-xs-a1b2c3d4e5f6";
const meter = "SAG1030790002574";
const KiB = 1024;

interface Board {
	world: FakeWorld;
	firmware: Firmware;
	listeners: Map<number, Admit>;
	send(): void;
	states(): number;
	late(): number;
	/** What was thrown to the port that brought a client. */
	readonly escaped: unknown[];
}

/** Asks for a page; 1 where it comes. */
function scrape({ listeners, escaped }: Board): number {
	const admit = listeners.get(80);
	if (admit === undefined) return 0;
	try {
		const client = connect(admit);
		send(client, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
		return client.received.startsWith("HTTP/1.1 200") ? 1 : 0;
	} catch (error) {
		escaped.push(error);
		return 0;
	}
}

/** `change` may put other ports in the place of the world's. */
function boot(change: (ports: Ports) => Ports = ports => ports): Board {
	const world = createFakeWorld(createChance(1));
	const listeners = new Map<number, Admit>();
	const ports: Ports = {
		...world.ports,
		flash: createFakeFlash(8, createChance(2)),
		openListener(port, admit) {
			listeners.set(port, admit);
			return { close: () => void listeners.delete(port) };
		},
		announce: () => ({ close: () => {} }),
	};
	const firmware = createFirmware(settings, change(ports));
	startFirmware(firmware);
	world.clock.pass(5_000);
	return {
		world,
		firmware,
		listeners,
		send() {
			const bytes = textBytes(specificationTelegram);
			world.receive(bytes, bytes.length, null);
			world.clock.pass(10_000);
		},
		states: () => world.broker.received.filter(({ topic }) => topic === `smarty/${meter}/state`).length,
		late: () => world.broker.received.filter(({ topic }) => topic === `smarty/${meter}/history`).length,
		escaped: [],
	};
}

function setFree(world: FakeWorld, free: number): void {
	world.memory = { ...world.memory, free };
	world.clock.pass(2_000);
}

describe("when memory is short", () => {
	test("new clients are refused first, then those that are there are ended; readings go on", () => {
		const board = boot();
		const { world, firmware, listeners } = board;
		board.send();
		const clients = [...listeners.values()].map(admit => connect(admit));
		setFree(world, 22 * KiB);
		expect(clients.map(({ closed }) => closed)).toEqual([false, false]);
		expect([...listeners.values()].map(admit => connect(admit).closed)).toEqual([true, true]);
		setFree(world, 18 * KiB);
		expect(clients.map(({ closed }) => closed)).toEqual([true, true]);
		expect(firmware.memory).toMatchObject({ stage: "alone", clients: 4, shortages: 2, messages: 0 });
		const before = board.states();
		board.send();
		expect(board.states()).toBe(before + 1);
		setFree(world, 60 * KiB);
		world.clock.pass(15_000);
		expect([...listeners.values()].map(admit => connect(admit).closed)).toEqual([false, false]);
	});

	test("late readings wait, and come when there is enough again", () => {
		const board = boot();
		const { world, firmware } = board;
		board.send();
		world.broker.behaviour = "unreachable";
		world.broker.drop();
		for (let count = 0; count < 6; count += 1) board.send();
		setFree(world, 14 * KiB);
		world.broker.behaviour = "ok";
		world.clock.pass(60_000);
		const late = () => world.broker.received.filter(({ topic }) => topic === `smarty/${meter}/history`).length;
		expect(late()).toBe(0);
		expect(firmware.history.recent.waiting).toBeGreaterThan(3);
		setFree(world, 60 * KiB);
		world.clock.pass(60_000);
		expect(late()).toBeGreaterThan(3);
		expect(firmware.history.recent.waiting).toBe(0);
		expect(firmware.memory.messages).toBe(0);
	});

	test("last of all what waits for the broker is given up: the reading comes late, the rest does not come", () => {
		const board = boot();
		const { world, firmware } = board;
		board.send();
		world.broker.behaviour = "unreachable";
		world.broker.drop();
		board.send();
		const { waiting } = firmware.outbox;
		expect(waiting.map(({ topic }) => topic)).toContain(`smarty/${meter}/state`);
		const count = waiting.length;
		expect(hasValues(firmware)).toBe(true);
		setFree(world, 11 * KiB);
		expect(waiting).toHaveLength(0);
		expect(hasValues(firmware)).toBe(false);
		// The telegram whose values waited is one.
		expect(firmware.memory.messages).toBe(count + 1);
		expect(firmware.history.recent.waiting).toBe(1);
		setFree(world, 60 * KiB);
		world.broker.behaviour = "ok";
		world.clock.pass(90_000);
		expect(world.broker.received.filter(({ topic }) => topic === `smarty/${meter}/history`)).toHaveLength(1);
		expect(firmware.exceptions).toBe(0);
		expect(world.broker.violations).toEqual([]);
	});

	test("the diagnostics and the log say so", () => {
		const { world, firmware } = boot();
		setFree(world, 18 * KiB);
		world.clock.pass(60_000);
		const messages = world.broker.received.filter(({ topic }) => topic === `smarty/${device}/diagnostics`);
		expect(JSON.parse(messages.at(-1)!.payload)).toMatchObject({
			free_memory: 18 * KiB,
			memory: { least: 45_000, largest_block: 40_000, stack: 6_000, failures: 0, stage: "alone", shortages: 1 },
		});
		expect(firmware.log.lines.some(({ text }) => text === "memory: alone, 18432 bytes free")).toBe(true);
	});
});

/** Calls of ports that allocate, by name. */
const calls: readonly (readonly [string, (ports: Ports, fail: Fail) => Ports])[] = [
	["openUart", (ports, fail) => ({ ...ports, openUart: fail(ports.openUart) })],
	["openNetwork", (ports, fail) => ({ ...ports, openNetwork: fail(ports.openNetwork) })],
	["createMqttClient", (ports, fail) => ({ ...ports, createMqttClient: fail(ports.createMqttClient) })],
	["openListener", (ports, fail) => ({ ...ports, openListener: fail(ports.openListener!) })],
	["announce", (ports, fail) => ({ ...ports, announce: fail(ports.announce!) })],
	["openConsole", (ports, fail) => ({ ...ports, openConsole: fail(ports.openConsole) })],
	["encode", (ports, fail) => ({ ...ports, encode: fail(ports.encode) })],
	["setLight", (ports, fail) => ({ ...ports, setLight: fail(ports.setLight) })],
	["store.write", (ports, fail) => ({ ...ports, store: { ...ports.store, write: fail(ports.store.write) } })],
	["flash.write", (ports, fail) => ({ ...ports, flash: { ...ports.flash!, write: fail(ports.flash!.write) } })],
	["flash.read", (ports, fail) => ({ ...ports, flash: { ...ports.flash!, read: fail(ports.flash!.read) } })],
	[
		"readMemory",
		(ports, fail) => ({ ...ports, device: { ...ports.device, readMemory: fail(ports.device.readMemory) } }),
	],
	["decode", (ports, fail) => ({ ...ports, decode: fail(ports.decode) })],
	["look", (ports, fail) => changeUart(ports, uart => ({ ...uart, look: fail(uart.look) }))],
	["openOutput", (ports, fail) => ({ ...ports, openOutput: fail(ports.openOutput) })],
	[
		"an output's write",
		(ports, fail) => ({
			...ports,
			openOutput(pin) {
				const output = ports.openOutput(pin);
				return { write: fail(output.write.bind(output)) };
			},
		}),
	],
	["a client's accept", (ports, fail) => changeAdmit(ports, accept => fail(accept))],
	[
		"the MQTT client's write",
		(ports, fail) => ({
			...ports,
			createMqttClient(options) {
				const client = ports.createMqttClient(options);
				return { ...client, write: fail(client.write.bind(client)) };
			},
		}),
	],
];

function changeUart(ports: Ports, change: (uart: Uart) => Uart): Ports {
	return { ...ports, openUart: (options, onReceive) => change(ports.openUart(options, onReceive)) };
}

function changeAdmit(ports: Ports, change: (accept: () => Stream) => () => Stream): Ports {
	return {
		...ports,
		openListener: (port, admit) => ports.openListener!(port, accept => admit(change(accept))),
	};
}

type Fail = <Given extends unknown[], Result>(work: (...given: Given) => Result) => (...given: Given) => Result;

describe.each(calls)("a call of %s that fails once for memory", (name, change) => {
	test.each([1, 2, 3, 7])(
		"the time it is called for the %ith time: the firmware goes on, and nothing is lost for good",
		at => {
			let count = 0;
			const fail: Fail =
				work =>
				(...given) => {
					count += 1;
					if (count === at) throw new Error("no memory");
					return work(...given);
				};
			const board = boot(ports => change(ports, fail));
			const { world, firmware } = board;
			let pages = 0;
			for (let round = 0; round < 12; round += 1) {
				board.send();
				pages += scrape(board);
				// In the middle of a frame, so that the port is asked to look.
				const half = textBytes("/Lux5\\253633635_D\r\n");
				world.receive(half, half.length, null);
				world.clock.pass(4_000);
			}
			expect(firmware.stopped).toBe(false);
			const before = board.states();
			board.send();
			expect(board.states(), name).toBe(before + 1);
			expect(board.listeners.size).toBe(2);
			const { failures } = firmware.servers;
			const counted = firmware.exceptions + failures + board.escaped.length + firmware.uplink.delivery.overflows;
			// Once for each failure, and for none where there was none; what is thrown to the port is counted by the port's guard.
			expect(counted, "counted").toBe(count >= at ? 1 : 0);
			const opens = name === "openUart" || name === "openOutput";
			// One client, and what belongs to the call itself; the line comes back 30 s later.
			expect(pages).toBeGreaterThanOrEqual(opens || name === "openListener" ? 10 : 11);
			expect(board.states() + board.late()).toBe(opens && count >= at ? 11 : 13);
			expect([...world.broker.violations, ...world.network.violations]).toEqual([]);
		},
	);
});
