/** The composition root: the board's ports, and the firmware over them. */
import { lorawan } from "lorawan";
import { configuration, createPorts } from "./modules/device/ports.js";
import { abortFirmware, createFirmware, startFirmware } from "./modules/firmware/firmware.js";
import { noteException } from "./modules/firmware/guard.js";
import type { Firmware } from "./modules/firmware/state.js";

/** The board's ports, the firmware over them, and the hook that XS calls before it gives up. */
export default function (): void {
	let firmware: Firmware | null = null;
	const ports = createPorts(error => {
		if (firmware !== null) noteException(firmware, "port", error);
	}, lorawan?.board);
	let aborting = false;
	globalThis.abort = (reason, error) => {
		// What is done about a full heap may need memory, and then this is called again.
		if (firmware === null || aborting) return true;
		aborting = true;
		const ends = abortFirmware(firmware, reason, error);
		aborting = false;
		return ends;
	};
	firmware = createFirmware(configuration, ports, lorawan);
	startFirmware(firmware);
}
