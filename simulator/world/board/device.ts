/** Creates the simulated device. */

import type { Line } from "./line.js";
import type { WorldPulses } from "./pulses.js";
import { type BoardRadio, type Cost, type Device, type OpenListener, type Programs, usualCost } from "./state.js";
import { ringSize } from "./uart.js";

export const noBytes = new Uint8Array(0);

export function createDevice(
	parts: Pick<
		Device,
		"clock" | "chance" | "engine" | "line" | "radio" | "sockets" | "flash" | "store" | "config" | "hooks"
	> & {
		cost?: Cost;
		ring?: number;
		furtherLines?: readonly Line[];
		openListener?: OpenListener;
		hasAir?: boolean;
		pulses?: WorldPulses | null;
		lora?: BoardRadio | null;
		/** The web page. */
		page?: Uint8Array;
		programs?: Programs;
	},
): Device {
	const device: Device = {
		...parts,
		furtherLines: parts.furtherLines ?? [],
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
		posted: new Set(),
		networkPosted: false,
		remembered: null,
		high: new Set(),
		clients: null,
		openListener: parts.openListener ?? null,
		page: parts.page ?? noBytes,
		hasAir: parts.hasAir ?? false,
		programs: parts.programs ?? null,
		listeners: null,
		pulses: parts.pulses ?? null,
		lora: parts.lora ?? null,
	};
	return device;
}

/** Milliseconds since the boot, as the firmware counts them. */
export function deviceNow(device: Device): number {
	return Math.floor((device.clock.now - device.bootedAt) / 1000);
}
