/** The device's pulse input: a counter of 16 bits, the times of the first and the newest pulse, and memory that survives a restart. */

import type { WorldClock } from "../clock.js";

export interface WorldPulses {
	readonly clock: WorldClock;
	/** Microseconds from one pulse to the next; 0 while there are none. */
	interval: number;
	/** When the next one comes. */
	next: number;
	/** The firmware has opened it since the boot. */
	isOpen: boolean;
	/** Of the chip: back to 0 at `limit`. */
	register: number;
	/** World's time of the first and the newest since the firmware was told, as an interrupt sees them; -1 for none. */
	first: number;
	newest: number;
	/** The flash is written until then, and the interrupt waits. */
	writing: number;
	/** Pulses that came while it was open, since the world began: what there is to be counted. */
	total: number;
	/** Place, tag, value. */
	retained: [place: number, tag: number, value: number][];
}

const limit = 32_767;
/** An erase of a sector. */
const eraseTime = 60_000;

export function createWorldPulses(clock: WorldClock): WorldPulses {
	return {
		clock,
		interval: 0,
		next: 0,
		isOpen: false,
		register: 0,
		first: -1,
		newest: -1,
		writing: 0,
		total: 0,
		retained: [],
	};
}

/** Takes in what came up to now. */
export function countPulses(pulses: WorldPulses): void {
	const { clock, interval, writing } = pulses;
	if (interval === 0 || pulses.next > clock.now) return;
	const count = Math.floor((clock.now - pulses.next) / interval) + 1;
	const first = pulses.next;
	const newest = first + (count - 1) * interval;
	pulses.next = newest + interval;
	if (!pulses.isOpen) return;
	const seen = (time: number) => (time < writing ? Math.min(writing, clock.now) : time);
	pulses.total += count;
	pulses.register = (pulses.register + count) % limit;
	if (pulses.first < 0) pulses.first = seen(first);
	pulses.newest = seen(newest);
}

/** Another rate from now on. */
export function setPulseRate(pulses: WorldPulses, perSecond: number): void {
	countPulses(pulses);
	pulses.interval = perSecond === 0 ? 0 : Math.round(1_000_000 / perSecond);
	pulses.next = pulses.clock.now + pulses.interval;
}

export function openWorldPulses(pulses: WorldPulses): void {
	countPulses(pulses);
	Object.assign(pulses, { isOpen: true, register: 0, first: -1, newest: -1 });
}

/** The device is off or starts anew. `isLost`: the power was. */
export function closeWorldPulses(pulses: WorldPulses, isLost: boolean): void {
	countPulses(pulses);
	pulses.isOpen = false;
	if (isLost) pulses.retained = [];
}

export function retainPulses({ retained }: WorldPulses, place: number, tag: number, value: number): void {
	const at = retained.findIndex(entry => entry[0] === place);
	retained.splice(at < 0 ? retained.length : at, at < 0 ? 0 : 1, [place, tag, value]);
}

export function noteErase(pulses: WorldPulses): void {
	countPulses(pulses);
	pulses.writing = pulses.clock.now + eraseTime;
}

/** What the firmware's side of the bridge is told with each request: the register, and the times since the boot. */
export function tellPulses(pulses: WorldPulses, bootedAt: number): [register: number, first: number, newest: number] {
	countPulses(pulses);
	const told: [number, number, number] = [pulses.register, pulses.first - bootedAt, pulses.newest - bootedAt];
	pulses.first = -1;
	return told;
}

/** The same on the other side: adds up what each request told, until somebody looks. */
export interface ToldPulses {
	register: number;
	looked: number;
	first: number;
	newest: number;
	/** Since the last look. */
	isFirst: boolean;
}

export function createToldPulses(): ToldPulses {
	return { register: 0, looked: 0, first: 0, newest: 0, isFirst: true };
}

export function hearPulses(told: ToldPulses, register: number, first: number, newest: number): void {
	if (register === told.register) return;
	if (told.isFirst) told.first = first;
	told.isFirst = false;
	told.register = register;
	told.newest = newest;
}

/** How many came since the last look. */
export function takePulses(told: ToldPulses): number {
	const count = (told.register - told.looked + limit) % limit;
	told.looked = told.register;
	told.isFirst = true;
	return count;
}
