/** Faults of the broker. */

import { drawInteger, happens } from "../../chance.js";
import { minute, second } from "../clock.js";
import { killBroker, startBroker, stopBroker } from "../network/broker.js";
import type { World } from "../state.js";
import { between, chanceOf, later } from "./random.js";

/** What goes wrong with the broker. Each mends itself after a while, and says so. */

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

/** It takes no payload of more than some kilobytes, which is more than a reading has. */
export function limitPayloads(world: World): void {
	const { broker } = world;
	if (broker.largest !== Infinity) return;
	broker.largest = between(world, 3_000, 6_000);
	world.note("broker-limits", { bytes: broker.largest });
	later(world, between(world, 20 * minute, 80 * minute), () => {
		broker.largest = Infinity;
		world.note("broker-takes-all");
	});
}

/** Somebody has taken the retained messages away from it, and restarts it; and gives them back later. */
export function takeRetain(world: World): void {
	const { broker } = world;
	if (!broker.up || !broker.retains) return;
	broker.retains = false;
	broker.retained.clear();
	world.note("broker-retains-nothing");
	restartBroker(world);
	later(world, between(world, 10 * minute, 40 * minute), () => giveRetain(world));
}

export function giveRetain(world: World): void {
	const { broker } = world;
	if (broker.retains) return;
	broker.retains = true;
	world.note("broker-retains");
	restartBroker(world);
}

function restartBroker({ broker }: World): void {
	if (!broker.up) return;
	killBroker(broker, false);
	startBroker(broker);
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
