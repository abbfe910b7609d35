/** What the light says: the first thing that a person would have to look at, or which of several readers this is. */
import { advanceLight, type LightCode } from "../health/light.js";
import { note } from "../health/log.js";
import type { MeterState } from "../health/meter.js";
import { hasBroker, isOnline } from "../uplink/uplink.js";
import type { Firmware } from "./state.js";

/** So long the light flashes when somebody asks which reader this is. */
const identifyMs = 5_000;

export function runLight(firmware: Firmware, now: number): void {
	const { light, ports } = firmware;
	if (advanceLight(light, chooseCode(firmware, now), now)) ports.setLight(light.on);
}

/** Lets the light say which of several readers this is, from the next run on. */
export function identifyReader(firmware: Firmware): void {
	const now = firmware.ports.clock.now();
	firmware.identifyTime = now + identifyMs;
	note(firmware.log, "the light flashes: somebody asked which reader this is", now);
}

function chooseCode({ checked, uplink, lines, lora, identifyTime, setup }: Firmware, now: number): LightCode {
	if (now < identifyTime) return "identify";
	if (setup !== null) return "setup";
	if (checked.problems.length > 0) return "settings";
	// Where LoRa is the way out, no broker is missed.
	if (lora === null || hasBroker(uplink)) {
		if (uplink.supervisor.state !== "ready") return "network";
		if (!isOnline(uplink)) return "broker";
	}
	const radio = lora === null ? "ready" : lora.sender.state;
	if (radio !== "ready") return radio === "unheard" ? "broker" : "network";
	for (const { health } of lines) {
		const code = chooseMeterCode(health.state);
		if (code !== "ok") return code;
	}
	return "ok";
}

function chooseMeterCode(state: MeterState): LightCode {
	switch (state) {
		case "ok":
		case "waiting":
			return "ok";
		case "keyMissing":
		case "wrongKey":
		case "wrongAuthenticationKey":
			return "key";
		default:
			return "meter";
	}
}
