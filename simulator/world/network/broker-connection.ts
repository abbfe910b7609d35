/** One connection of the simulated MQTT broker, which checks MQTT's rules. */

import { generate, type IConnectPacket, type IPublishPacket, type Packet, parser } from "mqtt-packet";
import { cancel, hour, plan, second } from "../clock.js";
import type { BrokerConnection, WorldBroker } from "./contract.js";
import { isIdentifier, judgeConnect, judgePublish } from "./mqtt-rules.js";
import { closeRemote, type Remote, type Socket, sendToDevice } from "./socket.js";

/** Joins the broker's connections until it ends. */
export function openConnection(
	broker: WorldBroker,
	socket: Socket,
	onPublication: BrokerConnection["onPublication"],
): Remote {
	const connection: BrokerConnection = {
		broker,
		socket,
		onPublication,
		parser: parser({ protocolVersion: 4 }),
		connect: null,
		accepted: false,
		closed: false,
		polite: false,
		waiting: [],
		unread: [],
		unreadLength: 0,
		working: null,
		keepAlive: null,
		sentAt: 0,
		identifiers: new Set(),
	};
	connection.parser.on("packet", packet => {
		if (packet.cmd === "publish") noteIdentifier(connection, packet);
		connection.waiting.push({ packet, sentAt: connection.sentAt });
		work(connection);
	});
	connection.parser.on("error", error => {
		complain(connection, `bytes that are no packet: ${error.message}`);
		dismiss(connection, true);
	});
	broker.connections.push(connection);
	// Whoever connects and says nothing is thrown out.
	connection.keepAlive = plan(broker.clock, 30 * second, () => dismiss(connection, true));
	return {
		onData: (bytes, sentAt) => receive(connection, bytes, sentAt),
		onEnd: () => dismiss(connection, false),
		held: () => connection.unreadLength,
	};
}

function complain(connection: BrokerConnection, text: string): void {
	connection.broker.events.onViolation(`MQTT: ${text}`);
}

function receive(connection: BrokerConnection, bytes: Uint8Array, sentAt: number): void {
	const { broker } = connection;
	if (connection.closed) return;
	if (broker.stopped) {
		connection.unread.push({ bytes, sentAt });
		connection.unreadLength += bytes.length;
		return;
	}
	let whole = bytes;
	if (broker.dieAfter >= 0 && bytes.length > broker.dieAfter) {
		whole = bytes.subarray(0, broker.dieAfter);
		parse(connection, whole, sentAt);
		broker.dieAfter = -1;
		broker.onDeath?.();
		return;
	}
	if (broker.dieAfter >= 0) broker.dieAfter -= bytes.length;
	parse(connection, whole, sentAt);
}

function parse(connection: BrokerConnection, bytes: Uint8Array, sentAt: number): void {
	connection.sentAt = sentAt;
	watch(connection);
	connection.parser.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
}

/** One and a half of the keep-alive time without a byte ends the connection (3.1.2.10). */
function watch(connection: BrokerConnection): void {
	const { connect, broker } = connection;
	if (connect === null) return;
	cancel(connection.keepAlive);
	connection.keepAlive = plan(broker.clock, 1.5 * (connect.keepalive ?? 0) * second, () => dismiss(connection, false));
}

function work(connection: BrokerConnection): void {
	const { broker } = connection;
	if (connection.working !== null || connection.waiting.length === 0) return;
	if (broker.delay === 0) {
		const { packet, sentAt } = connection.waiting.shift()!;
		handle(connection, packet, sentAt);
		work(connection);
		return;
	}
	connection.working = plan(broker.clock, broker.delay, () => {
		connection.working = null;
		const { packet, sentAt } = connection.waiting.shift()!;
		handle(connection, packet, sentAt);
		work(connection);
	});
}

function handle(connection: BrokerConnection, packet: Packet, sentAt: number): void {
	if (connection.closed) return;
	if (connection.polite) complain(connection, `${packet.cmd} after DISCONNECT (3.14.4)`);
	if (packet.cmd === "connect") {
		handleConnect(connection, packet);
		return;
	}
	if (connection.connect === null) {
		complain(connection, `${packet.cmd} before CONNECT (3.1)`);
		dismiss(connection, true);
		return;
	}
	switch (packet.cmd) {
		case "publish":
			handlePublish(connection, packet, sentAt);
			break;
		case "pingreq":
			reply(connection, { cmd: "pingresp" });
			break;
		case "disconnect":
			connection.polite = true;
			break;
		case "subscribe":
			if (!isIdentifier(packet.messageId)) complain(connection, "SUBSCRIBE without an identifier (2.3.1)");
			reply(connection, {
				cmd: "suback",
				messageId: packet.messageId ?? 0,
				granted: packet.subscriptions.map(() => 0),
			});
			break;
		default:
			complain(connection, `${packet.cmd} from a client that has no use for it`);
	}
}

function handleConnect(connection: BrokerConnection, packet: IConnectPacket): void {
	const { broker } = connection;
	if (connection.connect !== null) {
		complain(connection, "a second CONNECT (3.1)");
		dismiss(connection, true);
		return;
	}
	for (const fault of judgeConnect(packet)) complain(connection, fault);
	connection.connect = packet;
	watch(connection);
	if (broker.answer !== 0) {
		reply(connection, { cmd: "connack", returnCode: broker.answer, sessionPresent: false });
		connection.polite = true;
		dismiss(connection, false);
		return;
	}
	if (!broker.retains && packet.will?.retain === true) {
		refuse(connection, "CONNECT");
		return;
	}
	// A client of the same name takes the place of the other one (3.1.4).
	for (const other of [...broker.connections]) {
		if (other !== connection && other.connect?.clientId === packet.clientId) dismiss(other, false);
	}
	connection.accepted = true;
	broker.accepted += 1;
	reply(connection, { cmd: "connack", returnCode: 0, sessionPresent: false });
	broker.events.onSession(true);
}

function handlePublish(connection: BrokerConnection, packet: IPublishPacket, sentAt: number): void {
	const { identifiers, broker, onPublication } = connection;
	const { topic, qos, retain, messageId } = packet;
	for (const fault of judgePublish(packet, connection.connect?.will !== undefined)) complain(connection, fault);
	if (packet.payload.length > broker.largest || (retain === true && !broker.retains)) {
		refuse(connection, topic);
		return;
	}
	onPublication({
		topic,
		payload: packet.payload.toString(),
		quality: qos,
		retain: retain === true,
		sentAt,
		will: false,
	});
	if (qos === 1 && !broker.mute) {
		identifiers.delete(messageId!);
		reply(connection, { cmd: "puback", messageId: messageId! });
	}
}

/** So often the broker may close the connection at the same thing within an hour; then it is for ever. */
const mostRefusals = 6;

/** MQTT 3.1.1 has no word for what a broker does not take: it closes the connection. */
function refuse(connection: BrokerConnection, topic: string): void {
	const { refusals, clock, events } = connection.broker;
	const since = clock.now - hour;
	while (refusals.length > 0 && refusals[0]!.at < since) refusals.shift();
	refusals.push({ topic, at: clock.now });
	const count = refusals.filter(other => other.topic === topic).length;
	const most = topic === "CONNECT" ? 4 * mostRefusals : mostRefusals;
	if (count > most) events.onViolation(`the broker closed the connection ${count} times within an hour at ${topic}`);
	dismiss(connection, true);
}

/** An identifier is in use from the arrival of its message until the acknowledgement leaves. */
function noteIdentifier(connection: BrokerConnection, packet: IPublishPacket): void {
	const { messageId, qos } = packet;
	if (qos === 0) return;
	if (!isIdentifier(messageId)) complain(connection, `identifier ${messageId} (2.3.1)`);
	else if (connection.identifiers.has(messageId!)) complain(connection, `identifier ${messageId} is in use (2.3.1)`);
	else connection.identifiers.add(messageId!);
}

function reply(connection: BrokerConnection, packet: Packet): void {
	if (!connection.closed) sendToDevice(connection.socket, generate(packet));
}

/** The connection ends; the last will speaks unless the device said goodbye. */
export function dismiss(connection: BrokerConnection, reset: boolean): void {
	if (connection.closed) return;
	const { broker, connect, onPublication } = connection;
	connection.closed = true;
	cancel(connection.keepAlive);
	cancel(connection.working);
	const at = broker.connections.indexOf(connection);
	if (at >= 0) broker.connections.splice(at, 1);
	closeRemote(connection.socket, reset);
	if (!connection.accepted) return;
	broker.events.onSession(false);
	const will = connect?.will;
	if (will === undefined || connection.polite || !broker.up) return;
	const { topic, qos, retain } = will;
	const payload = will.payload.toString();
	onPublication({ topic, payload, quality: qos ?? 0, retain: retain === true, sentAt: broker.clock.now, will: true });
}

/** Takes in what came while the broker's program was stopped. */
export function goOn(connection: BrokerConnection): void {
	const unread = connection.unread;
	connection.unread = [];
	connection.unreadLength = 0;
	for (const { bytes, sentAt } of unread) receive(connection, bytes, sentAt);
}
