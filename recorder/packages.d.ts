/** Of the recorder's own packages what it uses, so that types are checked where they are not installed, too. */

declare module "libsql" {
	export type Value = number | bigint | string | Uint8Array | ArrayBuffer | null;

	interface Statement {
		run(...values: Value[]): { changes: number; lastInsertRowid: number | bigint };
		get(...values: Value[]): Record<string, Value> | undefined;
		all(...values: Value[]): Record<string, Value>[];
		/** Rows are arrays, not objects. */
		raw(raw?: boolean): Statement;
		/** Rows in blocks of a hundred: the query goes on while they are read. */
		iterate(...values: Value[]): Iterable<Value[]>;
	}

	export default class Database {
		/** `timeout`: seconds to wait for another process. */
		constructor(path: string, options?: { timeout?: number });
		prepare(sql: string): Statement;
		exec(sql: string): void;
		close(): void;
	}
}

declare module "mqtt" {
	interface Packet {
		cmd: string;
		messageId?: number;
		reasonCode?: number;
		qos?: number;
		retain?: boolean;
		dup?: boolean;
		sessionPresent?: boolean;
		properties?: Record<string, unknown>;
	}

	interface Options {
		protocolVersion: 5;
		clean: boolean;
		clientId: string;
		username?: string;
		password?: string;
		keepalive: number;
		reconnectPeriod: number;
		reconnectOnConnackError: boolean;
		connectTimeout: number;
		resubscribe: boolean;
		ca?: Buffer;
		properties: { sessionExpiryInterval: number; receiveMaximum: number };
	}

	interface Subscription {
		topic: string;
		qos: number;
	}

	export interface MqttClient {
		connected: boolean;
		on(event: "connect", listener: (connack: Packet) => void): this;
		on(event: "message", listener: (topic: string, payload: Buffer, packet: Packet) => void): this;
		on(event: "error", listener: (error: Error & { code?: unknown }) => void): this;
		on(event: "close" | "offline" | "reconnect", listener: () => void): this;
		subscribe(
			filters: Record<string, { qos: 0 | 1; rh: 0 | 1 | 2 }>,
			done: (error: Error | null, granted?: Subscription[]) => void,
		): this;
		end(force: boolean, options: object, done: () => void): this;
		/** The package's own; `subscriber.ts` says why it is used. */
		_sendPacket(packet: Packet, done?: (error?: Error) => void): void;
	}

	export function connect(url: string, options: Options): MqttClient;
}
