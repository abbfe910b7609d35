/** One MQTT client, and what its callbacks told. */
import { createGuard } from "../ports/guard.js";
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

/** What an MQTT connection is made with; the callbacks are the connection's own. */
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

export function openClient(
	ports: Pick<Ports, "createMqttClient">,
	options: ConnectionOptions,
	events: ConnectionEvents,
): Connection {
	const connection: Connection = {
		client: null,
		resolved: false,
		accepted: false,
		failed: false,
		error: null,
		secured: null,
		writable: 0,
		largest: 0,
		abandoned: false,
	};
	// The client does not survive an exception out of a callback.
	const guarded = createGuard(events.onException);
	const receive = createReceiver(connection, events);
	connection.client = ports.createMqttClient({
		...options,
		onReadable: (count, part) => guarded(() => receive(count, part)),
		onResolved() {
			connection.resolved = true;
			guarded(events.onChange);
		},
		onSecured(broker) {
			connection.secured = broker;
		},
		onControl: message => guarded(() => noteControl(connection, message, events)),
		onWritable(count) {
			connection.writable = count;
			if (count > connection.largest) connection.largest = count;
			guarded(events.onChange);
		},
		onError(error) {
			connection.failed = true;
			if (error !== undefined) connection.error = error;
			guarded(events.onChange);
		},
	});
	return connection;
}

function noteControl(connection: Connection, message: MqttControl, events: ConnectionEvents): void {
	connection.resolved = true;
	if (message.operation === 2) {
		if (message.returnCode) {
			connection.error = { kind: "refused", message: "the broker refused", returnCode: message.returnCode };
		} else {
			connection.accepted = true;
		}
		events.onChange();
	} else if (message.operation === 4 && message.id !== undefined && !connection.abandoned) {
		events.onAcknowledged(message.id);
		events.onChange();
	}
}

/** The client's parser waits for ever when a part is left unread, so every byte is read, wanted or not. */
function createReceiver(connection: Connection, events: ConnectionEvents): MqttOptions["onReadable"] {
	let topic = "";
	let payload: Uint8Array | null = null;
	let length = 0;
	return (count, options) => {
		const part = connection.client?.read(count);
		if (options.topic !== undefined) {
			topic = options.topic;
			length = 0;
			const whole = options.byteLength ?? count;
			payload = whole <= largestMessage ? new Uint8Array(whole) : null;
		}
		if (payload === null || part === undefined || length + part.byteLength > payload.length) {
			payload = null;
			return;
		}
		payload.set(new Uint8Array(part), length);
		length += part.byteLength;
		if (length < payload.length || connection.abandoned) return;
		events.onMessage(topic, payload);
		payload = null;
	};
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
