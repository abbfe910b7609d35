/** All ports of the firmware in memory. */

import type { DeviceMemory, OnPacket, OnReceive, Ports, Store } from "../../modules/ports/ports.js";
import { decodeAscii } from "../../modules/web/request-parser.js";
import type { Chance } from "./chance.js";
import { createFakeBroker, createFakeClient, type FakeBroker } from "./fake-broker.js";
import { createFakeNetwork, type FakeNetwork } from "./fake-network.js";
import { createVirtualClock, type VirtualClock } from "./virtual-clock.js";

/** A store in memory; the power is cut in its `cutAt`th write from now, before, in the middle of or after it. */
export interface FakeStore extends Store {
	readonly values: Map<string, string>;
	writes: number;
	cut: { at: number; leaves: "old" | "none" | "part" | "new" } | null;
}

export class PowerCut extends Error {}

export function createFakeStore(values: Map<string, string> = new Map()): FakeStore {
	const store: FakeStore = {
		values,
		writes: 0,
		cut: null,
		read: name => values.get(name) ?? null,
		write(name, value) {
			if (name.length > 15) throw new Error("a name of more than 15 characters");
			if (new TextEncoder().encode(value).length > 3_900) throw new Error("a value too long");
			store.writes++;
			if (store.cut === null || store.cut.at !== store.writes) {
				values.set(name, value);
				return;
			}
			if (store.cut.leaves === "new") values.set(name, value);
			else if (store.cut.leaves === "none") values.delete(name);
			else if (store.cut.leaves === "part") values.set(name, value.slice(0, value.length >> 1));
			throw new PowerCut("the power was cut");
		},
		remove: name => void values.delete(name),
	};
	return store;
}

/** Everything around the firmware, in the hands of a test. */
export interface FakeWorld {
	readonly clock: VirtualClock;
	readonly broker: FakeBroker;
	readonly network: FakeNetwork;
	readonly store: FakeStore;
	readonly ports: Ports;
	/** What the light did: time and state. */
	readonly light: { time: number; on: boolean }[];
	readonly printed: string[];
	readonly requests: boolean[];
	/** The outputs by their pins, and what listens on each line. */
	readonly outputs: Map<number, boolean>;
	readonly lines: Map<number, { receivePin: number; onReceive: OnReceive }>;
	/** An output has changed. */
	onOutput: (pin: number, on: boolean) => void;
	restarts: number;
	memory: DeviceMemory;
	/** Bytes on the meter's line. */
	receive: OnReceive;
	/** A line typed on the console. */
	type(line: string): void;
	/** A packet of a program at the console's other end, and all bytes that it got. */
	receivePacket: OnPacket;
	readonly sent: number[];
}

export function createFakeWorld(
	chance: Chance,
	store: FakeStore = createFakeStore(),
	resetReason = "power on",
): FakeWorld {
	const clock = createVirtualClock();
	const broker = createFakeBroker();
	const network = createFakeNetwork(clock);
	const encoder = new TextEncoder();
	const world: FakeWorld = {
		clock,
		broker,
		network,
		store,
		light: [],
		printed: [],
		requests: [],
		outputs: new Map(),
		lines: new Map(),
		onOutput: () => {},
		restarts: 0,
		memory: { free: 50_000, least: 45_000, largestBlock: 40_000, stackLeft: 6_000, failures: 0 },
		receive: () => {},
		type: () => {},
		receivePacket: () => {},
		sent: [],
		ports: {
			clock,
			device: {
				resetReason,
				version: "smarty-xs test",
				capacity: { connections: 4, heap: null },
				readMemory: () => world.memory,
				restart: () => void world.restarts++,
			},
			random: () => chance.integer(0, 0xfffffff) / 0x10000000,
			encode: text => encoder.encode(text),
			decode: decodeAscii,
			store,
			flash: null,
			medium: "wifi",
			setLight: on => void world.light.push({ time: clock.now(), on }),
			openUart({ line, receivePin }, onReceive) {
				if (line === 0) world.receive = onReceive;
				world.lines.set(line, { receivePin, onReceive });
				return {
					look: () => void clock.setAlarm(0, () => onReceive(new Uint8Array(0), 0, null)),
				};
			},
			openOutput(pin) {
				world.outputs.set(pin, false);
				return {
					write(on) {
						world.requests.push(on);
						world.outputs.set(pin, on);
						world.onOutput(pin, on);
					},
				};
			},
			openNetwork: onChanged => network.open(onChanged),
			createMqttClient: createFakeClient(broker, clock),
			openConsole(onLine, onPacket) {
				world.type = onLine;
				world.receivePacket = onPacket;
				return { write: line => void world.printed.push(line), send: bytes => void world.sent.push(...bytes) };
			},
		},
	};
	return world;
}
