/** The time from a server (SNTP, RFC 4330), for a board that has no meter to tell it. */
import type { Closable, OnDatagram, Ports } from "../ports/ports.js";
import { type Backoff, createBackoff, nextDelay, resetBackoff } from "./backoff.js";

/**
 * Each question has a number by chance in the place of its time, which the answer must repeat: whoever does not see the question cannot
 * set the clock, by which certificates are judged.
 */
export interface TimeServer {
	readonly host: string;
	/** What is asked; its last eight bytes are the number. */
	readonly question: Uint8Array;
	/** What hears the answer; null while nothing is asked. */
	hearing: Closable | null;
	askedTime: number;
	/** When it is asked, or no longer waited for, monotonic milliseconds. */
	deadline: number;
	readonly backoff: Backoff;
	/** Questions and good answers since the boot. */
	asked: number;
	answered: number;
}

const port = 123;
const length = 48;
const transmit = 40;
const originate = 24;
const answerMs = 5_000;
/** A crystal is off by two seconds a day at most. */
const againMs = 4 * 3_600_000;
const firstMs = 15_000;
const longestMs = 15 * 60_000;
/** Seconds from 1900 to 1970; and in an era, of which the second begins in 2036. */
const epoch = 2_208_988_800;
const era = 2 ** 32;

export function createTimeServer(host: string, now: number): TimeServer {
	const question = new Uint8Array(length);
	// Version 4, client.
	question[0] = 0x23;
	return {
		host,
		question,
		hearing: null,
		askedTime: 0,
		deadline: now,
		backoff: createBackoff(firstMs, longestMs),
		asked: 0,
		answered: 0,
	};
}

/** Asks where it is time and the network is there, or gives up waiting. `onTime` gets UTC in milliseconds, within an event. */
export function runTimeServer(
	server: TimeServer,
	ports: Ports,
	nameServers: readonly string[] | null,
	now: number,
	onTime: (time: number) => void,
): void {
	if (now < server.deadline || ports.askByDatagram === undefined) return;
	if (server.hearing !== null) {
		stopAsking(server);
		server.deadline = now + nextDelay(server.backoff, ports.random());
		return;
	}
	if (nameServers === null) return;
	const { question } = server;
	for (let at = transmit; at < length; at += 1) question[at] = Math.floor(ports.random() * 256);
	server.asked += 1;
	server.askedTime = now;
	// What throws is tried again after as long.
	server.deadline = now + answerMs;
	const onAnswer: OnDatagram = (bytes, count) => {
		const after = ports.clock.now();
		const time = readAnswer(bytes, count, question);
		if (time === null || server.hearing === null) return;
		stopAsking(server);
		resetBackoff(server.backoff);
		server.answered += 1;
		server.deadline = after + againMs;
		onTime(Math.round(time + (after - server.askedTime) / 2));
	};
	server.hearing = ports.askByDatagram({ host: server.host, port, nameServers, bytes: question }, onAnswer);
}

function stopAsking(server: TimeServer): void {
	const { hearing } = server;
	server.hearing = null;
	hearing?.close();
}

/** UTC in milliseconds; null for what is no answer to this question of a server that knows the time. */
export function readAnswer(bytes: Uint8Array, count: number, question: Uint8Array): number | null {
	if (count < length) return null;
	const leap = bytes[0]! >> 6;
	const mode = bytes[0]! & 7;
	const stratum = bytes[1]!;
	if (leap === 3 || mode !== 4 || stratum === 0 || stratum > 15) return null;
	for (let at = 0; at < 8; at += 1) if (bytes[originate + at] !== question[transmit + at]) return null;
	const seconds = readWord(bytes, transmit);
	const fraction = readWord(bytes, transmit + 4);
	if (seconds === 0) return null;
	// Without its highest bit it is of the second era.
	const since = (seconds < era / 2 ? seconds + era : seconds) - epoch;
	return since * 1_000 + Math.floor((fraction / era) * 1_000);
}

function readWord(bytes: Uint8Array, at: number): number {
	return ((bytes[at]! * 256 + bytes[at + 1]!) * 256 + bytes[at + 2]!) * 256 + bytes[at + 3]!;
}
