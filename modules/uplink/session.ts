/** One session with the broker: CONNECT, status, subscription, goodbye. */
import { note } from "../health/log.js";
import { failBroker } from "./broker.js";
import {
	type Connection,
	type ConnectionEvents,
	type ConnectionOptions,
	closeConnection,
	openClient,
} from "./connection.js";
import { acknowledge, isWriting, resetDelivery, takeId } from "./delivery.js";
import { readerName, readerStatusTopic } from "./names.js";
import { offer, type QueuedMessage } from "./outbox.js";
import { noteOpening, noteTaken } from "./refusals.js";
import type { Uplink } from "./state.js";
import { createTrust } from "./trust.js";

/** What is said on a connection with the broker besides readings: who we are, hello, what we want to hear, goodbye. */

const keepAliveMs = 30_000;

/** Makes a connection; the broker's supervisor judges what becomes of it. */
export function openSession(uplink: Uplink, now: number): void {
	const { ports, events, delivery } = uplink;
	noteOpening(delivery.refusals);
	try {
		uplink.connectionAddress = uplink.network?.address ?? null;
		uplink.connection = openClient(ports, describeConnection(uplink), new SessionEvents(uplink));
	} catch (error) {
		events.onException("broker", error);
		failBroker(uplink.broker, null, "the client could not be made", now, ports.random());
	}
}

class SessionEvents implements ConnectionEvents {
	private readonly uplink: Uplink;

	constructor(uplink: Uplink) {
		this.uplink = uplink;
	}

	onChange(): void {
		this.uplink.events.onChange();
	}

	onMessage(topic: string, payload: Uint8Array): void {
		this.uplink.events.onMessage(topic, payload);
	}

	/** The broker has a message, from which it may be learnt what it takes. */
	onAcknowledged(id: number): void {
		const { delivery, outbox, log, ports } = this.uplink;
		const taken = acknowledge(delivery, outbox, id);
		if (taken === null) return;
		const { lines, again } = noteTaken(delivery.refusals, taken);
		for (const line of lines) note(log, line, ports.clock.now());
		if (again) delivery.complaint = "once more, with a last will that is retained";
	}

	onException(error: unknown): void {
		this.uplink.events.onException("client", error);
	}
}

function describeConnection(uplink: Uplink): ConnectionOptions {
	const { settings, ports } = uplink;
	const { broker, user, password } = settings;
	const options: ConnectionOptions = {
		...broker!,
		...(broker?.secure === true && { trust: createTrust(settings, ports) }),
		nameServers: uplink.network?.nameServers ?? [],
		id: readerName(uplink) ?? "smarty-xs",
		clean: true,
		keepAlive: keepAliveMs,
		will: { topic: readerStatusTopic(uplink), message: "offline", QoS: 1, retain: isRetaining(uplink) },
	};
	// The SDK's client sends a password without a user, which MQTT 3.1.1 forbids.
	if (user !== null) options.user = user;
	if (user !== null && password !== null) options.password = password;
	return options;
}

/** Whether the last will, and what goes out beside the outbox, is retained. */
function isRetaining({ delivery }: Uplink): boolean {
	return delivery.refusals.retain === "yes";
}

/** The connection is good: the last will is taken back for as long as it lasts. */
export function onAccepted(uplink: Uplink): void {
	offer(uplink.outbox, createStatus(readerStatusTopic(uplink), true));
	uplink.events.onOnline();
}

/** `online` or `offline` for a status topic: retained, so that whoever subscribes later knows it. */
export function createStatus(topic: string, online: boolean): QueuedMessage {
	const payload = online ? "online" : "offline";
	return { topic, payload, quality: 1, retain: true, sequence: null, late: false };
}

/** Says goodbye: after DISCONNECT the broker keeps the last will to itself, so that its message is sent before. */
export function leave(uplink: Uplink): void {
	const { connection, delivery, ports, events } = uplink;
	const client = connection?.client;
	if (!connection || !client || connection.failed) return;
	try {
		// The reader's comes last: where there is no room for all of them, the last will says it.
		for (const topic of [...events.onGoodbye(), readerStatusTopic(uplink)]) {
			client.write(ports.encode("offline"), { topic, QoS: 0, retain: isRetaining(uplink), id: delivery.nextId });
		}
		client.write(null, { operation: 14 });
	} catch {
		// No room: then the connection breaks without DISCONNECT, and the broker publishes the last will.
	}
}

/** Asks for all subscriptions as soon as there is room for them. Without them everything else works all the same. */
export function subscribe(uplink: Uplink, connection: Connection): void {
	const { delivery } = uplink;
	if (uplink.subscribed || connection.client === null || connection.failed) return;
	const items = uplink.events.listSubscriptions().map(topic => ({ topic, QoS: 0 as const }));
	if (items.length === 0) return;
	// Fixed header and identifier; of each its length, topic and quality (MQTT 3.1.1, 3.8).
	const length = items.reduce((sum, { topic }) => sum + uplink.ports.encode(topic).length + 3, 5);
	if (isWriting(delivery) || connection.writable < length) return;
	uplink.subscribed = true;
	try {
		connection.writable = connection.client.write(null, { operation: 8, id: takeId(delivery), items });
	} catch (error) {
		uplink.events.onException("subscribe", error);
	}
}

/** The connection is over, or to be ended: what was under way goes back. */
export function release(uplink: Uplink): void {
	const { connection, delivery, outbox } = uplink;
	uplink.connection = null;
	uplink.subscribed = false;
	resetDelivery(delivery, outbox);
	if (connection !== null && !tryClose(uplink, connection)) uplink.abandoned.push(connection);
}

/** True when the connection is closed; false while it must not be. */
export function tryClose(uplink: Uplink, connection: Connection): boolean {
	try {
		return closeConnection(connection);
	} catch (error) {
		uplink.events.onException("close", error);
		return true;
	}
}
