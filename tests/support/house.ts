/** A board over fake ports, and a simulated meter on its line: for tests of what is believed over restarts. */
import { createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import type { Firmware } from "../../modules/firmware/state.js";
import type { Ports } from "../../modules/ports/ports.js";
import { createChance as createSimulatedChance } from "../../simulator/chance.js";
import { createMeter, type Meter, type MeterOptions, readMeter } from "../../simulator/meter.js";
import { createChance } from "./chance.js";
import { closeTelegram } from "./checksum.js";
import { createFakeStore, createFakeWorld, type FakeStore, type FakeWorld } from "./fake-ports.js";
import { changeLine } from "./telegrams.js";
import { bytesOf, textBytes } from "./vectors.js";

export const keyText = "000102030405060708090A0B0C0D0E0F";
export const start = Date.parse("2026-06-01T10:00:00Z");
export const readerName = "smarty-xs-a1b2c3d4e5f6";
const period = 10_000;

/** `time`: UTC in milliseconds of the meter's next frame. */
export interface House {
	world: FakeWorld;
	firmware: Firmware;
	time: number;
}

export function createHouseMeter(options: Partial<MeterOptions> = {}, time = start): Meter {
	return createMeter(createSimulatedChance(1), time, { key: bytesOf(keyText), ...options });
}

/** Boots with what the store holds, and lets the network come up. */
export function bootHouse(
	store: FakeStore = createFakeStore(),
	changes: Record<string, string> = {},
	time = start,
	changePorts: (ports: Ports) => Ports = ports => ports,
): House {
	const world = createFakeWorld(createChance(1), store);
	const settings = { wifi: "home", wifiPassword: "12345678", broker: "mqtt://10.0.0.1", key: keyText, ...changes };
	const firmware = createFirmware(settings, changePorts(world.ports));
	startFirmware(firmware);
	world.clock.pass(5_000);
	return { world, firmware, time };
}

/** Bytes on the line, and what the firmware does of them. */
export function play({ world }: House, bytes: Uint8Array, wait = 100): void {
	world.receive(bytes, bytes.length, null);
	world.clock.pass(wait);
}

/** The meter's next frames, ten seconds apart; `between` follows each of them. */
export function live(house: House, meter: Meter, rounds: number, between: () => void = () => {}): void {
	for (let round = 0; round < rounds; round += 1) {
		play(house, readMeter(meter, house.time).bytes);
		between();
		house.world.clock.pass(period - 100);
		house.time += period;
	}
}

/** Frames of the meter that somebody records, which the house does not hear. */
export function record(meter: Meter, from: number, count: number): Uint8Array[] {
	return Array.from({ length: count }, (_, at) => readMeter(meter, from + at * period).bytes);
}

/** A telegram in clear that looks like the meter's, but for lines that somebody changed; null takes a line out. */
export function forge(meter: Meter, time: number, changes: Record<string, string | null> = {}): Uint8Array {
	const before = meter.time;
	const copy: Meter = structuredClone({ ...meter, chance: null }) as unknown as Meter;
	Object.assign(copy, { chance: createSimulatedChance(9), security: "plain" });
	let { telegram } = readMeter({ ...copy, time: before }, Math.max(before, time));
	for (const [code, line] of Object.entries(changes)) {
		telegram = changeLine(telegram, code, line === null ? null : `${code}(${line})`);
	}
	return textBytes(closeTelegram(telegram.slice(0, telegram.indexOf("!") + 1)));
}

/** State messages of this meter, oldest first. */
export function statesOf({ world }: House, serial: string): Record<string, unknown>[] {
	const topic = `smarty/${serial}/state`;
	return world.broker.received
		.filter(message => message.topic === topic)
		.map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);
}

export function logOf({ firmware }: House): string[] {
	return firmware.log.lines.map(({ text }) => text);
}
