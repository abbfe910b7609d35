/** The record of the way from the network to the broker, apart from what drives it. */

import type { Log } from "../health/log.js";
import type { Network, Ports } from "../ports/ports.js";
import type { Settings } from "../settings/settings.js";
import type { Broker } from "./broker.js";
import type { Connection } from "./connection.js";
import type { Delivery } from "./delivery.js";
import type { NetworkSupervisor } from "./network.js";
import type { Outbox } from "./outbox.js";
import type { RepeatedFailure } from "./repeated-failure.js";

/** From the network to the broker: both supervisors, their ports, and the messages between. */
export interface Uplink {
	readonly ports: Ports;
	readonly settings: Settings;
	readonly outbox: Outbox;
	readonly log: Log;
	readonly supervisor: NetworkSupervisor;
	readonly broker: Broker;
	readonly delivery: Delivery;
	readonly repeated: RepeatedFailure;
	readonly events: UplinkEvents;
	network: Network | null;
	connection: Connection | null;
	/** The network's address when the connection was opened. */
	connectionAddress: string | null;
	/** Connections that may not be closed yet. */
	readonly abandoned: Connection[];
	/** Somebody else has the network: it is not driven, and there is none for the broker. */
	paused: boolean;
	/** Goodbye is to be said, because the device restarts. */
	leaving: boolean;
	/** This connection has asked for what is to be heard. */
	subscribed: boolean;
}

export interface UplinkEvents {
	/** Call `driveUplink` soon, but not in this call. */
	onChange(): void;
	/** The broker accepted: what it must know is to be offered to the outbox. */
	onOnline(): void;
	onMessage(topic: string, payload: Uint8Array): void;
	/** The topics to hear on each connection. */
	listSubscriptions(): readonly string[];
	/** The status topics of meters, all of which are `offline` from now on: goodbye is said. */
	onGoodbye(): readonly string[];
	/** An exception was caught. */
	onException(where: string, error: unknown): void;
}
