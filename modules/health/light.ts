/**
 * What the light says, by counting its flashes between two pauses. `docs/light.md` is the list for people.
 */
export type LightCode = "identify" | "setup" | "settings" | "ok" | "network" | "broker" | "meter" | "key";

/** The time in ms at which the light is lit and dark in turn, beginning lit. */
export function lightPattern(code: LightCode): readonly number[] {
	switch (code) {
		case "identify":
			return [80, 80];
		case "setup":
			return [1_400, 200];
		case "settings":
			return [250, 250];
		case "ok":
			return [60, 4_940];
		case "network":
			return flashes(2);
		case "broker":
			return flashes(3);
		case "meter":
			return flashes(4);
		case "key":
			return flashes(5);
	}
}

const flashMs = 150;
const gapMs = 250;
const pauseMs = 1_600;

function flashes(count: number): number[] {
	const pattern: number[] = [];
	for (let at = 1; at < count; at++) pattern.push(flashMs, gapMs);
	pattern.push(flashMs, pauseMs);
	return pattern;
}

export interface Light {
	code: LightCode;
	on: boolean;
	/** When `advanceLight` must be called again, monotonic milliseconds. */
	deadline: number;
	pattern: readonly number[];
	at: number;
}

export function createLight(now: number): Light {
	return { code: "network", on: false, deadline: now, pattern: lightPattern("network"), at: 1 };
}

/** Takes the pattern a step on where it is due; true when the light must be switched to `light.on`. */
export function advanceLight(light: Light, code: LightCode, now: number): boolean {
	if (code !== light.code) {
		light.code = code;
		light.pattern = lightPattern(code);
		light.at = light.pattern.length - 1;
		light.deadline = now;
	}
	if (now < light.deadline) return false;
	light.at = (light.at + 1) % light.pattern.length;
	light.deadline = now + light.pattern[light.at]!;
	const on = light.at % 2 === 0;
	const changed = on !== light.on;
	light.on = on;
	return changed;
}
