import { Socket } from "node:net";
import { generate, parser } from "mqtt-packet";

/** What an observer at the broker saw, in order. */
export interface Observed {
	topic: string;
	payload: string;
	retain: boolean;
}

export interface Subscriber {
	readonly messages: Observed[];
	of(topic: string): Observed[];
	publish(topic: string, payload: string, retain?: boolean): void;
	close(): void;
}

/** Hears everything; built on mqtt-packet and nothing of ours. */
export async function subscribeToAll(port: number): Promise<Subscriber> {
	const messages: Observed[] = [];
	const socket = new Socket();
	const packets = parser({ protocolVersion: 4 });
	socket.on("data", bytes => packets.parse(bytes));
	socket.on("error", () => {});
	const ready = new Promise<void>(resolve => {
		packets.on("packet", packet => {
			if (packet.cmd === "connack") {
				socket.write(generate({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "#", qos: 0 }] }));
			} else if (packet.cmd === "suback") resolve();
			else if (packet.cmd === "publish") {
				const { topic, retain } = packet;
				messages.push({ topic, payload: packet.payload.toString(), retain });
			}
		});
	});
	socket.connect(port, "127.0.0.1");
	const clientId = `observer${Math.floor(performance.now() * 1000)}`;
	socket.write(
		generate({ cmd: "connect", protocolId: "MQTT", protocolVersion: 4, clientId, clean: true, keepalive: 0 }),
	);
	await ready;
	return {
		messages,
		of: topic => messages.filter(message => message.topic === topic),
		publish(topic, payload, retain = false) {
			socket.write(generate({ cmd: "publish", topic, payload, qos: 0, retain, dup: false }));
		},
		close: () => socket.destroy(),
	};
}
