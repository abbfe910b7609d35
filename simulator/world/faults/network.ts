/** Faults of the network between device and broker. */

import { drawInteger, happens } from "../../chance.js";
import { minute } from "../clock.js";
import { dropRadio, switchAccessPoint } from "../network/network.js";
import type { World } from "../state.js";
import { between, chanceOf, later } from "./random.js";

/** What goes wrong between the device and the broker. Each mends itself after a while, and says so. */

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
