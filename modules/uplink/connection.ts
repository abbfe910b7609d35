/** One MQTT client, and what its callbacks told. */
import type { MqttClient, MqttControl, MqttError, MqttOptions } from "../ports/mqtt.js";
import type { Ports } from "../ports/ports.js";
import type { TrustedBroker } from "../ports/tls.js";

/**
 * One MQTT client and what its callbacks told. A callback only notes facts and wakes the session up: the client is written
 * to and closed from the session's own alarm, because the SDK's client does not survive being closed in a callback.
 */
export interface Connection {
	client: MqttClient | null;
	/** From here on it may be closed. */
	resolved: boolean;
	/** CONNACK came. */
	accepted: boolean;
	/** It is closed. */
	failed: boolean;
	error: MqttError | null;
	/** TLS trusts this broker. */
	secured: TrustedBroker | null;
	/** Bytes that can be written now, and the most that ever could. */
	writable: number;
	largest: number;
	/** Its events are ignored; it waits until it may be closed. */
	abandoned: boolean;
}

/** What the client gets besides what takes its events. */
export type ConnectionOptions = Omit<
	MqttOptions,
	"onReadable" | "onWritable" | "onControl" | "onError" | "onResolved" | "onSecured"
>;

export interface ConnectionEvents {
	/** Something changed: advance the session soon, but not in this call. */
	onChange(): void;
	/** A publication was acknowledged. */
	onAcknowledged(id: number): void;
	/** An incoming message came whole. At most `largestMessage` bytes; longer ones are read and dropped. */
	onMessage(topic: string, payload: Uint8Array): void;
	/** One of the other events threw an exception, which must not reach the client. */
	onException(error: unknown): void;
}

const largestMessage = 256;

/** Makes the client. Throws where it cannot be made. */
export function openClient(
	ports: Pick<Ports, "createMqttClient">,
	options: ConnectionOptions,
	events: ConnectionEvents,
): Connection {
	const connection = new ClientConnection(events);
	// One object for both: it lives as long as the client.
	connection.client = ports.createMqttClient(Object.assign(connection, options));
	return connection;
}

/** What the client calls. A class, whose methods lie in flash. The client does not survive an exception out of one of them. */
class ClientConnection implements Connection {
	client: MqttClient | null = null;
	resolved = false;
	accepted = false;
	failed = false;
	error: MqttError | null = null;
	secured: TrustedBroker | null = null;
	writable = 0;
	largest = 0;
	abandoned = false;
	/** Of the message that comes in; `payload` is null where nobody wants it. */
	private topic = "";
	private payload: Uint8Array | null = null;
	private length = 0;
	private readonly events: ConnectionEvents;

	constructor(events: ConnectionEvents) {
		this.events = events;
	}

	onResolved(): void {
		this.resolved = true;
		this.tellChange();
	}

	onSecured(broker: TrustedBroker): void {
		this.secured = broker;
	}

	onWritable(count: number): void {
		this.writable = count;
		if (count > this.largest) this.largest = count;
		this.tellChange();
	}

	onError(error?: MqttError): void {
		this.failed = true;
		if (error !== undefined) this.error = error;
		this.tellChange();
	}

	onControl(message: MqttControl): void {
		const { events } = this;
		this.resolved = true;
		try {
			if (message.operation === 2) {
				if (message.returnCode) {
					this.error = { kind: "refused", message: "the broker refused", returnCode: message.returnCode };
				} else {
					this.accepted = true;
				}
				events.onChange();
			} else if (message.operation === 4 && message.id !== undefined && !this.abandoned) {
				events.onAcknowledged(message.id);
				events.onChange();
			}
		} catch (error) {
			events.onException(error);
		}
	}

	/** The client's parser waits for ever when a part is left unread, so every byte is read, wanted or not. */
	onReadable(count: number, { topic, byteLength }: { topic?: string; byteLength?: number }): void {
		try {
			const part = this.client?.read(count);
			if (topic !== undefined) {
				const whole = byteLength ?? count;
				this.topic = topic;
				this.length = 0;
				this.payload = whole <= largestMessage ? new Uint8Array(whole) : null;
			}
			if (part !== undefined) this.addPart(part);
			else this.payload = null;
		} catch (error) {
			this.events.onException(error);
		}
	}

	private addPart(part: ArrayBuffer): void {
		const { payload, length } = this;
		if (payload === null) return;
		const end = length + part.byteLength;
		if (end > payload.length) {
			this.payload = null;
			return;
		}
		payload.set(new Uint8Array(part), length);
		this.length = end;
		if (end < payload.length || this.abandoned) return;
		this.payload = null;
		this.events.onMessage(this.topic, payload);
	}

	private tellChange(): void {
		try {
			this.events.onChange();
		} catch (error) {
			this.events.onException(error);
		}
	}
}

/** True when the client is closed, or was closed now; false while it must not be. Only from an alarm. */
export function closeConnection(connection: Connection): boolean {
	connection.abandoned = true;
	if (connection.failed || connection.client === null) return true;
	if (!connection.resolved) return false;
	connection.failed = true;
	connection.client.close();
	return true;
}
