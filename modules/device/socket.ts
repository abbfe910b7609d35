/** The socket of the MQTT client: TCP, or TLS over it. */
import type { TcpOptions } from "embedded:io/socket/tcp";
import TCP from "embedded:io/socket/tcp";
import type Session from "ssl/session";
import Timer from "timer";
import type { MqttError } from "../ports/mqtt.js";
import { connack, createPacketFilter, filterPackets, longestPacket } from "../uplink/packet-filter.js";
import { type Connection, refusals } from "./connection.js";
import { admit, describeBroker, Link, longestRecord, openSecure, type Secure } from "./secure.js";

interface SocketOptions extends TcpOptions {
	connection: Connection;
}

/** Bytes by which a TLS 1.2 record with AES is longer than what is in it, at most. */
const recordOverhead = 96;

/** For TCP, which calls them on itself. */
const handlers = Object.freeze({
	onReadable(this: Wire, count: number): void {
		this.target.take(count);
	},
	onWritable(this: Wire, count: number): void {
		this.target.resume(count);
	},
	onError(this: Wire): void {
		this.target.fail("lost", "the connection was closed");
	},
});

type Wire = TCP & { readonly target: BrokerSocket };

/**
 * The socket that the SDK's MQTT client is given: TCP, or TLS over it. Whatever throws between the network and the client
 * (a certificate, a record, the client's own parser) ends this connection with a reason, and nothing else. The client sees
 * whole packets only, one at a time, and none that it cannot digest.
 */
export class BrokerSocket {
	format: "buffer" | "number" = "buffer";
	private readonly options: SocketOptions;
	private readonly tcp: TCP;
	private readonly secure: Secure | null;
	private readonly inbound = createPacketFilter(longestPacket);
	/** What the session sees of `tcp`. */
	private readonly link: Link;
	private readonly bytes = new Uint8Array(512);
	/** Of the packet that the client is reading. */
	private at = 0;
	private end = 0;
	private secured: boolean;
	private closed = false;

	/** Throws what the client turns into its `onError`. */
	constructor(options: SocketOptions) {
		const { connection } = options;
		connection.resolved = true;
		if (connection.abandoned) throw new Error("abandoned");
		this.options = options;
		this.secured = !connection.secure;
		this.secure = connection.secure ? secureFor(connection) : null;
		try {
			this.tcp = new TCP({
				address: options.address,
				port: options.port,
				nodelay: true,
				target: this,
				...handlers,
			});
		} catch (error) {
			connection.failure ??= { kind: "connect", message: String(error) };
			throw error;
		}
		this.link = new Link(this.tcp, this.secure?.guard ?? null);
		connection.onResolved();
	}

	/** For the client: with the format `number` one byte, else `count` bytes or as many as fit into the buffer. */
	read(count?: number | Uint8Array): number | ArrayBuffer | undefined {
		if (this.at >= this.end) return undefined;
		const { packet } = this.inbound;
		if (this.format === "number") return packet[this.at++];
		const wanted = typeof count === "object" ? count.length : (count ?? this.end - this.at);
		const start = this.at;
		this.at = Math.min(start + wanted, this.end);
		if (typeof count !== "object") return packet.slice(start, this.at).buffer;
		count.set(packet.subarray(start, this.at));
		return this.at - start;
	}

	/** For the client: returns the room that is left. `more` announces parts of one packet, which go out with its last. */
	write(bytes: Uint8Array, part?: { more?: boolean; byteLength?: number }): number {
		if (this.closed) return 0;
		try {
			if (this.secure === null) return bytes.length === 0 ? this.link.writable : this.send(bytes);
			return roomOf(this.secure.session.write(this.link, bytes, part));
		} catch (error) {
			// The client is in the midst of a packet; it hears of this when it is out of it.
			Timer.set(() => this.fail("lost", String(error)));
			return 0;
		}
	}

	close(): void {
		if (this.closed) return;
		this.closed = true;
		try {
			if (this.secured) this.secure?.session.close(this.link);
		} catch {
			// A farewell that cannot be sent is not missed.
		}
		this.tcp.close();
	}

	private send(bytes: Uint8Array): number {
		this.link.writable = this.tcp.write(bytes) ?? 0;
		return this.link.writable;
	}

	/** TCP has `count` bytes. */
	take(count: number): void {
		if (this.closed) return;
		try {
			this.receive(count);
		} catch (error) {
			this.failBy(error);
		}
	}

	/** There is room for `count` bytes. */
	resume(count: number): void {
		if (this.closed) return;
		try {
			this.useRoom(count);
		} catch (error) {
			this.failBy(error);
		}
	}

	private failBy(error: unknown): void {
		this.fail(this.secured ? "lost" : "connect", String(error));
	}

	fail(kind: MqttError["kind"], message: string): void {
		if (this.closed) return;
		const { connection } = this.options;
		if (kind === "lost" && !this.secured) connection.failure ??= { kind: "connect", message: "closed while TLS began" };
		connection.failure ??= { kind, message };
		try {
			this.options.onError();
		} catch {
			// The client was closed already.
		}
		this.close();
	}

	private useRoom(count: number): void {
		this.link.writable = count;
		if (this.secure !== null && !this.secured) {
			this.shakeHands(this.secure.session);
			return;
		}
		const room = this.secure === null ? count : roomOf(count);
		if (room > 0) this.options.onWritable(room);
	}

	private receive(count: number): void {
		for (let left = count; left > 0 && !this.closed; ) {
			const size = Math.min(left, this.bytes.length);
			const bytes = size < this.bytes.length ? this.bytes.subarray(0, size) : this.bytes;
			this.tcp.read(bytes);
			left -= size;
			if (this.secure === null) this.deliver(bytes);
			else this.open(this.secure, bytes);
		}
	}

	private open(secure: Secure, bytes: Uint8Array): void {
		const refusal = admit(secure, this.link, bytes, bytes.length);
		if (refusal !== null) {
			if (!this.secured) this.options.connection.failure ??= refusal;
			this.fail("lost", refusal.message);
			return;
		}
		if (!this.secured) this.shakeHands(secure.session);
		if (this.secured) this.unseal(secure.session);
	}

	private shakeHands(session: Session): void {
		while (!session.handshake(this.link)) if (session.handshakeProcess === -1 && this.link.readable === 0) return;
		if (session.alert) throw new Error(`TLS alert ${session.alert.description}`);
		this.secured = true;
		if (this.secure !== null) {
			const broker = describeBroker(this.secure);
			if (broker === null) throw new Error("TLS is done without a broker that is trusted");
			this.options.connection.onSecured(broker);
		}
		this.options.onWritable(roomOf(this.link.writable));
	}

	private unseal(session: Session): void {
		while (!this.closed) {
			const bytes = session.read(this.link);
			if (bytes === undefined) return;
			if (bytes === null) {
				this.fail("lost", "the broker ended TLS");
				return;
			}
			this.deliver(bytes);
		}
	}

	private deliver(bytes: Uint8Array): void {
		const whole = filterPackets(this.inbound, bytes, 0, bytes.length, length => this.pass(length));
		if (!whole) this.fail("lost", "the answers are not MQTT");
	}

	/** One packet for the client, which reads all of it in its callback. */
	private pass(length: number): boolean {
		const { packet } = this.inbound;
		if (packet[0] === connack && length === 4 && packet[3] !== 0) {
			const returnCode = packet[3]!;
			this.options.connection.failure ??= { kind: "refused", message: refusals[returnCode] ?? "refused", returnCode };
		}
		this.at = 0;
		this.end = length;
		this.options.onReadable(length);
		return !this.closed;
	}
}

/** Bytes that fit into one record, where `writable` bytes fit into the network's buffer. */
function roomOf(writable: number): number {
	return Math.max(0, Math.min(writable - recordOverhead, longestRecord));
}

function secureFor(connection: Connection): Secure {
	try {
		return openSecure(connection.host, connection.trust);
	} catch (error) {
		connection.failure ??= { kind: "connect", message: String(error) };
		throw error;
	}
}
