/** What must survive a loss of power: counters that may never repeat, and the session with the network. */
import { crc16 } from "../p1/crc16.js";
import { formatHex, parseHex } from "../p1/hex.js";
import type { Store } from "../ports/ports.js";
import { readNumber, writeNumber } from "./bytes.js";
import { type LinkSettings, longestAnswers } from "./link.js";
import { channelCount } from "./region.js";

export interface Session {
	devAddr: number;
	readonly nwkSKey: Uint8Array;
	readonly appSKey: Uint8Array;
	/** Counter of the next uplink, 32 bits. */
	fcntUp: number;
	/** The store has this one as the next: up to here counters may be used. */
	reserved: number;
	/** The least counter that a downlink may have, 32 bits. */
	fcntDown: number;
}

/**
 * In the store, in two generations: each write takes the place of the older one, with a number and a checksum, so that a loss of power
 * leaves one of them. Uplink counters are reserved in blocks: a frame goes out only once the store has a greater counter than its own.
 */
export interface SessionStorage {
	/** Number of the newest whole generation. */
	generation: number;
	/** Which of the two names is written next. */
	next: 0 | 1;
	/** Says whose session it is: the device's EUIs and root key. */
	readonly tag: number;
	/** The next to be used, 0 to 65536. It goes on whatever the credentials are, so it repeats for none. */
	devNonce: number;
	/** Of the last join accept; -1: none. */
	joinNonce: number;
}

/** Uplinks for which one write is enough. */
export const reservedUplinks = 16;

const names: readonly string[] = Object.freeze(["lora0", "lora1"]);
const version = 1;
const headLength = 15;
const sessionLength = 58 + 1 + longestAnswers;
const channelLength = 7;
const pieceLength = 16;
const packedLength = headLength + sessionLength + channelCount * channelLength;

/** What was found, with the session, which is null where there is none of `tag`; then `link` is left as it is. Never throws. */
export function openSession(
	store: Store,
	tag: number,
	link: LinkSettings,
): { readonly storage: SessionStorage; readonly session: Session | null } {
	const storage: SessionStorage = { generation: 0, next: 0, tag, devNonce: 0, joinNonce: -1 };
	let newest: Uint8Array | null = null;
	for (const which of [0, 1] as const) {
		const bytes = unpack(store.read(names[which]));
		if (bytes === null) continue;
		const generation = readNumber(bytes, 1, 4);
		// A damaged newer one may have had a greater nonce, but then no frame went out with it.
		if (generation <= storage.generation) continue;
		storage.generation = generation;
		storage.next = which === 0 ? 1 : 0;
		newest = bytes;
	}
	if (newest === null) return { storage, session: null };
	storage.devNonce = readNumber(newest, 5, 3);
	if (readNumber(newest, 8, 4) !== tag) return { storage, session: null };
	storage.joinNonce = readNumber(newest, 12, 3) - 1;
	// The greatest nonce wraps to the number of none, which only means that it would be taken again.
	return { storage, session: readSession(newest, link) };
}

/** Writes all of it as the next generation, and looks whether it is there. Throws where it is not. `reserved` is what the uplink counter is next. */
export function writeSession(
	storage: SessionStorage,
	store: Store,
	session: Session | null,
	link: LinkSettings,
	reserved: number,
): void {
	const bytes = new Uint8Array(packedLength);
	bytes[0] = version;
	writeNumber(bytes, 1, 4, storage.generation + 1);
	writeNumber(bytes, 5, 3, storage.devNonce);
	writeNumber(bytes, 8, 4, storage.tag);
	writeNumber(bytes, 12, 3, storage.joinNonce + 1);
	if (session !== null) packSession(bytes, session, link, reserved);
	const text = format(bytes);
	const name = names[storage.next];
	store.write(name, text);
	if (store.read(name) !== text) throw new Error("the store did not keep the session");
	storage.generation += 1;
	storage.next = storage.next === 0 ? 1 : 0;
	if (session !== null) session.reserved = reserved;
}

/** In pieces: each digit that is added to a text makes garbage of the text's length. */
function format(bytes: Uint8Array): string {
	const end = bytes.length;
	let text = `${crc16(bytes, 0, end)} `;
	for (let at = 0; at < end; at += pieceLength) text += formatHex(bytes, at, Math.min(end, at + pieceLength));
	return text;
}

function unpack(text: string | null): Uint8Array | null {
	if (text === null) return null;
	const end = text.indexOf(" ");
	const bytes = parseHex(text.slice(end + 1));
	if (end < 0 || bytes === null || bytes.length !== packedLength || bytes[0] !== version) return null;
	return String(crc16(bytes, 0, bytes.length)) === text.slice(0, end) ? bytes : null;
}

function packSession(bytes: Uint8Array, session: Session, link: LinkSettings, reserved: number): void {
	let at = headLength;
	bytes[at] = 1;
	writeNumber(bytes, at + 1, 4, session.devAddr);
	writeNumber(bytes, at + 5, 4, reserved);
	writeNumber(bytes, at + 9, 4, session.fcntDown);
	bytes.set(session.nwkSKey, at + 13);
	bytes.set(session.appSKey, at + 29);
	at += 45;
	bytes[at] = link.delay;
	bytes[at + 1] = link.firstOffset;
	bytes[at + 2] = link.secondDataRate;
	writeNumber(bytes, at + 3, 4, link.secondFrequency);
	bytes[at + 7] = link.dataRate;
	bytes[at + 8] = link.powerIndex;
	bytes[at + 9] = link.transmissions;
	bytes[at + 10] = link.dutyExponent;
	writeNumber(bytes, at + 11, 2, link.mask);
	bytes[at + 13] = link.answersLength;
	bytes.set(link.answers, at + 14);
	at += sessionLength - 45;
	for (let channel = 0; channel < channelCount; channel += 1, at += channelLength) {
		writeNumber(bytes, at, 3, link.frequencies[channel] / 100);
		writeNumber(bytes, at + 3, 3, link.downlinks[channel] / 100);
		bytes[at + 6] = link.ranges[channel];
	}
}

function readSession(bytes: Uint8Array, link: LinkSettings): Session | null {
	let at = headLength;
	if (bytes[at] === 0) return null;
	const next = readNumber(bytes, at + 5, 4);
	const session: Session = {
		devAddr: readNumber(bytes, at + 1, 4),
		nwkSKey: bytes.slice(at + 13, at + 29),
		appSKey: bytes.slice(at + 29, at + 45),
		fcntUp: next,
		reserved: next,
		fcntDown: readNumber(bytes, at + 9, 4),
	};
	at += 45;
	link.delay = bytes[at];
	link.firstOffset = bytes[at + 1];
	link.secondDataRate = bytes[at + 2];
	link.secondFrequency = readNumber(bytes, at + 3, 4);
	link.dataRate = bytes[at + 7];
	link.powerIndex = bytes[at + 8];
	link.transmissions = bytes[at + 9];
	link.dutyExponent = bytes[at + 10];
	link.mask = readNumber(bytes, at + 11, 2);
	link.answersLength = bytes[at + 13];
	link.answers.set(bytes.subarray(at + 14, at + 14 + longestAnswers));
	at += sessionLength - 45;
	for (let channel = 0; channel < channelCount; channel += 1, at += channelLength) {
		link.frequencies[channel] = readNumber(bytes, at, 3) * 100;
		link.downlinks[channel] = readNumber(bytes, at + 3, 3) * 100;
		link.ranges[channel] = bytes[at + 6];
	}
	return session;
}
