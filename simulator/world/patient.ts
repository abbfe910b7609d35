/** The firmware in a world without time and faults, for measurements. */

import type { MqttPublish } from "../../modules/ports/mqtt.js";
import { createChance } from "../chance.js";
import type { Engine } from "../engines/contract.js";
import { createMeter, type Meter, readMeter } from "../meter.js";
import { type Boot, type Effect, headerLength, type RequestKind, replyLength, requestKinds } from "./bridge/bridge.js";

/**
 * The firmware in a world in which nothing takes time and nothing ever fails: telegrams go in one after the other, and every
 * message is taken and acknowledged at once. For questions that need many telegrams and no world.
 */
export interface Patient {
	readonly engine: Engine;
	readonly meter: Meter;
	/** Milliseconds since the boot. */
	now: number;
	nextAlarm: number;
	client: number;
	telegrams: number;
	/** Of the message under way: bytes to come, and its identifier if it wants an acknowledgement. */
	missing: number;
	identifier: number;
	/** What it is to be told next. */
	readonly news: { kind: RequestKind; value: unknown }[];
	/** Messages by the last level of their topic. */
	readonly messages: Record<string, number>;
}

const period = 10_000;
const room = 8_184;
const start = Date.UTC(2027, 0, 12);
const sectorSize = 4096;
const sectorCount = 8;
const nothing = new Uint8Array(0);

/** Boots the firmware and lets it come to its broker. */
export async function admitPatient(engine: Engine): Promise<Patient> {
	const chance = createChance(1);
	const key = Uint8Array.from({ length: 16 }, (_, at) => at * 7 + 1);
	const meter = createMeter(chance, start, { key, devices: [{ type: 3, id: "FLO189900060355" }] });
	const patient: Patient = {
		engine,
		meter,
		now: 0,
		nextAlarm: -1,
		client: 0,
		telegrams: 0,
		missing: 0,
		identifier: 0,
		news: [],
		messages: {},
	};
	const boot: Boot = {
		config: { wifi: "home", wifiPassword: "password", broker: "mqtt://broker", key: Buffer.from(key).toString("hex") },
		resetReason: "power on",
		version: "smarty-xs 0.1.0",
		macAddress: "24d7eb0c1a2f",
		seed: 1,
		store: [],
		sectorCount,
		sectorSize,
	};
	await tell(patient, "boot", boot, new Uint8Array(sectorCount * sectorSize).fill(0xff));
	await rest(patient, period);
	return patient;
}

/** Lets the meter send so many telegrams, with the ten seconds behind each. */
export async function feedPatient(patient: Patient, count: number): Promise<void> {
	for (let at = 0; at < count; at++) {
		const frame = readMeter(patient.meter, start + patient.now);
		await tell(patient, "receive", null, frame.bytes);
		await rest(patient, patient.now + period);
		patient.telegrams += 1;
	}
}

async function rest(patient: Patient, until: number): Promise<void> {
	while (patient.nextAlarm >= 0 && patient.nextAlarm <= until) {
		patient.now = Math.max(patient.now, patient.nextAlarm);
		await tell(patient, "alarm", null);
	}
	patient.now = until;
}

async function tell(patient: Patient, kind: RequestKind, value: unknown, bytes: Uint8Array = nothing): Promise<void> {
	const json = value === null ? new Uint8Array(0) : Buffer.from(JSON.stringify(value));
	const request = new Uint8Array(headerLength + json.length + bytes.length);
	const view = new DataView(request.buffer);
	view.setUint8(0, requestKinds.indexOf(kind));
	view.setFloat64(1, patient.now);
	view.setInt32(9, patient.client);
	view.setInt32(13, room);
	view.setUint32(17, json.length);
	request.set(json, headerLength);
	request.set(bytes, headerLength + json.length);
	const reply = await patient.engine.call(request);
	const answer = new DataView(reply.buffer, reply.byteOffset, reply.length);
	patient.nextAlarm = answer.getFloat64(0);
	const length = answer.getUint32(8);
	if (length === 0) return;
	const effects: Effect[] = JSON.parse(Buffer.from(reply.subarray(replyLength, replyLength + length)).toString());
	for (const effect of effects) react(patient, effect);
	for (let next = patient.news.shift(); next !== undefined; next = patient.news.shift()) {
		await tell(patient, next.kind, next.value);
	}
}

function react(patient: Patient, effect: Effect): void {
	const { news } = patient;
	switch (effect[0]) {
		case "connect":
			news.push({ kind: "network", value: { state: "ready", address: "192.168.1.20", signalStrength: -60 } });
			break;
		case "open":
			patient.client = effect[1];
			news.push({ kind: "resolved", value: { client: effect[1] } });
			news.push({ kind: "control", value: { client: effect[1], message: { operation: 2, returnCode: 0 } } });
			news.push({ kind: "writable", value: { client: effect[1], count: room } });
			break;
		case "publish":
			take(patient, effect[1], effect[2], effect[3]);
			break;
		case "escaped":
			throw new Error(`an exception escaped: ${effect[1]}`);
	}
}

/** A message, or a part of one: acknowledged when it is whole. */
function take(patient: Patient, client: number, options: object | null, length: number): void {
	const { news, messages } = patient;
	const { topic, QoS, id, byteLength } = (options ?? {}) as Partial<MqttPublish>;
	if (topic !== undefined) {
		const name = topic.split("/").at(-1)!;
		messages[name] = (messages[name] ?? 0) + 1;
		patient.missing = byteLength ?? length;
		patient.identifier = QoS === 1 ? id! : 0;
	}
	patient.missing -= length;
	if (patient.missing === 0 && patient.identifier > 0) {
		const message = { operation: 4, id: patient.identifier };
		patient.identifier = 0;
		news.push({ kind: "control", value: { client, message } });
	}
	news.push({ kind: "writable", value: { client, count: room } });
}
