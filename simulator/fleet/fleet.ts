/** Many readers at one broker: houses, readers, and what became of their readings. */
import { createChance, draw, drawBetween, happens } from "../chance.js";
import { createHouse, type House, type HouseReading, readHouse } from "./house.js";
import { createFleetReader, type FleetBroker, type FleetReader } from "./reader.js";

export interface FleetOptions {
	readonly broker: FleetBroker;
	readonly readers: number;
	/** The first so many meters have two readers; they count as readers, too. */
	readonly doubles: number;
	readonly seed: number;
	readonly base: string;
	/** UTC in seconds, before the first telegram. */
	readonly start: number;
	/** How probable it is that a reader loses its network when it has a telegram, and for how long at most. */
	readonly outages: number;
	readonly outageMs: number;
	onAcknowledged?(reading: HouseReading, isLate: boolean): void;
}

export interface FleetReport {
	readers: number;
	open: number;
	telegrams: number;
	acknowledged: number;
	late: number;
	outages: number;
	connects: number;
	waiting: number;
}

export interface Fleet {
	readonly readers: readonly FleetReader[];
	readonly meters: readonly string[];
	/** Reader number `at` gets its meter's telegram of `time` (UTC in seconds). */
	offer(at: number, time: number): void;
	report(): FleetReport;
	close(): void;
}

/** `smarty-xs-` and a MAC address that is locally administered. */
export function nameReader(at: number): string {
	return `smarty-xs-02${at.toString(16).padStart(10, "0")}`;
}

export function createFleet(options: FleetOptions): Fleet {
	const { readers: count, doubles, seed, base, start, broker, outages, outageMs } = options;
	if (doubles * 2 > count) throw new Error(`${doubles} meters with two readers need more than ${count} readers`);
	const chance = createChance(seed);
	const houses: House[] = [];
	for (let at = 0; at < count - doubles; at += 1) houses.push(createHouse(seed, at, start * 1000));
	const counts = { telegrams: 0, acknowledged: 0, late: 0, outages: 0, connects: 0 };
	let openCount = 0;
	const readers: FleetReader[] = [];
	const events = {
		onAcknowledged(reading: HouseReading, isLate: boolean) {
			counts.acknowledged += 1;
			if (isLate) counts.late += 1;
			options.onAcknowledged?.(reading, isLate);
		},
		onConnection(isOpen: boolean) {
			openCount += isOpen ? 1 : -1;
			if (isOpen) counts.connects += 1;
		},
	};
	const add = (at: number) => {
		readers.push(createFleetReader(nameReader(at), base, broker, events, () => draw(chance)));
	};
	for (let at = 0; at < count; at += 1) add(at);
	return {
		readers,
		meters: houses.map(({ meter }) => meter.serial),
		offer(at, time) {
			const reader = readers[at]!;
			counts.telegrams += 1;
			reader.offer(readHouse(houses[at % houses.length]!, time));
			if (outages > 0 && happens(chance, outages)) {
				counts.outages += 1;
				reader.cut(drawBetween(chance, 0, outageMs));
			}
		},
		report: () => ({
			readers: count,
			open: openCount,
			...counts,
			waiting: readers.reduce((sum, reader) => sum + reader.waiting(), 0),
		}),
		close() {
			for (const reader of readers) reader.close();
		},
	};
}
