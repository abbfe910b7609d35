/** The simulated MQTT broker: starts, dies, hangs and retains. */

import type { WorldClock } from "../clock.js";
import { dismiss, goOn, openConnection } from "./broker-connection.js";
import type { BrokerEvents, Publication, WorldBroker } from "./contract.js";
import type { Remote, Socket } from "./socket.js";

export function createWorldBroker(clock: WorldClock, events: BrokerEvents): WorldBroker {
	return {
		clock,
		events,
		up: true,
		stopped: false,
		mute: false,
		delay: 0,
		answer: 0,
		largest: Infinity,
		retains: true,
		refusals: [],
		dieAfter: -1,
		onDeath: null,
		retained: new Map(),
		connections: [],
		accepted: 0,
	};
}

/** Takes a connection, or refuses it. */
export function welcome(broker: WorldBroker, socket: Socket): Remote | null {
	return broker.up ? openConnection(broker, socket, publication => keep(broker, publication)) : null;
}

function keep(broker: WorldBroker, publication: Publication): void {
	if (publication.retain) {
		if (publication.payload === "") broker.retained.delete(publication.topic);
		else broker.retained.set(publication.topic, publication.payload);
	}
	broker.events.onPublish(publication);
}

/** The program dies and its system resets all connections. `forget`: it comes back without what it retained. */
export function killBroker(broker: WorldBroker, forget: boolean): void {
	broker.up = false;
	broker.stopped = false;
	broker.dieAfter = -1;
	for (const connection of [...broker.connections]) dismiss(connection, true);
	if (forget) broker.retained.clear();
}

export function startBroker(broker: WorldBroker): void {
	broker.up = true;
}

/** Stops reading and answering, as a process that is suspended, or goes on with all that came meanwhile. */
export function stopBroker(broker: WorldBroker, stopped: boolean): void {
	broker.stopped = stopped;
	if (stopped) return;
	for (const connection of [...broker.connections]) goOn(connection);
}
