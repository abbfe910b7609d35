/** Puts a world together: meter, line, device, network, broker and checker. */

import { type Chance, createChance, drawInteger } from "../chance.js";
import type { Engine } from "../engines/contract.js";
import { createMeter, readMeter } from "../meter.js";
import { createDevice } from "./board/device.js";
import { createWorldFlash } from "./board/flash.js";
import { createLine, transmit } from "./board/line.js";
import { isPowerLost } from "./board/processor.js";
import { createKey, createPrograms } from "./board/programs.js";
import { createWorldPulses } from "./board/pulses.js";
import { usualCost } from "./board/state.js";
import { createWorldStore } from "./board/store.js";
import { checkPublication, createChecker } from "./check/checker.js";
import { createGroundTruth, noteLoss, noteRead, noteSent, type Transmission } from "./check/ground-truth.js";
import { createMonitor, noteSession } from "./check/monitor.js";
import { createPulseChecker, notePulseLoss } from "./check/pulses.js";
import { createWorldClock, type Plan, plan, second } from "./clock.js";
import { createWorldLora } from "./lora/lora.js";
import type { WorldLora } from "./lora/state.js";
import { createWorldBroker, welcome } from "./network/broker.js";
import { createRadio, type Radio } from "./network/network.js";
import { createInternet, createSockets } from "./network/socket.js";
import { type House, openPortOf } from "./network/visits.js";
import { type Chances, defaultSectors, period, type Station, type World, type WorldOptions } from "./state.js";
import { createPlugs, createStations, describePlugs, noteOutput, noteStationRead, startStations } from "./stations.js";

/** How the build knows the network. Boards with Ethernet have other pins for the meter. */
function describeNetwork({ medium, accessPoint }: Radio, { isNew }: WorldOptions): Record<string, string> {
	if (medium === "ethernet") return { receivePin: "35", requestPin: "33" };
	return isNew ? {} : { wifi: accessPoint.name, wifiPassword: accessPoint.password };
}

/** `engine` holds the firmware. Throws for a seed that is no whole number. */
export function composeWorld(engine: Engine, options: WorldOptions): World {
	const chances = createChances(options.seed);
	const { outside } = options;
	const clock = outside?.clock ?? createWorldClock();
	const radio = createRadio(clock, chances.network, options.medium);
	const meterKey = outside?.key ?? drawKey(chances.meter);
	const key = options.mistakenKey ? drawKey(chances.device) : meterKey;
	const broker = createWorldBroker(clock, {
		onPublish: publication => checkPublication(world, publication),
		onSession(open) {
			noteSession(world, open);
			world.note(open ? "session" : "session-end");
		},
		onViolation: text => world.reportViolation(text),
	});
	const internet = createInternet(clock, radio, socket => welcome(broker, socket));
	const line = createLine(clock);
	const { house: wanted } = options;
	const furtherLines = Array.from({ length: (wanted?.lines ?? 1) - 1 }, () => createLine(clock));
	const plugs = wanted === undefined ? [] : createPlugs(wanted.habits.length, wanted.lines);
	const meter = createMeter(chances.meter, outside?.birth ?? options.epoch, { ...options.meter, key: meterKey });
	const stations =
		wanted === undefined
			? []
			: createStations({ chances, epoch: options.epoch }, meter, wanted.habits, wanted.unreadable, options.meter ?? {});
	const flash = createWorldFlash(options.sectors ?? defaultSectors, chances.flash);
	const store = createWorldStore(chances.store);
	const groundTruth = createGroundTruth(Math.max(1, stations.length));
	const signer = options.updates ? createKey() : null;
	const lora = options.hasLora
		? createWorldLora(clock, chances.lora, options.seed % 2 === 0 ? "sx1262" : "sx1276", () => world)
		: null;
	const house: House = { clock, radio, ports: new Map(), air: null };
	const device = createDevice({
		clock,
		chance: chances.device,
		engine,
		line,
		furtherLines,
		radio,
		sockets: outside?.sockets ?? createSockets(internet),
		flash,
		store,
		pulses: options.flashes ? createWorldPulses(clock) : null,
		lora,
		config: {
			...describeNetwork(radio, options),
			broker: "mqtt://broker.home",
			key: Buffer.from(key).toString("hex"),
			...(stations.length > 0 && { meters: describePlugs(plugs), keys: listKeys(stations) }),
			...(lora !== null && describeRadio(lora)),
			...options.settings,
			...outside?.config,
		},
		cost: outside?.cost ?? usualCost,
		...(options.isNew && { hasAir: true }),
		openListener: outside?.openListener ?? openPortOf(house),
		...(outside?.page && { page: outside.page }),
		...(signer && { programs: createPrograms(chances.updates, signer.digits) }),
		hooks: {
			onRead(tag, count, bootEpoch, line) {
				const isWhole = noteRead(groundTruth, tag, count, bootEpoch, clock.now, line);
				if (isWhole && stations.length > 0) noteStationRead(world, groundTruth.sent[tag]!.serial);
				return isWhole;
			},
			onOutput: (pin, on) => noteOutput(world, pin, on),
			onConsole: line => world.note("console", { line }),
			onBoot: reason => noteBoot(world, reason),
			onAir: name => noteAir(world, name),
			onOff(reason) {
				noteLoss(groundTruth, clock.now);
				if (device.pulses !== null) notePulseLoss(world, device.pulses, isPowerLost(reason));
				noteTyping(world, reason);
				noteShortRun(world, isPowerLost(reason));
				world.note("off", { reason });
			},
			onViolation: text => world.reportViolation(text),
			onProgram: (what, { version }) => world.note("program", { reason: what, version }),
			// The world's own broker tells what came to it; of another one the acknowledgements must do.
			...(outside && {
				onPublication(publication) {
					checkPublication(world, publication);
					outside.onPublication(publication);
				},
			}),
		},
	});
	const world: World = {
		clock,
		chances,
		epoch: options.epoch,
		meter,
		sending: true,
		key,
		password: radio.accessPoint.password,
		line,
		furtherLines,
		plugs,
		stations,
		radio,
		house,
		internet,
		broker,
		flash,
		store,
		device,
		groundTruth,
		monitor: createMonitor(),
		checker: createChecker(),
		pulseChecker: createPulseChecker(),
		lora,
		options,
		damage: bytes => ({ pieces: [bytes], intact: true }),
		recorded: [],
		formerKey: null,
		restartWanted: false,
		restarts: [],
		scraper: null,
		owner: null,
		publisher: signer && { privateKey: signer.privateKey, sequence: 1 },
		note: (kind, fields = {}) => options.onNote({ at: describeTime(world), kind, ...fields }),
		reportViolation(text) {
			world.checker.violations.push(text);
			world.note("violation", { text });
		},
	};
	return world;
}

/** What the build says of the radio, and the owner's settings. */
function describeRadio({ appKey, chip }: WorldLora): Record<string, string> {
	return {
		radio: chip,
		// Of a LoRa32, and of a Heltec V3.
		radioPins: chip === "sx1262" ? "9 11 10 8 12 14 13" : "5 19 27 18 23 26",
		lora: "lorawan",
		loraAppKey: Buffer.from(appKey).toString("hex"),
		loraKey: Buffer.from(appKey).toString("hex"),
	};
}

function createChances(seed: number): Chances {
	const root = createChance(seed);
	const split = () => createChance(drawInteger(root, 0x7fffffff));
	return {
		meter: split(),
		line: split(),
		network: split(),
		device: split(),
		flash: split(),
		scenario: split(),
		store: split(),
		updates: split(),
		lora: split(),
	};
}

export function drawKey(chance: Chance): Uint8Array {
	return Uint8Array.from({ length: 16 }, () => drawInteger(chance, 256));
}

/** UTC in milliseconds. */
export function worldTime(world: World): number {
	return world.epoch + Math.floor(world.clock.now / 1000);
}

function describeTime(world: World): string {
	return new Date(worldTime(world)).toISOString();
}

/** The keys that the owner has of meters besides the first. */
function listKeys(stations: readonly Station[]): string {
	const readable = stations.slice(1).filter(({ isReadable }) => isReadable);
	return readable.map(({ meter }) => Buffer.from(meter.key!).toString("hex")).join(",");
}

/** The meter begins to send, a frame every ten seconds; several do as they are asked. */
export function startMeter(world: World): Plan | null {
	if (world.stations.length > 0) {
		startStations(world);
		return null;
	}
	return plan(world.clock, drawInteger(world.chances.meter, period), () => sendFrames(world));
}

function sendFrames(world: World): void {
	plan(world.clock, period, () => sendFrames(world));
	// Its clock goes on in whole seconds, so that no two frames have the same time.
	const time = Math.floor(worldTime(world) / 1000) * 1000;
	const { bytes, snapshot } = readMeter(world.meter, time);
	if (!world.sending) return;
	const tag = sendFrame(world, bytes, { serial: snapshot.serial, time, snapshot });
	world.recorded.push({ bytes, sent: world.groundTruth.sent[tag]! });
	if (world.recorded.length > 500) world.recorded.splice(0, 250);
}

/** Puts a frame on the line; the number is its tag. */
export function sendFrame(world: World, bytes: Uint8Array, about: Omit<Transmission, "length">): number {
	const { meter, key, groundTruth, line, clock } = world;
	const readable = meter.key?.every((byte, at) => byte === key[at]) === true;
	const tag = noteSent(groundTruth, { ...about, length: bytes.length }, readable, clock.now);
	const { pieces, intact } = world.damage(bytes);
	for (const piece of pieces) transmit(line, piece, intact && piece === bytes ? tag : -1);
	return tag;
}

/** The owner sees what was typed taken when the device restarts, and not when the power goes before. */
function noteTyping(world: World, reason: string): void {
	if (world.formerKey !== null && reason !== "restart") world.key = world.formerKey;
	world.formerKey = null;
}

function noteBoot(world: World, reason: string): void {
	const { clock, restarts, device } = world;
	world.note("boot", { reason, boot: device.boots });
	if (world.owner !== null) world.owner.bootTime = clock.now;
	if (reason !== "restart") return;
	if (!world.restartWanted) {
		const before = restarts.at(-1);
		restarts.push(clock.now);
		if (before !== undefined && clock.now - before < 15 * 60 * second) {
			world.reportViolation("the firmware restarted itself twice within 15 min");
		}
	}
	world.restartWanted = false;
}

/** A run that is over so soon may look like one that the owner ended. After ten seconds the firmware takes that back, if it comes to it. */
const shortRun = 10.5 * second;

function noteShortRun({ owner, clock }: World, isPowerLost: boolean): void {
	if (owner === null) return;
	owner.shortRuns = isPowerLost && clock.now - owner.bootTime < shortRun ? owner.shortRuns + 1 : 0;
}

/** Set-up is for a device without a network, and for an owner who asks for it, or whose power comes and goes as if. */
function noteAir(world: World, name: string | null): void {
	const { house, owner } = world;
	if (name === house.air) return;
	house.air = name;
	world.note(name === null ? "air-closed" : "air-open");
	// Set-up ends by a restart.
	if (name === null) world.restartWanted = true;
	if (name === null || owner === null) return;
	if (owner.isDone && !owner.wantsAir && owner.shortRuns < 3)
		world.reportViolation("set-up opened, and nobody wanted it");
	owner.wantsAir = false;
}
