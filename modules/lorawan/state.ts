/** The record of a LoRaWAN 1.0.4 end device of class A in EU868. */
import type { Store } from "../ports/ports.js";
import { createDutyCycle, type DutyCycle } from "./duty-cycle.js";
import { tagOf } from "./join.js";
import { createLink, type LinkSettings } from "./link.js";
import type { Radio } from "./radio.js";
import { mostPower } from "./region.js";
import { openSession, type Session, type SessionStorage } from "./session.js";

/** As people type them: EUIs most significant byte first. */
export interface Credentials {
	/** 8 bytes. */
	readonly devEui: Uint8Array;
	/** 8 bytes. */
	readonly joinEui: Uint8Array;
	/** 16 bytes. */
	readonly appKey: Uint8Array;
}

export interface EndDeviceOptions {
	readonly credentials: Credentials;
	readonly store: Store;
	readonly radio: Radio;
	/** dBm EIRP, the most that the device sends with; 16 is the law's limit. The network may lower it. */
	readonly power: number;
	/** dBi of the antenna with its cable: so much less goes to the connector. */
	readonly antennaGain: number;
	/** Keeps to 30 s of airtime a day, as community networks ask. */
	readonly fairUse: boolean;
	/** How often the radio is looked at while something is awaited: 20 ms where no interrupt tells, else 500. */
	readonly pollMs: number;
	/** From 0 up to, and without, 1. */
	readonly chance: () => number;
}

/** What is thrown away, by reason. Counts since the boot. */
export interface Drops {
	/** For another device, or no LoRaWAN at all. */
	foreign: number;
	/** The radio found it damaged, or it is too short for what it says it is. */
	malformed: number;
	/** For this device, but not made with its keys; also an old one that was sent again. */
	mic: number;
	/** The join accept that was taken last, once more. */
	replayed: number;
	/** On a port that no application has. */
	port: number;
}

export type DropReason = keyof Drops;

/** `waiting`: the frame is ready and waits for its time. `first` and `second` are the windows; the first is open from the frame's end on. */
export type Phase = "idle" | "waiting" | "sending" | "first" | "second";

export interface Downlink {
	/** 1 to 223 */
	readonly port: number;
	readonly bytes: Uint8Array;
}

export interface EndDevice {
	readonly options: EndDeviceOptions;
	readonly storage: SessionStorage;
	/** Null: not joined. Kept over restarts. */
	session: Session | null;
	readonly link: LinkSettings;
	readonly dutyCycle: DutyCycle;

	phase: Phase;
	/** When `advance` is to be called, monotonic milliseconds; Infinity: when something is asked of the device. Earlier calls do no harm. */
	deadline: number;
	/** The frame that is ready or on the air, and whether it is a join request. */
	readonly frame: Uint8Array;
	length: number;
	isJoin: boolean;
	/** How often this frame is still to be sent. */
	repeats: number;
	dataRate: number;
	channel: number;
	/** When the frame began, and when it ended. */
	start: number;
	end: number;
	/** When the window that is open closes; later while a frame comes in. */
	windowEnd: number;
	hasHeader: boolean;
	/** Nothing is sent before: the network limits the time over all channels, or a repeat waits. */
	restEnd: number;

	/** When the next join request may be sent; Infinity: none is due. */
	joinTime: number;
	/** Join requests since the last accept, and when the first was sent. */
	joinAttempts: number;
	joinSince: number;
	/** Of the join request that is on its way. */
	devNonce: number;

	/** Of the last confirmed uplink; null when there was none. */
	acknowledged: "pending" | "yes" | "no" | null;
	/** The server has more, and waits for an uplink. */
	isPending: boolean;
	/** A confirmed downlink is to be acknowledged. */
	owesAck: boolean;
	/** The newest downlink for the application; who takes it sets it to null. */
	downlink: Downlink | null;

	/** The next uplink asks for `margin` and `gateways`. */
	asksLinkCheck: boolean;
	/** Uplinks since the last downlink. */
	unanswered: number;

	/** When the last uplink was handed over; -Infinity: none since the boot. */
	lastUplink: number;
	/** Frames sent, repeats and join requests included, and downlinks taken, since the boot. */
	sent: number;
	taken: number;
	/** All airtime since the boot, in ms. */
	airtime: number;
	/** Of the last downlink: dBm, quarters of a dB. Null: none since the boot. */
	rssi: number | null;
	snr: number | null;
	/** What the last link check said: dB above the limit, and how many gateways heard it. */
	margin: number | null;
	gateways: number | null;
	/** How often the store did not keep what it had to. Then nothing is sent that it must know of. */
	storeFailures: number;
	/** How often the radio did not answer, or did not end what it was told to. */
	radioFailures: number;
	readonly drops: Drops;
}

const longestFrame = 255;

/** Throws on credentials that cannot be. What the store has of a session with them is taken up. Without one, it joins: `advance` from now on. */
export function createEndDevice(options: EndDeviceOptions, now: number): EndDevice {
	const { credentials, store, power, chance } = options;
	check("a DevEUI", credentials.devEui, 8);
	check("a JoinEUI", credentials.joinEui, 8);
	check("an AppKey", credentials.appKey, 16);
	if (!(power >= 0 && power <= mostPower)) throw new RangeError(`power is 0 to ${mostPower} dBm EIRP, not ${power}`);
	const link = createLink();
	const { storage, session } = openSession(store, tagOf(credentials), link);
	const joinTime = session === null ? now + Math.floor(chance() * firstJoinMs) : Infinity;
	return {
		options,
		storage,
		session,
		link,
		dutyCycle: createDutyCycle(now),
		phase: "idle",
		deadline: joinTime,
		frame: new Uint8Array(longestFrame),
		length: 0,
		isJoin: false,
		repeats: 0,
		dataRate: 0,
		channel: 0,
		start: 0,
		end: 0,
		windowEnd: 0,
		hasHeader: false,
		restEnd: 0,
		joinTime,
		joinAttempts: 0,
		joinSince: 0,
		devNonce: 0,
		acknowledged: null,
		isPending: false,
		owesAck: false,
		downlink: null,
		asksLinkCheck: false,
		unanswered: 0,
		lastUplink: -Infinity,
		sent: 0,
		taken: 0,
		airtime: 0,
		rssi: null,
		snr: null,
		margin: null,
		gateways: null,
		storeFailures: 0,
		radioFailures: 0,
		drops: { foreign: 0, malformed: 0, mic: 0, replayed: 0, port: 0 },
	};
}

/** After a power cut in a street not all readers ask at once; so long at most does the first request wait. */
export const firstJoinMs = 10_000;

function check(name: string, bytes: Uint8Array, length: number): void {
	if (bytes.length !== length) throw new RangeError(`${name} has ${length} bytes, not ${bytes.length}`);
}
