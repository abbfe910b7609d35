/** The firmware's side of an MQTT client whose other side is in the world. */

import type { MqttClient, MqttOptions, MqttPublish, MqttSubscribe } from "../../../modules/ports/mqtt.js";
import { encodeUtf8 } from "./utf8.js";

/** The firmware's end of an MQTT client whose other end is in the world. It keeps to the same rules, and has its room told. */
export interface GuestClient extends MqttClient {
	readonly number: number;
	readonly options: MqttOptions;
	/** Bytes that may be written, told with every request. */
	room: number;
	state: "resolving" | "connecting" | "connected" | "publishing" | "closed";
	/** Bytes of a multi-part publish still to come. */
	remaining: number;
	incoming: Uint8Array;
	/** How many callbacks of the firmware are running. */
	depth: number;
}

/** What the SDK's client keeps of its buffer to itself, and takes all the same. */
const overhead = 8;

export type Tell = (client: number, options: object | null, bytes: Uint8Array) => void;

export function createGuestClient(number: number, options: MqttOptions, tell: Tell, onClose: () => void): GuestClient {
	const client: GuestClient = {
		number,
		options,
		room: 0,
		state: "resolving",
		remaining: 0,
		incoming: new Uint8Array(0),
		depth: 0,
		write(data, writeOptions) {
			const bytes = data ?? new Uint8Array(0);
			reserve(client, bytes, writeOptions);
			tell(number, writeOptions ?? null, bytes);
			return Math.max(0, client.room);
		},
		read(count = client.incoming.length) {
			const length = Math.min(count, client.incoming.length);
			if (length === 0) return undefined;
			const bytes = client.incoming.slice(0, length);
			client.incoming = client.incoming.subarray(length);
			return bytes.buffer;
		},
		close() {
			if (client.depth > 0) throw new Error("close() within a callback");
			if (client.state === "resolving") throw new Error("close() while the name is being resolved");
			if (client.state === "closed") return;
			client.state = "closed";
			onClose();
		},
	};
	return client;
}

/** Throws where the SDK's client would; takes the room otherwise. */
function reserve(client: GuestClient, bytes: Uint8Array, options: Parameters<MqttClient["write"]>[1]): void {
	if (client.state === "publishing") {
		if (options !== undefined || bytes.length > client.remaining)
			throw new Error("write() within a multi-part publish");
		take(client, bytes.length);
		client.remaining -= bytes.length;
		if (client.remaining === 0) client.state = "connected";
		return;
	}
	if (client.state !== "connected") throw new TypeError(`write() while ${client.state}`);
	if (options === undefined) throw new Error("write() without options");
	if ("operation" in options) {
		take(client, options.operation === 14 ? 2 : countSubscribe(options));
		return;
	}
	const total = options.byteLength ?? bytes.length;
	take(client, countHeader(options, total) + bytes.length);
	client.remaining = total - bytes.length;
	if (client.remaining > 0) client.state = "publishing";
}

function take(client: GuestClient, length: number): void {
	if (length > client.room + overhead) throw new Error("overflow");
	client.room -= length;
}

function countSubscribe({ items }: MqttSubscribe): number {
	let length = 2;
	for (const { topic } of items) length += 2 + encodeUtf8(topic).length + 1;
	return length + (length < 128 ? 2 : 3);
}

function countHeader(options: MqttPublish, total: number): number {
	const variable = 2 + encodeUtf8(options.topic).length + (options.QoS === 1 ? 2 : 0);
	const whole = variable + total;
	return variable + (whole < 128 ? 2 : whole < 16_384 ? 3 : whole < 2_097_152 ? 4 : 5);
}
