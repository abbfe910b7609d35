/** Gas, water and heat meters on the simulated meter's M-Bus. */

import { type Chance, drawBetween, happens } from "./chance.js";

/** One M-Bus channel of the meter. */
export interface MbusOptions {
	/** Device type of EN 13757-3: 3 gas, 4 heat, 7 water… */
	type: number;
	/** 16 ASCII characters at most; null is a channel whose device was never read. */
	id: string | null;
	/** First index in thousandths of the unit: litres, or MJ for heat. */
	index?: number;
	/** 0 closed, 1 open. */
	valve?: number;
}

export interface MbusChannel {
	type: number;
	id: string | null;
	valve: number;
	/** Thousandths of the unit, times milliseconds per hour: the integral of the rate. */
	integral: number;
	/** Thousandths of the unit per hour. */
	rate: number;
	/** Indexes that were read from the device and are not shown yet, oldest first. */
	captured: Capture[];
	shown: Capture | null;
}

export interface Capture {
	/** UTC in milliseconds. */
	time: number;
	index: number;
}

const hour = 3_600_000;
/** The meter reads its devices every five minutes and shows the index nine minutes later, as the published samples do. */
const interval = 300_000;
const delay = 540_000;

export function createChannel(options: MbusOptions, time: number): MbusChannel {
	const index = options.index ?? 0;
	const { type, id, valve = 1 } = options;
	const captured: Capture[] = [];
	if (id !== null) {
		for (let at = lastCapture(time - delay); at <= time; at += interval) captured.push({ time: at, index });
	}
	return { type, id, valve, integral: index * hour, rate: 0, shown: captured.shift() ?? null, captured };
}

/** Lets `duration` milliseconds pass up to `time`, UTC in milliseconds. */
export function runChannel(channel: MbusChannel, time: number, duration: number, chance: Chance): void {
	if (channel.id === null) return;
	if (happens(chance, Math.min(1, duration / 240_000))) channel.rate = drawRate(channel.type, chance);
	const before = channel.integral;
	channel.integral += channel.rate * duration;
	for (let at = lastCapture(time - duration) + interval; at <= time; at += interval) {
		const share = 1 - (time - at) / duration;
		channel.captured.push({ time: at, index: Math.floor((before + (channel.integral - before) * share) / hour) });
	}
	while (channel.captured.length > 0 && channel.captured[0]!.time <= time - delay) {
		channel.shown = channel.captured.shift()!;
	}
}

function lastCapture(time: number): number {
	return Math.floor(time / interval) * interval;
}

/** A boiler modulates, a tap is open or closed. */
function drawRate(type: number, chance: Chance): number {
	if (type === 3) return happens(chance, 0.6) ? Math.round(drawBetween(chance, 200, 2200)) : 0;
	if (type === 4) return Math.round(drawBetween(chance, 0, 40));
	return happens(chance, 0.2) ? Math.round(drawBetween(chance, 200, 700)) : 0;
}
