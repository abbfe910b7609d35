/** The device port of the Linux build. */
import config from "mc/config";
import type { Capacity, Device } from "../../../ports/ports.js";

const capacity: Capacity = Object.freeze({ connections: 4, heap: null });

const device: Device = Object.freeze({
	resetReason: "power on",
	version: String(config.version),
	capacity,
	readMemory: () => null,
	restart(): void {
		screen?.postMessage("exit:3");
	},
});

/** Nothing of C. */
export function openSystem(): null {
	return null;
}

export function openDevice(): Device {
	return device;
}
