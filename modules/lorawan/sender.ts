/** What sends over LoRaWAN: the newest telegram as often as it may, and late quarter hours until they are acknowledged. */
import { formatHex } from "../p1/hex.js";
import { adrAckLimit } from "./adr.js";
import { advance } from "./advance.js";
import { join, longestPayload, nextSendTime, send } from "./end-device.js";
import {
	createLateQuarters,
	endLate,
	gatherLate,
	type LateQuarters,
	noteAcknowledgement,
	sendLate,
} from "./late-quarters.js";
import { type OpenDriver, type OpenRadio, openRadio } from "./open-radio.js";
import type { Figure, Sender, SenderHost, SenderOptions } from "./part-type.js";
import {
	basicLength,
	basicPort,
	encodeBasic,
	encodeFull,
	encodeText,
	fullPort,
	longestPayload as longestForm,
	type Reported,
	textPort,
} from "./payload.js";
import { describeDevice, formatAddress, measureDevice, tellDevice } from "./sender-report.js";
import { createEndDevice, type EndDevice } from "./state.js";

/** The next try to find a radio that does not answer. */
export const reopenMs = 30_000;
/** The next link check, which costs a downlink. */
const checkMs = 3_600_000;
const fairCheckMs = 86_400_000;
/** So many uplinks after the network was asked for a downlink it is said to be silent. */
const unheardMore = 8;
/** dBi of a usual antenna: so much less than is radiated goes to the connector. */
const antennaGain = 2.15;
/** Where no interrupt tells of the radio, and where one does. */
const pollMs = 20;
const toldPollMs = 500;

export class LorawanSender implements Sender {
	private readonly options: SenderOptions;
	private readonly host: SenderHost;
	private readonly openDriver: OpenDriver;
	private open: OpenRadio | null = null;
	private device: EndDevice | null = null;
	private openTime: number;
	/** The last reason for no radio that was told. */
	private toldTrouble = "";
	private isJoined = false;
	/** Milliseconds; another one where the network's owner sent it. */
	private interval: number;
	/** The telegram that was just handled: its forms by port, and their lengths; 0 where there is none. */
	private readonly form = new Uint8Array(longestForm);
	private formPort = 0;
	private formLength = 0;
	private readonly basic = new Uint8Array(basicLength);
	private readonly late: LateQuarters;
	/** Whose turn it is where both could go. */
	private isLateTurn = false;
	private checkTime = 0;

	constructor(options: SenderOptions, host: SenderHost, openDriver: OpenDriver, now: number) {
		this.options = options;
		this.host = host;
		this.openDriver = openDriver;
		this.interval = options.interval;
		this.openTime = now;
		this.late = createLateQuarters(now);
	}

	get deadline(): number {
		return this.device === null ? this.openTime : this.device.deadline;
	}

	get state(): Sender["state"] {
		const { device } = this;
		if (device === null) return "noRadio";
		if (device.session === null) return "joining";
		return device.unanswered > adrAckLimit + unheardMore ? "unheard" : "ready";
	}

	run(isReading: boolean, now: number): void {
		const device = this.device ?? this.start(now);
		if (device === null) return;
		const isIdle = device.phase === "idle" || device.phase === "waiting";
		// What begins now would end in the middle of a telegram's work; windows and frames that are on their way wait for nothing.
		if (isReading && isIdle) return;
		advance(device, now);
		this.takeNews(device, now);
		if (device.radioFailures > 0) this.lose(now);
		else if (!isReading && device.phase === "idle") this.sendNext(device, now);
	}

	offer(reported: Reported): void {
		const { options, device, host, interval } = this;
		const now = host.ports.clock.now();
		// Most telegrams come between two frames.
		if (device === null || nextSendTime(device, basicLength, interval, now) > now) return;
		const { payload } = options;
		this.formPort = payload === "full" ? fullPort : payload === "basic" ? basicPort : textPort;
		const encode = payload === "full" ? encodeFull : payload === "basic" ? encodeBasic : encodeText;
		this.formLength = encode(reported, this.form);
		encodeBasic(reported, this.basic);
	}

	rejoin(now: number): boolean {
		if (this.device !== null) join(this.device, now);
		return this.device !== null;
	}

	/** Finds the radio, and takes up the session that the store has. */
	private start(now: number): EndDevice | null {
		if (now < this.openTime) return null;
		this.openTime = now + reopenMs;
		const { options, host } = this;
		try {
			const { devEui, joinEui, appKey, power, fairUse } = options;
			if (appKey === null) return null;
			this.open = openRadio(this.openDriver, host.ports, host.config, () => host.onRadio());
			this.device = createEndDevice(
				{
					credentials: { devEui, joinEui, appKey },
					store: host.ports.store,
					radio: this.open.radio,
					power,
					antennaGain,
					fairUse,
					pollMs: this.open.tells ? toldPollMs : pollMs,
					chance: host.ports.random,
				},
				now,
			);
			this.isJoined = this.device.session !== null;
			host.note(`radio found, DevEUI ${formatHex(devEui, 0, 8)}${this.isJoined ? ", joined before" : ""}`);
			this.toldTrouble = "";
			return this.device;
		} catch (error) {
			this.tellTrouble(`no radio: ${error instanceof Error ? error.message : error}`);
			this.lose(now);
			return null;
		}
	}

	/** Once, as long as it is the same. */
	private tellTrouble(text: string): void {
		if (text !== this.toldTrouble) this.host.note(text);
		this.toldTrouble = text;
	}

	/** The radio failed: all of it begins anew. The session is in the store. */
	private lose(now: number): void {
		if (this.device !== null) this.tellTrouble("the radio failed");
		endLate(this.late, this.host, false);
		this.device = null;
		this.openTime = now + reopenMs;
		try {
			this.open?.close();
		} catch {
			// It is opened anew anyway.
		}
		this.open = null;
	}

	private takeNews(device: EndDevice, now: number): void {
		const { host, options } = this;
		if (!this.isJoined && device.session !== null) {
			this.isJoined = true;
			host.note(`joined at DR${device.dataRate}, address ${formatAddress(device.session.devAddr)}`);
		}
		noteAcknowledgement(this.late, device, host, options.fairUse, this.interval, now);
		const { downlink } = device;
		if (downlink === null) return;
		device.downlink = null;
		const minutes = downlink.bytes[0];
		if (downlink.port !== 1 || downlink.bytes.length !== 1) return;
		this.interval = minutes === 0 ? options.interval : minutes! * 60_000;
		host.note(`the network's owner wants ${this.interval / 1_000} s between frames`);
	}

	/** One frame at most, and only right after a telegram. */
	private sendNext(device: EndDevice, now: number): void {
		if (device.session === null) return;
		// Put together at other times, too, since the search takes some calls.
		gatherLate(this.late, device, this.host, now);
		const { formLength, late, interval } = this;
		this.formLength = 0;
		if (formLength === 0) return;
		if (now >= this.checkTime) device.asksLinkCheck = true;
		// What has its turn waits for its airtime, and the other one does not take that away.
		const isLate = late.length > 0 && this.isLateTurn;
		if (!(isLate ? sendLate(late, device, interval, now) : this.sendLive(device, formLength, now))) return;
		this.isLateTurn = !isLate;
		if (!device.asksLinkCheck) this.checkTime = now + (this.options.fairUse ? fairCheckMs : checkMs);
		// Not with the next alarm, before which a telegram may come.
		advance(device, now);
	}

	private sendLive(device: EndDevice, formLength: number, now: number): boolean {
		const hasRoom = formLength <= longestPayload(device);
		const length = hasRoom ? formLength : basicLength;
		if (nextSendTime(device, length, this.interval, now) > now) return false;
		const port = hasRoom ? this.formPort : basicPort;
		return send(device, port, hasRoom ? this.form : this.basic, length, false, now);
	}

	describe(now: number): Readonly<Record<string, unknown>> {
		return describeDevice(this.device, this.options, this.interval, now);
	}

	measure(): readonly Figure[] {
		return this.device === null ? [] : measureDevice(this.device);
	}

	tell(now: number): string[] {
		const { device, options } = this;
		const head = `lora      ${this.state}, DevEUI ${formatHex(options.devEui, 0, 8)}`;
		return device === null
			? [head, `          ${this.toldTrouble}`]
			: [head, ...tellDevice(device, this.interval, now)];
	}
}
