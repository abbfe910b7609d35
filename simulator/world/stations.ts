/** Several meters in the plugs of one board, each with a key, a clock and a habit of its own. */

import { drawBetween, drawBytes, drawInteger, happens } from "../chance.js";
import { createMeter, type Meter, type MeterOptions, readMeter } from "../meter.js";
import { cutTransmission, type Line, transmit } from "./board/line.js";
import { noteSent } from "./check/ground-truth.js";
import { cancel, minute, plan, second } from "./clock.js";
import { type Habit, type Plug, period, type Station, type World } from "./state.js";

export const receivePins = [16, 4, 13];
const requestPins = [17, 18, 19, 21, 22, 23];
/** Clocks differ by up to so much, milliseconds. */
const mostAhead = 40_000;

/** So many plugs on so many lines. */
export function createPlugs(count: number, lines: number): Plug[] {
	return Array.from({ length: count }, (_, at) => ({ line: at % lines, requestPin: requestPins[at]! }));
}

/** What the owner sets for them. */
export function describePlugs(plugs: readonly Plug[]): string {
	return plugs.map(({ line, requestPin }) => `${receivePins[line]}/${requestPin}`).join(" ");
}

/** Who is in which plug: habits in turn, unless a scenario has others. `first` is the meter of the first plug. */
export function createStations(
	world: Pick<World, "chances" | "epoch">,
	first: Meter,
	habits: readonly Habit[],
	unreadable: readonly number[],
	options: Partial<MeterOptions>,
): Station[] {
	const { meter: chance } = world.chances;
	return habits.map((habit, at) => {
		const systemTitle = first.systemTitle.slice();
		systemTitle[7] = (systemTitle[7]! + 16 * at) & 0xff;
		const own = { ...options, key: drawBytes(chance, 16), systemTitle, activeEnergyImport: 1_000_000 * (at + 1) };
		return {
			meter: at === 0 ? first : createMeter(chance, world.epoch, own),
			habit,
			isReadable: habit !== "silent" && !unreadable.includes(at),
			delay:
				habit === "beat" ? drawInteger(chance, period) : Math.round(drawBetween(chance, 0.05 * second, 0.95 * second)),
			ahead: at === 0 ? 0 : 1_000 * Math.round(drawBetween(chance, -mostAhead, mostAhead) / 1_000),
			cutShare: 0,
			plug: at,
			home: at,
			isPlugged: true,
			next: null,
			lastTime: 0,
			receivedAt: 0,
			changedAt: 0,
		};
	});
}

export function startStations(world: World): void {
	for (const station of world.stations) {
		if (station.habit === "beat") plan(world.clock, station.delay, () => beat(world, station));
	}
}

function beat(world: World, station: Station): void {
	plan(world.clock, period, () => beat(world, station));
	if (isAsked(world, station)) send(world, station);
}

function isAsked({ device, plugs }: World, { plug, isPlugged }: Station): boolean {
	return isPlugged && device.high.has(plugs[plug]!.requestPin);
}

function lineOf({ line, furtherLines, plugs }: World, { plug }: Station): Line {
	const at = plugs[plug]!.line;
	return at === 0 ? line : furtherLines[at - 1]!;
}

/** The device asks, or asks no more, over one of its pins. Two at once on one line would send over each other. */
export function noteOutput(world: World, pin: number, on: boolean): void {
	const { plugs, stations, device } = world;
	const asked = plugs.findIndex(({ requestPin }) => requestPin === pin);
	if (asked < 0) return;
	if (on) {
		for (const [at, { line, requestPin }] of plugs.entries()) {
			if (at !== asked && line === plugs[asked]!.line && device.high.has(requestPin)) {
				world.reportViolation(`pins ${pin} and ${requestPin} ask at once on one line`);
			}
		}
	}
	const station = stations.find(({ plug }) => plug === asked);
	if (station !== undefined) changeRequest(world, station);
}

/** What the meter makes of its request as it is now. */
function changeRequest(world: World, station: Station): void {
	cancel(station.next);
	station.next = null;
	if (isAsked(world, station)) {
		if (station.habit === "prompt") station.next = plan(world.clock, station.delay, () => answer(world, station));
	} else if (station.habit !== "silent") {
		cutTransmission(lineOf(world, station));
	}
}

function answer(world: World, station: Station): void {
	station.next = plan(world.clock, period, () => answer(world, station));
	send(world, station);
}

function send(world: World, station: Station): void {
	const { groundTruth, clock, chances } = world;
	const time = Math.floor((world.epoch + clock.now / 1000 + station.ahead) / 1000) * 1000;
	// No two frames have the same time.
	if (!world.sending || time <= station.lastTime) return;
	if (!isAsked(world, station)) throw new Error(`${station.meter.serial} sends without being asked`);
	station.lastTime = time;
	const { bytes, snapshot } = readMeter(station.meter, time);
	const line = lineOf(world, station);
	if (happens(chances.line, station.cutShare)) {
		transmit(line, bytes.subarray(0, 1 + drawInteger(chances.line, bytes.length - 1)), -1);
		return;
	}
	const about = { serial: snapshot.serial, time, snapshot, length: bytes.length };
	transmit(line, bytes, noteSent(groundTruth, about, station.isReadable, clock.now));
}

/** Two meters change their plugs. */
export function swapPlugs(world: World, one: number, other: number): void {
	const [a, b] = [world.stations[one]!, world.stations[other]!];
	for (const station of [a, b]) cutTransmission(lineOf(world, station));
	[a.plug, b.plug] = [b.plug, a.plug];
	a.changedAt = b.changedAt = world.clock.now;
	world.note("plugs-swapped", { meters: [a.meter.serial, b.meter.serial] });
	changeRequest(world, a);
	changeRequest(world, b);
}

export function setPlugged(world: World, at: number, isPlugged: boolean): void {
	const station = world.stations[at]!;
	if (station.isPlugged === isPlugged) return;
	station.isPlugged = isPlugged;
	station.changedAt = world.clock.now;
	world.note(isPlugged ? "plug-in" : "plug-out", { meter: station.meter.serial });
	changeRequest(world, station);
}

/** How many plugs are on the meter's line. */
export function countSharing({ plugs }: World, { plug }: Station): number {
	return plugs.filter(({ line }) => line === plugs[plug]!.line).length;
}

/** So long without a telegram a meter may be online, and so far apart its telegrams may be: the others' turns, a silent one's among them. */
export function longestGap(world: World, station: Station): number {
	return Math.max(35, 3 * 11 * countSharing(world, station)) * second;
}

/** The device had a frame whole. Where nothing was wrong meanwhile, it is not too long after the one before. */
export function noteStationRead(world: World, serial: string): void {
	const { clock, device, stations } = world;
	const station = stations.find(({ meter }) => meter.serial === serial);
	if (station === undefined) return;
	const since = Math.max(station.receivedAt, station.changedAt, device.bootedAt + minute);
	const gap = clock.now - since;
	station.receivedAt = clock.now;
	if (station.isReadable && station.cutShare === 0 && gap > longestGap(world, station) + 12 * second) {
		world.reportViolation(`${serial} had no turn for ${Math.round(gap / second)} s`);
	}
}
