/** Updates that come to the device: good ones and all others, and what goes wrong on their way and after it. */

import { createHash, sign } from "node:crypto";
import {
	boardAt,
	digestAt,
	headerLength,
	lengthAt,
	sequenceAt,
	signedLength,
	versionAt,
} from "../../../modules/update/header.js";
import { drawInteger, happens } from "../../chance.js";
import { drawImage, noteGenuine } from "../board/programs.js";
import type { Genuine } from "../board/state.js";
import { second } from "../clock.js";
import { type Visit, visitDevice } from "../network/visits.js";
import type { World } from "../state.js";
import { cutPower } from "./power.js";
import { between, chanceOf, later } from "./random.js";

export const updateToken = "token-of-the-owner";
const port = 80;
/** Bytes that are sent at a time. */
const piece = 1_400;
/** The device answers within this, or its client has gone. */
const patience = 90 * second;

/** What is sent, or what happens to it; and the answer that it may have. */
const kinds = [
	["good", 200],
	["good", 200],
	["power goes while it is written", 200],
	["power goes in its trial", 200],
	["deaf", 200],
	["falls", 200],
	["forged", 422],
	["damaged", 422],
	["older", 422],
	["without the token", 401],
	["cut", 0],
	["stalled", 0],
] as const;

type Kind = (typeof kinds)[number][0];

/** Somebody comes with an update. While one is under way, or on trial, the device says so. */
export function offerUpdate(world: World): void {
	const { publisher, device, chances } = world;
	const { programs } = device;
	if (publisher === null || programs === null) return;
	const [kind, status] = kinds[drawInteger(chanceOf(world), kinds.length)]!;
	const isOlder = kind === "older";
	if (isOlder && (programs.running?.sequence ?? 1) < 2) return;
	if (!isOlder) publisher.sequence += 1;
	const sequence = isOlder ? programs.running!.sequence - 1 : publisher.sequence;
	const about: Genuine = {
		version: `0.1.${sequence}`,
		sequence,
		fault: kind === "deaf" || kind === "falls" ? kind : "none",
	};
	const image = drawImage(chances.updates);
	noteGenuine(programs, image, about);
	const update = spoil(world, kind, createUpdate(world, image, about));
	world.note("upload", { reason: kind, version: about.version });
	if (kind === "power goes while it is written") programs.flash.cutAfter = drawInteger(chanceOf(world), 16);
	send(world, kind, update, answer => judge(world, kind, status, answer));
}

/** Signed as `npm run sign` does. */
function createUpdate({ publisher }: World, image: Uint8Array, { version, sequence }: Genuine): Uint8Array {
	const header = Buffer.alloc(headerLength);
	header.write("SMXU\x01", 0, "latin1");
	header.write("lolin_d32", boardAt, "latin1");
	header.write(version, versionAt, "latin1");
	header.writeUInt32BE(sequence, sequenceAt);
	header.writeUInt32BE(image.length, lengthAt);
	createHash("sha256").update(image).digest().copy(header, digestAt);
	const options = { key: publisher!.privateKey, dsaEncoding: "ieee-p1363" as const };
	sign("sha256", header.subarray(0, signedLength), options).copy(header, signedLength);
	return Uint8Array.from([...header, ...image]);
}

/** One bit of it is another. */
function spoil(world: World, kind: Kind, update: Uint8Array): Uint8Array {
	if (kind !== "forged" && kind !== "damaged") return update;
	const start = kind === "forged" ? 0 : headerLength;
	const end = kind === "forged" ? headerLength : update.length;
	const at = start + drawInteger(chanceOf(world), end - start);
	update[at]! ^= 1 << drawInteger(chanceOf(world), 8);
	return update;
}

function send(world: World, kind: Kind, update: Uint8Array, onAnswer: (answer: string) => void): void {
	const answer: Uint8Array[] = [];
	let isOver = false;
	const end = () => {
		if (isOver) return;
		isOver = true;
		onAnswer(Buffer.concat(answer).toString("latin1"));
	};
	const visit = visitDevice(world.house, port, { onData: bytes => void answer.push(bytes), onEnd: end });
	if (visit === null) return;
	const token = kind === "without the token" ? "" : `Authorization: Bearer ${updateToken}\r\n`;
	const head = `POST /update HTTP/1.1\r\nHost: 192.168.1.20\r\n${token}Content-Length: ${update.length}\r\n\r\n`;
	const bytes = Uint8Array.from(Buffer.concat([Buffer.from(head, "latin1"), update]));
	const isBroken = kind === "cut" || kind === "stalled";
	const stop = isBroken ? drawInteger(chanceOf(world), bytes.length) : bytes.length;
	const go = (at: number) => {
		if (isOver) return;
		const until = Math.min(at + piece, stop);
		if (until > at) visit.send(bytes.slice(at, until));
		if (until < stop) later(world, between(world, 0.01 * second, 0.3 * second), () => go(until));
		else if (kind === "cut") leave(visit, end);
	};
	go(0);
	later(world, patience, () => {
		if (!isOver) leave(visit, end);
	});
}

function leave(visit: Visit, end: () => void): void {
	visit.leave();
	end();
}

function judge(world: World, kind: Kind, expected: number, answer: string): void {
	const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0);
	world.note("uploaded", { reason: String(status), upload: kind });
	// Under way already, or new itself; or nobody answers, because the network or the power went.
	const isBusy = status === 409 || status === 503 || status === 0;
	if (status !== expected && !isBusy) world.reportViolation(`an update (${kind}) was answered with ${status}`);
	if (status !== 200) return;
	world.restartWanted = true;
	if (kind === "power goes in its trial") later(world, between(world, 2 * second, 60 * second), () => cutPower(world));
	else if (happens(chanceOf(world), 0.1)) later(world, second, () => cutPower(world));
}
