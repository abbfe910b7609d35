/** Improv over the serial console: WiFi from the browser that has just flashed the board (improv-wifi.com). */
import { note } from "../health/log.js";
import { decodeText } from "../p1/hex-text.js";
import type { FoundNetwork } from "../ports/ports.js";
import { type Change, checkValues } from "../settings/apply.js";
import { checkSettings, mergeSettings } from "../settings/settings.js";
import type { SetUpHost } from "./host.js";
import { keepValues } from "./keep.js";
import { encodePacket } from "./packets.js";
import type { Kept } from "./state.js";
import { createTestRun, isOver, type TestRun } from "./test-run.js";

/** Types of packets. */
const stateType = 1;
const errorType = 2;
const commandType = 3;
const resultType = 4;

const states = Object.freeze({ ready: 2, provisioning: 3, provisioned: 4 } as const);
const badPacket = 1;
const unknownCommand = 2;
const notConnected = 3;
const unknownError = 0xff;

const provisionCommand = 1;
const stateCommand = 2;
const infoCommand = 3;
const scanCommand = 4;

/** What is under way; both are null or false as a rule. */
export interface Improv {
	run: TestRun | null;
	changes: readonly Change[];
	/** Somebody waits for the list of networks. */
	wantsNetworks: boolean;
}

export interface ImprovHost extends SetUpHost {
	/** Bytes to the other end of the console. */
	send(bytes: Uint8Array): void;
	/** What the page's address is now; null while the reader is in no network. */
	tellPage(): string | null;
	/** A network is set, and it came. */
	isProvisioned(): boolean;
	/** In reach; null while they are looked for. */
	listNetworks(): readonly FoundNetwork[] | null;
	/** Lets a test have the network; false while it has something else to do. */
	beginTest(run: TestRun, changes: readonly Change[]): boolean;
	/** The test is over: with what was kept the reader restarts soon, else all goes on as before. */
	endTest(kept: Kept | null): void;
}

export function createImprov(): Improv {
	return { run: null, changes: [], wantsNetworks: false };
}

/** One packet; `data` is null where it was damaged. Nothing of it is echoed or logged. */
export function takePacket(improv: Improv, host: ImprovHost, type: number, data: Uint8Array | null): void {
	if (data === null || type !== commandType || data.length < 2 || data[1] !== data.length - 2) {
		sendError(host, badPacket);
		return;
	}
	switch (data[0]) {
		case provisionCommand:
			provision(improv, host, data);
			break;
		case stateCommand:
			tellState(improv, host);
			break;
		case infoCommand: {
			const [name = "", version = ""] = host.ports.device.version.split(" ");
			sendResult(host, infoCommand, [name, version, "ESP32", host.readName() ?? name]);
			break;
		}
		case scanCommand:
			improv.wantsNetworks = true;
			break;
		default:
			sendError(host, unknownCommand);
	}
}

/** Answers what had to wait. Only from an alarm. */
export function advanceImprov(improv: Improv, host: ImprovHost): void {
	const networks = improv.wantsNetworks ? host.listNetworks() : null;
	if (networks !== null) {
		improv.wantsNetworks = false;
		for (const { name, strength, isOpen } of networks) {
			sendResult(host, scanCommand, [name, String(strength), isOpen ? "NO" : "YES"]);
		}
		sendResult(host, scanCommand, []);
	}
	const { run } = improv;
	if (run === null || !isOver(run)) return;
	improv.run = null;
	finish(improv, host, run);
}

function provision(improv: Improv, host: ImprovHost, data: Uint8Array): void {
	const { ports, place } = host;
	const credentials = readCredentials(data);
	if (credentials === null) {
		sendError(host, badPacket);
		return;
	}
	const [name, password] = credentials;
	const changes: Change[] = [
		["wifi", name],
		["wifiPassword", password === "" ? null : password],
	];
	const { complaints, values } = checkValues(place, changes, true);
	const { settings } = checkSettings(mergeSettings(values, place.built), place.medium, place.heap);
	// The broker is not asked: where one is set, it may be another network's.
	const run = createTestRun({ ...settings, broker: null }, false, ports);
	if (complaints.length > 0 || improv.run !== null || !host.beginTest(run, changes)) {
		sendError(host, complaints.length > 0 ? notConnected : unknownError);
		return;
	}
	improv.run = run;
	improv.changes = changes;
	note(host.log, "set-up: a WiFi is tried that came over the cable", ports.clock.now());
	sendState(host, "provisioning");
}

/** Name and password, each after its length; null where they do not fit. */
function readCredentials(data: Uint8Array): [name: string, password: string] | null {
	const nameEnd = 3 + data[2]!;
	const passwordEnd = nameEnd + 1 + (data[nameEnd] ?? 0);
	if (data.length < 4 || nameEnd >= data.length || passwordEnd !== data.length) return null;
	return [decodeText(data.slice(3, nameEnd)), decodeText(data.slice(nameEnd + 1, passwordEnd))];
}

function finish(improv: Improv, host: ImprovHost, run: TestRun): void {
	const { changes } = improv;
	improv.changes = [];
	const kept = run.wifi === "joined" ? keepValues(host, changes, false, run) : null;
	if (kept === null || !("url" in kept)) {
		host.endTest(null);
		sendError(host, notConnected);
		sendState(host, host.isProvisioned() ? "provisioned" : "ready");
		return;
	}
	host.endTest(kept);
	sendState(host, "provisioned");
	// What follows # is never sent over the network: the page takes it for its token, and asks for the settings.
	sendResult(host, provisionCommand, [`${kept.url}#${kept.token === null ? "settings" : `token=${kept.token}`}`]);
}

function tellState(improv: Improv, host: ImprovHost): void {
	if (improv.run !== null) {
		sendState(host, "provisioning");
		return;
	}
	const isProvisioned = host.isProvisioned();
	sendState(host, isProvisioned ? "provisioned" : "ready");
	const page = host.tellPage();
	if (isProvisioned) sendResult(host, stateCommand, page === null ? [] : [page]);
}

function sendState({ send }: ImprovHost, state: keyof typeof states): void {
	send(encodePacket(stateType, Uint8Array.of(states[state])));
}

function sendError({ send }: ImprovHost, code: number): void {
	send(encodePacket(errorType, Uint8Array.of(code)));
}

function sendResult({ send, ports }: ImprovHost, command: number, texts: readonly string[]): void {
	const bytes: number[] = [command, 0];
	for (const text of texts) {
		const encoded = ports.encode(text);
		bytes.push(encoded.length, ...encoded);
	}
	bytes[1] = bytes.length - 2;
	send(encodePacket(resultType, Uint8Array.from(bytes)));
}
