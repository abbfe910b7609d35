/** The device's MQTT clients in the world, with the room of their send buffers. */

import { createMqttClient } from "../../../gateway/mqtt-client.js";
import type { MqttClient, MqttError, MqttOptions } from "../../../modules/ports/mqtt.js";
import type { Alarm } from "../../../modules/ports/ports.js";
import type { Trust } from "../../../modules/ports/tls.js";
import type { ToldTrust } from "../bridge/bridge.js";
import { createPublishObserver, noteAcknowledgement, noteWrite } from "../check/publish-observer.js";
import { cancel, type Plan, plan, type WorldClock } from "../clock.js";
import type { Publication } from "../network/contract.js";
import type { Sockets } from "../network/socket.js";
import type { ClientHost, HostClient, Request } from "./state.js";

/** lwIP's send buffer in the SDK's configuration for ESP32. */
const sendBuffer = 8192;

export function createClientHost(
	clock: WorldClock,
	sockets: Sockets,
	now: () => number,
	post: (request: () => Request) => void,
	onPublication: ((publication: Publication) => void) | null,
): ClientHost {
	return { clock, sockets, now, post, onPublication, clients: new Map(), current: 0, gone: false };
}

/** The room of the latest client in bytes. */
export function currentRoom(host: ClientHost): number {
	return host.clients.get(host.current)?.room ?? 0;
}

export function openClient(host: ClientHost, number: number, told: object): void {
	const { clock, sockets, now } = host;
	const observer = host.onPublication === null ? null : createPublishObserver(host.onPublication);
	const entry: HostClient = { client: null, observer, over: false, room: 0, telling: false };
	host.clients.set(number, entry);
	host.current = number;
	const world = {
		clock: { now, setAlarm: (delay: number, onAlarm: () => void) => setAlarm(clock, delay, onAlarm), cancelAlarm },
		open: sockets.open,
		bufferSize: sendBuffer,
	};
	// The other end took the callbacks out of the firmware's own options; everything else is as the firmware gave it.
	const options = { ...(told as MqttOptions), ...readTrust(told), ...createCallbacks(host, number, entry) };
	entry.client = createMqttClient(world, options);
}

function readTrust(told: { trust?: ToldTrust }): { trust?: Trust } {
	if (told.trust === undefined) return {};
	const { pin, authorities } = told.trust;
	const decode = (text: string) => new Uint8Array(Buffer.from(text, "base64"));
	return {
		trust: {
			pin: pin === null ? null : decode(pin),
			authorities: () => (typeof authorities === "string" ? authorities : authorities.map(decode)),
		},
	};
}

type Callbacks = Pick<MqttOptions, "onResolved" | "onSecured" | "onControl" | "onWritable" | "onReadable" | "onError">;

function createCallbacks(host: ClientHost, number: number, entry: HostClient): Callbacks {
	const tell = (kind: Request["kind"], value: object, bytes = new Uint8Array(0)) => {
		if (host.gone) return;
		host.post(() => ({ kind, json: JSON.stringify({ client: number, ...value }), bytes, cost: 0 }));
	};
	return {
		onResolved: () => tell("resolved", {}),
		onSecured: broker => tell("secured", { broker }),
		onControl(message) {
			if (entry.observer !== null && message.operation === 4) noteAcknowledgement(entry.observer, message.id);
			tell("control", { message });
		},
		onWritable(count) {
			entry.room = count;
			if (entry.telling || host.gone) return;
			entry.telling = true;
			// How much room there is when the firmware gets to it, as the SDK's client would tell then.
			host.post(() => {
				entry.telling = false;
				const json = JSON.stringify({ client: number, count: entry.room });
				return { kind: "writable", json, bytes: new Uint8Array(0), cost: 0 };
			});
		},
		onReadable(count, options) {
			const bytes = entry.client?.read(count);
			tell("readable", { options }, new Uint8Array(bytes ?? new ArrayBuffer(0)));
		},
		onError(error?: MqttError) {
			entry.over = true;
			entry.room = 0;
			host.clients.delete(number);
			tell("error", { error });
		},
	};
}

/** Throws where the SDK's client would not survive. */
export function writeClient(host: ClientHost, number: number, options: object | null, bytes: Uint8Array): void {
	const entry = host.clients.get(number);
	if (entry === undefined || entry.over || entry.client === null) return;
	const data = options !== null && "operation" in options ? null : bytes;
	// What kind of options they are is checked by the client.
	entry.room = entry.client.write(data, (options ?? undefined) as Parameters<MqttClient["write"]>[1]);
	if (entry.observer !== null) noteWrite(entry.observer, options, bytes, host.clock.now);
}

export function closeClient(host: ClientHost, number: number): void {
	const entry = host.clients.get(number);
	if (entry === undefined || entry.over) return;
	entry.over = true;
	entry.client?.close();
	host.clients.delete(number);
}

function setAlarm(clock: WorldClock, delay: number, onAlarm: () => void): Alarm {
	return plan(clock, delay * 1000, onAlarm);
}

function cancelAlarm(alarm: Alarm): void {
	cancel(alarm as Plan);
}
