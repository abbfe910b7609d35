/** Creates the simulated device. */

import { type Cost, type Device, usualCost } from "./state.js";
import { ringSize } from "./uart.js";

export const noBytes = new Uint8Array(0);

export function createDevice(
	parts: Pick<
		Device,
		"clock" | "chance" | "engine" | "line" | "radio" | "sockets" | "flash" | "store" | "config" | "hooks"
	> & {
		cost?: Cost;
		ring?: number;
	},
): Device {
	const device: Device = {
		...parts,
		cost: parts.cost ?? usualCost,
		ring: parts.ring ?? ringSize,
		bootEpoch: 0,
		on: false,
		boots: 0,
		bootedAt: 0,
		busy: false,
		computed: 0,
		posts: [],
		turn: null,
		alarm: null,
		uart: null,
		uartPosted: false,
		networkPosted: false,
		requested: false,
		clients: null,
		listening: new Set(),
		visits: new Map(),
		visitCount: 0,
	};
	return device;
}

/** Milliseconds since the boot, as the firmware counts them. */
export function deviceNow(device: Device): number {
	return Math.floor((device.clock.now - device.bootedAt) / 1000);
}
