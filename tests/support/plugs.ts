/** Meters in plugs: each sends only while its request is high, on the line that its plug is on. */
import { createChance as createSimulatedChance } from "../../simulator/chance.js";
import { createMeter, type Meter, readMeter } from "../../simulator/meter.js";
import type { FakeWorld } from "./fake-ports.js";
import { bytesOf } from "./vectors.js";

/** `prompt`: within a second of the request, and then each ten; `beat`: at its own time in each ten seconds. */
export interface Plugged {
	readonly meter: Meter;
	readonly kind: "prompt" | "beat" | "silent";
	/** Milliseconds after the request, or into each ten seconds. */
	readonly delay: number;
	/** Its clock is so far ahead, milliseconds. */
	readonly ahead: number;
	/** The pins of the plug that it is in. */
	receivePin: number;
	requestPin: number;
	/** Bytes of the frame at hand that are sent, or -1. */
	sent: number;
	frame: Uint8Array;
	since: number;
	telegrams: number;
	/** Of each frame only so many bytes are sent. */
	cutAt: number;
}

export function keyOf(at: number): string {
	return `0${at + 1}`.repeat(16);
}

export function plug(
	at: number,
	kind: Plugged["kind"],
	[receivePin, requestPin]: readonly [number, number],
	start: number,
): Plugged {
	const meter = createMeter(createSimulatedChance(at + 1), start, {
		key: bytesOf(keyOf(at)),
		systemTitle: bytesOf(`534147677000000${at + 1}`),
		activeEnergyImport: 1_000_000 * (at + 1),
	});
	const ahead = (at - 2) * 7_000;
	const delay = kind === "beat" ? at * 1_700 : 250 + 110 * at;
	const frame = new Uint8Array(0);
	return {
		meter,
		kind,
		delay,
		ahead,
		receivePin,
		requestPin,
		sent: -1,
		frame,
		since: -1,
		telegrams: 0,
		cutAt: Infinity,
	};
}

/** Bytes in ten milliseconds at 115200 baud. */
const step = 10;
const stepBytes = 115;

/** Lets the board and its meters live for so long; `start` is UTC at the world's 0. Throws where two meters are asked on one line. */
export function live(world: FakeWorld, plugs: readonly Plugged[], start: number, duration: number): void {
	const { clock, outputs, lines } = world;
	const end = clock.now() + duration;
	while (clock.now() < end) {
		const now = clock.now();
		const asked = new Map<number, number>();
		for (const plugged of plugs) {
			if (outputs.get(plugged.requestPin) !== true) {
				plugged.since = -1;
				plugged.sent = -1;
				continue;
			}
			const before = asked.get(plugged.receivePin);
			if (before !== undefined)
				throw new Error(`${before} and ${plugged.requestPin} are asked on ${plugged.receivePin}`);
			asked.set(plugged.receivePin, plugged.requestPin);
			if (plugged.since < 0) plugged.since = now;
			const phase = plugged.kind === "beat" ? now % 10_000 : (now - plugged.since) % 10_000;
			const begins = plugged.kind !== "silent" && phase >= plugged.delay && phase < plugged.delay + step;
			if (begins && plugged.sent < 0) {
				plugged.frame = readMeter(plugged.meter, Math.floor((start + now + plugged.ahead) / 1_000) * 1_000).bytes;
				plugged.sent = 0;
				plugged.telegrams += 1;
			}
			if (plugged.sent < 0) continue;
			const upTo = Math.min(plugged.frame.length, plugged.cutAt, plugged.sent + stepBytes);
			const piece = plugged.frame.subarray(plugged.sent, upTo);
			plugged.sent = upTo >= Math.min(plugged.frame.length, plugged.cutAt) ? -1 : upTo;
			for (const { receivePin, onReceive } of lines.values()) {
				if (receivePin === plugged.receivePin && piece.length > 0) onReceive(piece, piece.length, null);
			}
		}
		clock.pass(step);
	}
}
