import { type Chance, drawBetween, drawInteger, happens } from "../chance.js";
import { damageFrame, damages, drawNoise } from "../line.js";
import { createMeter, type MeterOptions, renewKey } from "../meter.js";
import { killBroker, startBroker, stopBroker } from "./broker.js";
import { minute, plan, second } from "./clock.js";
import { restart, switchOff, switchOn, type } from "./device.js";
import { dropRadio, switchAccessPoint } from "./network.js";
import { connectCable, cutTransmission, disturb, holdBreak, transmit } from "./wire.js";
import { drawKey, type World } from "./world.js";

/** Everything that can go wrong around the device. Each mends itself after a while, and says so. */

const chanceOf = (world: World): Chance => world.chances.scenario;

function between(world: World, low: number, high: number): number {
	return drawBetween(chanceOf(world), low, high);
}

/** Undoes something later, unless the scenario is over and everything is undone already. */
function later(world: World, delay: number, action: () => void): void {
	plan(world.clock, delay, action);
}

export function killBrokerFor(world: World, low: number, high: number): void {
	const { broker } = world;
	if (!broker.up) return;
	const forget = happens(chanceOf(world), 0.3);
	world.note("broker-dies", { forget });
	killBroker(broker, forget);
	later(world, between(world, low, high), () => reviveBroker(world));
}

function reviveBroker(world: World): void {
	if (world.broker.up) return;
	startBroker(world.broker);
	world.note("broker-starts");
}

/** The broker dies in the middle of a packet, at any byte. */
export function breakBrokerAtByte(world: World): void {
	const { broker } = world;
	if (!broker.up || broker.stopped) return;
	broker.dieAfter = drawInteger(chanceOf(world), 4000);
	broker.onDeath = () => {
		broker.onDeath = null;
		killBrokerFor(world, second, 60 * second);
	};
}

/** The broker's process is suspended: its system takes bytes, and nobody reads them. */
export function suspendBroker(world: World, low: number, high: number): void {
	const { broker } = world;
	if (!broker.up || broker.stopped) return;
	world.note("broker-hangs");
	stopBroker(broker, true);
	later(world, between(world, low, high), () => {
		if (!broker.stopped) return;
		stopBroker(broker, false);
		world.note("broker-goes-on");
	});
}

export function slowBroker(world: World): void {
	const { broker } = world;
	broker.delay = between(world, 0.1 * second, 3 * second);
	world.note("broker-slow", { ms: Math.round(broker.delay / 1000) });
	later(world, between(world, minute, 6 * minute), () => {
		broker.delay = 0;
		world.note("broker-fast");
	});
}

/** It answers pings and takes messages, and acknowledges none of them. */
export function muteBroker(world: World): void {
	const { broker } = world;
	if (broker.mute) return;
	broker.mute = true;
	world.note("broker-mute");
	later(world, between(world, 0.5 * minute, 5 * minute), () => {
		broker.mute = false;
		world.note("broker-speaks");
	});
}

/** CONNACK with a refusal: 3 is a full or starting broker, 5 one whose passwords are being changed. */
export function refuseClients(world: World): void {
	const { broker } = world;
	if (!broker.up || broker.answer !== 0) return;
	broker.answer = happens(chanceOf(world), 0.5) ? 3 : 5;
	world.note("broker-refuses", { code: broker.answer });
	killBroker(broker, false);
	startBroker(broker);
	later(world, between(world, 0.5 * minute, 4 * minute), () => {
		broker.answer = 0;
		world.note("broker-accepts");
	});
}

/** The broker's machine is gone without a word: no RST, no FIN. */
export function silenceHost(world: World, low: number, high: number): void {
	const { internet, broker } = world;
	if (!internet.hostUp) return;
	world.note("host-gone");
	internet.hostUp = false;
	for (const socket of internet.sockets) socket.swallowing = true;
	const wasUp = broker.up;
	killBroker(broker, happens(chanceOf(world), 0.3));
	later(world, between(world, low, high), () => {
		internet.hostUp = true;
		if (wasUp) startBroker(broker);
		world.note("host-back");
	});
}

/** Some box between forgets its connections: they swallow everything, and new ones work. */
export function forgetConnections(world: World): void {
	world.note("half-open");
	for (const socket of world.internet.sockets) socket.swallowing = true;
}

export function restartAccessPoint(world: World, low: number, high: number): void {
	const { radio } = world;
	if (!radio.accessPoint.up) return;
	const fresh = happens(chanceOf(world), 0.4);
	world.note("access-point-off", { fresh });
	switchAccessPoint(radio, false, fresh);
	later(world, between(world, low, high), () => {
		switchAccessPoint(radio, true, false);
		world.note("access-point-on");
	});
}

export function changeChannel(world: World): void {
	const { accessPoint } = world.radio;
	if (!accessPoint.up) return;
	accessPoint.channel = 1 + drawInteger(chanceOf(world), 13);
	world.note("channel", { channel: accessPoint.channel });
	dropRadio(world.radio);
}

export function roam(world: World): void {
	world.note("roaming");
	dropRadio(world.radio);
}

/** Something of the network is away for a while: addresses, names, or the path to the broker. */
export function loseService(world: World, service: "addresses" | "names" | "path"): void {
	const { accessPoint } = world.radio;
	if (!accessPoint[service]) return;
	accessPoint[service] = false;
	world.note(`${service}-gone`);
	if (service === "addresses" || happens(chanceOf(world), 0.3)) dropRadio(world.radio);
	later(world, between(world, 0.3 * minute, 8 * minute), () => {
		accessPoint[service] = true;
		world.note(`${service}-back`);
	});
}

/** Somebody changes the network's password, and changes it back. */
export function changePassword(world: World, low: number, high: number): void {
	const { accessPoint } = world.radio;
	if (accessPoint.password !== world.password) return;
	accessPoint.password = "battery staple";
	world.note("password-changed");
	dropRadio(world.radio);
	later(world, between(world, low, high), () => {
		accessPoint.password = world.password;
		world.note("password-restored");
	});
}

/** A line that spoils a share of the frames, with noise around them. */
export function spoilLine(world: World, share: number): void {
	const chance = world.chances.line;
	world.spoil = bytes => {
		if (!happens(chance, share)) return { pieces: [bytes], intact: true };
		const kind = drawInteger(chance, damages.length + 2);
		const damage = damages[kind];
		const before = drawNoise(chance);
		const after = drawNoise(chance);
		if (damage === undefined) return { pieces: [before, bytes, after], intact: true };
		const whole = new Uint8Array(Buffer.concat([before, damageFrame(bytes, damage, chance), after]));
		// A byte doubled at the end leaves the frame whole, and so does noise that happens to be what was cut off.
		const start = Buffer.from(whole.buffer).indexOf(bytes);
		if (start < 0) return { pieces: [whole], intact: false };
		return { pieces: [whole.subarray(0, start), bytes, whole.subarray(start + bytes.length)], intact: true };
	};
}

export function cleanLine(world: World): void {
	world.spoil = bytes => ({ pieces: [bytes], intact: true });
}

export function makeNoise(world: World): void {
	const chance = world.chances.line;
	const kind = drawInteger(chance, 4);
	if (kind === 0) holdBreak(world.wire);
	else if (kind === 1) disturb(world.wire, drawInteger(chance, 256));
	else if (kind === 2) transmit(world.wire, drawNoise(chance), -1);
	else cutTransmission(world.wire);
}

export function pullCable(world: World, low: number, high: number): void {
	if (!world.wire.connected) return;
	world.note("cable-out");
	connectCable(world.wire, false);
	later(world, between(world, low, high), () => {
		connectCable(world.wire, true);
		transmit(world.wire, drawNoise(world.chances.line), -1);
		world.note("cable-in");
	});
}

/** The power goes and comes back, sometimes twice before the boot is done, and with noise on the line. */
export function cutPower(world: World): void {
	const { device } = world;
	if (!device.on) return;
	const reason = happens(chanceOf(world), 0.3) ? "brown-out" : "power on";
	if (reason === "brown-out") {
		restart(device, "brown-out");
	} else {
		switchOff(device, "power cut");
		later(world, between(world, 0.3 * second, 40 * second), () => switchOn(device, reason));
	}
	transmit(world.wire, drawNoise(world.chances.line), -1);
	if (happens(chanceOf(world), 0.2)) later(world, between(world, 0, 3 * second), () => cutPower(world));
}

/** The next operations on the flash, or one of them, will be the last before the power goes. */
export function cutPowerInFlash(world: World): void {
	world.flash.cutAfter = drawInteger(chanceOf(world), 4);
}

/** The grid operator renews the key; the owner types it in some time later. */
export function renewMeterKey(world: World, low: number, high: number): void {
	const { meter } = world;
	if (meter.key === null || !sameBytes(meter.key, world.key)) return;
	renewKey(meter, drawKey(world.chances.meter));
	world.note("key-renewed");
	later(world, between(world, low, high), () => typeKey(world));
}

/** Another meter takes the place of this one, and begins at low registers. */
export function replaceMeter(world: World, low: number, high: number): void {
	const { meter, chances } = world;
	if (meter.key === null || !sameBytes(meter.key, world.key)) return;
	const systemTitle = meter.systemTitle.slice();
	systemTitle[7] = (systemTitle[7]! + 1) & 0xff;
	const options: MeterOptions = {
		key: drawKey(chances.meter),
		systemTitle,
		activeEnergyImport: drawInteger(chances.meter, 500),
		activeEnergyExport: 0,
		devices: world.options.meter?.devices ?? [],
	};
	world.meter = createMeter(chances.meter, meter.time, options);
	world.note("meter-replaced", { serial: world.meter.serial });
	later(world, between(world, low, high), () => typeKey(world));
}

/** The owner gives the device the meter's key. Counts from here on as the device's key: until it restarts, frames are not read. */
export function typeKey(world: World): void {
	const { device, meter } = world;
	if (meter.key === null || sameBytes(meter.key, world.key)) return;
	if (!device.on) {
		later(world, 10 * second, () => typeKey(world));
		return;
	}
	world.restartWanted = true;
	type(device, `set key ${Buffer.from(meter.key).toString("hex")}`);
	type(device, "restart");
	world.key = meter.key;
	world.note("key-typed");
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
	return one.every((byte, at) => byte === other[at]);
}

/**
 * Somebody plays recorded frames to the device, between the meter's own. Not to one that has heard nothing of the meter since
 * its boot: what it remembers then is up to a quarter of an hour old, and so may be what it believes (docs/reliability.md).
 */
export function replayFrames(world: World): void {
	const { recorded, wire, truth, device } = world;
	const heard = truth.sent.at(-1);
	if (recorded.length < 4 || heard === undefined || !heard.readable) return;
	if (heard.receivedAt < 0 || heard.era !== device.era) return;
	const chance = chanceOf(world);
	const count = 1 + drawInteger(chance, 6);
	const first = drawInteger(chance, recorded.length);
	world.note("replay", { frames: count });
	for (let at = first; at < Math.min(recorded.length, first + count); at++) {
		const { bytes, sent } = recorded[at]!;
		const frame = bytes.slice();
		sent.replayed = true;
		// Without its tag a frame is only as good as its CRC, and its counter proves nothing.
		if (happens(chance, 0.3)) frame[frame.length - 1]! ^= 1;
		transmit(wire, frame, -1);
	}
}
