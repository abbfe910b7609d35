/**
 * A LoRaWAN 1.0.4 network server with its join server, over npm's lora-packet, which shares no code with the firmware. It answers in the
 * windows of class A, adapts data rates, and remembers everything that a device must never do. Time and chance are arguments.
 */
import lora from "lora-packet";
import type { Modulation } from "../../modules/lorawan/radio.js";
import { drawInteger, happens } from "../chance.js";
import { noteUplink } from "./adaptive-data-rate.js";
import { askAll, takeAnswers } from "./mac-answers.js";
import type { Answer, Heard, NetworkServer, ServerDevice, ServerSession } from "./network-server-state.js";
import { high, secondFrequency, writeAccept, writeDownlink } from "./server-frames.js";

type Packet = ReturnType<typeof lora.fromWire>;

export const syncWord = 0x34;
const joinDelay = 5_000;
const betweenWindows = 1_000;
const linkCheck = 0x02;
const deviceTime = 0x0d;

/** Takes what a gateway heard; what it is to send, or null. Never throws for what it heard. */
export function hear(server: NetworkServer, heard: Heard): Answer | null {
	const kind = heard.bytes.length < 12 ? -1 : heard.bytes[0]! >> 5;
	if (kind === 0 && heard.bytes.length === 23) return takeJoin(server, heard);
	if (kind === 2 || kind === 4) return takeUplink(server, heard);
	server.strangers += 1;
	return null;
}

function takeJoin(server: NetworkServer, heard: Heard): Answer | null {
	const packet = lora.fromWire(Buffer.from(heard.bytes));
	const device = server.devices.find(({ registration }) => packet.DevEUI!.equals(registration.devEui));
	const isKnown = device !== undefined && packet.AppEUI!.equals(device.registration.joinEui);
	if (!isKnown || !lora.verifyMIC(packet, undefined, Buffer.from(device.registration.appKey))) {
		server.strangers += 1;
		return null;
	}
	const nonce = packet.DevNonce!.readUInt16BE();
	if (device.devNonces.some(before => before >= nonce)) {
		device.violations.push(`DevNonce ${nonce} after ${device.devNonces.at(-1)}`);
		return null;
	}
	device.devNonces.push(nonce);
	device.joinNonce += 1 + drawInteger(server.chance, 3);
	const { bytes, session } = writeAccept(server, device, packet.DevNonce!);
	// One in use stays until the device shows that it heard the accept.
	device.sessions = [...device.sessions.filter(({ fcntUp }) => fcntUp >= 0), session];
	return schedule(server, device, heard, bytes, joinDelay, heard.modulation.frequency, heard.modulation.spreading, 12);
}

function takeUplink(server: NetworkServer, heard: Heard): Answer | null {
	const packet = lora.fromWire(Buffer.from(heard.bytes));
	const devAddr = packet.DevAddr!.readUInt32BE();
	for (const device of server.devices) {
		for (const session of device.sessions) {
			if (session.devAddr !== devAddr) continue;
			const counter = extend(packet.getFCnt()!, session.fcntUp);
			if (lora.verifyMIC(packet, session.nwkSKey, undefined, high(counter))) {
				return takeOwn(server, device, session, heard, packet, counter);
			}
			const before = counter - 0x10000;
			if (before >= 0 && lora.verifyMIC(packet, session.nwkSKey, undefined, high(before))) {
				device.violations.push(`FCnt ${before} after ${session.fcntUp}`);
				return null;
			}
		}
	}
	server.strangers += 1;
	return null;
}

/** A repeat has the counter of the last one; anything else a greater one. */
function extend(low: number, last: number): number {
	const counter = Math.max(0, last) - (Math.max(0, last) % 0x10000) + low;
	return counter < last ? counter + 0x10000 : counter;
}

/** An uplink of this device. */
function takeOwn(
	server: NetworkServer,
	device: ServerDevice,
	session: ServerSession,
	heard: Heard,
	packet: Packet,
	counter: number,
): Answer | null {
	const text = Buffer.from(heard.bytes).toString("hex");
	const isRepeat = counter === session.fcntUp;
	if (isRepeat && text !== session.lastUplink) device.violations.push(`FCnt ${counter} twice`);
	session.fcntUp = counter;
	session.lastUplink = text;
	// Older sessions end.
	device.sessions = device.sessions.slice(device.sessions.indexOf(session));
	const asked: number[] = [];
	if (!isRepeat) deliver(device, session, packet, counter, asked);
	const wants = packet.isConfirmed() || packet.getFCtrlADRACKReq() === true || asked.length > 0;
	if (packet.getFCtrlADRACKReq() === true) device.adrRequests += 1;
	const { spreading } = heard.modulation;
	const adapted = server.options.adapts ? noteUplink(session.history, heard.snr, 12 - spreading, session.believed) : [];
	const commands = [...answerQuestions(asked, heard), ...device.commands, ...adapted].slice(0, 15);
	const queued = device.queue.shift();
	if (!wants && queued === undefined && commands.length === 0) return null;
	device.commands = new Uint8Array(0);
	askAll(session.believed, commands);
	const pending = device.queue.length > 0;
	const content = { commands: new Uint8Array(commands), ack: packet.isConfirmed(), pending, queued };
	return answerIn(server, device, session, heard, writeDownlink(session, content));
}

/** What is new in an uplink. Questions of the device go to `asked`. */
function deliver(device: ServerDevice, session: ServerSession, packet: Packet, counter: number, asked: number[]): void {
	const answers = new Uint8Array(packet.FOpts!);
	if (answers.length > 0) device.answers.push(answers);
	takeAnswers(session.believed, answers, asked);
	if (packet.getFCtrlACK() === true) device.acknowledgements += 1;
	const port = packet.getFPort();
	if (port === null || port === 0) return;
	const isEmpty = packet.FRMPayload!.length === 0;
	const clear = isEmpty ? Buffer.alloc(0) : lora.decrypt(packet, session.appSKey, session.nwkSKey, high(counter));
	device.delivered.push({ counter, port, bytes: new Uint8Array(clear), confirmed: packet.isConfirmed() });
}

function answerQuestions(asked: readonly number[], heard: Heard): number[] {
	return asked.flatMap(command => {
		if (command === linkCheck) return [linkCheck, Math.max(0, Math.round(heard.snr + 20)), 1];
		return command === deviceTime ? [deviceTime, 0, 0, 0, 0, 0] : [];
	});
}

function answerIn(
	server: NetworkServer,
	device: ServerDevice,
	session: ServerSession,
	heard: Heard,
	bytes: Uint8Array,
): Answer | null {
	const { believed } = session;
	const { frequency, spreading } = heard.modulation;
	const first = believed.downlinks.get(frequency) ?? frequency;
	const slower = Math.min(12, spreading + believed.firstOffset);
	return schedule(
		server,
		device,
		heard,
		bytes,
		believed.delay * 1_000,
		first,
		slower,
		12 - believed.secondDataRate,
		believed,
	);
}

/** Chance decides what becomes of an answer. */
function schedule(
	server: NetworkServer,
	device: ServerDevice,
	heard: Heard,
	bytes: Uint8Array,
	delay: number,
	frequency: number,
	spreading: number,
	secondSpreading: number,
	believed: { secondFrequency: number } = { secondFrequency },
): Answer | null {
	const { misfortunes, chance } = server;
	const isSecond = happens(chance, misfortunes.second);
	const isWrong = happens(chance, misfortunes.wrongMic);
	const isReplay = happens(chance, misfortunes.replay) && device.sent.length > 0;
	if (happens(chance, misfortunes.silent)) return null;
	const answer = isReplay ? device.sent[drawInteger(chance, device.sent.length)]! : bytes.slice();
	if (!isReplay) device.sent.push(bytes);
	if (isWrong) answer[answer.length - 1]! ^= 1 + drawInteger(chance, 255);
	const modulation: Modulation = {
		frequency: isSecond ? believed.secondFrequency : frequency,
		spreading: isSecond ? secondSpreading : spreading,
		inverted: true,
		crc: false,
		syncWord,
	};
	return { bytes: answer, modulation, start: heard.end + delay + (isSecond ? betweenWindows : 0) };
}
