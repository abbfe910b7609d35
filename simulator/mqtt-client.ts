import { generate, type Packet, type Parser, parser } from "mqtt-packet";
import type {
	Alarm,
	Clock,
	CreateMqttClient,
	MqttClient,
	MqttControl,
	MqttDisconnect,
	MqttError,
	MqttOptions,
	MqttPublish,
	MqttSubscribe,
} from "../modules/session/ports.js";
import { type Connection, type OpenConnection, openConnection } from "./connection.js";
import { createHostClock } from "./host-clock.js";

/** What the client stands on. `bufferSize` is the send buffer in bytes: 8192 on the ESP32. */
export interface MqttWorld {
	clock: Pick<Clock, "now" | "setAlarm" | "cancelAlarm">;
	open: OpenConnection;
	bufferSize: number;
}

type State = "resolving" | "connecting" | "login" | "connected" | "publishing" | "closed";

interface Client {
	world: MqttWorld;
	options: MqttOptions;
	state: State;
	connection: Connection;
	parser: Parser;
	/** Bytes free in the send buffer. */
	room: number;
	/** Bytes of a multi-part publish still to come. */
	remaining: number;
	/** Acknowledgements and pings that wait for room or for the end of a multi-part publish. */
	pending: Packet[];
	/** What is left of the incoming part that `onReadable` is about. */
	incoming: Uint8Array;
	/** When bytes came last, and when the last ping left; `now()` of the clock. */
	received: number;
	pinged: number;
	alarm: Alarm | null;
	/** How many of the user's callbacks are running. */
	depth: number;
}

/** The SDK's client keeps this much of its send buffer to itself. */
const overhead = 8;
const connectTimeout = 30_000;
const connackMessages: Record<number, string> = {
	1: "protocol version refused",
	2: "client identifier refused",
	3: "server unavailable",
	4: "wrong user or password",
	5: "not authorized",
};

/** The client on the computer's network and clock. */
export const createHostMqttClient: CreateMqttClient = options =>
	createMqttClient({ clock: createHostClock(), open: openConnection, bufferSize: 8192 }, options);

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

function callBack(client: Client, callback: () => void): void {
	if (client.state === "closed") return;
	client.depth += 1;
	try {
		callback();
	} finally {
		client.depth -= 1;
	}
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
	const { clock } = client.world;
	const { keepAlive } = client.options;
	client.alarm = clock.setAlarm(keepAlive / 4, () => {
		client.alarm = null;
		const now = clock.now();
		if (now - client.received > 1.5 * keepAlive) return fail(client, { kind: "lost", message: "no answer to a ping" });
		if (client.pending.some(packet => packet.cmd === "pingreq")) {
			return fail(client, { kind: "lost", message: "a ping could not be sent" });
		}
		if (client.state !== "login" && now - client.pinged >= 0.75 * keepAlive - 1) {
			client.pinged = now;
			client.pending.push({ cmd: "pingreq" });
			flush(client);
		}
		watch(client);
	});
}

function receive(client: Client, bytes: Uint8Array): void {
	if (client.state === "closed") return;
	client.received = client.world.clock.now();
	client.parser.parse(Buffer.from(bytes));
}

function handlePacket(client: Client, packet: Packet): void {
	if (client.state === "closed") return;
	if (client.state === "login" && packet.cmd !== "connack") {
		return fail(client, { kind: "lost", message: `${packet.cmd} before CONNACK` });
	}
	const id = packet.messageId ?? 0;
	switch (packet.cmd) {
		case "connack":
			return handleConnack(client, packet.returnCode ?? 0);
		case "publish":
			deliver(client, packet.topic, packet.payload, packet.qos);
			if (packet.qos > 0) client.pending.push({ cmd: packet.qos === 1 ? "puback" : "pubrec", messageId: id });
			return flush(client);
		case "puback":
			return control(client, { operation: 4, id });
		case "pubrec":
			client.pending.push({ cmd: "pubrel", messageId: id });
			control(client, { operation: 5, id });
			return flush(client);
		case "pubrel":
			client.pending.push({ cmd: "pubcomp", messageId: id });
			control(client, { operation: 6, id });
			return flush(client);
		case "pubcomp":
			return control(client, { operation: 7, id });
		case "suback":
			return control(client, { operation: 9, id, payload: packet.granted.map(Number) });
		case "unsuback":
			return control(client, { operation: 11, id });
		case "pingresp":
			return control(client, { operation: 13 });
		default:
			return fail(client, { kind: "lost", message: `a broker sends no ${packet.cmd}` });
	}
}

function handleConnack(client: Client, returnCode: number): void {
	if (returnCode !== 0) {
		const message = connackMessages[returnCode] ?? `refused with code ${returnCode}`;
		return fail(client, { kind: "refused", message, returnCode });
	}
	client.state = "connected";
	control(client, { operation: 2, returnCode });
	flush(client);
	tellRoom(client);
}

function control(client: Client, message: MqttControl): void {
	callBack(client, () => client.options.onControl(message));
}

/** Hands an incoming message on in one part. */
function deliver(client: Client, topic: string, payload: string | Buffer, QoS: number): void {
	client.incoming = typeof payload === "string" ? Buffer.from(payload) : payload;
	const byteLength = client.incoming.length;
	callBack(client, () => client.options.onReadable(byteLength, { topic, byteLength, QoS, more: false }));
	if (client.incoming.length > 0) throw new Error("onReadable did not read the message whole");
}

function read(client: Client, count = client.incoming.length): ArrayBuffer | undefined {
	const length = Math.min(count, client.incoming.length);
	if (length === 0) return undefined;
	const bytes = client.incoming.slice(0, length);
	client.incoming = client.incoming.subarray(length);
	return new Uint8Array(bytes).buffer;
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

function checkRoom(client: Client, length: number): void {
	if (length > client.room) throw new Error("overflow");
}

function send(client: Client, bytes: Uint8Array): void {
	client.room -= bytes.length;
	client.connection.write(bytes, () => {
		client.room += bytes.length;
		flush(client);
		tellRoom(client);
	});
}

function flush(client: Client): void {
	while (client.state === "connected" && client.pending.length > 0) {
		const bytes = generate(client.pending[0]!);
		if (bytes.length > client.room) return;
		client.pending.shift();
		send(client, bytes);
	}
}

function tellRoom(client: Client): void {
	if (client.state !== "connected" && client.state !== "publishing") return;
	if (client.room > overhead) callBack(client, () => client.options.onWritable(client.room - overhead));
}

function fail(client: Client, error: MqttError): void {
	if (client.state === "closed") return;
	callBack(client, () => client.options.onError(error));
	shut(client);
}

function shut(client: Client): void {
	if (client.state === "closed") return;
	client.state = "closed";
	if (client.alarm !== null) client.world.clock.cancelAlarm(client.alarm);
	client.alarm = null;
	client.pending = [];
	client.connection.close();
}
