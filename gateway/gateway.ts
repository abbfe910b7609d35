/** The firmware's composition on a computer: a P1 cable or a capture, the computer's network, a file for a memory. */
import { closeSync, openSync, readFileSync } from "node:fs";
import {
	createFirmware,
	finishInput,
	isIdle,
	noteTrouble,
	startFirmware,
	stopFirmware,
} from "../modules/firmware/firmware.js";
import type { Firmware } from "../modules/firmware/state.js";
import type { Flash, Ports, Service, Store } from "../modules/ports/ports.js";
import { defaultAuthority } from "../modules/settings/authorities.js";
import { announceService } from "./announcer.js";
import { type GatewayArguments, gatewayUsage, readGatewayArguments } from "./arguments.js";
import { createNodeCipher } from "./cipher.js";
import { codeOf } from "./files.js";
import { openFileFlash } from "./flash.js";
import { createHostClock } from "./host-clock.js";
import { exposedSecret } from "./key-file.js";
import { openTcpListener } from "./listener.js";
import { type Lock, takeLock } from "./lock.js";
import { createLook } from "./look.js";
import { createHostMqttClient } from "./mqtt-client.js";
import { findAddress, openHostNetwork } from "./network.js";
import { readPage } from "./page.js";
import { watchParent } from "./parent.js";
import { openReplay, openSerial, type Source } from "./source.js";
import { createFileStore, createMemoryStore } from "./store.js";
import { openTcp, parseTcp } from "./tcp-source.js";

/** How long a replay waits for the broker to take everything, and how often it looks. */
const deliveryMs = 30_000;
const lookMs = 200;

interface Run {
	/** Null until it is created. */
	firmware: Firmware | null;
	source: Source | null;
	/** What was wrong before there was a log. */
	readonly troubles: string[];
	/** Ends the run with this exit code. */
	end(code: number): void;
	/** The capture begins again when this run has ended. */
	again: boolean;
}

/** What survives a restart, and the lock on it. */
interface Memory {
	store: Store;
	flash: Flash | null;
	lock: Lock | null;
}

/** Runs until a signal comes or a replay is published. Returns the exit code: 2 for arguments that make no sense. */
export async function runGateway(words: readonly string[]): Promise<number> {
	if (words.includes("--help") || words.includes("-h")) {
		process.stdout.write(gatewayUsage);
		return 0;
	}
	const found = readGatewayArguments(words, process.env);
	if (typeof found === "string") return complain(found);
	try {
		if (found.replay !== null) closeSync(openSync(found.replay, "r"));
	} catch (error) {
		return complain(`--replay ${found.replay}: ${codeOf(error)}`);
	}
	const run: Run = { firmware: null, source: null, troubles: [], end() {}, again: false };
	const memory = await openMemory(found.memory, text => tell(run, text));
	if (typeof memory === "string") return complain(memory);
	if (found.exposed) process.stderr.write(`npm start: ${exposedSecret}\n`);
	listenForEnd(run);
	let code = await runFirmware(run, found, memory);
	while (run.again) {
		// Each time as on a new board: what it remembered would refuse the same telegrams.
		code = await runFirmware(run, found, { ...memory, store: createMemoryStore() });
	}
	memory.lock?.release();
	return code;
}

/** A signal, a parent or a reader of the output that is gone: goodbye, once. */
function listenForEnd(run: Run): void {
	let heard = true;
	const leave = (code: number) => {
		run.again = false;
		stop(run, code);
	};
	process.stdout.on("error", () => {
		if (heard) leave(1);
		heard = false;
	});
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => leave(0));
	watchParent(() => leave(0));
}

function complain(text: string): number {
	process.stderr.write(`npm start: ${text}\n`);
	return 2;
}

/** A file that cannot be used costs what it was to remember, and not the readings. Text where another gateway uses it. */
async function openMemory(path: string | null, onTrouble: (text: string) => void): Promise<Memory | string> {
	if (path === null) return { store: createMemoryStore(), flash: null, lock: null };
	const lock = await takeLock(`${path}.lock`);
	if (lock === "taken") return `--memory ${path} is in use by another gateway`;
	if ("reason" in lock) onTrouble(`memory: no lock against a second gateway: ${lock.reason}`);
	const store = createFileStore(path, onTrouble);
	return { store, flash: openFileFlash(`${path}.flash`, onTrouble), lock: "reason" in lock ? null : lock };
}

function runFirmware(run: Run, found: GatewayArguments, memory: Memory): Promise<number> {
	return new Promise(resolve => {
		run.end = resolve;
		run.source = null;
		run.again = found.loop;
		const firmware = createFirmware(found.settings, createPorts(run, memory, found));
		run.firmware = firmware;
		for (const text of run.troubles.splice(0)) noteTrouble(firmware, text);
		startFirmware(firmware);
		if (run.source === null) {
			run.again = false;
			stop(run, 1);
		}
	});
}

/** No mistake of the firmware: a port that another program has, a disk that is full, a network without mDNS. */
function tell({ firmware, troubles }: Run, text: string): void {
	if (firmware === null) troubles.push(text);
	else noteTrouble(firmware, text);
}

/** Says goodbye to the broker and ends. */
function stop({ firmware, source, end }: Run, code: number): void {
	source?.close();
	if (firmware !== null) stopFirmware(firmware, () => end(code));
}

function report(text: string): void {
	process.stdout.write(`${text}\n`);
}

function createPorts(run: Run, { store, flash }: Memory, found: GatewayArguments): Ports {
	const { port, replay, address, bind } = found;
	const clock = createHostClock(port !== null);
	const encoder = new TextEncoder();
	const onTrouble = (text: string) => tell(run, text);
	const page = readPage();
	const version: { version: string } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
	return {
		clock,
		device: {
			resetReason: "start",
			version: `smarty-xs ${version.version}`,
			capacity: { connections: 32, heap: null },
			readMemory: () => null,
			// Only a person asks for it: on a computer's network the firmware mends what it can without a restart.
			restart() {
				run.again = false;
				stop(run, 1);
			},
		},
		random: Math.random,
		createCipher: createNodeCipher,
		encode: text => encoder.encode(text),
		decode,
		store,
		flash,
		setLight() {},
		medium: "host",
		openOutput: () => ({ write() {} }),
		openUart(_options, onReceive) {
			const address = port === null ? null : parseTcp(port);
			if (address !== null && typeof address !== "string") run.source = openTcp(address, onReceive, report);
			else if (port !== null) run.source = openSerial(port, onReceive, report);
			else run.source = openReplay(replay!, onReceive, () => endReplay(run));
			return { look: createLook(onReceive) };
		},
		openNetwork: onChanged => openHostNetwork(address ?? findAddress(store), onChanged),
		createMqttClient: createHostMqttClient,
		readCertificates: name => (name === defaultAuthority ? found.authority : readCertificateFile(name)),
		readResource: name => (name === "page.html.gz" ? page : null),
		openConsole: () => ({ write: report }),
		openListener: (number, admit) => openTcpListener(number, bind, admit, onTrouble),
		// Nobody in the network can come to an address of this computer's own.
		...(isLoopback(bind) ? {} : { announce: (service: Service) => announceService(service, onTrouble) }),
	};
}

function decode(bytes: Uint8Array, start: number, end: number): string | null {
	const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
	return /[\u0080-\uffff]/.test(text) ? null : text;
}

function isLoopback(address: string | null): boolean {
	return address !== null && (address.startsWith("127.") || address === "::1");
}

/** One of those that come with the program. */
function readCertificateFile(name: string): readonly Uint8Array[] {
	try {
		return [new Uint8Array(readFileSync(new URL(`../certificates/${name}.der`, import.meta.url)))];
	} catch {
		return [];
	}
}

/** The capture is at its end: the run ends when the broker has all of it. */
function endReplay(run: Run): void {
	const { firmware } = run;
	if (firmware === null) return;
	const { clock } = firmware.ports;
	const { telegrams, summary } = finishInput(firmware);
	const deadline = clock.now() + deliveryMs;
	const look = () => {
		const isDone = isIdle(firmware);
		if (!isDone && clock.now() < deadline) {
			clock.setAlarm(lookMs, look);
			return;
		}
		const rest = isDone ? "" : "; not all of it is published";
		const remedy = telegrams > 0 ? "" : " (docs/faults.md says what to do)";
		report(`end of the capture: telegrams ${summary}${rest}${remedy}`);
		stop(run, isDone && telegrams > 0 ? 0 : 1);
	};
	clock.setAlarm(lookMs, look);
}
