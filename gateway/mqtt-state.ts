/** The record of one MQTT client, and how bytes leave it. */
import { generate, type Packet, type Parser } from "mqtt-packet";
import type { MqttError, MqttOptions } from "../modules/ports/mqtt.js";
import type { Alarm, Clock } from "../modules/ports/ports.js";
import type { Connection, OpenConnection } from "./connection.js";

/** What the client stands on. `bufferSize` is the send buffer in bytes: 8192 on the ESP32. */
export interface MqttWorld {
	clock: Pick<Clock, "now" | "setAlarm" | "cancelAlarm">;
	open: OpenConnection;
	bufferSize: number;
}

export type MqttState = "resolving" | "connecting" | "login" | "connected" | "publishing" | "closed";

export interface Client {
	world: MqttWorld;
	options: MqttOptions;
	state: MqttState;
	connection: Connection;
	parser: Parser;
	/** Bytes free in the send buffer. */
	room: number;
	/** Bytes of a multi-part publish still to come. */
	remaining: number;
	/** Acknowledgements and pings that wait for room or for the end of a multi-part publish. */
	pending: Packet[];
	/** What is left of the incoming part that `onReadable` is about. */
	incoming: Uint8Array;
	/** When bytes came last, and when the last ping left; `now()` of the clock. */
	received: number;
	pinged: number;
	alarm: Alarm | null;
	/** How many of the user's callbacks are running. */
	depth: number;
}

/** The SDK's client keeps this much of its send buffer to itself. */
export const overhead = 8;

export function callBack(client: Client, callback: () => void): void {
	if (client.state === "closed") return;
	client.depth += 1;
	try {
		callback();
	} finally {
		client.depth -= 1;
	}
}

export function checkRoom(client: Client, length: number): void {
	if (length > client.room) throw new Error("overflow");
}

export function send(client: Client, bytes: Uint8Array): void {
	client.room -= bytes.length;
	client.connection.write(bytes, () => {
		client.room += bytes.length;
		flush(client);
		tellRoom(client);
	});
}

export function flush(client: Client): void {
	while (client.state === "connected" && client.pending.length > 0) {
		const bytes = generate(client.pending[0]!);
		if (bytes.length > client.room) return;
		client.pending.shift();
		send(client, bytes);
	}
}

export function tellRoom(client: Client): void {
	if (client.state !== "connected" && client.state !== "publishing") return;
	if (client.room > overhead) callBack(client, () => client.options.onWritable(client.room - overhead));
}

export function fail(client: Client, error: MqttError): void {
	if (client.state === "closed") return;
	callBack(client, () => client.options.onError(error));
	shut(client);
}

export function shut(client: Client): void {
	if (client.state === "closed") return;
	client.state = "closed";
	if (client.alarm !== null) client.world.clock.cancelAlarm(client.alarm);
	client.alarm = null;
	client.pending = [];
	client.connection.close();
}
