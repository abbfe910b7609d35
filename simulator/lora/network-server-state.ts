/** The record of a LoRaWAN network server, and of the devices that are registered with it. */
import type { Modulation } from "../../modules/lorawan/radio.js";
import type { Chance } from "../chance.js";
import type { AdrHistory } from "./adaptive-data-rate.js";
import type { Believed } from "./mac-answers.js";

/** A device as its owner registers it: EUIs and key as people write them. */
export interface Registration {
	readonly devEui: Uint8Array;
	readonly joinEui: Uint8Array;
	readonly appKey: Uint8Array;
}

/** What goes wrong, as probabilities. */
export interface Misfortunes {
	/** Nothing is sent though something should be. */
	silent: number;
	/** The answer comes in the second window. */
	second: number;
	/** The answer's MIC is wrong. */
	wrongMic: number;
	/** Instead of the answer an old downlink is sent once more. */
	replay: number;
}

export interface NetworkServerOptions {
	/** Three bytes, as people write them. */
	readonly netId: number;
	/** Seconds to the first window, and the second window's data rate, as join accepts say. */
	readonly delay: number;
	readonly firstOffset: number;
	readonly secondDataRate: number;
	/** Hz, at most five beside the default channels. */
	readonly channels: readonly number[];
	/** Adapts data rate and power to what it hears. */
	readonly adapts: boolean;
}

/** The Things Network's ways. */
export const commonOptions: NetworkServerOptions = {
	netId: 0x000013,
	delay: 5,
	firstOffset: 0,
	secondDataRate: 3,
	channels: [867_100_000, 867_300_000, 867_500_000, 867_700_000, 867_900_000],
	adapts: true,
};

export interface ServerSession {
	readonly devAddr: number;
	readonly nwkSKey: Buffer;
	readonly appSKey: Buffer;
	/** Of the last uplink; -1: none. And its bytes: a repeat has the same. */
	fcntUp: number;
	lastUplink: string;
	/** Of the next downlink. */
	fcntDown: number;
	/** What the device listens to, by its answers. */
	readonly believed: Believed;
	readonly history: AdrHistory;
}

export interface Queued {
	/** 1 to 223 */
	port: number;
	bytes: Uint8Array;
	confirmed: boolean;
}

/** An uplink that reached the application. */
export interface Delivered {
	readonly counter: number;
	readonly port: number;
	readonly bytes: Uint8Array;
	readonly confirmed: boolean;
}

export interface ServerDevice {
	readonly registration: Registration;
	/** Sessions of joins, newest last: an older one ends with the first uplink of a newer one. */
	sessions: ServerSession[];
	/** Every nonce of a join request whose MIC was right, in order. */
	readonly devNonces: number[];
	joinNonce: number;
	/** For the application, in order, without repeats. */
	readonly delivered: Delivered[];
	/** For the device, one with each answer. */
	readonly queue: Queued[];
	/** MAC commands for the next answer, at most 15 bytes. */
	commands: Uint8Array;
	/** Numbers of the answers to MAC commands, and their bytes, as they came. */
	readonly answers: Uint8Array[];
	/** Confirmed downlinks that were acknowledged. */
	acknowledgements: number;
	/** Downlinks sent before, for replays. */
	readonly sent: Uint8Array[];
	/** Uplinks that asked for an answer by ADRACKReq. */
	adrRequests: number;
	/** What it did that no device may do. */
	readonly violations: string[];
}

export interface NetworkServer {
	readonly options: NetworkServerOptions;
	readonly chance: Chance;
	readonly misfortunes: Misfortunes;
	readonly devices: ServerDevice[];
	/** Frames whose sender nobody knows, or whose MIC is wrong. */
	strangers: number;
}

/** A frame as a gateway received it. */
export interface Heard {
	readonly bytes: Uint8Array;
	readonly modulation: Readonly<Modulation>;
	/** dB. */
	readonly snr: number;
	/** When it ended, in the world's milliseconds. */
	readonly end: number;
}

/** A frame that a gateway is to send at a time. */
export interface Answer {
	readonly bytes: Uint8Array;
	readonly modulation: Modulation;
	readonly start: number;
}

export function createNetworkServer(chance: Chance, options: NetworkServerOptions = commonOptions): NetworkServer {
	const misfortunes = { silent: 0, second: 0, wrongMic: 0, replay: 0 };
	return { options, chance, misfortunes, devices: [], strangers: 0 };
}

export function register(server: NetworkServer, registration: Registration): ServerDevice {
	const device: ServerDevice = {
		registration,
		sessions: [],
		devNonces: [],
		joinNonce: 0,
		delivered: [],
		queue: [],
		commands: new Uint8Array(0),
		answers: [],
		acknowledgements: 0,
		sent: [],
		adrRequests: 0,
		violations: [],
	};
	server.devices.push(device);
	return device;
}
