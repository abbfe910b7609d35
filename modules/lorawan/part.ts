/** What the firmware finds of this room where there is a LoRa radio: in an image for such a board, in the simulator, and in the gateway. */
import type { OpenDriver } from "./open-radio.js";
import type { LorawanPart } from "./part-type.js";
import { LorawanSender } from "./sender.js";

/** `openDriver`: of the radios that there can be. */
export function createPart(openDriver: OpenDriver): LorawanPart {
	return { createSender: (options, host, now) => new LorawanSender(options, host, openDriver, now) };
}
