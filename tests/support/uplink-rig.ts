/** The uplink alone, over a fake network and broker. */

import { createLog } from "../../modules/health/log.js";
import type { Payload } from "../../modules/messages/chunks.js";
import type { Ports } from "../../modules/ports/ports.js";
import { checkSettings, readConfiguration } from "../../modules/settings/settings.js";
import { type Backlog, createOutbox, offer } from "../../modules/uplink/outbox.js";
import type { Uplink } from "../../modules/uplink/state.js";
import { createUplink, driveUplink, uplinkDeadline } from "../../modules/uplink/uplink.js";
import type { Chance } from "./chance.js";
import { createFakeStore, createFakeWorld, type FakeWorld } from "./fake-ports.js";

/** The uplink alone, run from its own deadlines as the firmware does. */
export interface Rig {
	world: FakeWorld;
	uplink: Uplink;
	exceptions: string[];
	/** The most that any deadline lay ahead. */
	longestWait: number;
	runs: number;
}

export function createRig(
	chance: Chance,
	changes: Record<string, string> = {},
	resetReason = "power on",
	backlog: Backlog | null = null,
	ports: Partial<Ports> = {},
): Rig {
	const world = createFakeWorld(chance, createFakeStore(), resetReason);
	Object.assign(world.ports, ports);
	const outbox = createOutbox(24, backlog);
	const { settings } = checkSettings(
		readConfiguration({ wifi: "home", wifiPassword: "12345678", broker: "mqtt://10.0.0.1", ...changes }),
		"wifi",
		null,
	);
	const exceptions: string[] = [];
	const { clock } = world;
	let alarm: object | null = null;
	const run = () => {
		rig.runs++;
		driveUplink(rig.uplink, clock.now());
		const deadline = uplinkDeadline(rig.uplink, clock.now());
		if (!(deadline <= clock.now() + 600_000)) throw new Error(`no deadline: ${deadline}`);
		rig.longestWait = Math.max(rig.longestWait, deadline - clock.now());
		set(Math.max(1, deadline - clock.now()));
	};
	const set = (delay: number) => {
		if (alarm !== null) clock.cancelAlarm(alarm);
		alarm = clock.setAlarm(delay, run);
	};
	const rig: Rig = {
		world,
		exceptions,
		longestWait: 0,
		runs: 0,
		uplink: createUplink(world.ports, settings, outbox, createLog(64), {
			onChange: () => set(0),
			onOnline: () => {},
			listSubscriptions: () => [],
			onMessage: () => {},
			onGoodbye: () => [],
			onException: (where, error) => void exceptions.push(`${where}: ${error}`),
		}),
	};
	set(0);
	return rig;
}

export function send(rig: Rig, topic: string, payload: Payload, quality: 0 | 1 = 1): void {
	offer(rig.uplink.outbox, { topic, payload, quality, retain: false, sequence: null, late: false });
	rig.uplink.events.onChange();
}

export function received(rig: Rig, topic: string): string[] {
	return rig.world.broker.received.filter(message => message.topic === topic).map(message => message.payload);
}

export function violations(rig: Rig): string[] {
	return [...rig.world.broker.violations, ...rig.world.network.violations];
}
