/** Watches how long the device is offline although the broker can be reached. */

import { minute, plan, second, type WorldClock } from "../clock.js";
import { isPathWhole } from "../network/network.js";
import type { Monitor, World } from "../state.js";
import { noteSecond } from "./ground-truth.js";

/** No outage may leave a device offline for so long after everything is well again. */
const mostOffline = 8 * minute;

export function createMonitor(): Monitor {
	return { sessions: 0, missingSince: -1, reconnectMax: 0, told: false };
}

export function startMonitor(world: World): void {
	const look = () => {
		watch(world);
		plan(world.clock, second, look);
	};
	plan(world.clock, second, look);
}

function watch(world: World): void {
	const { monitor, clock, groundTruth } = world;
	const possible = isBrokerReachable(world);
	const { delay, mute } = world.broker;
	noteSecond(groundTruth, clock.now, possible && monitor.sessions > 0 && delay === 0 && !mute && hasPath(world));
	if (!possible || monitor.sessions > 0) {
		endGap(monitor, clock);
		return;
	}
	if (monitor.missingSince < 0) monitor.missingSince = clock.now;
	if (!monitor.told && clock.now - monitor.missingSince > mostOffline) {
		monitor.told = true;
		world.reportViolation(`no session with the broker, although it could be had for ${mostOffline / minute} min`);
	}
}

function endGap(monitor: Monitor, clock: WorldClock): void {
	if (monitor.missingSince < 0) return;
	monitor.reconnectMax = Math.max(monitor.reconnectMax, Math.round((clock.now - monitor.missingSince) / 1000));
	monitor.missingSince = -1;
	monitor.told = false;
}

/** Everything between the device and the broker is well, whether or not the firmware has made use of it. */
export function isBrokerReachable(world: World): boolean {
	const { device, broker, internet, radio, owner, house } = world;
	const { accessPoint } = radio;
	return (
		device.on &&
		(owner === null || owner.isDone) &&
		house.air === null &&
		accessPoint.up &&
		accessPoint.addresses &&
		accessPoint.names &&
		accessPoint.path &&
		accessPoint.password === world.password &&
		internet.hostUp &&
		broker.up &&
		!broker.stopped &&
		broker.answer === 0
	);
}

/** At least one connection that is not half-open carries bytes now. */
function hasPath(world: World): boolean {
	return isPathWhole(world.radio) && world.internet.sockets.some(socket => !socket.closed && !socket.swallowing);
}

/** A session began or ended. */
export function noteSession(world: World, open: boolean): void {
	const { monitor, clock } = world;
	monitor.sessions += open ? 1 : -1;
	if (open) endGap(monitor, clock);
}
