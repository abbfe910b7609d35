/** The record of LoRa in the world. */

import type { Chance } from "../../chance.js";
import type { Air, AirFrame, Antenna } from "../../lora/air.js";
import type { NetworkServer, ServerDevice } from "../../lora/network-server-state.js";
import type { BoardRadio } from "../board/state.js";

export interface WorldLora extends BoardRadio {
	readonly air: Air;
	readonly chance: Chance;
	readonly server: NetworkServer;
	/** The board, as the server knows it. */
	readonly device: ServerDevice;
	readonly antenna: Antenna;
	readonly checker: LoraChecker;
	/** The root key, and what the owner sets. */
	readonly appKey: Uint8Array;
	readonly chip: "sx1276" | "sx1262";
	gatewayUp: boolean;
	/** Probabilities that a frame of the gateway is lost, and that it is sent too late. */
	loss: number;
	late: number;
	/** What the board sends now, or sent last. */
	frame: AirFrame | null;
	/** Downlinks by their bytes: whether the board saw them. */
	readonly downlinks: Map<string, boolean>;
	/** Its last uplink had MAC commands. */
	isAnswering: boolean;
	/** How often the program saw a frame of the gateway. */
	heard: number;
	/** When it did so last, world's microseconds. */
	heardAt: number;
	/** By how many milliseconds what is told now lies back. */
	shift: number;
}

export interface LoraChecker {
	/** What the board has sent, the last hour of it: times in milliseconds. */
	readonly frames: { start: number; end: number; band: number }[];
	/** All DevNonces, in order. */
	readonly devNonces: number[];
	/** By address: the last counter, the frame that had it, and how many join requests there were before. */
	readonly counters: Map<string, { counter: number; bytes: string; joins: number }>;
	/** Uplinks of the application that were looked at. */
	seen: number;
	/** Number of the last sealed frame; -1 before the first. */
	sealed: number;
	/** Live readings that were compared, and quarter hours: number and how often it came. */
	compared: number;
	readonly quarters: Map<number, number>;
	/** Answers that were to be heard, and those that were. */
	answers: number;
	missed: number;
}
