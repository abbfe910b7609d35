/** What sends over plain LoRa, without a network: to whoever listens. Nothing comes back, so nobody knows what arrived. */
import { airtime } from "./airtime.js";
import { createDutyCycle, type DutyCycle, nextTime, spend } from "./duty-cycle.js";
import { type FrameNumbers, openFrameNumbers, takeFrameNumber } from "./frame-numbers.js";
import { type OpenDriver, type OpenRadio, openRadio } from "./open-radio.js";
import type { Figure, Sender, SenderHost, SenderOptions } from "./part-type.js";
import {
	basicPort,
	encodeBasic,
	encodeFull,
	encodeText,
	fullPort,
	longestPayload,
	type Reported,
	textPort,
} from "./payload.js";
import type { Modulation } from "./radio.js";
import { subBandOf } from "./region.js";
import { type Seal, sealedHead, sealedModulation, sealedTag, sealFrame } from "./sealed.js";
import { reopenMs } from "./sender.js";
import { addressFrame, smartyReaderHead, smartyReaderModulation } from "./smartyreader.js";

/** How much longer than its airtime a frame may take, and how often that is looked at. */
const lateMs = 500;
const lookMs = 20;
/** dBi of a usual antenna: so much less than is radiated goes to the connector. */
const antennaGain = 2.15;

export class PlainSender implements Sender {
	private readonly options: SenderOptions;
	private readonly host: SenderHost;
	private readonly openDriver: OpenDriver;
	/** Null for SmartyReader's frames. */
	private readonly seal: Seal | null;
	private readonly modulation: Readonly<Modulation>;
	private readonly head: number;
	private readonly frame = new Uint8Array(sealedHead + longestPayload + sealedTag);
	private readonly dutyCycle: DutyCycle;
	private readonly place: number;
	private numbers: FrameNumbers | null = null;
	private open: OpenRadio | null = null;
	/** Of the payload that waits; 0 for none. */
	private length = 0;
	private port = 0;
	/** The next frame may begin. */
	private nextTime: number;
	/** Until when the frame on its way must be sent; 0 for none. */
	private endTime = 0;
	private toldTrouble = "";
	private sent = 0;
	private failures = 0;
	/** Milliseconds. */
	private airtime = 0;
	deadline: number;

	constructor(options: SenderOptions, host: SenderHost, openDriver: OpenDriver, seal: Seal | null, now: number) {
		this.options = options;
		this.host = host;
		this.openDriver = openDriver;
		this.seal = seal;
		this.modulation = seal === null ? smartyReaderModulation : sealedModulation;
		this.head = seal === null ? smartyReaderHead : sealedHead;
		this.dutyCycle = createDutyCycle(now);
		// SmartyReader's channel counts as part of the sub-band over it.
		this.place = subBandOf(sealedModulation.frequency);
		this.nextTime = now;
		this.deadline = now;
	}

	get state(): Sender["state"] {
		return this.open === null ? "noRadio" : "ready";
	}

	run(isReading: boolean, now: number): void {
		try {
			if (this.open === null) this.start(now);
			if (this.open === null) return;
			if (this.endTime > 0) this.finish(this.open, now);
			else if (this.length > 0 && !isReading) this.begin(this.open, now);
		} catch (error) {
			this.lose(error, now);
		}
	}

	offer(reported: Reported): void {
		const { options, frame, head } = this;
		if (this.open === null || this.endTime > 0) return;
		const now = this.host.ports.clock.now();
		if (now < this.nextTime) return;
		const payload = this.seal === null ? "smartyreader" : options.payload;
		this.port = payload === "full" ? fullPort : payload === "basic" ? basicPort : textPort;
		const encode = payload === "full" ? encodeFull : payload === "basic" ? encodeBasic : encodeText;
		this.length = encode(reported, frame.subarray(head));
		this.deadline = this.length > 0 ? now : Infinity;
	}

	rejoin(): boolean {
		return false;
	}

	private start(now: number): void {
		if (now < this.deadline) return;
		const { host, openDriver } = this;
		this.open = openRadio(openDriver, host.ports, host.config, () => host.onRadio());
		this.numbers ??= openFrameNumbers(host.ports.store, host.ports.random);
		this.deadline = Infinity;
		this.toldTrouble = "";
		host.note("radio found");
	}

	/** Sends what waits, if the law allows it by now; else the next telegram is sent. */
	private begin({ radio }: OpenRadio, now: number): void {
		const { options, modulation, dutyCycle, place, frame, length, seal, numbers } = this;
		this.length = 0;
		this.deadline = Infinity;
		const whole = this.head + length + (seal === null ? 0 : sealedTag);
		const time = airtime(modulation.spreading, whole, modulation.crc);
		if (nextTime(dutyCycle, place, time, now) > now) return;
		if (seal === null) addressFrame(frame, this.sent, length);
		else {
			const number = numbers === null ? -1 : takeFrameNumber(numbers);
			if (number < 0) {
				this.failures += 1;
				return;
			}
			sealFrame(seal, options.devEui, number, this.port, frame, length);
		}
		// Before it is sent: what fails then may have been heard.
		spend(dutyCycle, place, time, now);
		this.nextTime = now + options.interval;
		this.airtime += time;
		radio.send(modulation, frame, whole, Math.floor(options.power - antennaGain));
		this.sent += 1;
		this.endTime = now + time + lateMs;
		this.deadline = now + time;
	}

	private finish({ radio }: OpenRadio, now: number): void {
		const isSent = radio.look() === "sent";
		if (!isSent && now >= this.endTime) throw new Error("the radio does not send");
		this.deadline = isSent ? Infinity : now + lookMs;
		if (!isSent) return;
		this.endTime = 0;
		radio.sleep();
	}

	/** The radio failed: it is opened anew. */
	private lose(error: unknown, now: number): void {
		const text = `no radio: ${error instanceof Error ? error.message : error}`;
		if (text !== this.toldTrouble) this.host.note(text);
		this.toldTrouble = text;
		this.endTime = 0;
		this.deadline = now + reopenMs;
		try {
			this.open?.close();
		} catch {
			// It is opened anew anyway.
		}
		this.open = null;
	}

	describe(): Readonly<Record<string, unknown>> {
		const { sent, airtime: time, failures, options } = this;
		return { mode: options.mode, sent, airtime: time, store_failures: failures };
	}

	measure(): readonly Figure[] {
		return [
			["counter", "frames", "", "Frames sent.", this.sent],
			["counter", "airtime", "seconds", "Airtime of frames sent.", this.airtime / 1_000],
		];
	}

	tell(): string[] {
		const { options, sent, airtime: time, toldTrouble, failures } = this;
		const lines = [
			`lora      ${this.state}, ${options.mode}, ${sent} frames sent in ${Math.round(time / 1_000)} s of airtime`,
		];
		if (toldTrouble !== "") lines.push(`          ${toldTrouble}`);
		if (failures > 0) lines.push(`          ${failures} frames not sent: the store does not keep their number`);
		return lines;
	}
}
