/** The boards that can be built from the drawing, and the firmware's pins. */

import { readFileSync } from "node:fs";

/** One thing that can be built from the drawing: a board with the jacks that belong to it. */
export interface Board {
	readonly name: string;
	/** Reference of the LOLIN D32. */
	readonly controller: string;
	/** References of the P1 jacks, in groups that share one data line. */
	readonly groups: readonly (readonly string[])[];
	/** Name of the receive GPIO of each group, as printed on the LOLIN D32. */
	readonly receivePins: readonly string[];
	/** Name of the request GPIO of each jack; empty where jumpers keep the request on. */
	readonly requestPins: readonly string[];
}

export interface TargetPins {
	readonly receivePin: string;
	readonly requestPin: string;
	readonly lightPin: string;
}

/** The pins of the firmware's board target. @throws Error when the manifest does not name them. */
export function readTargetPins(manifest: URL): TargetPins {
	const config: Record<string, unknown> = JSON.parse(readFileSync(manifest, "utf8")).config ?? {};
	const read = (name: string): string => {
		const pin = String(config[name]);
		if (!/^\d+$/.test(pin)) throw new Error(`${manifest.pathname}: config.${name} is not the number of a GPIO`);
		return pin;
	};
	return { receivePin: read("receivePin"), requestPin: read("requestPin"), lightPin: read("lightPin") };
}

/** The GPIO of the LED reader. Input only, so that nothing can drive it by mistake. */
export const pulsePin = "34";

/** GPIOs that select the boot mode or the flash voltage at reset; nothing of ours may hold them. */
export const strappingPins: readonly string[] = ["0", "2", "5", "12", "15"];

export function createBoards(target: TargetPins): readonly Board[] {
	return [
		{
			name: "one meter",
			controller: "U1",
			groups: [["J1"]],
			receivePins: [target.receivePin],
			requestPins: [target.requestPin],
		},
		{
			name: "three meters",
			controller: "U201",
			groups: [["J211"], ["J221"], ["J231"]],
			receivePins: [target.receivePin, "18", "19"],
			requestPins: [],
		},
		{
			name: "six meters",
			controller: "U301",
			groups: [
				["J311", "J321", "J331"],
				["J341", "J351", "J361"],
			],
			receivePins: [target.receivePin, "4"],
			requestPins: [target.requestPin, "18", "19", "21", "22", "23"],
		},
	];
}
