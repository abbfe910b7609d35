/** Telegrams without a tag that name a meter which is not known: somebody else may have sent them, or damage may have made the name. */
import type { Telegram } from "../p1/reader.js";
import type { Firmware } from "./state.js";

/** So many telegrams that agree make a new meter, as they make a new index. */
const believed = 3;
/** Names that wait at a time: damage makes ever new ones. */
const most = 8;

/** Whether the telegram is not to be believed: null, or what the log says. `name`: of a meter that was not heard since the boot. */
export function refuseStranger(firmware: Firmware, name: string, telegram: Telegram): string | null {
	const { meters, bootRecord, newcomers } = firmware;
	const { systemTitle, verdict } = telegram;
	if (verdict === "authenticated") return null;
	// Bits of a ciphered frame can be changed without the key, also those of the name.
	if (systemTitle !== null && meters.some(meter => meter.isAuthenticated && meter.systemTitle === systemTitle)) {
		return "a frame without a good tag gave a meter another name, and was refused";
	}
	const known = bootRecord.meters;
	if (known.includes(name) || (meters.length === 0 && known.every(other => other === null))) return null;
	if (newcomers.size >= most && !newcomers.has(name)) newcomers.clear();
	const agreeing = (newcomers.get(name) ?? 0) + 1;
	if (agreeing < believed) {
		newcomers.set(name, agreeing);
		return `a meter without a tag is new here, and is read from its ${believed}rd telegram on`;
	}
	newcomers.delete(name);
	return null;
}
