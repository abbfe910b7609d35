/** The contract of the MQTT client, which the SDK's client, the gateway's and the world's all keep. */
import type { Trust, TrustedBroker } from "./tls.js";

/**
 * The client of the Moddable SDK (`embedded:network/mqtt/client`, MQTT 3.1.1), which every other client here imitates. What
 * its user must hold to, because the original has no mercy:
 *
 * - `close()` only from an alarm: never in a callback, and never before `onResolved`, `onControl` or `onError`.
 * - `write()` only between CONNACK and `onError`/`close()`; it throws in any other state and when the bytes do not fit.
 * - After `onError` the client is closed. There may have been no reason, and it may come before the constructor returns.
 */
export type CreateMqttClient = (options: MqttOptions) => MqttClient;

export interface MqttOptions {
	/** A name or an IPv4 address. */
	host: string;
	port: number;
	/** True for TLS. `host` is the name in the certificate. */
	secure: boolean;
	/** With TLS. Absent means nobody; a computer has a list of authorities for that. */
	trust?: Trust;
	/** The network's servers for names. */
	nameServers: readonly string[];
	/** Client identifier. */
	id: string;
	clean: boolean;
	/** Milliseconds; 0 would never notice a half-open connection. */
	keepAlive: number;
	user?: string;
	password?: string;
	will?: { topic: string; message: string; QoS: 0 | 1; retain: boolean };
	/** Part of an incoming message. It must be read in this call, whole. `options` come with a message's first part. */
	onReadable(count: number, options: { topic?: string; byteLength?: number; QoS?: number; more?: boolean }): void;
	/** So many bytes can be written now. Called after CONNACK, and when there is room again. */
	onWritable(count: number): void;
	onControl(message: MqttControl): void;
	onError(error?: MqttError): void;
	/** The name is resolved: from here on `close()` is safe. Every client calls it; the SDK's own does not, so that its port
	 * calls it when the client asks for its socket. */
	onResolved?(): void;
	/** TLS trusts the broker, to which nothing was sent before. */
	onSecured?(broker: TrustedBroker): void;
}

export interface MqttControl {
	/** 2 CONNACK, 4 PUBACK, 9 SUBACK, 13 PINGRESP… */
	operation: number;
	/** Packet identifier, where the operation has one. */
	id?: number;
	/** SUBACK: the granted quality of each topic. */
	payload?: number[];
	/** CONNACK; always 0, because a refusal is an error. */
	returnCode?: number;
}

export interface MqttError {
	/**
	 * `certificate`: TLS does not trust the broker. `unknown`: neither a pin nor an authority says whether it does. Nothing was sent in
	 * both cases. `refused`: the broker answered CONNECT with a refusal.
	 */
	kind: "name" | "connect" | "certificate" | "unknown" | "refused" | "lost";
	/** For people. */
	message: string;
	/** The refusal's code: 4 and 5 are a wrong user or password. */
	returnCode?: number;
	/** Fingerprint of the key that a broker showed which is not trusted, `sha256/…`; absent where none could be read. */
	shownKey?: string;
}

export interface MqttClient {
	/**
	 * A PUBLISH, or the first part of one when `options.byteLength` is more than `data` has; further parts follow without
	 * options and with nothing else in between. `{ operation: 14 }` and null is DISCONNECT, `{ operation: 8, id, items }` and
	 * null SUBSCRIBE. Returns how many bytes can still be written; 0 is to wait for `onWritable`.
	 */
	write(data: Uint8Array | null, options?: MqttPublish | MqttSubscribe | MqttDisconnect): number;
	/** Bytes of the message under way; undefined when there are none. */
	read(count?: number): ArrayBuffer | undefined;
	/** Cuts the connection. May be called again. */
	close(): void;
}

export interface MqttPublish {
	topic: string;
	QoS?: 0 | 1;
	retain?: boolean;
	duplicate?: boolean;
	/** Bytes of the whole payload. */
	byteLength?: number;
	/** Packet identifier, 1 to 65535. */
	id: number;
}

export interface MqttSubscribe {
	operation: 8;
	id: number;
	items: { topic: string; QoS: 0 | 1 }[];
}

export interface MqttDisconnect {
	operation: 14;
}
