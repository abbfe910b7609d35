/** The board's light. */
import Digital from "embedded:io/digital";
import config from "mc/config";

/** The board's light; `lightPin` of the target, lit when low, or else with `lightOn` as `high`. */
export function createLight(): (on: boolean) => void {
	const light = new Digital({ pin: Number(config.lightPin), mode: Digital.Output });
	const lit = config.lightOn === "high";
	const set = (on: boolean) => light.write(on === lit ? 1 : 0);
	set(false);
	return set;
}
