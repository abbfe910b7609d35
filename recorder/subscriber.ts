/** The session at the broker: MQTT 5, kept by the broker while the recorder is away, with acknowledgements when we say so. */
import { connect, type MqttClient } from "mqtt";

const keepAliveSeconds = 30;
const reconnectMs = 2_000;
const connectMs = 20_000;
/** How long a broker keeps the session of a recorder that is gone. */
const sessionSeconds = 30 * 86_400;
/** Messages that a broker may send before the first of them is acknowledged: what a recorder holds in memory. */
const receiveMaximum = 2_000;

export interface SubscriberOptions {
	url: string;
	clientId: string;
	username: string | null;
	password: string | null;
	/** The certificate that signed the broker's, or null for those that Node trusts. */
	authority: Buffer | null;
	filters: readonly string[];
	/** `acknowledge` is null for quality of service 0. Calls of one after the connection ended do nothing. */
	onMessage(topic: string, payload: Uint8Array, acknowledge: (() => void) | null): void;
	note(line: string): void;
}

export interface Subscriber {
	report(): Record<string, number>;
	close(): Promise<void>;
}

/**
 * Connects and stays connected. The package `mqtt` sends a message's PUBACK before it reads the next message, so that each would need a
 * commit of its own. Here the PUBACK is taken out of its hands (`_sendPacket` is the only way out of a client) and sent when the message is
 * durable. What the connection takes with it is not acknowledged: the broker sends those messages again.
 */
export function subscribe(options: SubscriberOptions): Subscriber {
	const { url, clientId, username, password, authority, filters, note } = options;
	const counts = { connects: 0, losses: 0, sessionsLost: 0, messages: 0, again: 0 };
	let connection = 0;
	let hasSession = false;
	let lastError = "";
	const client = connect(url, {
		protocolVersion: 5,
		clean: false,
		clientId,
		...(username !== null && { username }),
		...(password !== null && { password }),
		...(authority !== null && { ca: authority }),
		keepalive: keepAliveSeconds,
		reconnectPeriod: reconnectMs,
		reconnectOnConnackError: true,
		connectTimeout: connectMs,
		resubscribe: false,
		properties: { sessionExpiryInterval: sessionSeconds, receiveMaximum },
	});
	const send = holdAcknowledgements(client);
	client.on("connect", ({ sessionPresent }) => {
		counts.connects += 1;
		lastError = "";
		note(`broker: connected${sessionPresent ? ", with what it kept meanwhile" : ""}`);
		if (hasSession && !sessionPresent) {
			counts.sessionsLost += 1;
			note("broker: it has forgotten the session: what it had not sent is not here");
		}
		hasSession = true;
		// Retained messages only with a subscription that the broker does not have yet.
		const wanted = Object.fromEntries(filters.map(filter => [filter, { qos: 1, rh: 1 } as const]));
		client.subscribe(wanted, (error, granted = []) => {
			const refused = granted.filter(({ qos }) => qos > 2).map(({ topic }) => topic);
			if (error !== null) note(`broker: ${error.message}`);
			if (refused.length > 0) note(`broker: it refuses to send ${refused.join(", ")}`);
		});
	});
	client.on("message", (topic, payload, { qos, messageId, dup }) => {
		counts.messages += 1;
		if (dup) counts.again += 1;
		const own = connection;
		const acknowledge = () => {
			if (own === connection && client.connected) send({ cmd: "puback", messageId: messageId!, reasonCode: 0 });
		};
		options.onMessage(topic, payload, qos === 1 ? acknowledge : null);
	});
	client.on("close", () => {
		if (client.connected || lastError === "") counts.losses += 1;
		connection += 1;
	});
	client.on("error", error => {
		// The same one again and again while the broker is away.
		const text = String(error.message || error.code);
		if (text !== lastError) note(`broker: ${text}`);
		lastError = text;
	});
	return {
		report: () => ({ ...counts, connected: client.connected ? 1 : 0 }),
		close: () => new Promise(resolve => client.end(false, {}, resolve)),
	};
}

/** Keeps the client from acknowledging by itself. Gives what sends a packet. */
function holdAcknowledgements(client: MqttClient): MqttClient["_sendPacket"] {
	if (typeof client._sendPacket !== "function") throw new Error("the package mqtt has no _sendPacket any more");
	const send = client._sendPacket.bind(client);
	client._sendPacket = (packet, done) => {
		if (packet.cmd === "puback") done?.();
		else send(packet, done);
	};
	return send;
}
