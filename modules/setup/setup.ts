/** Set-up: the reader's own access point, on which a phone finds a form for the first settings, while the meter is read. */
import { note } from "../health/log.js";
import { attempt } from "../ports/guard.js";
import type { Admit, FoundNetwork, Network } from "../ports/ports.js";
import { admitConnection, createWebServer, expireConnections } from "../web/server.js";
import { answerName } from "./dns.js";
import { type EntryReason, orderEntry } from "./entry.js";
import type { SetUpHost } from "./host.js";
import { addNetwork } from "./networks.js";
import { answerPhone, idleMs } from "./portal.js";
import { portalAddress, portalUrl } from "./probes.js";
import type { SetUp } from "./state.js";
import { advanceTestRun, isOver } from "./test-run.js";

/**
 * Published, and the same for every reader: with WPA3 it keeps those out who only listen, although everybody knows it; who may connect is
 * up to who stands beside the reader and lets set-up begin.
 */
export const portalPassword = "smarty-xs";

/** The longest that looking for networks takes. */
const scanMs = 8_000;
const reopenMs = 10_000;
/** So often what goes on is looked at. */
const lookMs = 1_000;
const namePort = 53;
const webPort = 80;
/** The four numbers of `portalAddress`. */
const addressBytes: readonly number[] = Object.freeze([192, 168, 4, 1]);
/** What phones have there. */
const ownNetwork = "192.168.4.";

/** `delay`: milliseconds before the radio may be switched on. */
export function createSetUp(reason: EntryReason, host: SetUpHost, delay: number): SetUp {
	const { ports } = host;
	const { connections } = ports.device.capacity;
	const setup: SetUp = {
		reason,
		stage: "dark",
		stageEnd: ports.clock.now() + delay,
		accessPoint: null,
		names: null,
		listener: null,
		web: createWebServer(
			connections,
			(request, now) => answerPhone(setup, host, request, now),
			ports.encode,
			ports.decode,
		),
		openTime: 0,
		networks: [],
		scanEnd: 0,
		wantsScan: false,
		changes: [],
		complaints: [],
		wantsToken: false,
		run: null,
		kept: null,
	};
	return setup;
}

/** Takes set-up on as far as it goes now. Only from an alarm; about once a second, and after `onChange`. */
export function advanceSetUp(setup: SetUp, host: SetUpHost): void {
	const { ports } = host;
	const now = ports.clock.now();
	if (now >= setup.web.deadline) expireConnections(setup.web, now);
	switch (setup.stage) {
		case "dark":
			if (now < setup.stageEnd) return;
			enter(setup, "scanning", now + scanMs);
			beginScan(setup, host, host.findNetwork() ?? host.openNetwork(), now);
			break;
		case "scanning":
			if (now < setup.scanEnd) return;
			enter(setup, "open", now + idleMs);
			openAll(setup, host, now);
			break;
		case "open":
			advanceOpen(setup, host, now);
			break;
		case "ending":
			if (now >= setup.stageEnd) end(setup, host, now);
			break;
	}
}

/** When `advanceSetUp` must be called again at the latest, monotonic milliseconds. */
export function setUpDeadline({ run, stage, stageEnd, web, openTime, wantsScan }: SetUp, now: number): number {
	const isLooking = stage === "scanning" || (stage === "open" && (openTime !== Infinity || wantsScan));
	return Math.min(stageEnd, web.deadline, isLooking ? now + lookMs : Infinity, run === null ? Infinity : run.deadline);
}

function enter(setup: SetUp, stage: SetUp["stage"], stageEnd: number): void {
	setup.stage = stage;
	setup.stageEnd = stageEnd;
}

function beginScan(setup: SetUp, { log, onChange }: SetUpHost, network: Network, now: number): void {
	const found: FoundNetwork[] = [];
	const done = () => {
		setup.scanEnd = 0;
		setup.networks = found;
		onChange();
	};
	setup.wantsScan = false;
	if (network.scan === undefined) return;
	setup.scanEnd = now + scanMs;
	attempt(
		() => network.scan?.(one => addNetwork(found, one), done),
		error => {
			setup.scanEnd = 0;
			note(log, `set-up: no networks were looked for: ${tell(error)}`, now);
		},
	);
}

function advanceOpen(setup: SetUp, host: SetUpHost, now: number): void {
	const network = host.findNetwork();
	if (now >= setup.openTime) openAll(setup, host, now);
	if (network === null) return;
	const isScanning = now < setup.scanEnd;
	if (setup.run !== null && !isScanning) advanceTestRun(setup.run, network, host.ports, host.onChange);
	const isBusy = setup.run !== null && !isOver(setup.run);
	if (isBusy) return;
	if (setup.wantsScan && network.state === "idle" && !isScanning) beginScan(setup, host, network, now);
	if (now >= setup.stageEnd) end(setup, host, now);
}

/** Opens what is not open; what fails leaves the others as they are, and is tried again. */
function openAll(setup: SetUp, host: SetUpHost, now: number): void {
	const { ports, log } = host;
	const name = nameAccessPoint(host.readName());
	const failures: unknown[] = [];
	const open = (work: () => void) => void attempt(work, error => void failures.push(error));
	open(() => {
		if (setup.accessPoint !== null) return;
		const portal = `${portalUrl}captive-portal/api`;
		setup.accessPoint = ports.openAccessPoint?.({ name, password: portalPassword, portal }) ?? null;
		note(log, `set-up: join the WiFi ${name}, password ${portalPassword}, and open ${portalUrl}`, now);
	});
	open(() => {
		setup.names ??=
			ports.openDatagrams?.(namePort, (bytes, address, port) => {
				// On the reader's other side nobody is to be led astray.
				if (!address.startsWith(ownNetwork)) return;
				const answer = answerName(bytes, addressBytes);
				if (answer !== null) setup.names?.send(answer, address, port);
			}) ?? null;
	});
	open(() => {
		setup.listener ??= ports.openListener?.(webPort, admitPhones(setup, host)) ?? null;
	});
	for (const error of failures) note(log, `set-up: ${tell(error)}; next try in ${reopenMs / 1000} s`, now);
	setup.openTime = failures.length === 0 ? Infinity : now + reopenMs;
}

/** Only who is in the reader's own network: while the WiFi is tried, the house could come as well. */
function admitPhones({ web }: SetUp, { ports, hasRoom }: SetUpHost): Admit {
	return accept => {
		if (!hasRoom()) return null;
		const stream = accept();
		if (stream.remote !== undefined && !stream.remote.startsWith(ownNetwork)) return null;
		return admitConnection(
			web,
			() => stream,
			() => ports.clock.now(),
		);
	};
}

/** The last four digits tell two readers apart, and the address helps where no window opens by itself. */
export function nameAccessPoint(name: string | null): string {
	return `smarty-xs ${name?.slice(-4) ?? ""} ${portalAddress}`;
}

/** The reader restarts; where nothing was kept, for its work and not for set-up. */
function end(setup: SetUp, host: SetUpHost, now: number): void {
	const { ports, log } = host;
	const { kept } = setup;
	note(log, kept === null ? "set-up: over, nobody came or nothing was kept" : "set-up: over", now);
	if (kept === null)
		attempt(
			() => orderEntry(ports.store, "over"),
			error => note(log, `set-up: ${tell(error)}`, now),
		);
	closeSetUp(setup);
	// Once: the restart takes a second.
	setup.stageEnd = Infinity;
	host.restart();
}

/** Closes what phones can reach. */
export function closeSetUp(setup: SetUp): void {
	const nothing = () => {};
	for (const open of [setup.listener, setup.names, setup.accessPoint]) attempt(() => open?.close(), nothing);
	setup.listener = null;
	setup.names = null;
	setup.accessPoint = null;
	setup.openTime = Infinity;
}

function tell(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
