/** The MQTT client port: the SDK's client, made safe. */
import Resolver from "embedded:network/dns/resolver/udp";
import MQTTClient from "embedded:network/mqtt/client";
import Timer from "timer";
import type { Guard } from "../ports/guard.js";
import type { MqttClient, MqttControl, MqttError, MqttOptions } from "../ports/mqtt.js";
import type { Trust, TrustedBroker } from "../ports/tls.js";
import type { Connection } from "./connection.js";
import { GuardedUDP } from "./datagram.js";
import { doLater } from "./later.js";
import { serversFor } from "./names.js";
import { BrokerSocket } from "./socket.js";

type Client = MQTTClient & { readonly target: BrokerClient };

/** For the SDK's client, which calls them on itself. */
const handlers = Object.freeze({
	onReadable(this: Client, count: number, part: MessagePart): void {
		this.target.onReadable(count, part);
		// A message left unread stops the client for good.
		this.read();
	},
	onWritable(this: Client, count: number): void {
		this.target.onWritable(count);
	},
	onControl(this: Client, message: MqttControl): void {
		this.target.onControl(message);
	},
	onError(this: Client): void {
		this.target.end();
	},
});

type MessagePart = Parameters<MqttOptions["onReadable"]>[1];

/**
 * The SDK's MQTT client, made safe: `close()` may be called at any time (it is done from a timer, and not while a name is
 * being resolved), its callbacks come never after that, an error has a reason, and what a callback does not read is read.
 */
class BrokerClient implements MqttClient, Connection {
	abandoned = false;
	resolved = false;
	failure: MqttError | null = null;
	private readonly guard: Guard;
	private readonly options: MqttOptions;
	private readonly client: MQTTClient | null = null;
	private connected = false;
	private over = false;

	constructor(guard: Guard, options: MqttOptions) {
		this.guard = guard;
		this.options = options;
		try {
			this.client = new MQTTClient({
				host: options.host,
				port: options.port,
				id: options.id,
				clean: options.clean,
				keepAlive: options.keepAlive,
				...credentials(options),
				...(options.will === undefined ? {} : { will: options.will }),
				socket: { io: BrokerSocket, connection: this } as { io: typeof BrokerSocket },
				dns: { io: Resolver, servers: serversFor(options.host, options.nameServers), socket: { io: GuardedUDP } },
				target: this,
				...handlers,
			});
		} catch (error) {
			this.failure ??= { kind: "name", message: String(error) };
			Timer.set(() => this.end());
		}
	}

	get secure(): boolean {
		return this.options.secure;
	}

	get trust(): Trust | undefined {
		return this.options.trust;
	}

	get host(): string {
		return this.options.host;
	}

	onResolved(): void {
		this.tell(() => this.options.onResolved?.());
	}

	onSecured(broker: TrustedBroker): void {
		this.tell(() => this.options.onSecured?.(broker));
	}

	onReadable(count: number, part: MessagePart): void {
		this.tell(() => this.options.onReadable(count, part));
	}

	onWritable(count: number): void {
		this.tell(() => this.options.onWritable(count));
	}

	onControl(message: MqttControl): void {
		if (message.operation === 2) this.connected = true;
		this.tell(() => this.options.onControl(message));
	}

	end(): void {
		const failure = this.failure ?? explain(this, this.connected);
		this.tell(() => {
			this.over = true;
			this.options.onError(failure);
		});
	}

	write(data: Uint8Array | null, part?: object): number {
		if (this.client === null || this.over) throw new Error("the connection is closed");
		return this.client.write(data, part);
	}

	read(count?: number): ArrayBuffer | undefined {
		return this.client?.read(count);
	}

	close(): void {
		this.over = true;
		this.abandoned = true;
		// While a name is resolved, the client ends when the socket refuses to be made.
		if (this.resolved) doLater(this.guard, () => this.client?.close());
	}

	private tell(handle: () => void): void {
		if (!this.over) this.guard(handle);
	}
}

export function createMqttClient(guard: Guard, options: MqttOptions): MqttClient {
	return new BrokerClient(guard, options);
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
