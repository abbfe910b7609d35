/** The guest that runs the whole firmware in an engine of the world. */

import { abortFirmware, createFirmware, startFirmware } from "../../../modules/firmware/firmware.js";
import type { Firmware } from "../../../modules/firmware/state.js";
import type { MqttControl, MqttError } from "../../../modules/ports/mqtt.js";
import type { LineConditions } from "../../../modules/ports/ports.js";
import type { TrustedBroker } from "../../../modules/ports/tls.js";
import { remember } from "../../remember.js";
import { hearPulses } from "../board/pulses.js";
import { type Boot, type Effect, headerLength, type NetworkNews, replyLength, requestKinds } from "./bridge.js";
import { deliverToStream, type StreamNews } from "./guest-listener.js";
import { createGuestPorts, dueAlarm, type GuestPorts } from "./guest-ports.js";
import {
	advanceRadio,
	createRadioPart,
	type GatewayFrame,
	type GuestRadio,
	hearGateway,
	nextRadioTime,
	tellHeard,
} from "./guest-radio.js";
import { decodeUtf8, encodeUtf8 } from "./utf8.js";

/**
 * The whole firmware as a guest of an engine. It learns everything from requests and answers with what it did; time stands still
 * while it handles one. Runs in XS as well as in Node.
 */
export function createGuest() {
	let ports: GuestPorts | null = null;
	let firmware: Firmware | null = null;

	function boot(order: Boot, flash: Uint8Array): void {
		// A restart leaves nothing: not in the heap either.
		ports = null;
		firmware = null;
		ports = createGuestPorts(order, flash);
		firmware = createFirmware(order.config, ports, ports.radio === null ? null : createRadioPart());
		if (order.remembered !== undefined) remember(firmware.history.recent, order.remembered);
		startFirmware(firmware);
	}

	function dispatch(kind: string, json: string, bytes: Uint8Array): void {
		const value = json === "" ? null : JSON.parse(json);
		if (kind === "boot") boot(value, bytes);
		else if (ports !== null) deliver(ports, kind, value, bytes);
	}

	return {
		handle(request: ArrayBuffer): ArrayBuffer {
			const view = new DataView(request);
			const length = view.getUint32(17);
			const json = length === 0 ? "" : decodeUtf8(new Uint8Array(request, headerLength, length));
			if (ports !== null) {
				ports.now = view.getFloat64(1);
				if (ports.radio !== null) passTime(ports.radio, requestKinds[view.getUint8(0)]!, json, ports.now);
				hearPulses(ports.pulses, view.getUint32(21), view.getFloat64(25), view.getFloat64(33));
				const client = ports.clients.find(candidate => candidate.number === view.getInt32(9));
				if (client !== undefined) client.room = view.getInt32(13);
			}
			try {
				dispatch(requestKinds[view.getUint8(0)]!, json, new Uint8Array(request, headerLength + length));
			} catch (error) {
				giveUp(error);
			}
			if (ports?.radio != null && firmware?.lora != null) tellHeard(ports.radio, firmware.lora, ports.now);
			return describe(ports!);
		},
	};

	/** What no entry point of the firmware caught: on the device XS would give up, after asking. */
	function giveUp(error: unknown): void {
		if (ports === null) throw error;
		ports.effects.push(["escaped", error instanceof Error ? error.message : String(error)]);
		if (firmware === null || abortFirmware(firmware, "unhandled exception", error)) ports.effects.push(["restart"]);
	}
}

// biome-ignore lint/suspicious/noExplicitAny: JSON from our own other end
function deliver(ports: GuestPorts, kind: string, value: any, bytes: Uint8Array): void {
	switch (kind) {
		case "receive":
			ports.onReceive[value.line]?.(bytes, bytes.length, value.conditions as LineConditions | null);
			break;
		case "alarm":
			dueAlarm(ports)?.onAlarm();
			break;
		case "network":
			Object.assign(ports.network, value as NetworkNews);
			ports.onNetwork?.();
			break;
		case "console":
			ports.onLine?.(value);
			break;
		case "gateway":
			// It was taken before the air went on.
			break;
		case "accepted":
		case "incoming":
		case "drained":
		case "gone":
			deliverToStream(ports.server, kind, value as StreamNews, bytes);
			break;
		default:
			deliverToClient(ports, kind, value, bytes);
	}
}

// biome-ignore lint/suspicious/noExplicitAny: JSON from our own other end
function deliverToClient(ports: GuestPorts, kind: string, value: any, bytes: Uint8Array): void {
	const client = ports.clients.find(candidate => candidate.number === value.client);
	if (client === undefined || client.state === "closed") return;
	const { options } = client;
	client.depth += 1;
	try {
		if (kind === "resolved") {
			client.state = "connecting";
			options.onResolved?.();
		} else if (kind === "secured") {
			options.onSecured?.(value.broker as TrustedBroker);
		} else if (kind === "control") {
			const message = value.message as MqttControl;
			if (message.operation === 2) client.state = "connected";
			options.onControl(message);
		} else if (kind === "writable") {
			options.onWritable(value.count);
		} else if (kind === "readable") {
			client.incoming = bytes;
			options.onReadable(bytes.length, value.options);
		} else if (kind === "error") {
			client.state = "closed";
			ports.clients.splice(ports.clients.indexOf(client), 1);
			options.onError(value.error as MqttError);
		}
	} finally {
		client.depth -= 1;
	}
}

/** The air goes on up to now; its interrupts call the firmware. */
function passTime(radio: GuestRadio, kind: string, json: string, now: number): void {
	if (kind === "boot") return;
	if (kind === "gateway") hearGateway(radio, JSON.parse(json) as GatewayFrame);
	advanceRadio(radio, now);
}

function describe(ports: GuestPorts): ArrayBuffer {
	const radioTime = ports.radio === null ? -1 : nextRadioTime(ports.radio);
	const { effects, written } = ports;
	const json = effects.length === 0 ? new Uint8Array(0) : encodeUtf8(JSON.stringify(effects as Effect[]));
	let length = replyLength + json.length;
	for (const bytes of written) length += bytes.length;
	const reply = new Uint8Array(length);
	const view = new DataView(reply.buffer);
	let next = -1;
	for (const alarm of ports.alarms) if (next < 0 || alarm.due < next) next = alarm.due;
	if (radioTime >= 0 && (next < 0 || radioTime < next)) next = radioTime;
	view.setFloat64(0, next);
	view.setUint32(8, json.length);
	reply.set(json, replyLength);
	let at = replyLength + json.length;
	for (const bytes of written) {
		reply.set(bytes, at);
		at += bytes.length;
	}
	effects.length = 0;
	written.length = 0;
	return reply.buffer;
}
