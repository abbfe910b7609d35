/** The board's light. */
import Digital from "embedded:io/digital";
import config from "mc/config";

/** `lightPin` of the target, lit when low, or else with `lightOn` as `high`. */
class Light extends Digital {
	constructor() {
		super({ pin: Number(config.lightPin), mode: Digital.Output });
		this.set(false);
	}

	set(on: boolean): void {
		this.write(on === (config.lightOn === "high") ? 1 : 0);
	}
}

/** Not lit. */
export function openLight(): { set(on: boolean): void } {
	return new Light();
}
