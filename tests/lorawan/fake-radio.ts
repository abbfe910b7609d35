/** A transceiver in the simulated air, without a chip: what the stack asks of a radio, and no more. */
import type { Modulation, Radio, RadioEvent } from "../../modules/lorawan/radio.js";
import { type Air, type Antenna, heardPreamble, isTuned, transmit } from "../../simulator/lora/air.js";

export interface FakeRadio extends Radio {
	readonly antenna: Antenna;
	/** The interrupt; a test may set it. */
	onEvent: () => void;
	/** Throws from now on, whatever it is asked. */
	isBroken: boolean;
	/** What it was sent with, dBm. */
	readonly powers: number[];
	/** How often it was told to receive. */
	openings: number;
	asleep: boolean;
	/** From `send` to the first symbol, in ms. */
	startUp: number;
}

/** It takes a frame if it listens by the end of the third symbol of its preamble, and nothing else is asked until the frame's end. */
export function createFakeRadio(air: Air): FakeRadio {
	const events: RadioEvent[] = [];
	let tuned: Modulation | null = null;
	let since = 0;
	/** Counts what it is told to do: what began before is over. */
	let turn = 0;
	let next = { bytes: new Uint8Array(0), rssi: 0, snr: 0 };
	const raise = (event: RadioEvent): void => {
		events.push(event);
		radio.onEvent();
	};
	const begin = (modulation: Modulation | null): void => {
		if (radio.isBroken) throw new Error("the radio does not answer");
		turn += 1;
		events.length = 0;
		tuned = modulation;
		since = air.clock.now();
		radio.asleep = false;
	};
	const antenna: Antenna = {
		name: "device",
		onPreamble(frame) {
			if (tuned === null || !heardPreamble(frame, since) || !isTuned(frame, tuned)) return null;
			const mine = turn;
			return {
				onHeader: () => void (mine === turn && raise("header")),
				onEnd({ bytes, rssi, snr }) {
					if (mine !== turn) return;
					next = { bytes: new Uint8Array(bytes), rssi, snr: Math.round(4 * snr) };
					raise("received");
				},
				onLost: () => void (mine === turn && raise("damaged")),
			};
		},
	};
	const radio = {
		antenna,
		onEvent: () => {},
		isBroken: false,
		powers: [] as number[],
		openings: 0,
		asleep: true,
		startUp: 0,
		frame: new Uint8Array(0),
		length: 0,
		rssi: 0,
		snr: 0,
		send(modulation: Modulation, bytes: Uint8Array, length: number, power: number) {
			begin(null);
			radio.powers.push(power);
			const mine = turn;
			const copy = bytes.slice(0, length);
			const start = (): void => {
				const frame = transmit(air, antenna, modulation, copy, power);
				air.clock.setAlarm(frame.end - frame.start, () => void (mine === turn && raise("sent")));
			};
			if (radio.startUp === 0) start();
			else air.clock.setAlarm(radio.startUp, start);
		},
		receive(modulation: Modulation) {
			begin({ ...modulation });
			radio.openings += 1;
		},
		sleep() {
			begin(null);
			radio.asleep = true;
		},
		look(): RadioEvent {
			if (radio.isBroken) throw new Error("the radio does not answer");
			const event = events.shift() ?? "none";
			if (event === "received") {
				radio.frame = next.bytes;
				radio.length = next.bytes.length;
				radio.rssi = next.rssi;
				radio.snr = next.snr;
			}
			return event;
		},
	};
	air.antennas.add(antenna);
	return radio;
}
