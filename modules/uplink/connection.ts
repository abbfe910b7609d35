import { createGuard } from "../ports/guard.js";
import type { CreateMqttClient, MqttClient, MqttControl, MqttError, MqttOptions } from "../ports/mqtt.js";

/**
 * One MQTT client and what its callbacks told. A callback only notes facts and wakes the session up: the client is written
 * to and closed from the session's own alarm, because the SDK's client does not survive being closed in a callback.
 */
export interface Link {
	client: MqttClient | null;
	/** From here on it may be closed. */
	resolved: boolean;
	/** CONNACK came. */
	accepted: boolean;
	/** It is closed. */
	failed: boolean;
	error: MqttError | null;
	/** Bytes that can be written now, and the most that ever could. */
	writable: number;
	largest: number;
	/** Nobody listens to its facts any more; it waits until it may be closed. */
	abandoned: boolean;
}

/** What an MQTT connection is made with; the callbacks are the link's own. */
export type LinkOptions = Omit<MqttOptions, "onReadable" | "onWritable" | "onControl" | "onError" | "onResolved">;

export interface LinkEvents {
	/** Something changed: advance the session soon, but not in this call. */
	onChange(): void;
	/** A publication was acknowledged. */
	onAcknowledged(id: number): void;
	/** An incoming message came whole. At most `largestMessage` bytes; longer ones are read and dropped. */
	onMessage(topic: string, payload: Uint8Array): void;
	/** One of the others threw, which the client must not see. */
	onException(error: unknown): void;
}

const largestMessage = 256;

export function openLink(create: CreateMqttClient, options: LinkOptions, events: LinkEvents): Link {
	const link: Link = {
		client: null,
		resolved: false,
		accepted: false,
		failed: false,
		error: null,
		writable: 0,
		largest: 0,
		abandoned: false,
	};
	// The client does not survive an exception out of a callback.
	const guarded = createGuard(events.onException);
	const receive = createReceiver(link, events);
	link.client = create({
		...options,
		onReadable: (count, part) => guarded(() => receive(count, part)),
		onResolved() {
			link.resolved = true;
			guarded(events.onChange);
		},
		onControl: message => guarded(() => noteControl(link, message, events)),
		onWritable(count) {
			link.writable = count;
			if (count > link.largest) link.largest = count;
			guarded(events.onChange);
		},
		onError(error) {
			link.failed = true;
			if (error !== undefined) link.error = error;
			guarded(events.onChange);
		},
	});
	return link;
}

function noteControl(link: Link, message: MqttControl, events: LinkEvents): void {
	link.resolved = true;
	if (message.operation === 2) {
		if (message.returnCode) {
			link.error = { kind: "refused", message: "the broker refused", returnCode: message.returnCode };
		} else {
			link.accepted = true;
		}
		events.onChange();
	} else if (message.operation === 4 && message.id !== undefined && !link.abandoned) {
		events.onAcknowledged(message.id);
		events.onChange();
	}
}

/** The client's parser waits for ever when a part is left unread, so every byte is read, wanted or not. */
function createReceiver(link: Link, events: LinkEvents): MqttOptions["onReadable"] {
	let topic = "";
	let payload: Uint8Array | null = null;
	let length = 0;
	return (count, options) => {
		const part = link.client?.read(count);
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
		if (length < payload.length || link.abandoned) return;
		events.onMessage(topic, payload);
		payload = null;
	};
}

/** True when the client is closed, or was closed now; false while it must not be. Only from an alarm. */
export function closeLink(link: Link): boolean {
	link.abandoned = true;
	if (link.failed || link.client === null) return true;
	if (!link.resolved) return false;
	link.failed = true;
	link.client.close();
	return true;
}
