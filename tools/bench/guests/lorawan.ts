/** Guest: the LoRaWAN stack alone, over a radio that has what a request brings. */

import { advance } from "../../../modules/lorawan/advance.js";
import { send } from "../../../modules/lorawan/end-device.js";
import type { RadioEvent } from "../../../modules/lorawan/radio.js";
import { createEndDevice, type EndDevice } from "../../../modules/lorawan/state.js";

/** Keeps what is written until it is read once, as the store of a board takes no heap. */
function createStore() {
	let text: string | null = null;
	return {
		read() {
			const found = text;
			text = null;
			return found;
		},
		write(_: string, value: string) {
			text = value;
		},
		remove() {},
	};
}

function createRadio() {
	let event: RadioEvent = "none";
	const radio = {
		frame: new Uint8Array(0) as Uint8Array,
		length: 0,
		rssi: -100,
		snr: 0,
		send() {
			event = "sent";
		},
		receive() {
			event = "none";
		},
		sleep() {},
		look(): RadioEvent {
			const next = event;
			event = "none";
			return next;
		},
		bring(bytes: Uint8Array) {
			radio.frame = bytes;
			radio.length = bytes.length;
			event = "received";
		},
	};
	return radio;
}

/**
 * The first byte of a request: 0 makes a device of EUIs and key; 1 goes on until a frame has ended and the first window is open; 2 has
 * an uplink of the bytes made; 3 is a frame in the window; 4 lets the windows pass; 5 replies whether there is a session, and how many
 * downlinks were taken.
 */
export function createGuest() {
	const radio = createRadio();
	const store = createStore();
	let device: EndDevice;
	let now = 0;
	return {
		handle(request: ArrayBuffer): ArrayBuffer {
			const bytes = new Uint8Array(request);
			switch (bytes[0]) {
				case 0: {
					const credentials = { devEui: bytes.slice(1, 9), joinEui: bytes.slice(9, 17), appKey: bytes.slice(17, 33) };
					const options = {
						credentials,
						store,
						radio,
						power: 14,
						antennaGain: 2,
						fairUse: true,
						pollMs: 500,
						chance: half,
					};
					device = createEndDevice(options, now);
					break;
				}
				case 1:
					while (device.phase !== "first") {
						now = Math.max(now, device.deadline);
						advance(device, now);
					}
					break;
				case 2:
					send(device, 1, bytes.subarray(1), bytes.length - 1, false, now);
					break;
				case 3:
					radio.bring(bytes.subarray(1));
					advance(device, now);
					break;
				case 4:
					while (device.phase !== "idle") {
						now = Math.max(now, device.deadline);
						advance(device, now);
					}
					break;
				default:
					return Float64Array.of(device.session === null ? 0 : 1, device.taken, device.sent).buffer;
			}
			return new ArrayBuffer(0);
		},
	};
}

function half(): number {
	return 0.5;
}
