/** Checks what the board sends over LoRa against the law, the standard and the meter. */

import { createDecipheriv } from "node:crypto";
import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import type { AirFrame } from "../../lora/air.js";
import { hour, minute, plan, second } from "../clock.js";
import type { LoraChecker, WorldLora } from "../lora/state.js";
import type { World } from "../state.js";
import { findSent, type Sent } from "./ground-truth.js";

/** EN 300 220: from and to in MHz, and seconds in an hour. */
const bands: readonly (readonly [number, number, number])[] = [
	[863, 865, 3.6],
	[865, 868, 36],
	[868, 868.6, 36],
	[868.7, 869.2, 3.6],
	[869.4, 869.65, 360],
	[869.7, 870, 36],
];
const hourMs = 3_600_000;
/** 16 dBm radiated, with an antenna of 2.15 dBi. */
const mostPower = 14;
const quarterMs = 900_000;
/** So long a reading may need to its place in the flash, and a quarter hour over the radio while all is well. */
const processing = 5 * second;
const enough = 15 * minute;

const context = createContext({});
/** That owners paste into their network server. */
const decoder = new URL("../../../contrib/lorawan/decoder.js", import.meta.url);

export function createLoraChecker(): LoraChecker {
	return {
		frames: [],
		devNonces: [],
		counters: new Map(),
		seen: 0,
		sealed: -1,
		compared: 0,
		quarters: new Map(),
		answers: 0,
		missed: 0,
	};
}

/** A frame of the board begins. */
export function judgeTransmission(world: World, lora: WorldLora, frame: AirFrame): void {
	const { checker } = lora;
	const { modulation, bytes, start, end, power } = frame;
	const megahertz = modulation.frequency / 1e6;
	const band = bands.findIndex(([from, to]) => megahertz - 0.0625 >= from && megahertz + 0.0625 <= to);
	if (band < 0) world.reportViolation(`a frame at ${megahertz} MHz, where nothing may be sent`);
	if (power > mostPower) world.reportViolation(`a frame with ${power} dBm`);
	const { frames } = checker;
	frames.push({ start, end, band });
	while (frames[0]!.end < end - hourMs) frames.shift();
	const airtime = frames
		.filter(other => other.band === band)
		.reduce((sum, other) => sum + other.end - Math.max(other.start, end - hourMs), 0);
	if (band >= 0 && airtime > bands[band]![2] * 1_000) {
		world.reportViolation(`${Math.round(airtime)} ms of airtime in an hour at ${megahertz} MHz`);
	}
	if (modulation.syncWord === 0x34) judgeNumbers(world, checker, bytes);
	else judgeSealed(world, lora, bytes);
	world.note("lora", { mhz: megahertz, sf: modulation.spreading, type: bytes[0]! >> 5, bytes: bytes.length });
}

function judgeNumbers(world: World, { devNonces, counters }: LoraChecker, bytes: Uint8Array): void {
	const buffer = Buffer.from(bytes);
	const kind = bytes[0]! >> 5;
	if (kind === 0) {
		const nonce = buffer.readUInt16LE(17);
		if (devNonces.some(before => before >= nonce)) world.reportViolation(`DevNonce ${nonce} after ${devNonces.at(-1)}`);
		devNonces.push(nonce);
	} else if (kind === 2 || kind === 4) {
		const address = buffer.toString("hex", 1, 5);
		const counter = buffer.readUInt16LE(6);
		const known = counters.get(address);
		// With new keys it begins anew; that the address is another one is likely, and not sure.
		const last = known !== undefined && counter === 0 && known.joins < devNonces.length ? undefined : known;
		const text = buffer.toString("hex");
		// A repeat is the same frame.
		if (last !== undefined && (counter < last.counter || (counter === last.counter && text !== last.bytes))) {
			world.reportViolation(`FCnt ${counter} after ${last.counter}`);
		}
		counters.set(address, { counter, bytes: text, joins: last?.joins ?? devNonces.length });
	} else world.reportViolation(`a frame of type ${kind} from the board`);
}

/** Plain LoRa: 0x53, the form, the device's number (8), the frame's (4), the payload, a tag of 12 bytes. */
function judgeSealed(world: World, { checker, appKey }: WorldLora, bytes: Uint8Array): void {
	const number = Buffer.from(bytes).readUInt32BE(10);
	if (number <= checker.sealed) world.reportViolation(`the sealed frame ${number} after ${checker.sealed}`);
	checker.sealed = number;
	const opened = createDecipheriv("aes-128-gcm", appKey, bytes.subarray(2, 14), { authTagLength: 12 });
	opened.setAAD(bytes.subarray(0, 14));
	opened.setAuthTag(bytes.subarray(-12));
	const payload = Buffer.concat([opened.update(bytes.subarray(14, -12)), opened.final()]);
	judgePayload(world, checker, bytes[1]!, payload, false);
}

/** An answer of the gateway begins, within its window: the program must see it. */
export function watchAnswer(world: World, { checker }: WorldLora, frame: AirFrame): void {
	const { device, clock } = world;
	const { bootEpoch } = device;
	const before = world.lora!.heard;
	checker.answers += 1;
	world.note("downlink", {
		mhz: frame.modulation.frequency / 1e6,
		sf: frame.modulation.spreading,
		delay: Math.round(frame.start - (world.lora!.frame?.end ?? 0)),
		bytes: frame.bytes.length,
	});
	plan(clock, (frame.end - frame.start) * 1_000 + 2 * second, () => {
		if (device.bootEpoch !== bootEpoch) {
			checker.answers -= 1;
			return;
		}
		if (world.lora!.heard !== before) {
			world.lora!.downlinks.set(Buffer.from(frame.bytes).toString("hex"), true);
			return;
		}
		// One that came too late for the frame before ended the windows of this one.
		if (world.lora!.heardAt > frame.start * 1_000 - 2 * second) return;
		checker.missed += 1;
		world.reportViolation(`a downlink at SF${frame.modulation.spreading} in its window was not heard`);
	});
}

interface Decoded {
	data: Record<string, unknown> & {
		time?: string;
		quarters?: { time: string; active_energy_import: number; active_energy_export: number }[];
	};
	errors?: string[];
}

/** What came to the application since the last look. */
export function judgeDelivered(world: World, { checker, device }: WorldLora): void {
	for (const violation of device.violations.splice(0)) world.reportViolation(`the server: ${violation}`);
	for (; checker.seen < device.delivered.length; checker.seen += 1) {
		const { port, bytes, confirmed } = device.delivered[checker.seen]!;
		judgePayload(world, checker, port, bytes, confirmed);
	}
}

function judgePayload(world: World, checker: LoraChecker, port: number, bytes: Uint8Array, confirmed: boolean): void {
	if (checker.compared === 0 && checker.quarters.size === 0) runInContext(readFileSync(decoder, "utf8"), context);
	const input = JSON.stringify({ fPort: port, bytes: [...bytes] });
	const { data, errors }: Decoded = JSON.parse(runInContext(`JSON.stringify(decodeUplink(${input}))`, context));
	if (errors !== undefined) world.reportViolation(`port ${port}: ${errors.join()}`);
	else if (port === 3) judgeQuarters(world, checker, data, confirmed);
	else judgeLive(world, checker, port, data);
}

function judgeLive(world: World, checker: LoraChecker, port: number, data: Decoded["data"]): void {
	if (port !== 2) {
		// It tells no time: one of the last telegrams has these registers.
		const isKnown = world.groundTruth.sent.slice(-20).some(sent => hasEnergies(sent, data));
		if (!isKnown) world.reportViolation(`port ${port} has energies that the meter never showed`);
		return;
	}
	const time = Date.parse(String(data.time));
	const sent = findSent(world.groundTruth, world.meter.serial, time);
	if (sent?.snapshot == null) {
		world.reportViolation(`a reading of ${data.time} over LoRa that the meter never sent`);
		return;
	}
	checker.compared += 1;
	const { phases, devices } = sent.snapshot;
	const active = phases.reduce((sum, phase) => sum + phase.active, 0);
	const expected: Record<string, unknown> = {
		active_power_import: tens(Math.max(active, 0)),
		active_power_export: tens(Math.max(-active, 0)),
		verdict: "authenticated",
		breaker_state: 1,
		relay_1_state: 0,
		relay_2_state: 0,
	};
	for (const [at, { voltage, current, active: own }] of phases.entries()) {
		expected[`voltage_l${at + 1}`] = voltage;
		expected[`current_l${at + 1}`] = current;
		expected[`active_power_l${at + 1}`] = tens(own);
	}
	const wrong = Object.keys(expected).filter(name => data[name] !== expected[name]);
	if (!hasEnergies(sent, data)) wrong.push("energies");
	const told = JSON.stringify((data.devices as { value: number }[] | undefined)?.map(({ value }) => value) ?? []);
	const shown = devices.filter(({ id }) => id !== null).map(({ index }) => index / 1_000);
	if (told !== JSON.stringify(shown)) wrong.push("devices");
	if (wrong.length > 0) world.reportViolation(`${wrong.join()} of ${data.time} over LoRa are not the meter's`);
	if (world.clock.now - sent.sentAt > 20 * second)
		world.reportViolation(`a reading of ${data.time} is old when it is sent`);
}

function tens(watts: number): number {
	return Math.round(watts / 10) / 100 + 0;
}

function hasEnergies({ snapshot }: Sent, data: Record<string, unknown>): boolean {
	return (
		snapshot !== null &&
		data.active_energy_import === snapshot.activeEnergyImport / 1_000 &&
		data.active_energy_export === snapshot.activeEnergyExport / 1_000
	);
}

function judgeQuarters(world: World, { quarters }: LoraChecker, data: Decoded["data"], confirmed: boolean): void {
	if (!confirmed) world.reportViolation("quarter hours that nobody is asked to acknowledge");
	for (const told of data.quarters!) {
		const quarter = Date.parse(told.time) / quarterMs;
		const isKnown = world.groundTruth.sent.some(
			sent => Math.floor(sent.time / quarterMs) === quarter && hasEnergies(sent, { ...told }),
		);
		if (!isKnown) world.reportViolation(`the quarter hour ${told.time} has energies that the meter never showed`);
		quarters.set(quarter, (quarters.get(quarter) ?? 0) + 1);
	}
}

/** At the end: every quarter hour of which the board had a reading, and lost no power right after it, has come. */
export function judgeLora(world: World, { checker, device }: WorldLora): void {
	const { groundTruth, clock } = world;
	const { losses } = groundTruth;
	// Plain LoRa promises none.
	const isJoined = checker.sealed < 0;
	const missing = new Set<number>();
	const promised = new Set<number>();
	for (const { readable, receivedAt, time } of groundTruth.sent) {
		if (!isJoined || !readable || receivedAt < 0 || receivedAt > clock.now - enough) continue;
		if (losses.some(loss => loss >= receivedAt && loss < receivedAt + processing)) continue;
		const quarter = Math.floor(time / quarterMs);
		promised.add(quarter);
		if (!checker.quarters.has(quarter)) missing.add(quarter);
	}
	const times = [...missing].map(quarter => new Date(quarter * quarterMs).toISOString().slice(0, 16));
	if (missing.size > 0)
		world.reportViolation(`${missing.size} quarter hours never came over LoRa: ${times.join(", ")}`);
	if (checker.compared === 0) world.reportViolation("no reading ever came over LoRa");
	world.note("lora-end", {
		joins: checker.devNonces.length,
		uplinks: device.delivered.length,
		compared: checker.compared,
		promised: promised.size,
		quarters: checker.quarters.size,
		twice: [...checker.quarters.values()].filter(count => count > 1).length,
		sealed: checker.sealed,
		answers: checker.answers,
		missed: checker.missed,
		hours: Math.round((10 * clock.now) / hour) / 10,
	});
}
