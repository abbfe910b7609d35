import type { Message } from "../modules/publish/message.js";
import type { Alarm, MqttClient, MqttError } from "../modules/session/ports.js";
import type { BrokerAddress } from "./arguments.js";
import { openConnection } from "./connection.js";
import { createHostClock } from "./host-clock.js";
import { createMqttClient } from "./mqtt-client.js";

export interface PublisherEvents {
	onOnline(): void;
	/** The connection was lost or did not come about; the next try is in `delay` milliseconds. */
	onOffline(error: MqttError, delay: number): void;
}

/**
 * One connection to a broker with `online` and `offline` on a status topic, for a person at a terminal: it comes back by itself
 * and keeps the last hundred messages meanwhile.
 */
export interface Publisher {
	publish(messages: readonly Message[]): void;
	/** Sends what waits, says `offline` and ends. False when the broker did not take all of it within `timeout` milliseconds. */
	close(timeout: number): Promise<boolean>;
}

interface State {
	address: BrokerAddress;
	status: string;
	events: PublisherEvents;
	client: MqttClient | null;
	/** The name is resolved: the client may be closed. */
	resolved: boolean;
	/** Between CONNACK and the end of the connection. */
	online: boolean;
	/** Bytes that can be written now. */
	room: number;
	closed: boolean;
	queue: Message[];
	/** The packet identifier of the queue's first message while it waits for its acknowledgement. */
	waiting: number | null;
	nextId: number;
	failures: number;
	alarm: Alarm | null;
	onEmpty: (() => void) | null;
}

const clock = createHostClock();
const longest = 100;

/** Connects at once. `status` is the topic of `online` and `offline`, which is also the last will. */
export function createPublisher(address: BrokerAddress, status: string, events: PublisherEvents): Publisher {
	const state: State = {
		address,
		status,
		events,
		client: null,
		resolved: false,
		online: false,
		room: 0,
		closed: false,
		queue: [],
		waiting: null,
		nextId: 1,
		failures: 0,
		alarm: null,
		onEmpty: null,
	};
	connect(state);
	return {
		publish(messages) {
			state.queue.push(...messages);
			// The oldest go, but for one that is under way.
			const excess = state.queue.length - longest;
			if (excess > 0) state.queue.splice(state.waiting === null ? 0 : 1, excess);
			send(state);
		},
		close: timeout => close(state, timeout),
	};
}

function connect(state: State): void {
	const { host, port, secure, user, password } = state.address;
	state.alarm = null;
	state.resolved = false;
	state.client = createMqttClient(
		{ clock, open: openConnection, bufferSize: 65_536 },
		{
			host,
			port,
			secure,
			nameServers: [],
			id: `smarty-xs-simulator-${process.pid}`,
			clean: true,
			keepAlive: 30_000,
			...(user === undefined ? {} : { user }),
			...(password === undefined ? {} : { password }),
			will: { topic: state.status, message: "offline", QoS: 1, retain: true },
			onReadable() {},
			onWritable(count) {
				state.room = count;
				send(state);
			},
			onResolved() {
				state.resolved = true;
			},
			onControl({ operation, id }) {
				if (operation === 2) goOnline(state);
				if (operation !== 4 || id !== state.waiting) return;
				state.waiting = null;
				state.queue.shift();
				send(state);
			},
			onError: error => goOffline(state, error ?? { kind: "lost", message: "connection lost" }),
		},
	);
}

function goOnline(state: State): void {
	state.online = true;
	state.failures = 0;
	state.queue.unshift({ topic: state.status, payload: "online", quality: 1, retain: true });
	state.events.onOnline();
}

function goOffline(state: State, error: MqttError): void {
	state.client = null;
	state.online = false;
	state.waiting = null;
	if (state.closed) return;
	state.queue = state.queue.filter(({ topic, payload }) => topic !== state.status || payload !== "online");
	const delay = Math.min(30_000, 500 * 2 ** state.failures);
	state.failures += 1;
	state.alarm = clock.setAlarm(delay, () => connect(state));
	state.events.onOffline(error, delay);
}

/** Messages in their order; one of quality 1 holds the others back until it is acknowledged. */
function send(state: State): void {
	const { client, queue } = state;
	if (client === null || !state.online) return;
	while (queue.length > 0 && state.waiting === null) {
		const { topic, payload, quality, retain } = queue[0]!;
		const bytes = new TextEncoder().encode(payload);
		// Three bytes for each character of the topic, and the packet's header.
		if (bytes.length + 3 * topic.length + 16 > state.room) return;
		const id = state.nextId;
		state.nextId = (id % 65535) + 1;
		state.room = client.write(bytes, { topic, QoS: quality, retain, id });
		if (quality === 1) state.waiting = id;
		else queue.shift();
	}
	if (queue.length === 0) state.onEmpty?.();
}

async function close(state: State, timeout: number): Promise<boolean> {
	state.queue.push({ topic: state.status, payload: "offline", quality: 1, retain: true });
	const emptied = await new Promise<boolean>(resolve => {
		const alarm = clock.setAlarm(timeout, () => resolve(false));
		state.onEmpty = () => {
			clock.cancelAlarm(alarm);
			resolve(true);
		};
		send(state);
	});
	state.closed = true;
	if (state.alarm !== null) clock.cancelAlarm(state.alarm);
	if (emptied) state.client?.write(null, { operation: 14 });
	if (state.resolved) state.client?.close();
	return emptied;
}
