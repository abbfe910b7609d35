/** The frame at hand: opened, read and delivered in steps. */
import type { Apdu } from "./apdu.js";
import { choosePolicy, countRefusal } from "./automatic.js";
import { decryptApdu, expectAfter, judgePlain, type Verdict } from "./decryptor.js";
import { createFaults } from "./faults.js";
import { cutFrame } from "./frame.js";
import { formatHex } from "./hex.js";
import { giveUp } from "./prepared.js";
import type { Reader } from "./reader-state.js";
import { admit, believeLower, findKey, findMeter } from "./replay.js";
import { beginTelegram, continueTelegram, parseTelegram, readMessage } from "./telegram.js";
import { deliver, deliverSealed, isDeliveredLater, readCounter } from "./telegram-delivery.js";

/** Bytes whose lines are read in one step. */
const linesStep = 1024;

/** Forgets how far another frame was read. True where this one's first step is for later. */
function beginTask({ task, decryptor, inSteps }: Reader, position: number): boolean {
	if (task.position === position) return false;
	task.position = position;
	task.verdict = null;
	task.walk = null;
	task.isRead = false;
	task.cut = 0;
	task.isDue = false;
	task.isDelivered = false;
	decryptor.opening.decrypted = -1;
	return inSteps;
}

/** The key that opened this title's frames before; with one key, that one. */
function chooseKey({ decryptor, frameCounters }: Reader, bytes: Uint8Array, { titleStart, titleEnd }: Apdu): void {
	const isOne = decryptor.keys.all.length === 1;
	decryptor.key = isOne ? 0 : findKey(frameCounters, formatHex(bytes, titleStart, titleEnd));
	decryptor.tried = 0;
}

/** The frame is decided about. */
function endTask({ task }: Reader, end: number): number {
	task.position = -1;
	task.walk = null;
	return end;
}

/** Reads lines of the telegram, all of them or those of one step; false while a step is left. */
function readLines(reader: Reader, bytes: Uint8Array, start: number, end: number): boolean {
	const { task, faults, inSteps } = reader;
	if (task.isRead) return readMessages(reader, end - start);
	task.walk ??= beginTelegram(bytes, start, end, faults);
	task.isRead = continueTelegram(task.walk, inSteps ? task.walk.at + linesStep : end);
	// What comes of a telegram is a step of its own.
	return task.isRead && !inSteps && readMessages(reader, end - start);
}

/** Long messages, all of them or a step of one, the last one first: what is behind it is read already, and may move. */
function readMessages({ task, search, decryptor, inSteps, cutFrom }: Reader, length: number): boolean {
	const walk = task.walk!;
	const isCut = task.verdict !== null && length + task.cut > cutFrom;
	// Its key stream is used up, and its room is needed.
	if (isCut && walk.long !== null) giveUp(decryptor.prepared);
	for (;;) {
		const message = readMessage(walk);
		if (message === null) return true;
		if (isCut && message.stage === "read") {
			const count = cutFrame(search, message.start, message.end);
			task.position += count;
			task.cut += count;
		}
		if (inSteps) return false;
	}
}

/** Where the frame's own bytes end, -1 if it is refused, or 0 while a step is left. */
export function acceptApdu(reader: Reader, bytes: Uint8Array, apdu: Apdu, position: number): number {
	const { faults, task, decryptor, inSteps, automatic } = reader;
	if (task.position !== position) chooseKey(reader, bytes, apdu);
	if (beginTask(reader, position)) return 0;
	if (task.verdict === null) {
		if (automatic !== null) decryptor.policy = choosePolicy(automatic, reader.frameCounters, bytes, apdu);
		const verdict = decryptApdu(decryptor, bytes, apdu, position, !inSteps);
		switch (verdict) {
			case "opening":
				return 0;
			case "authenticated":
			case "crc-only":
				break;
			case "crc":
			case "notTelegram":
				// Authentic, so that its end is known, but not to be believed.
				faults[verdict] += 1;
				return endTask(reader, apdu.end);
			default:
				faults[verdict] += 1;
				if (automatic !== null) countRefusal(automatic, verdict);
				return endTask(reader, -1);
		}
		task.verdict = verdict;
		if (inSteps) return 0;
	}
	return acceptOpened(reader, task.verdict, bytes, apdu);
}

/** The same, once something vouches for the frame. */
function acceptOpened(reader: Reader, verdict: Verdict, bytes: Uint8Array, apdu: Apdu): number {
	const { textStart } = apdu;
	const systemTitle = formatHex(bytes, apdu.titleStart, apdu.titleEnd);
	const frameCounter = readCounter(bytes, apdu.counterStart);
	const { task } = reader;
	const { key, keys } = reader.decryptor;
	if (verdict === "crc-only") {
		if (keys.all.length > 1) findMeter(reader.frameCounters, systemTitle).key = key;
		if (!readLines(reader, bytes, textStart, apdu.textEnd) || isDeliveredLater(reader)) return 0;
		if (!task.isDelivered) deliverSealed(reader, verdict, bytes, apdu);
		// Nothing vouches for what stands where the tag should: if the frame was cut there, the next one has begun.
		return endTask(reader, apdu.textEnd);
	}
	const meter = findMeter(reader.frameCounters, systemTitle);
	meter.key = key;
	if (task.walk === null && frameCounter <= meter.last) {
		// Its lines do not count as faults before it is accepted.
		const { time } = parseTelegram(bytes, textStart, apdu.textEnd, createFaults());
		if (!believeLower(meter, frameCounter, time)) {
			reader.faults.replay += 1;
			return endTask(reader, apdu.end);
		}
	}
	if (!readLines(reader, bytes, textStart, apdu.textEnd) || isDeliveredLater(reader)) return 0;
	if (!task.isDelivered) deliverSealed(reader, verdict, bytes, apdu);
	admit(meter, frameCounter, task.walk!.readings.time);
	const { tally, decryptor } = reader;
	tally.systemTitle = systemTitle;
	tally.length = apdu.textEnd - textStart + task.cut;
	expectAfter(decryptor, bytes, apdu, tally.length);
	return endTask(reader, apdu.end);
}

/** Whether all of it is a telegram, accepted or not; null while a step is left. */
export function acceptText(
	reader: Reader,
	bytes: Uint8Array,
	start: number,
	end: number,
	position: number,
): boolean | null {
	const { automatic, decryptor, task } = reader;
	const later = beginTask(reader, position);
	if (automatic !== null) decryptor.policy = choosePolicy(automatic, reader.frameCounters, bytes, null);
	const verdict = start < 0 ? "crc" : judgePlain(decryptor, bytes, start, end);
	if (verdict === "plain") {
		if (later || !readLines(reader, bytes, start, end) || isDeliveredLater(reader)) return null;
		if (!task.isDelivered) deliver(reader, verdict, null, null, bytes, start, end);
	} else {
		reader.faults[verdict] += 1;
		if (automatic !== null) countRefusal(automatic, verdict);
	}
	endTask(reader, end);
	// A good telegram that the policy refuses is whole all the same.
	return verdict === "plain" || verdict === "unauthenticated";
}
