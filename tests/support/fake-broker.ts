/** A broker and an MQTT client in memory, for tests of the uplink. */

import type {
	CreateMqttClient,
	MqttClient,
	MqttError,
	MqttOptions,
	MqttPublish,
	MqttSubscribe,
} from "../../modules/ports/mqtt.js";
import type { VirtualClock } from "./virtual-clock.js";

/** A broker and the way to it, with an MQTT client as merciless as the SDK's. */
export interface FakeBroker {
	/** What happens to a new connection, and to one that stands. */
	behaviour: "ok" | "nameless" | "unreachable" | "mute" | "refusing" | "distrusted" | "unknown" | "swallowing";
	/** What it does not take: it closes the connection, without a word, at a message that this is true of. */
	refuses: (message: Received) => boolean;
	/** False: it closes the connection at a last will that is to be retained, and at a message. */
	retains: boolean;
	/** The client's send buffer in bytes. */
	room: number;
	/** Milliseconds until a name, a connection, an acknowledgement comes. */
	latency: number;
	/** Messages that came to the broker, in their order, whole. */
	readonly received: Received[];
	readonly retained: Map<string, string>;
	/** Rules of the client that were broken, which would have wedged or restarted the device. */
	readonly violations: string[];
	readonly connections: Connection[];
	/** Breaks all connections that stand, with an error at the client, after which nothing more comes of them. */
	drop(): void;
}

export interface Received {
	topic: string;
	payload: string;
	quality: number;
	retain: boolean;
	time: number;
	id: number;
}

export interface Connection {
	options: MqttOptions;
	state: "resolving" | "connecting" | "login" | "connected" | "publishing" | "closed";
	/** The client closed it, and said DISCONNECT before. */
	disconnected: boolean;
	fail(error?: MqttError): void;
	/** The broker sends a message. */
	publish(topic: string, payload: Uint8Array): void;
}

/** Fingerprint of its key. */
export const fakeKey = `sha256/${"A".repeat(43)}=`;

/** Bytes of the buffer that the SDK's client keeps to itself. */
const overhead = 8;

export function createFakeBroker(): FakeBroker {
	const broker: FakeBroker = {
		behaviour: "ok",
		refuses: () => false,
		retains: true,
		room: 8_192,
		latency: 5,
		received: [],
		retained: new Map(),
		violations: [],
		connections: [],
		drop() {
			for (const connection of broker.connections) if (connection.state !== "closed") connection.fail();
		},
	};
	return broker;
}

export function createFakeClient(broker: FakeBroker, clock: VirtualClock): CreateMqttClient {
	return options => {
		checkOptions(broker, options);
		let inCallback = false;
		const room = broker.room;
		let used = 0;
		let part: { publish: MqttPublish; bytes: number[]; total: number } | null = null;
		let incoming: Uint8Array | null = null;
		/** It has closed the connection, and reads nothing more. */
		let deaf = false;
		const connection: Connection = {
			options,
			state: "resolving",
			disconnected: false,
			fail(error) {
				if (connection.state === "closed") return;
				call(() => options.onError(error));
				end(true);
			},
			publish(topic, payload) {
				incoming = payload;
				call(() => options.onReadable(payload.length, { topic, byteLength: payload.length, QoS: 0, more: false }));
				if (incoming !== null) broker.violations.push("an incoming message was not read");
			},
		};
		function call(callback: () => void): void {
			const outer = inCallback;
			inCallback = true;
			callback();
			inCallback = outer;
		}
		function end(abrupt: boolean): void {
			const stood = connection.state === "connected" || connection.state === "publishing";
			connection.state = "closed";
			const will = options.will;
			if (stood && abrupt && !connection.disconnected && will && broker.behaviour !== "swallowing") {
				broker.retained.set(will.topic, will.message);
			}
		}
		function later(delay: number, state: Connection["state"], work: () => void): void {
			clock.setAlarm(delay, () => {
				if (connection.state === state) work();
			});
		}
		function open(): void {
			if (broker.behaviour === "nameless") {
				later(5_000, "resolving", () => connection.fail());
				return;
			}
			later(broker.latency, "resolving", () => {
				connection.state = "connecting";
				call(() => options.onResolved?.());
				if (broker.behaviour === "unreachable") {
					later(30_000, "connecting", () => connection.fail());
				} else if (broker.behaviour === "distrusted") {
					const error: MqttError = {
						kind: "certificate",
						message: "the certificate has expired",
						shownKey: fakeKey,
					};
					later(broker.latency, "connecting", () => connection.fail(error));
				} else if (broker.behaviour === "unknown") {
					const error: MqttError = { kind: "unknown", message: `nobody knows ${fakeKey}`, shownKey: fakeKey };
					later(broker.latency, "connecting", () => connection.fail(error));
				} else {
					later(broker.latency, "connecting", () => {
						connection.state = "login";
						const hasAuthorities = (options.trust?.authorities() ?? []).length > 0;
						const withoutDates = hasAuthorities && clock.time() === null;
						if (options.secure) call(() => options.onSecured?.({ shownKey: fakeKey, withoutDates }));
						later(broker.latency, "login", answer);
					});
				}
			});
		}
		function answer(): void {
			if (broker.behaviour === "mute" || broker.behaviour === "swallowing") return;
			if (broker.behaviour === "refusing") {
				connection.fail({ kind: "refused", message: "wrong user or password", returnCode: 5 });
				return;
			}
			if (!broker.retains && options.will?.retain) {
				connection.fail({ kind: "lost", message: "closed the connection" });
				return;
			}
			connection.state = "connected";
			call(() => options.onControl({ operation: 2, returnCode: 0 }));
			if (connection.state === "connected") call(() => options.onWritable(room - overhead));
		}
		function writable(): number {
			const left = room - used;
			return left > overhead ? left - overhead : 0;
		}
		function spend(bytes: number): void {
			used += bytes;
			if (broker.behaviour === "swallowing") return;
			clock.setAlarm(broker.latency, () => {
				used -= bytes;
				if (connection.state === "connected" || connection.state === "publishing") {
					if (writable() > 0) call(() => options.onWritable(writable()));
				}
			});
		}
		function deliver(publish: MqttPublish, bytes: Uint8Array): void {
			if (broker.behaviour === "swallowing") return;
			const payload = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
			const quality = publish.QoS ?? 0;
			const retain = publish.retain ?? false;
			const message = { topic: publish.topic, payload, quality, retain, time: clock.now(), id: publish.id };
			if (broker.refuses(message) || (retain && !broker.retains)) {
				later(broker.latency, connection.state, () =>
					connection.fail({ kind: "lost", message: "closed the connection" }),
				);
				deaf = true;
				return;
			}
			if (deaf) return;
			broker.received.push(message);
			if (retain && payload === "") broker.retained.delete(publish.topic);
			else if (retain) broker.retained.set(publish.topic, payload);
			if (quality === 0) return;
			clock.setAlarm(broker.latency, () => {
				if (connection.state === "closed" || broker.behaviour === "swallowing") return;
				call(() => options.onControl({ operation: 4, id: publish.id }));
			});
		}
		const client: MqttClient = {
			write(data, details) {
				if (!clock.ringing) broker.violations.push("write outside of an alarm");
				if (connection.state === "closed" || connection.state === "resolving") throw new TypeError("cannot read");
				if (connection.state === "publishing") return writePart(data, details);
				if (connection.state !== "connected") throw new Error("");
				if (!details) throw new TypeError("cannot read");
				if ("operation" in details) return writeOperation(details);
				return writePublish(data!, details);
			},
			read(count) {
				const bytes = incoming?.slice(0, count);
				incoming = null;
				return bytes?.buffer;
			},
			close() {
				if (connection.state === "closed") return;
				if (inCallback) broker.violations.push("close in a callback");
				if (connection.state === "resolving") broker.violations.push("close while resolving");
				end(true);
			},
		};
		function writeOperation(details: MqttSubscribe | { operation: 14 }): number {
			if (details.operation === 14) connection.disconnected = true;
			spend(2);
			return writable();
		}
		function writePublish(data: Uint8Array, details: MqttPublish): number {
			if (!(details.id >= 1 && details.id <= 65_535)) broker.violations.push(`packet identifier ${details.id}`);
			const total = details.byteLength ?? data.length;
			const topic = new TextEncoder().encode(details.topic).length;
			const rest = 2 + topic + total + (details.QoS ? 2 : 0);
			const header = 1 + (rest < 128 ? 1 : rest < 16_384 ? 2 : 3) + 2 + topic + (details.QoS ? 2 : 0);
			if (header + data.length > room - used) throw new Error("overflow");
			spend(header + data.length);
			if (data.length < total) {
				connection.state = "publishing";
				part = { publish: details, bytes: [...data], total };
			} else {
				deliver(details, data);
			}
			return writable();
		}
		function writePart(data: Uint8Array | null, details: unknown): number {
			if (details || !part || !data || data.length > part.total - part.bytes.length) throw new Error("");
			if (data.length > room - used) broker.violations.push("a part larger than the room for it");
			part.bytes.push(...data);
			spend(data.length);
			if (part.bytes.length === part.total) {
				connection.state = "connected";
				deliver(part.publish, Uint8Array.from(part.bytes));
				part = null;
			}
			return writable();
		}
		broker.connections.push(connection);
		open();
		return client;
	};
}

function checkOptions(broker: FakeBroker, options: MqttOptions): void {
	if (!options.host) throw new Error("host required");
	if (!(options.keepAlive > 0)) broker.violations.push("no keep-alive");
	if (options.password !== undefined && options.user === undefined) broker.violations.push("password without user");
	if (options.will && !options.will.message) broker.violations.push("a last will without a message");
}
