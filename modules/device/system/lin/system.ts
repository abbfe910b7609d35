/** The device port of the Linux build. */
import config from "mc/config";
import type { Device } from "../../../ports/ports.js";

export function createDevice(): Device {
	return {
		resetReason: "power on",
		version: String(config.version),
		capacity: { connections: 4, heap: null },
		readMemory: () => null,
		restart: () => screen?.postMessage("exit:3"),
	};
}
