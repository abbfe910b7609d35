/** What the readers of a fleet see: houses with a meter each, and its telegrams as state messages of the firmware's own code. */

import { encodeState } from "../../modules/messages/json.js";
import { createFaults } from "../../modules/p1/faults.js";
import { parseTelegram } from "../../modules/p1/telegram.js";
import { createChance } from "../chance.js";
import { createMeter, type Meter, readMeter } from "../meter.js";

/** One telegram of one meter. */
export interface HouseReading {
	readonly meter: string;
	/** The meter's clock, UTC in seconds. */
	readonly time: number;
	/** Wh. */
	readonly imported: number;
	readonly exported: number;
	/** For the topic `state`, and for `history`. */
	readonly state: string;
	readonly late: string;
}

export interface House {
	readonly meter: Meter;
	newest: HouseReading | null;
}

/** House number `at` of the fleet with this seed, every other one with a solar roof. `time`: UTC in milliseconds before the first telegram. */
export function createHouse(seed: number, at: number, time: number): House {
	const systemTitle = Uint8Array.from([0x53, 0x41, 0x47, 0x67, 0x70, 0, 0, 0]);
	new DataView(systemTitle.buffer).setUint32(4, 0x70000000 + 1_000_000 + at);
	const meter = createMeter(createChance(seed * 100_003 + at), time, {
		key: null,
		security: "plain",
		systemTitle,
		solarPeak: at % 2 === 0 ? 6_000 : 0,
		devices: [{ type: 3, id: `FLO${String(1_000_000 + at)}` }],
	});
	return { meter, newest: null };
}

/** The telegram of `time` (UTC in seconds); the same one again for every reader that asks for the same time. */
export function readHouse(house: House, time: number): HouseReading {
	const { newest, meter } = house;
	if (newest?.time === time) return newest;
	const { bytes, snapshot } = readMeter(meter, time * 1000);
	const readings = parseTelegram(bytes, 0, bytes.length, createFaults());
	const source = { verdict: "authenticated", frameCounter: Math.floor(time / 10), readings } as const;
	const state = encodeState(source);
	readings.messages.fill(null);
	readings.objects.length = 0;
	const made = {
		meter: meter.serial,
		time,
		imported: snapshot.activeEnergyImport,
		exported: snapshot.activeEnergyExport,
		state,
		late: encodeState(source),
	};
	house.newest = made;
	return made;
}
