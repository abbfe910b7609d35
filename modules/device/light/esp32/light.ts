/** The board's light. */
import Digital from "embedded:io/digital";
import config from "mc/config";

/** The board's light; `lightPin` of the target, lit when low. */
export function createLight(): (on: boolean) => void {
	const light = new Digital({ pin: Number(config.lightPin), mode: Digital.Output });
	light.write(1);
	return on => light.write(on ? 0 : 1);
}
