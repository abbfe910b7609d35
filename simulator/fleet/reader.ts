/** One reader of a fleet: its session at the broker, and what the broker has not acknowledged. */
import { connect, type Socket } from "node:net";
import { generate, type Packet, parser } from "mqtt-packet";
import type { HouseReading } from "./house.js";

/** As many messages wait for their acknowledgement at once; further readings are late. */
const mostInFlight = 8;
const keepAliveSeconds = 60;
const answerMs = 20_000;
const firstPauseMs = 500;
const longestPauseMs = 8_000;

export interface FleetBroker {
	readonly host: string;
	readonly port: number;
	/** With a password each reader logs in under its own name. */
	readonly password: string | null;
}

export interface ReaderEvents {
	/** The broker has it: from now on it must not be lost. */
	onAcknowledged(reading: HouseReading, isLate: boolean): void;
	onConnection(isOpen: boolean): void;
}

export interface FleetReader {
	readonly name: string;
	/** A new telegram: sent now where that can be done, and else later, on `history`. */
	offer(reading: HouseReading): void;
	/** Takes its network away for so many milliseconds. */
	cut(duration: number): void;
	/** Readings that the broker has not acknowledged. */
	waiting(): number;
	isOpen(): boolean;
	close(): void;
}

/** Connects at once. `draw` gives numbers from 0 to 1, for the pauses. */
export function createFleetReader(
	name: string,
	base: string,
	broker: FleetBroker,
	events: ReaderEvents,
	draw: () => number,
): FleetReader {
	let socket: Socket | null = null;
	let isOpen = false;
	let isClosed = false;
	let next = 1;
	let pause = 0;
	let until = 0;
	let timer: NodeJS.Timeout | null = null;
	let heard = 0;
	/** Oldest first. */
	const late: HouseReading[] = [];
	const inFlight = new Map<number, { reading: HouseReading; isLate: boolean }>();
	const others = new Set<number>();

	function open(): void {
		timer = null;
		const own = connect(broker.port, broker.host);
		socket = own;
		own.setNoDelay(true);
		const reads = parser({ protocolVersion: 4 });
		reads.on("packet", packet => {
			if (own === socket) take(packet);
		});
		reads.on("error", () => own.destroy());
		own.on("connect", () =>
			send({
				cmd: "connect",
				protocolId: "MQTT",
				protocolVersion: 4,
				clientId: name,
				clean: true,
				keepalive: keepAliveSeconds,
				will: { topic: `${base}/${name}/status`, payload: Buffer.from("offline"), qos: 1, retain: true },
				...(broker.password !== null && { username: name, password: Buffer.from(broker.password) }),
			}),
		);
		own.on("data", bytes => {
			heard = performance.now();
			reads.parse(bytes);
		});
		own.on("error", () => {});
		own.on("close", () => {
			if (own === socket) lose();
		});
	}

	function send(packet: Packet): void {
		socket?.write(generate(packet, { protocolVersion: 4 }));
	}

	function take(packet: Packet): void {
		if (packet.cmd === "connack") {
			if (packet.returnCode !== 0) {
				socket?.destroy();
				return;
			}
			isOpen = true;
			pause = 0;
			events.onConnection(true);
			others.add(next);
			publish(`${base}/${name}/status`, "online", true);
			pump();
		} else if (packet.cmd === "puback") {
			const { messageId = 0 } = packet;
			if (others.delete(messageId)) return;
			const found = inFlight.get(messageId);
			if (found === undefined) return;
			inFlight.delete(messageId);
			events.onAcknowledged(found.reading, found.isLate);
			pump();
		}
	}

	function publish(topic: string, payload: string, retain: boolean): number {
		const messageId = next;
		next = next === 65_535 ? 1 : next + 1;
		send({ cmd: "publish", topic, payload, qos: 1, dup: false, retain, messageId });
		return messageId;
	}

	/** Late readings, as many as there is room for. */
	function pump(): void {
		while (isOpen && late.length > 0 && inFlight.size < mostInFlight) {
			const reading = late.shift()!;
			inFlight.set(publish(`${base}/${reading.meter}/history`, reading.late, false), { reading, isLate: true });
		}
	}

	function lose(): void {
		if (isOpen) events.onConnection(false);
		isOpen = false;
		socket = null;
		others.clear();
		late.unshift(...[...inFlight.values()].map(({ reading }) => reading));
		late.sort((one, other) => one.time - other.time);
		inFlight.clear();
		if (isClosed) return;
		pause = Math.min(longestPauseMs, Math.max(firstPauseMs, pause * 2));
		const rest = Math.max(pause * (0.5 + draw() / 2), until - performance.now());
		timer = setTimeout(open, rest);
	}

	open();
	return {
		name,
		offer(reading) {
			if (isOpen && performance.now() - heard > answerMs && inFlight.size > 0) socket?.destroy();
			if (!isOpen || late.length > 0 || inFlight.size >= mostInFlight) {
				late.push(reading);
				pump();
				return;
			}
			inFlight.set(publish(`${base}/${reading.meter}/state`, reading.state, true), { reading, isLate: false });
		},
		cut(duration) {
			until = performance.now() + duration;
			socket?.destroy();
		},
		waiting: () => late.length + inFlight.size,
		isOpen: () => isOpen,
		close() {
			isClosed = true;
			if (timer !== null) clearTimeout(timer);
			if (isOpen) {
				send({ cmd: "disconnect" });
				socket?.end();
			} else socket?.destroy();
		},
	};
}
