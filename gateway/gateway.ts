/** The firmware's composition on a computer: a P1 cable or a capture, the computer's network, a file for a memory. */
import { randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import {
	createFirmware,
	finishInput,
	isIdle,
	noteTrouble,
	startFirmware,
	stopFirmware,
} from "../modules/firmware/firmware.js";
import type { Firmware } from "../modules/firmware/state.js";
import type { Network, Ports, Store } from "../modules/ports/ports.js";
import { announceService } from "./announcer.js";
import { type GatewayArguments, gatewayUsage, isAddress, readGatewayArguments } from "./arguments.js";
import { createHostClock } from "./host-clock.js";
import { openTcpListener } from "./listener.js";
import { createHostMqttClient } from "./mqtt-client.js";
import { openReplay, openSerial, type Source } from "./source.js";
import { createFileStore } from "./store.js";

/** How long a replay waits for the broker to take everything, and how often it looks. */
const deliveryMs = 30_000;
const lookMs = 200;

interface Run {
	firmware: Firmware;
	source: Source | null;
	/** Ends the run with this exit code. */
	end(code: number): void;
}

/** Runs until a signal comes or a replay is published. Returns the exit code: 2 for arguments that make no sense. */
export async function runGateway(words: readonly string[]): Promise<number> {
	if (words.includes("--help") || words.includes("-h")) {
		process.stdout.write(gatewayUsage);
		return 0;
	}
	const found = readGatewayArguments(words, process.env);
	if (typeof found === "string") {
		process.stderr.write(`npm start: ${found}\n`);
		return 2;
	}
	let store: Store;
	try {
		if (found.replay !== null) closeSync(openSync(found.replay, "r"));
	} catch (error) {
		process.stderr.write(`npm start: --replay ${found.replay}: ${(error as NodeJS.ErrnoException).code}\n`);
		return 2;
	}
	try {
		store = createFileStore(found.memory);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		process.stderr.write(`npm start: --memory ${found.memory} cannot be written: ${code}\n`);
		return 2;
	}
	return new Promise(resolve => {
		const run: Run = { firmware: null!, source: null, end: resolve };
		const ports = createPorts(run, store, found);
		run.firmware = createFirmware(found.settings, ports);
		let heard = true;
		// Nobody reads the output any more: goodbye, once.
		process.stdout.on("error", () => {
			if (heard) stop(run, 1);
			heard = false;
		});
		for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop(run, 0));
		startFirmware(run.firmware);
		if (run.source === null) stop(run, 1);
	});
}

/** Says goodbye to the broker and ends. */
function stop({ firmware, source, end }: Run, code: number): void {
	source?.close();
	stopFirmware(firmware, () => end(code));
}

function report(text: string): void {
	process.stdout.write(`${text}\n`);
}

function createPorts(run: Run, store: Store, { port, replay, address }: GatewayArguments): Ports {
	const clock = createHostClock();
	const encoder = new TextEncoder();
	// A port that another program has, a network without mDNS: no mistakes of the firmware.
	const onTrouble = (text: string) => noteTrouble(run.firmware, text);
	const version: { version: string } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
	return {
		clock,
		device: {
			resetReason: "start",
			version: `smarty-xs ${version.version}`,
			capacity: { connections: 32, heap: null },
			readMemory: () => null,
			// The service manager starts it again.
			restart: () => stop(run, 1),
		},
		random: Math.random,
		encode: text => encoder.encode(text),
		store,
		flash: null,
		setLight() {},
		medium: "host",
		openUart(_options, onReceive) {
			if (port !== null) run.source = openSerial(port, onReceive, report);
			else run.source = openReplay(replay!, onReceive, () => endReplay(run));
			return { setRequest() {} };
		},
		openNetwork: onChanged => openHostNetwork(address ?? findAddress(store), onChanged),
		createMqttClient: createHostMqttClient,
		openConsole: () => ({ write: report }),
		openListener: (number, admit) => openTcpListener(number, admit, onTrouble),
		announce: service => announceService(service, onTrouble),
	};
}

/** The capture is at its end: the run ends when the broker has all of it. */
function endReplay(run: Run): void {
	const { firmware } = run;
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

/** The computer's network is there, or comes back by itself. */
function openHostNetwork(macAddress: string, onChanged: () => void): Network {
	setTimeout(onChanged, 0);
	return {
		medium: "host",
		state: "ready",
		address: hostname(),
		signalStrength: null,
		macAddress,
		nameServers: [],
		connect() {},
		disconnect() {},
	};
}

/** What was used before; else the first network card's address, which may be another one after a restart, or a number. */
function findAddress(store: Store): string {
	const known = store.read("address");
	if (known !== null && isAddress(known)) return known;
	const cards = Object.values(networkInterfaces()).flatMap(list => list ?? []);
	const card = cards.find(({ internal, mac }) => !internal && mac !== "00:00:00:00:00:00");
	const found = card?.mac.replaceAll(":", "").toLowerCase() ?? randomBytes(6).toString("hex");
	store.write("address", found);
	return found;
}
