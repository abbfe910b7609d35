/** Faults of a board's Ethernet. */

import { drawInteger, happens } from "../../chance.js";
import { second } from "../clock.js";
import { changeAddress, dropRadio, switchAccessPoint } from "../network/network.js";
import type { World } from "../state.js";
import { between, chanceOf, later } from "./random.js";

/** The cable is out, or the switch has no power and may give another address when it is back. */
export function pullEthernet(world: World, low: number, high: number): void {
	const { radio } = world;
	if (!radio.accessPoint.up) return;
	const fresh = happens(chanceOf(world), 0.3);
	world.note("ethernet-out", { fresh });
	switchAccessPoint(radio, false, fresh);
	later(world, between(world, low, high), () => {
		switchAccessPoint(radio, true, false);
		world.note("ethernet-in");
	});
}

/** A plug that sits badly: the link goes and comes, most times before there is an address. */
export function flapLink(world: World): void {
	if (!world.radio.accessPoint.up) return;
	world.note("link-flaps");
	flap(world, 3 + drawInteger(chanceOf(world), 8));
}

function flap(world: World, times: number): void {
	const { radio } = world;
	if (times === 0 || !radio.accessPoint.up) return;
	switchAccessPoint(radio, false, false);
	later(world, between(world, 0.05 * second, 2 * second), () => {
		switchAccessPoint(radio, true, false);
		later(world, between(world, 0.1 * second, 6 * second), () => flap(world, times - 1));
	});
}

/** The lease ends, and who gives addresses is away for a while. The link stays. */
export function loseLease(world: World, low: number, high: number): void {
	const { radio } = world;
	const { accessPoint } = radio;
	if (!accessPoint.addresses) return;
	accessPoint.addresses = false;
	if (happens(chanceOf(world), 0.5)) accessPoint.generation += 1;
	world.note("lease-lost");
	dropRadio(radio);
	later(world, between(world, low, high), () => {
		accessPoint.addresses = true;
		world.note("addresses-back");
	});
}

/** The lease is renewed with another address, and nothing else is to be seen of it. */
export function changeLease(world: World): void {
	world.note("lease-changed");
	changeAddress(world.radio);
}
