/** What the firmware finds of this room where there is a LoRa radio: in an image for such a board, in the simulator, and in the gateway. */
import { createGcm, seal } from "../p1/gcm.js";
import type { OpenDriver } from "./open-radio.js";
import type { LorawanPart } from "./part-type.js";
import { PlainSender } from "./plain-sender.js";
import { type Seal, sealedTag } from "./sealed.js";
import { LorawanSender } from "./sender.js";

/** `openDriver`: of the radios that there can be. */
export function createPart(openDriver: OpenDriver): LorawanPart {
	return {
		createSender(options, host, now) {
			const { mode, key } = options;
			if (mode === "lorawan") return new LorawanSender(options, host, openDriver, now);
			return new PlainSender(options, host, openDriver, mode === "sealed" ? createSeal(key) : null, now);
		},
	};
}

/** The settings see to it that there is a key. Holds some 6 KB of XS heap. */
function createSeal(key: Uint8Array | null): Seal {
	if (key === null) throw new Error("sealed frames need a key");
	const gcm = createGcm(key);
	return (nonce, additional, bytes, start, end) => seal(gcm, nonce, additional, bytes, start, end, sealedTag);
}
