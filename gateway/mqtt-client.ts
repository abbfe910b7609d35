/** The MQTT client of the computer, with the manners of the board's. */
import { generate, type Packet, parser } from "mqtt-packet";
import type {
	CreateMqttClient,
	MqttClient,
	MqttDisconnect,
	MqttOptions,
	MqttPublish,
	MqttSubscribe,
} from "../modules/ports/mqtt.js";
import { createPacketFilter, filterPackets, longestPacket } from "../modules/uplink/packet-filter.js";
import { type OpenConnection, openConnection } from "./connection.js";
import { createHostClock } from "./host-clock.js";
import { handlePacket, read, receive } from "./mqtt-receive.js";
import { type Client, callBack, checkRoom, fail, flush, type MqttWorld, overhead, send, shut } from "./mqtt-state.js";

const connectTimeout = 30_000;

/** The client on the computer's network and clock. Like the board's it is spared what it has no use for. */
export const createHostMqttClient: CreateMqttClient = options =>
	createMqttClient({ clock: createHostClock(), open: openSpared, bufferSize: 8192 }, options);

/** A packet may have 256 MB, which somebody's message must not cost this program: too long ones are dropped as they come. */
const openSpared: OpenConnection = (options, events) => {
	const inbound = createPacketFilter(longestPacket);
	const connection = openConnection(options, {
		...events,
		onData(bytes) {
			const pass = (length: number) => {
				events.onData(inbound.packet.slice(0, length));
				return true;
			};
			if (filterPackets(inbound, bytes, 0, bytes.length, pass)) return;
			connection.close();
			events.onEnd({ kind: "lost", message: "the answers are not MQTT" });
		},
	});
	return connection;
};

/**
 * MQTT 3.1.1 with the interface and the manners of Moddable's `embedded:network/mqtt/client`, so that the firmware meets on the
 * computer what it meets on the device. What the original punishes with a restart throws here: `close()` within a callback or
 * while the name is being resolved, `write()` without a connection, a message that is not read whole.
 */
export function createMqttClient(world: MqttWorld, options: MqttOptions): MqttClient {
	if (options.password !== undefined && options.user === undefined) throw new Error("a password needs a user");
	const client: Client = {
		world,
		options,
		state: "resolving",
		connection: world.open(options, {
			onResolved: () => resolved(client),
			onSecured: broker => callBack(client, () => client.options.onSecured?.(broker)),
			onOpen: () => login(client),
			onData: bytes => receive(client, bytes),
			onEnd: error => fail(client, error),
		}),
		parser: parser({ protocolVersion: 4 }),
		room: world.bufferSize,
		remaining: 0,
		pending: [],
		incoming: new Uint8Array(0),
		received: 0,
		pinged: 0,
		alarm: null,
		depth: 0,
	};
	client.parser.on("packet", packet => handlePacket(client, packet));
	client.parser.on("error", error => fail(client, { kind: "lost", message: `bad packet: ${error.message}` }));
	return {
		write: (data, writeOptions) => write(client, data, writeOptions),
		read: count => read(client, count),
		close() {
			if (client.depth > 0) throw new Error("close() within a callback");
			if (client.state === "resolving") throw new Error("close() while the name is being resolved");
			shut(client);
		},
	};
}

function resolved(client: Client): void {
	client.state = "connecting";
	client.alarm = client.world.clock.setAlarm(connectTimeout, () => {
		client.alarm = null;
		fail(client, { kind: "connect", message: `no connection within ${connectTimeout / 1000} s` });
	});
	callBack(client, () => client.options.onResolved?.());
}

function login(client: Client): void {
	const { clock } = client.world;
	const { id, clean, keepAlive, user, password, will } = client.options;
	if (client.alarm !== null) clock.cancelAlarm(client.alarm);
	client.alarm = null;
	client.state = "login";
	client.received = client.pinged = clock.now();
	send(
		client,
		generate({
			cmd: "connect",
			protocolId: "MQTT",
			protocolVersion: 4,
			clientId: id,
			clean,
			keepalive: Math.round(keepAlive / 1000),
			...(user === undefined ? {} : { username: user }),
			...(password === undefined ? {} : { password: Buffer.from(password) }),
			...(will === undefined
				? {}
				: { will: { topic: will.topic, payload: will.message, qos: will.QoS, retain: will.retain } }),
		}),
	);
	if (keepAlive > 0) watch(client);
}

/** Pings every three quarters of the keep-alive time, and gives up one and a half of it after the last byte. */
function watch(client: Client): void {
	client.alarm = client.world.clock.setAlarm(client.options.keepAlive / 4, () => {
		client.alarm = null;
		ping(client);
		if (client.state !== "closed") watch(client);
	});
}

function ping(client: Client): void {
	const { keepAlive } = client.options;
	const now = client.world.clock.now();
	if (now - client.received > 1.5 * keepAlive) {
		fail(client, { kind: "lost", message: "no answer to a ping" });
	} else if (client.pending.some(packet => packet.cmd === "pingreq")) {
		fail(client, { kind: "lost", message: "a ping could not be sent" });
	} else if (client.state !== "login" && now - client.pinged >= 0.75 * keepAlive - 1) {
		client.pinged = now;
		client.pending.push({ cmd: "pingreq" });
		flush(client);
	}
}

function write(
	client: Client,
	data: Uint8Array | null,
	options?: MqttPublish | MqttSubscribe | MqttDisconnect,
): number {
	if (client.state === "closed" || client.state === "resolving") throw new TypeError(`write() while ${client.state}`);
	if (client.state === "publishing") {
		if (options || data === null || data.length > client.remaining)
			throw new Error("write() within a multi-part publish");
		checkRoom(client, data.length);
		send(client, data);
		client.remaining -= data.length;
		if (client.remaining === 0) client.state = "connected";
		flush(client);
	} else if (client.state !== "connected") {
		throw new Error("write() before CONNACK");
	} else if (options === undefined) {
		throw new Error("write() without options");
	} else if (!("operation" in options)) {
		publish(client, data ?? new Uint8Array(0), options);
	} else {
		const packet: Packet =
			options.operation === 14
				? { cmd: "disconnect" }
				: {
						cmd: "subscribe",
						messageId: options.id,
						subscriptions: options.items.map(item => ({ topic: item.topic, qos: item.QoS })),
					};
		const bytes = generate(packet);
		checkRoom(client, bytes.length);
		send(client, bytes);
	}
	return Math.max(0, client.room - overhead);
}

function publish(client: Client, data: Uint8Array, options: MqttPublish): void {
	const total = options.byteLength ?? data.length;
	if (data.length > total) throw new Error(`${data.length} bytes of a payload of ${total}`);
	if (!Number.isInteger(options.id) || options.id < 1 || options.id > 65535)
		throw new Error(`identifier ${options.id}`);
	const { topic, QoS = 0, retain = false, duplicate = false } = options;
	// The packet around a payload of zeros: what comes before them is the header.
	const whole = { cmd: "publish", topic, qos: QoS, retain, dup: duplicate, payload: Buffer.alloc(total) } as const;
	const packet = generate(QoS === 0 ? whole : { ...whole, messageId: options.id });
	const fragment = Buffer.concat([packet.subarray(0, packet.length - total), data]);
	checkRoom(client, fragment.length);
	send(client, fragment);
	client.remaining = total - data.length;
	if (client.remaining > 0) client.state = "publishing";
}
