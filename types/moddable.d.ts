/** The part of the Moddable SDK 8.2.3 that this project uses, as it behaves, not as its own declarations say. */

declare module "timer" {
	/** An object that may be given properties; the SDK's own modules do so. */
	interface Timer {
		readonly timer: unique symbol;
	}
	const Timer: {
		/** The callback gets what is returned. Once; with `repeat`, first after `interval`, then each `repeat` milliseconds. */
		set(callback: (timer: Timer) => void, interval?: number, repeat?: number): Timer;
		repeat(callback: (timer: Timer) => void, interval: number): Timer;
		clear(timer: Timer | undefined): void;
	};
	export default Timer;
	export type { Timer };
}

declare module "time" {
	const Time: {
		/** Milliseconds since boot, signed 32 bits: compare with `delta` only. */
		readonly ticks: number;
		delta(start: number, end: number): number;
		/** UTC in seconds. */
		set(seconds: number): void;
		/** Seconds east of Greenwich; Menlo Park until it is set. */
		timezone: number;
		/** Seconds of summer time. */
		dst: number;
	};
	export default Time;
}

declare module "mc/config" {
	/** `config` of the manifests and of the command line, where every value is text. */
	const config: Readonly<Record<string, unknown>>;
	export default config;
}

declare module "mc/ffi" {
	/** The C functions that the manifest's `ffi` names. */
	export default class FFI {
		esp_reset_reason(): number;
		esp_restart(): void;
		esp_get_free_heap_size(): number;
		esp_get_minimum_free_heap_size(): number;
		/** These are in `smartyMemory.c`. */
		smarty_watch_memory(): void;
		smarty_failed_allocations(): number;
		smarty_largest_block(): number;
		smarty_stack_left(): number;
		smarty_mac(half: number): number;
		/** This one is in `smartyUpdate.c`. */
		smarty_is_on_trial(): number;
		/** These are in `smartyAccessPoint.c`; 0 where it could be done, else `esp_err_t`. */
		smarty_watch_station(): number;
		smarty_station_reason(): number;
		smarty_open_access_point(name: string, password: string, portal: string): number;
		smarty_close_access_point(): void;
		/** ESP-IDF's; 0 where it could be done. */
		esp_ota_mark_app_valid_cancel_rollback(): number;
		/** Returns only where it could not be done. */
		esp_ota_mark_app_invalid_rollback_and_reboot(): number;
	}
}

declare module "preference" {
	const Preference: {
		/** Domain and key at most 15 characters. */
		get(domain: string, key: string): boolean | number | string | ArrayBuffer | undefined;
		set(domain: string, key: string, value: boolean | number | string | ArrayBuffer): void;
		delete(domain: string, key: string): void;
	};
	export default Preference;
}

declare module "Resource" {
	/** A file of the manifest's `data`, in flash; a buffer without a copy. */
	export default class Resource extends ArrayBuffer {
		constructor(path: string);
		static exists(path: string): boolean;
	}
}

declare module "file" {
	/** On Linux. */
	export class File {
		constructor(path: string, write: boolean);
		static exists(path: string): boolean;
		static delete(path: string): boolean;
		readonly length: number;
		read(type: StringConstructor): string;
		write(text: string): void;
		close(): void;
	}
}

declare module "net" {
	const Net: {
		/** Undefined on Linux. */
		get(property: "DNS"): string[] | undefined;
		get(property: "IP" | "MAC" | "SSID"): string | undefined;
	};
	export default Net;
}

declare module "embedded:io/digital" {
	export default class Digital {
		/** `onReadable`: several edges are told once. It is called on the input, which has `target` as its own. */
		constructor(options: { pin: number; mode: number; edge?: number; target?: object; onReadable?: () => void });
		read(): 0 | 1;
		write(value: 0 | 1 | boolean): void;
		close(): void;
		static readonly Input: number;
		static readonly Output: number;
		static readonly Rising: number;
	}
}

declare module "embedded:io/serial" {
	/** The Linux variant only. Exceptions in its callbacks are swallowed. */
	export default class Serial {
		constructor(options: { device: string; baud: number; format: "buffer"; onReadable(count: number): void });
		read(): ArrayBuffer | undefined;
		write(bytes: ArrayBuffer): void;
		close(): void;
	}
}

declare module "embedded:io/socket/tcp" {
	/** What callbacks that are no closures work on: they are called on the socket, which has `target` as its own. */
	export interface Target {
		readonly target?: object;
	}
	export interface Callbacks extends Target {
		nodelay?: boolean;
		onReadable(this: Target, count: number): void;
		/** `count` bytes can be written: all that the send buffer takes, when it comes first. */
		onWritable(this: Target, count: number): void;
		onError(this: Target): void;
	}
	export interface TcpOptions extends Callbacks {
		address: string;
		port: number;
	}
	/** A connection that a listener accepted; `from` is of no use afterwards. */
	export interface AcceptedOptions extends Callbacks {
		from: TCP;
	}
	export default class TCP {
		constructor(options: TcpOptions | AcceptedOptions);
		format: "buffer" | "number";
		/** Throws when there are fewer bytes than asked for. */
		read(bytes: Uint8Array): number;
		/** Throws when there is no room. Returns the room left, or nothing when the connection just broke. */
		write(bytes: Uint8Array): number | undefined;
		/** Four numbers, as text. */
		readonly remoteAddress: string;
		close(): void;
	}
}

declare module "embedded:io/socket/listener" {
	import type TCP from "embedded:io/socket/tcp";
	export default class Listener {
		/** `count` connections wait. */
		constructor(options: { port: number; onReadable(this: Listener, count: number): void });
		/** The next of them, without callbacks yet. */
		read(): TCP | undefined;
		close(): void;
	}
}

declare module "embedded:network/dnssd" {
	import type UDP from "embedded:io/socket/udp";

	/** Multicast DNS. All objects share the socket of the first; the socket's callback throws on malformed packets. */
	export default class DNSSD {
		constructor(options: { socket: { io: typeof UDP } });
		/** Asks whether the name is free: one of the two is called some time later. Throws for a name that is claimed already. */
		claim(options: { host: string; onReady(): void; onError(): void }): { close(): void };
		/** `serviceType` as `_http._tcp`, `name` for people, `txt` as the bytes of the record. */
		advertise(options: { serviceType: string; name: string; host: string; port: number; txt: Uint8Array }): {
			close(): void;
		};
		close(): void;
	}
}

declare module "embedded:io/socket/udp" {
	export interface UdpOptions {
		/** The socket has it as its own, and `onReadable` is called on the socket. */
		target?: object;
		/** Of all addresses of the device; any free one without it. */
		port?: number;
		onReadable?: (this: UDP, count: number) => void;
	}
	export default class UDP {
		constructor(options: UdpOptions);
		/** The next datagram, and who sent it. */
		read(): (ArrayBuffer & { address: string; port: number }) | undefined;
		/** Throws where it cannot be sent. */
		write(bytes: Uint8Array, address: string, port: number): void;
		/** Joins a group of multicast; throws where that cannot be. Not on Linux. */
		add?(address: string): void;
		close(): void;
	}
}

declare module "embedded:network/dns/resolver/udp" {
	import type UDP from "embedded:io/socket/udp";
	export default class Resolver {
		constructor(options: { servers: readonly string[]; socket: { io: typeof UDP } });
		/** One of the two is called, and not within this call. */
		resolve(options: { host: string; onResolved(host: string, address: string): void; onError(): void }): void;
	}
}

declare module "embedded:network/mqtt/client" {
	import type UDP from "embedded:io/socket/udp";
	import type Resolver from "embedded:network/dns/resolver/udp";

	interface Control {
		operation: number;
		id?: number;
		payload?: number[];
		returnCode?: number;
	}
	/** MQTT 3.1.1. `onClose` is never called; `onError` says nothing and closes. */
	export default class MQTTClient {
		constructor(options: {
			host: string;
			port: number;
			id: string;
			clean: boolean;
			keepAlive: number;
			user?: string;
			password?: string;
			will?: { topic: string; message: string; QoS: number; retain: boolean };
			/** `io` is constructed with the rest of the record, `host`, `address`, `port` and three callbacks. */
			socket: { io: new (options: never) => object };
			dns: { io: typeof Resolver; servers: readonly string[]; socket: { io: typeof UDP } };
			/** The callbacks are called on the client, which has it as its own. */
			target?: object;
			onReadable(count: number, options: { topic?: string; byteLength?: number; QoS?: number; more?: boolean }): void;
			onWritable(count: number): void;
			onControl(message: Control): void;
			onError(): void;
		});
		write(data: Uint8Array | null, options?: object): number;
		read(count?: number): ArrayBuffer | undefined;
		close(): void;
	}
}

declare module "embedded:network/interface/wifi" {
	export default class WiFi {
		/** `onChanged` is called on the object that is made. */
		constructor(options: { onChanged(property: "connection" | "address"): void });
		/** 200 idle, 300 connecting, 400 associated, 500 with an IPv4 address and an IPv6 link-local one. */
		readonly connection: number;
		readonly address: string | undefined;
		/** Twelve hexadecimal digits in lower case with colons. */
		readonly MAC: string | undefined;
		/** dBm. */
		readonly RSSI: number | undefined;
		/** Throws while it connects. Scans all channels. */
		connect(options: { SSID: string; password?: string }): void;
		disconnect(): void;
		/** Of all channels. `onFound` gets each access point, names as they are in the air; its exceptions are swallowed. Throws while it scans. */
		scan(options: { onFound(found: { SSID: string; RSSI: number; security: string }): void; onComplete(): void }): void;
	}
}

declare module "embedded:storage/flash" {
	interface FlashStorage {
		read(into: Uint8Array, byteOffset: number): number;
		write(bytes: Uint8Array, byteOffset: number): void;
		/** Blocks from `start` up to, and without, `end`. */
		eraseBlock(start: number, end: number): void;
		status(): { size: number; blocks: number; blockLength: number };
	}
	const Flash: {
		open(options: { path: string; mode?: "r" | "r+" }): FlashStorage;
		[Symbol.iterator](): Iterator<string>;
	};
	export default Flash;
	export type { FlashStorage };
}

declare module "embedded:update" {
	import type { FlashStorage } from "embedded:storage/flash";

	interface Update {
		/** Any length; 0xE9 comes first. Throws where flash fails. */
		write(bytes: Uint8Array): void;
		/** Looks whether it is a whole image, which boots next; throws where it is not. */
		complete(): void;
		/** Without `complete`: it is given up. More than once does no harm. */
		close(): void;
	}
	const Updates: {
		/** "a": erases as it goes. "w": erases all at once. */
		open(options: { partition: FlashStorage; mode: "a" | "w" }): Update;
	};
	export default Updates;
	export type { Update };
}

declare module "crypt" {
	export class Digest {
		/** `SHA256`, `SHA384`, `SHA512` and older ones. */
		constructor(name: string);
		/** The digest of the parts one after the other. */
		process(...parts: readonly Uint8Array[]): ArrayBuffer;
		write(part: Uint8Array): void;
		/** The digest of what was written. */
		close(): ArrayBuffer;
	}
}

declare module "ecdsa" {
	/** Ours, `modules/device/tls/ecdsa.ts`. */
	export { default } from "../modules/device/tls/ecdsa.js";
}

declare module "ssl/constants" {
	export const AES: number;
	export const ECDHE_RSA: number;
	export const GCM: number;
	export const SHA256: number;
}

declare module "ssl/session" {
	/** What a session needs of its socket; it keeps both counts itself. */
	export interface SessionSocket {
		readable: number;
		writable: number;
		read(bytes: Uint8Array): number;
		write(bytes: Uint8Array): number;
	}
	export interface SessionOptions {
		/** Sent as server_name. */
		serverName: string;
		protocolVersion: 0x303;
		/** Whether sessions are resumed, by name; true where it is absent. */
		cache: boolean;
		/** Bytes, not the number that stands for them: 512, 1024, 2048 or 4096. */
		tls_max_fragment_length: number;
		/** Not the SDK's: for our own `ssl/cert`, which is given these options too. */
		server: import("../modules/ports/tls.js").TrustedServer;
	}
	/** Not the SDK's: what our own `ecdsa` and `pkcs1_5`, which the session verifies a key exchange with, are made with. */
	export interface SessionKey {
		digest: Uint8Array;
		pub?: SessionKey;
	}
	/** TLS 1.2 in JavaScript. Every method may throw: on a certificate, a record, an alert that it does not like. */
	export default class Session {
		constructor(options: SessionOptions);
		/** -1 while it waits for the other side. */
		readonly handshakeProcess: number;
		readonly alert: { level: number; description: number } | undefined;
		initiateHandshake(): void;
		/** One step. True when there is nothing left to do: well, or with an `alert`. */
		handshake(socket: SessionSocket): boolean;
		/** One record's bytes; undefined when none is whole, null when the other side closed. */
		read(socket: SessionSocket): Uint8Array | null | undefined;
		/** With `more`, parts of one record, which goes out with the first part that has none. */
		write(socket: SessionSocket, bytes: Uint8Array, part?: { more?: boolean; byteLength?: number }): number;
		close(socket: SessionSocket): void;
	}
}
