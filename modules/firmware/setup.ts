/** Set-up in the firmware: entered at the boot where it is wanted, run beside the meter's line, left by a restart. */
import { type Log, note } from "../health/log.js";
import { attempt } from "../ports/guard.js";
import type { LineConditions, Ports } from "../ports/ports.js";
import type { SettingsPlace } from "../settings/apply.js";
import type { Settings } from "../settings/settings.js";
import {
	advanceQuickRuns,
	createQuickRuns,
	type Entry,
	type EntryReason,
	findEntry,
	isProven,
	orderEntry,
	proveNetwork,
	quickRunsDeadline,
	unprovenMs,
} from "../setup/entry.js";
import type { SetUpHost } from "../setup/host.js";
import { advanceSetUp, closeSetUp, createSetUp, setUpDeadline } from "../setup/setup.js";
import { testLine } from "../setup/test-run.js";
import { readerName } from "../uplink/names.js";
import { radioDelay } from "../uplink/uplink.js";
import { forgetLearnt } from "./counters.js";
import { hasRoomForClient } from "./memory.js";
import { planRestart } from "./restart.js";
import type { Firmware } from "./state.js";

const reasons: Readonly<Record<EntryReason, string>> = Object.freeze({
	nothing: "no network is set",
	unproven: "the network never came since it was set",
	power: "the power came and went three times",
	asked: "it was asked for at the console",
});

/** At the boot. Null where the board has no access point of its own. What the store does not tell is not so. */
export function openEntry(ports: Ports, settings: Settings, log: Log): Entry | null {
	if (ports.openAccessPoint === undefined) return null;
	const { store, device, clock, program } = ports;
	const runs = createQuickRuns();
	let reason: EntryReason | null = null;
	attempt(
		() => {
			reason = findEntry(store, device.resetReason, settings, runs);
		},
		error => note(log, `set-up: ${error instanceof Error ? error.message : error}`, clock.now()),
	);
	// A new program has first to show that it works.
	if (program?.isOnTrial() === true) reason = null;
	if (reason !== null) note(log, `set-up: ${reasons[reason]}`, clock.now());
	return { runs, reason, isProven: settings.wifi === null || isProven(store, settings) };
}

/** What a setting is changed by, in set-up, on the console and on the page. */
export class FirmwarePlace implements SettingsPlace {
	readonly storage: SettingsPlace["storage"];
	readonly built: SettingsPlace["built"];
	readonly store: SettingsPlace["store"];
	readonly medium: SettingsPlace["medium"];
	readonly heap: SettingsPlace["heap"];
	protected readonly firmware: Firmware;

	constructor(firmware: Firmware) {
		const { storage, built, ports } = firmware;
		this.storage = storage;
		this.built = built;
		this.store = ports.store;
		this.medium = ports.medium;
		this.heap = ports.device.capacity.heap;
		this.firmware = firmware;
	}

	forgetLearnt(name: string): void {
		forgetLearnt(this.firmware, name);
	}
}

export function createHost(firmware: Firmware): SetUpHost {
	const { ports, log, uplink } = firmware;
	return {
		ports,
		log,
		place: new FirmwarePlace(firmware),
		hasRadio: firmware.hasRadio,
		readName: () => readerName(uplink),
		readMeter: () => firmware.lines[0]?.health.state ?? null,
		restart: () => planRestart(firmware),
		findNetwork: () => uplink.network,
		openNetwork() {
			uplink.network = ports.openNetwork(() => uplink.events.onChange());
			return uplink.network;
		},
		onChange: () => uplink.events.onChange(),
		hasRoom: () => hasRoomForClient(firmware, ports.clock.now()),
	};
}

/** Its objects exist in set-up only. The network is set-up's until the restart. */
export function openSetUp(firmware: Firmware): void {
	const reason = firmware.entry?.reason ?? null;
	if (reason === null) return;
	const { ports, uplink } = firmware;
	uplink.paused = true;
	const host = createHost(firmware);
	firmware.setup = { state: createSetUp(reason, host, radioDelay(ports)), host };
}

/** To be called in each run. */
export function runSetUp(firmware: Firmware, now: number): void {
	const { setup, entry, ports } = firmware;
	if (entry === null) return;
	advanceQuickRuns(entry.runs, ports.store, now);
	if (setup === null) watchNetwork(firmware, entry, now);
	else advanceSetUp(setup.state, setup.host);
}

/** A network that never came since it was set is given up once; one that came is waited for as long as it takes. */
function watchNetwork(firmware: Firmware, entry: Entry, now: number): void {
	const { checked, ports, uplink, updates, log } = firmware;
	if (entry.isProven) return;
	if (uplink.supervisor.state === "ready") {
		entry.isProven = true;
		proveNetwork(ports.store, checked.settings);
	} else if (now >= unprovenMs && uplink.supervisor.connects === 0 && updates.trial === null) {
		entry.isProven = true;
		note(log, "set-up: the network never came since it was set", now);
		orderEntry(ports.store, "unproven");
		planRestart(firmware);
	}
}

/** When `runSetUp` must be called at the latest, or Infinity. */
export function setUpRunTime({ setup, entry }: Firmware, now: number): number {
	if (entry === null) return Infinity;
	const quick = quickRunsDeadline(entry.runs);
	return setup === null ? quick : Math.min(quick, setUpDeadline(setup.state, now));
}

/** What the line delivers is tried with the key that was typed, too. */
export function testWithLine(
	{ setup }: Firmware,
	bytes: Uint8Array,
	count: number,
	conditions: LineConditions | null,
	now: number,
): void {
	const run = setup?.state.run ?? null;
	if (run !== null && run.tester !== null && run.key === "trying") testLine(run.tester, bytes, count, conditions, now);
}

/** At the next boot, which comes now. Lines for the console. */
export function askForSetUp(firmware: Firmware): string[] {
	const { ports, entry } = firmware;
	if (entry === null) return ["this board has no access point of its own"];
	try {
		orderEntry(ports.store, "asked");
	} catch (error) {
		return [`not possible: ${error instanceof Error ? error.message : error}`];
	}
	planRestart(firmware);
	return ["restarting; then set-up says here which WiFi to join"];
}

/** Nothing of it is reached any more. */
export function leaveSetUp({ setup }: Firmware): void {
	if (setup !== null) closeSetUp(setup.state);
}

/** Where the page is, for who gets a token; null where it is not served, or the address is not known. */
export function tellPage({ uplink, checked }: Firmware): string | null {
	const { webPort } = checked.settings.integrations;
	const address = uplink.network?.address ?? null;
	return webPort === null || address === null ? null : `http://${address}${webPort === 80 ? "" : `:${webPort}`}/`;
}
