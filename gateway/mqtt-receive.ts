/** What the MQTT client does with packets from the broker. */
import type { Packet } from "mqtt-packet";
import type { MqttControl } from "../modules/ports/mqtt.js";
import { type Client, callBack, fail, flush, tellRoom } from "./mqtt-state.js";

const connackMessages: Record<number, string> = {
	1: "protocol version refused",
	2: "client identifier refused",
	3: "server unavailable",
	4: "wrong user or password",
	5: "not authorized",
};

export function receive(client: Client, bytes: Uint8Array): void {
	if (client.state === "closed") return;
	client.received = client.world.clock.now();
	client.parser.parse(Buffer.from(bytes));
}

export function handlePacket(client: Client, packet: Packet): void {
	if (client.state === "closed") return;
	if (client.state === "login" && packet.cmd !== "connack") {
		fail(client, { kind: "lost", message: `${packet.cmd} before CONNACK` });
		return;
	}
	const id = packet.messageId ?? 0;
	switch (packet.cmd) {
		case "connack":
			handleConnack(client, packet.returnCode ?? 0);
			break;
		case "publish":
			deliver(client, packet.topic, packet.payload, packet.qos);
			if (packet.qos > 0) client.pending.push({ cmd: packet.qos === 1 ? "puback" : "pubrec", messageId: id });
			flush(client);
			break;
		case "puback":
			control(client, { operation: 4, id });
			break;
		case "pubrec":
			client.pending.push({ cmd: "pubrel", messageId: id });
			control(client, { operation: 5, id });
			flush(client);
			break;
		case "pubrel":
			client.pending.push({ cmd: "pubcomp", messageId: id });
			control(client, { operation: 6, id });
			flush(client);
			break;
		case "pubcomp":
			control(client, { operation: 7, id });
			break;
		case "suback":
			control(client, { operation: 9, id, payload: packet.granted.map(Number) });
			break;
		case "unsuback":
			control(client, { operation: 11, id });
			break;
		case "pingresp":
			control(client, { operation: 13 });
			break;
		default:
			fail(client, { kind: "lost", message: `a broker sends no ${packet.cmd}` });
	}
}

function handleConnack(client: Client, returnCode: number): void {
	if (returnCode !== 0) {
		const message = connackMessages[returnCode] ?? `refused with code ${returnCode}`;
		fail(client, { kind: "refused", message, returnCode });
		return;
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

export function read(client: Client, count = client.incoming.length): ArrayBuffer | undefined {
	const length = Math.min(count, client.incoming.length);
	if (length === 0) return undefined;
	const bytes = client.incoming.slice(0, length);
	client.incoming = client.incoming.subarray(length);
	return new Uint8Array(bytes).buffer;
}
