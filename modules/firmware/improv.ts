/** Improv in the firmware: packets of the console, answered beside set-up and beside the reader's work. */
import type { Console } from "../ports/ports.js";
import { advanceImprov, createImprov, type ImprovHost, takePacket } from "../setup/improv.js";
import { advanceTestRun, isOver, type TestRun } from "../setup/test-run.js";
import { keepConsole } from "./lines.js";
import { planRestart } from "./restart.js";
import { createHost, tellPage } from "./setup.js";
import type { Firmware } from "./state.js";

/** For a phone to see that all is kept, and for the browser to take the answer. */
const goodbyeMs = 3_000;

interface Packet {
	console: Console;
	type: number;
	data: Uint8Array | null;
}

/** One packet. Its objects are made with the first one: most readers never get any. */
export function onPacket(firmware: Firmware, { console, type, data }: Packet): void {
	if (console.send === undefined) return;
	keepConsole(firmware);
	firmware.improv ??= { state: createImprov(), host: createImprovHost(firmware, console) };
	const { state, host } = firmware.improv;
	takePacket(state, host, type, data);
	host.onChange();
}

function createImprovHost(firmware: Firmware, console: Console): ImprovHost {
	const { uplink } = firmware;
	return {
		...createHost(firmware),
		send: bytes => console.send?.(bytes),
		tellPage: () => tellPage(firmware),
		isProvisioned: () => uplink.supervisor.connects > 0 || firmware.setup?.state.kept != null,
		listNetworks() {
			const { setup } = firmware;
			if (setup === null) return [];
			const { stage, networks } = setup.state;
			return stage === "dark" || stage === "scanning" ? null : networks;
		},
		beginTest(run, changes) {
			const { setup } = firmware;
			if (setup === null) {
				if (firmware.restartTime !== Infinity) return false;
				uplink.paused = true;
				return true;
			}
			const { state } = setup;
			if (state.stage === "ending" || state.kept !== null || (state.run !== null && !isOver(state.run))) return false;
			state.run = run;
			state.changes = changes;
			return true;
		},
		endTest(kept) {
			const { setup, ports } = firmware;
			if (setup === null) {
				// With what is kept the network is not needed any more before the restart.
				if (kept !== null) planRestart(firmware);
				else uplink.paused = false;
				return;
			}
			if (kept === null) return;
			setup.state.kept = kept;
			setup.state.stage = "ending";
			setup.state.stageEnd = ports.clock.now() + goodbyeMs;
		},
	};
}

/** To be called in each run. In set-up, set-up sees to the test. */
export function runImprov({ improv, setup, ports }: Firmware): void {
	if (improv === null) return;
	const { state, host } = improv;
	if (setup === null && state.run !== null) {
		advanceTestRun(state.run, host.findNetwork() ?? host.openNetwork(), ports, host.onChange);
	}
	advanceImprov(state, host);
}

/** When `runImprov` must be called at the latest, or Infinity. */
export function improvDeadline({ improv }: Firmware): number {
	return deadlineOf(improv?.state.run ?? null);
}

function deadlineOf(run: TestRun | null): number {
	return run === null ? Infinity : run.deadline;
}
