/** The contract of a network that is not WiFi: what the supervisor makes of ports that keep it, and of ports that do not. */
import { expect, test } from "vitest";
import { createLog } from "../../modules/health/log.js";
import type { Network } from "../../modules/ports/ports.js";
import { checkSettings, readConfiguration } from "../../modules/settings/settings.js";
import { restartNetwork } from "../../modules/uplink/network.js";
import { createOutbox } from "../../modules/uplink/outbox.js";
import { createUplink, driveUplink, uplinkDeadline } from "../../modules/uplink/uplink.js";
import { createChance } from "../support/chance.js";
import { createFakeStore, createFakeWorld } from "../support/fake-ports.js";

/** A cable that is in from 1 s on and out from 120 to 130 s; the address comes seven seconds after the cable. */
interface Cable {
	link: boolean;
	address: boolean;
	/** Until then the port says `idle`, because it was told to disconnect. */
	quietUntil: number;
	connects: number;
	disconnects: number;
}

interface Variant {
	state(cable: Cable, now: number): Network["state"];
	/** How long the port is quiet after `disconnect`, in ms. */
	quiet: number;
}

/** What the SDK's own Ethernet says: 200, 300, 400 and 500. */
const sdkStates: Variant["state"] = ({ link, address }) => (!link ? "idle" : address ? "ready" : "associated");
const contract: Variant["state"] = ({ link, address, quietUntil }, now) =>
	link && address && now >= quietUntil ? "ready" : "idle";

function live({ state, quiet }: Variant) {
	const world = createFakeWorld(createChance(1), createFakeStore());
	const { clock } = world;
	const cable: Cable = { link: false, address: false, quietUntil: 0, connects: 0, disconnects: 0 };
	let tell = () => {};
	const ports: typeof world.ports = {
		...world.ports,
		medium: "ethernet",
		openNetwork(onChanged) {
			tell = onChanged;
			return {
				medium: "ethernet",
				get state() {
					return state(cable, clock.now());
				},
				get address() {
					return state(cable, clock.now()) === "ready" ? "192.168.1.60" : null;
				},
				signalStrength: null,
				macAddress: "a1b2c3d4e5f6",
				nameServers: [],
				connect() {
					cable.connects += 1;
				},
				disconnect() {
					cable.disconnects += 1;
					cable.quietUntil = clock.now() + quiet;
					if (quiet === 0) return;
					clock.setAlarm(1, tell);
					clock.setAlarm(quiet, tell);
				},
			};
		},
	};
	// As the target of the WT32-ETH01 has them.
	const built = { broker: "mqtt://10.0.0.1", receivePin: "35", requestPin: "4" };
	const { settings, problems } = checkSettings(readConfiguration(built), "ethernet", null);
	const log = createLog(64);
	let alarm: object | null = null;
	const run = () => {
		driveUplink(uplink, clock.now());
		set(Math.max(1, uplinkDeadline(uplink, clock.now()) - clock.now()));
	};
	const set = (delay: number) => {
		if (alarm !== null) clock.cancelAlarm(alarm);
		alarm = clock.setAlarm(delay, run);
	};
	const uplink = createUplink(ports, settings, createOutbox(24, null), log, {
		onChange: () => set(0),
		onOnline() {},
		listSubscriptions: () => [],
		onMessage() {},
		onGoodbye: () => [],
		onException(where, error) {
			throw new Error(`${where}: ${error}`);
		},
	});
	const at = (time: number, happen: () => void) =>
		clock.setAlarm(time, () => {
			happen();
			tell();
		});
	at(1_000, () => Object.assign(cable, { link: true }));
	at(8_000, () => Object.assign(cable, { address: true }));
	// What recovery does when the broker stays away.
	at(60_000, () => {
		restartNetwork(uplink.supervisor, clock.now());
		set(0);
	});
	at(120_000, () => Object.assign(cable, { link: false, address: false }));
	at(130_000, () => Object.assign(cable, { link: true }));
	at(137_000, () => Object.assign(cable, { address: true }));
	set(0);
	const seen: [number, string][] = [];
	for (let second = 1; second <= 180; second += 1) {
		clock.pass(1_000);
		seen.push([second, uplink.supervisor.state]);
	}
	const isReady = (second: number) => seen[second - 1]![1] === "ready";
	return { cable, supervisor: uplink.supervisor, isReady, problems, lines: log.lines.map(({ text }) => text) };
}

test("a port that says only ready or idle, and is idle for a moment after disconnect, comes back from everything", () => {
	const { cable, supervisor, isReady, problems, lines } = live({ state: contract, quiet: 600 });
	expect([7, 9, 59, 63, 119, 125, 136, 141, 180].map(isReady)).toEqual([
		false,
		...[true, true, true, true],
		...[false, false],
		...[true, true],
	]);
	expect(supervisor).toMatchObject({ state: "ready", connects: 3, losses: 1 });
	// No name, no password, no radio to be careful with, and nobody tells it to connect.
	expect(cable.connects).toBe(0);
	expect(problems).toEqual([]);
	expect(lines.join("\n")).not.toContain("WiFi");
	expect(lines).toContain("Ethernet: connected, address 192.168.1.60");
});

test("a port that passes the SDK's states through never becomes ready: it waits for idle after the first close", () => {
	const { cable, supervisor, isReady } = live({ state: sdkStates, quiet: 0 });
	expect([9, 30, 59, 110].map(isReady)).toEqual([false, false, false, false]);
	expect(cable.disconnects).toBeGreaterThan(10);
	expect(supervisor.connects).toBeLessThanOrEqual(1);
});

test("a port that ignores disconnect is ready at first, and is stuck after a restart of the network", () => {
	const { supervisor, isReady } = live({ state: contract, quiet: 0 });
	expect([9, 59].map(isReady)).toEqual([true, true]);
	expect([65, 90, 119].map(isReady)).toEqual([false, false, false]);
	expect(supervisor.connects).toBeLessThanOrEqual(2);
});

test("without a cable there is one line in the log and no more", () => {
	const { lines } = live({ state: () => "idle", quiet: 600 });
	expect(lines.length).toBeLessThanOrEqual(1);
});
