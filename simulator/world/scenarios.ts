/** The scenarios: which faults come when. */

import { drawBetween, drawInteger } from "../chance.js";
import type { MeterOptions } from "../meter.js";
import { connectCable } from "./board/line.js";
import { switchOff, switchOn } from "./board/processor.js";
import { hour, minute, plan, second } from "./clock.js";
import {
	breakBrokerAtByte,
	forgetConnections,
	giveRetain,
	killBrokerFor,
	limitPayloads,
	muteBroker,
	refuseClients,
	silenceHost,
	slowBroker,
	suspendBroker,
	takeRetain,
} from "./faults/broker.js";
import { changeLease, flapLink, loseLease, pullEthernet } from "./faults/ethernet.js";
import { forgeTelegrams } from "./faults/forgeries.js";
import { cleanLine, damageLine, makeNoise, pullCable, replayFrames } from "./faults/line.js";
import { beBusy, calmLora, changeServer, commandBoard, joinAnew, loseGateway, sendInterval } from "./faults/lora.js";
import { renewMeterKey, replaceMeter, typeKey } from "./faults/meter.js";
import { changeChannel, changePassword, loseService, restartAccessPoint, roam } from "./faults/network.js";
import { forgetNetwork, plugThrice, startOwner } from "./faults/owner.js";
import { cutPower, cutPowerInFlash, cutPowerInSettings, cutPowerInStore } from "./faults/power.js";
import { standStill } from "./faults/program.js";
import { countExactly, endPulses, losePulses } from "./faults/pulses.js";
import { later } from "./faults/random.js";
import { playToNewBoot } from "./faults/recordings.js";
import { offerUpdate, updateToken } from "./faults/updates.js";
import { startBroker, stopBroker } from "./network/broker.js";
import { type BoardMedium, switchAccessPoint } from "./network/network.js";
import { startScraper } from "./network/scraper.js";
import type { Habit, World } from "./state.js";
import { setPlugged, swapPlugs } from "./stations.js";

/** A night to be lived through. */
export interface Scenario {
	/** UTC in milliseconds at which it begins. */
	epoch: number;
	meter?: Partial<MeterOptions>;
	/** As in `WorldOptions`: from the first minute on the settings in the store must hold. */
	mistakenKey?: boolean;
	/** As in `WorldOptions`: somebody must set it up. */
	isNew?: boolean;
	/** As in `WorldOptions`. */
	medium?: BoardMedium;
	/** As in `WorldOptions`. */
	flashes?: boolean;
	/** Settings of the device besides those of every world. */
	settings?: Record<string, string>;
	/** Several meters: what each does, and which of them have a key that the device has not. */
	house?: { habits: readonly Habit[]; unreadable: readonly number[] };
	/** The same night can be lived through with several meters. */
	takesMany?: boolean;
	/** The program can be replaced. */
	updates?: boolean;
	/** As in `WorldOptions`. */
	hasLora?: boolean;
	/** Plans what goes wrong in `duration` microseconds from now. */
	arrange(world: World, duration: number): void;
}

const january = Date.UTC(2027, 0, 12, 17, 0, 0);
const beforeWinter = Date.UTC(2026, 9, 25, 1, 0, 0);
const beforeSummer = Date.UTC(2027, 2, 28, 1, 0, 0);

const gas = { type: 3, id: "FLO189900060355", index: 28_103 };
const water = { type: 7, id: "ELS353589980300", index: 512_220 };
const long = "Planned interruption. ".repeat(46);

/** Does something again and again, `low` to `high` microseconds apart, until the scenario ends. */
function often(world: World, end: number, low: number, high: number, action: () => void): void {
	plan(world.clock, drawBetween(world.chances.scenario, low, high), () => {
		if (world.clock.now >= end) return;
		action();
		often(world, end, low, high, action);
	});
}

/** Once, somewhere in the middle third. */
function once(world: World, duration: number, action: () => void): void {
	plan(world.clock, drawBetween(world.chances.scenario, duration / 3, (2 * duration) / 3), action);
}

function troubleBroker(world: World, end: number, rate: number): void {
	const { scenario } = world.chances;
	often(world, end, 2 * minute * rate, 16 * minute * rate, () => {
		switch (drawInteger(scenario, 9)) {
			case 0:
				killBrokerFor(world, 5 * second, 10 * minute);
				break;
			case 1:
			case 2:
				breakBrokerAtByte(world);
				break;
			case 3:
				suspendBroker(world, 10 * second, 200 * second);
				break;
			case 4:
				slowBroker(world);
				break;
			case 5:
				refuseClients(world);
				break;
			case 6:
				silenceHost(world, minute, 5 * minute);
				break;
			case 7:
				muteBroker(world);
				break;
			default:
				forgetConnections(world);
		}
	});
}

function troubleNetwork(world: World, end: number, rate: number): void {
	const { scenario } = world.chances;
	often(world, end, 2 * minute * rate, 15 * minute * rate, () => {
		switch (drawInteger(scenario, 6)) {
			case 0:
				restartAccessPoint(world, 10 * second, 150 * second);
				break;
			case 1:
				changeChannel(world);
				break;
			case 2:
				roam(world);
				break;
			case 3:
				loseService(world, "addresses");
				break;
			case 4:
				loseService(world, "names");
				break;
			default:
				loseService(world, "path");
		}
	});
}

function troubleEthernet(world: World, end: number): void {
	const { scenario } = world.chances;
	often(world, end, 2 * minute, 15 * minute, () => {
		switch (drawInteger(scenario, 7)) {
			case 0:
				pullEthernet(world, 2 * second, 4 * minute);
				break;
			case 1:
			case 2:
				flapLink(world);
				break;
			case 3:
				loseLease(world, 20 * second, 8 * minute);
				break;
			case 4:
				changeLease(world);
				break;
			case 5:
				loseService(world, "names");
				break;
			default:
				loseService(world, "path");
		}
	});
}

function troubleLine(world: World, end: number, share: number, rate: number): void {
	damageLine(world, share);
	often(world, end, 5 * second * rate, 120 * second * rate, () => makeNoise(world));
	often(world, end, 10 * minute * rate, 60 * minute * rate, () => {
		pullCable(world, 5 * second, 4 * minute);
	});
}

function troublePower(world: World, end: number, rate: number): void {
	often(world, end, 3 * minute * rate, 30 * minute * rate, () => cutPower(world));
	often(world, end, 5 * minute * rate, 40 * minute * rate, () => cutPowerInFlash(world));
	often(world, end, 10 * minute * rate, 50 * minute * rate, () => cutPowerInSettings(world));
	plan(world.clock, 20 * second, () => typeKey(world));
}

function replay(world: World, end: number, rate: number): void {
	often(world, end, 20 * second * rate, 6 * minute * rate, () => replayFrames(world));
}

/** From the time on at which the reader has seen enough of the meter. */
function forge(world: World, duration: number): void {
	const end = world.clock.now + duration;
	plan(world.clock, 3 * minute, () => {
		often(world, end, 5 * second, 2 * minute, () => forgeTelegrams(world));
		often(world, end, 20 * minute, 60 * minute, () => cutPower(world));
	});
	troubleBroker(world, end, 4);
}

function troubleHouse(world: World, duration: number): void {
	const end = world.clock.now + duration;
	const { stations } = world;
	const last = stations[4];
	if (last !== undefined) {
		last.cutShare = 0.2;
		often(world, end, 10 * minute, 60 * minute, () => {
			setPlugged(world, 4, false);
			later(world, drawBetween(world.chances.scenario, minute, 8 * minute), () => setPlugged(world, 4, true));
		});
	}
	if (stations.length > 1) {
		plan(world.clock, drawBetween(world.chances.scenario, 0.15 * duration, 0.4 * duration), () =>
			swapPlugs(world, 0, 1),
		);
		plan(world.clock, drawBetween(world.chances.scenario, 0.5 * duration, 0.8 * duration), () =>
			swapPlugs(world, 0, 1),
		);
	}
	often(world, end, 30 * minute, 120 * minute, () => cutPower(world));
	troubleBroker(world, end, 4);
}

export const scenarios: Record<string, Scenario> = {
	calm: { epoch: january, meter: { devices: [gas] }, takesMany: true, arrange() {} },
	"broker-night": {
		epoch: january,
		takesMany: true,
		meter: { devices: [gas] },
		arrange(world, duration) {
			troubleBroker(world, world.clock.now + duration, 1);
			// Longer than what the memory holds at full resolution.
			once(world, duration, () => silenceHost(world, 0.3 * duration, 0.4 * duration));
		},
	},
	"picky-broker": {
		epoch: january,
		takesMany: true,
		meter: { devices: [gas, water] },
		arrange(world, duration) {
			const end = world.clock.now + duration;
			often(world, end, 5 * minute, 60 * minute, () => limitPayloads(world));
			often(world, end, 20 * minute, 90 * minute, () => takeRetain(world));
			often(world, end, 10 * minute, 50 * minute, () => refuseClients(world));
		},
	},
	"access-point": {
		epoch: january,
		takesMany: true,
		arrange(world, duration) {
			troubleNetwork(world, world.clock.now + duration, 1);
			once(world, duration, () => changePassword(world, hour, hour));
		},
	},
	// A board with a cable instead of a radio.
	ethernet: {
		epoch: january,
		medium: "ethernet",
		meter: { devices: [gas] },
		arrange(world, duration) {
			const end = world.clock.now + duration;
			troubleEthernet(world, end);
			troubleBroker(world, end, 4);
			often(world, end, 20 * minute, 90 * minute, () => cutPower(world));
			once(world, duration, () => pullEthernet(world, 0.2 * duration, 0.25 * duration));
		},
	},
	"noisy-line": {
		epoch: january,
		meter: { devices: [gas, water] },
		arrange(world, duration) {
			troubleLine(world, world.clock.now + duration, 0.4, 1);
		},
	},
	scraper: {
		epoch: january,
		meter: { devices: [gas, water] },
		settings: { webPort: "80" },
		arrange(world, duration) {
			const end = world.clock.now + duration;
			world.scraper = startScraper(world);
			troubleBroker(world, end, 1);
			often(world, end, 20 * minute, 60 * minute, () => roam(world));
			often(world, end, 40 * minute, 90 * minute, () => cutPower(world));
		},
	},
	"set-up": {
		epoch: january,
		isNew: true,
		meter: { devices: [gas] },
		arrange(world, duration) {
			const end = world.clock.now + duration;
			const half = world.clock.now + duration / 2;
			world.owner = startOwner(world);
			often(world, half, 2 * minute, 6 * minute, () => forgetNetwork(world));
			often(world, half, 20 * second, 3 * minute, () => cutPower(world));
			often(world, half, 30 * second, 3 * minute, () => cutPowerInStore(world));
			troubleNetwork(world, end, 2);
			often(world, end, 40 * minute, 80 * minute, () => plugThrice(world));
			// Much longer than a network that was never proven is waited for.
			once(world, duration, () => restartAccessPoint(world, 30 * minute, 60 * minute));
		},
	},
	standstill: {
		epoch: january,
		meter: { devices: [gas, water] },
		arrange: world => standStill(world),
	},
	"power-cuts": {
		epoch: january,
		mistakenKey: true,
		meter: { devices: [gas] },
		arrange(world, duration) {
			const end = world.clock.now + duration;
			troublePower(world, end, 1);
			// Without a broker nothing but the flash keeps readings over a cut.
			often(world, end, 10 * minute, 60 * minute, () => killBrokerFor(world, 5 * minute, 70 * minute));
		},
	},
	pulses: {
		epoch: january,
		flashes: true,
		settings: { pulses: "34/16667/led/meter" },
		arrange(world, duration) {
			const end = world.clock.now + duration;
			const exact = Math.min(62 * minute, duration / 2);
			countExactly(world, world.clock.now + exact);
			plan(world.clock, exact, () => {
				losePulses(world, end);
				troubleBroker(world, end, 2);
			});
			plan(world.clock, duration, () => endPulses(world));
		},
	},
	lorawan: {
		epoch: january,
		hasLora: true,
		meter: { devices: [gas] },
		settings: { loraInterval: "30", loraFairUse: "no" },
		arrange(world, duration) {
			const end = world.clock.now + duration;
			often(world, end, 2 * minute, 20 * minute, () => changeServer(world));
			often(world, end, minute, 10 * minute, () => commandBoard(world));
			often(world, end, 5 * minute, 30 * minute, () => sendInterval(world));
			often(world, end, 10 * minute, 40 * minute, () => joinAnew(world));
			often(world, end, 0.2 * second, 4 * second, () => beBusy(world));
			often(world, end, 5 * minute, 40 * minute, () => cutPower(world));
			often(world, end, 5 * minute, 30 * minute, () => cutPowerInStore(world));
			often(world, end, 10 * minute, 60 * minute, () => cutPowerInFlash(world));
			// The broker's late readings and LoRa's are the same ones.
			troubleBroker(world, end, 3);
			once(world, duration, () => loseGateway(world, 0.1 * duration, 0.3 * duration));
		},
	},
	"lora-sealed": {
		epoch: january,
		hasLora: true,
		meter: { devices: [gas, water] },
		settings: { lora: "sealed", loraInterval: "20" },
		arrange(world, duration) {
			const end = world.clock.now + duration;
			often(world, end, 0.2 * second, 4 * second, () => beBusy(world));
			often(world, end, 2 * minute, 20 * minute, () => cutPower(world));
			often(world, end, minute, 15 * minute, () => cutPowerInStore(world));
			troubleBroker(world, end, 3);
		},
	},
	"key-renewal": {
		epoch: january,
		arrange(world, duration) {
			const end = world.clock.now + duration;
			often(world, end, 0.1 * duration, 0.3 * duration, () => renewMeterKey(world, 2 * minute, 40 * minute));
			troubleBroker(world, end, 4);
		},
	},
	"meter-replaced": {
		epoch: january,
		meter: { devices: [gas] },
		arrange(world, duration) {
			const end = world.clock.now + duration;
			often(world, end, 0.2 * duration, 0.5 * duration, () => replaceMeter(world, minute, 20 * minute));
			troubleBroker(world, end, 3);
		},
	},
	"clock-change": {
		epoch: beforeWinter - 12 * 3_600_000,
		arrange(world, duration) {
			const end = world.clock.now + duration;
			world.epoch = beforeWinter - Math.min(12 * 3_600_000, Math.round(duration / 4000));
			troubleBroker(world, end, 3);
			plan(world.clock, duration / 2, () => leapToSummer(world, duration));
		},
	},
	"long-telegrams": {
		epoch: january,
		meter: {
			devices: [gas, water, { type: 4, id: "HEAT00000000001", index: 77 }, { type: 7, id: null }],
			messages: [long, long, long, long, long],
		},
		arrange(world, duration) {
			const end = world.clock.now + duration;
			troubleLine(world, end, 0.15, 2);
			troubleBroker(world, end, 3);
		},
	},
	// Otherwise frames with a broken tag are refused for that alone.
	"replay-attack": {
		epoch: january,
		settings: { authentication: "prefer" },
		arrange(world, duration) {
			const end = world.clock.now + duration;
			replay(world, end, 1);
			often(world, end, 30 * minute, 60 * minute, () => cutPower(world));
			troubleBroker(world, end, 4);
		},
	},
	"old-recordings": {
		epoch: january,
		meter: { devices: [gas] },
		arrange(world, duration) {
			const end = world.clock.now + duration;
			often(world, end, 6 * minute, 30 * minute, () => playToNewBoot(world));
			replay(world, end, 3);
		},
	},
	forgeries: {
		epoch: january,
		meter: { devices: [gas] },
		arrange: forge,
	},
	// The same where they are let in: what they must not do then.
	"forgeries-preferred": {
		epoch: january,
		meter: { devices: [gas] },
		settings: { authentication: "prefer", powerClass: "3" },
		arrange: forge,
	},
	// One silent, one with another key, two whose plugs are swapped, one whose frames are cut and whose cable is out now and then.
	"six-meters": {
		epoch: january,
		meter: { devices: [gas] },
		takesMany: true,
		house: { habits: ["prompt", "beat", "silent", "prompt", "prompt", "beat"], unreadable: [3] },
		arrange: troubleHouse,
	},
	update: {
		epoch: january,
		updates: true,
		meter: { devices: [gas] },
		settings: { webPort: "80", webToken: updateToken },
		arrange(world, duration) {
			// What is new has a quarter of an hour to show that it works.
			const end = world.clock.now + duration - 25 * minute;
			often(world, end, 4 * minute, 25 * minute, () => offerUpdate(world));
			troubleBroker(world, end, 4);
			often(world, end, 20 * minute, 60 * minute, () => roam(world));
			often(world, end, 40 * minute, 120 * minute, () => cutPower(world));
		},
	},
	everything: {
		epoch: beforeWinter - 7_200_000,
		mistakenKey: true,
		meter: { devices: [gas, water] },
		arrange(world, duration) {
			const end = world.clock.now + duration;
			troubleBroker(world, end, 3);
			troubleNetwork(world, end, 3);
			troubleLine(world, end, 0.1, 4);
			troublePower(world, end, 4);
			replay(world, end, 8);
			often(world, end, 4 * hour, 30 * hour, () => silenceHost(world, hour, 9 * hour));
			often(world, end, 12 * hour, 60 * hour, () => renewMeterKey(world, 2 * minute, 3 * hour));
			often(world, end, 24 * hour, 90 * hour, () => replaceMeter(world, minute, hour));
			often(world, end, 12 * hour, 48 * hour, () => changePassword(world, 10 * minute, 2 * hour));
		},
	},
};

/** The device and the meter are moved to the night in March: five months without power. */
function leapToSummer(world: World, duration: number): void {
	switchOff(world.device, "moved to the night in March");
	world.sending = false;
	plan(world.clock, 30 * second, () => {
		world.epoch = beforeSummer - Math.round(world.clock.now / 1000) - Math.round(duration / 4000);
		world.sending = true;
		switchOn(world.device, "power on");
		world.note("leap");
	});
}

/** Everything is well again, and stays so. */
export function calmDown(world: World): void {
	const { broker, internet, radio, line, device, flash, store } = world;
	broker.delay = 0;
	broker.mute = false;
	broker.answer = 0;
	broker.largest = Infinity;
	broker.dieAfter = -1;
	stopBroker(broker, false);
	internet.hostUp = true;
	if (!broker.up) startBroker(broker);
	giveRetain(world);
	Object.assign(radio.accessPoint, { addresses: true, names: true, path: true, password: world.password });
	switchAccessPoint(radio, true, false);
	connectCable(line, true);
	cleanLine(world);
	for (const at of world.stations.keys()) setPlugged(world, at, true);
	flash.cutAfter = -1;
	store.cutAfter = -1;
	if (device.programs !== null) device.programs.flash.cutAfter = -1;
	switchOn(device, "power on");
	typeKey(world);
	calmLora(world);
	world.note("calm");
}
