/** The MQTT client port: the SDK's client, made safe. */
import Resolver from "embedded:network/dns/resolver/udp";
import MQTTClient from "embedded:network/mqtt/client";
import Timer from "timer";
import type { Guard } from "../ports/guard.js";
import type { CreateMqttClient, MqttError, MqttOptions } from "../ports/mqtt.js";
import type { Connection } from "./connection.js";
import { GuardedUDP } from "./datagram.js";
import { doLater } from "./later.js";
import { serversFor } from "./names.js";
import { BrokerSocket } from "./socket.js";

/**
 * The SDK's MQTT client, made safe: `close()` may be called at any time (it is done from a timer, and not while a name is
 * being resolved), its callbacks come never after that, an error has a reason, and what a callback does not read is read.
 */
export function createMqttClientFactory(guard: Guard): CreateMqttClient {
	return options => {
		let client: MQTTClient | null = null;
		let connected = false;
		let over = false;
		const connection: Connection = {
			secure: options.secure,
			trust: options.trust,
			host: options.host,
			abandoned: false,
			resolved: false,
			failure: null,
			onResolved: () => tell(() => options.onResolved?.()),
			onSecured: broker => tell(() => options.onSecured?.(broker)),
		};

		function tell(handle: () => void): void {
			if (!over) guard(handle);
		}

		function end(): void {
			const failure = connection.failure ?? explain(connection, connected);
			tell(() => {
				over = true;
				options.onError(failure);
			});
		}

		try {
			client = new MQTTClient({
				host: options.host,
				port: options.port,
				id: options.id,
				clean: options.clean,
				keepAlive: options.keepAlive,
				...credentials(options),
				...(options.will === undefined ? {} : { will: options.will }),
				socket: { io: BrokerSocket, connection } as { io: typeof BrokerSocket },
				dns: { io: Resolver, servers: serversFor(options.host, options.nameServers), socket: { io: GuardedUDP } },
				onReadable(this: MQTTClient, count, part) {
					tell(() => options.onReadable(count, part));
					// A message left unread stops the client for good.
					this.read();
				},
				onWritable: count => tell(() => options.onWritable(count)),
				onControl(message) {
					if (message.operation === 2) connected = true;
					tell(() => options.onControl(message));
				},
				onError: end,
			});
		} catch (error) {
			connection.failure ??= { kind: "name", message: String(error) };
			Timer.set(end);
		}

		return {
			write(data, part) {
				if (client === null || over) throw new Error("the connection is closed");
				return client.write(data, part);
			},
			read(count) {
				return client?.read(count);
			},
			close() {
				over = true;
				connection.abandoned = true;
				// While a name is resolved, the client ends when the socket refuses to be made.
				if (connection.resolved) doLater(guard, () => client?.close());
			},
		};
	};
}

function credentials({ user, password }: MqttOptions): { user?: string; password?: string } {
	if (user === undefined || user === "") return {};
	return password === undefined ? { user } : { user, password };
}

function explain(connection: Connection, connected: boolean): MqttError {
	if (connected) return { kind: "lost", message: "no answer from the broker" };
	if (connection.resolved) return { kind: "connect", message: "the broker cannot be reached" };
	return { kind: "name", message: "the broker's name cannot be resolved" };
}
