/** The firmware's ports inside an engine, with the world at the other end of the bridge. */

import type { AccessPointOptions, Admit, OnReceive, Ports } from "../../../modules/ports/ports.js";
import type { Program } from "../../../modules/ports/program.js";
import type { Trust } from "../../../modules/ports/tls.js";
import { toBase64 } from "../../../modules/tls/bytes.js";
import { decodeAscii } from "../../../modules/web/request-parser.js";
import { createArrayFlash } from "../../array-flash.js";
import { createChance, draw } from "../../chance.js";
import { createSha256 } from "../../sha256.js";
import { createToldPulses, type ToldPulses, takePulses } from "../board/pulses.js";
import type { Boot, BootProgram, Effect, NetworkNews, ToldTrust } from "./bridge.js";
import { createGuestClient, type GuestClient } from "./guest-client.js";
import { createGuestServer, type GuestServer, listen } from "./guest-listener.js";
import { createGuestRadio, createRadioPorts, type GuestRadio } from "./guest-radio.js";
import { encodeUtf8 } from "./utf8.js";

/** The firmware's ports with the world at the other end of a bridge: what is asked is answered from what is known here, and
 * what is done is noted as an effect, for the world to do. */
export interface GuestPorts extends Ports {
	now: number;
	readonly alarms: GuestAlarm[];
	readonly effects: Effect[];
	/** The bytes of effects, in their order. */
	readonly written: Uint8Array[];
	readonly clients: GuestClient[];
	readonly network: NetworkNews;
	readonly server: GuestServer;
	readonly pulses: ToldPulses;
	/** Null where the board has none. */
	readonly radio: GuestRadio | null;
	/** By line. */
	readonly onReceive: OnReceive[];
	onNetwork: (() => void) | null;
	onLine: ((line: string) => void) | null;
}

export interface GuestAlarm {
	readonly due: number;
	readonly onAlarm: () => void;
}

export function createGuestPorts(boot: Boot, flash: Uint8Array): GuestPorts {
	const alarms: GuestAlarm[] = [];
	const effects: Effect[] = [];
	const written: Uint8Array[] = [];
	const clients: GuestClient[] = [];
	const network: NetworkNews = { state: "idle", address: null, signalStrength: null, reason: null };
	const chance = createChance(boot.seed);
	const server = createGuestServer(effects, written);
	// A copy of the page alone: the bytes that came with it are the request's.
	const page = boot.page === 0 ? null : flash.slice(flash.length - boot.page);
	let clientCount = 0;
	const radio = boot.hasRadio ? createGuestRadio(boot.config, effects, written) : null;
	const openOutput = (pin: number) => {
		effects.push(["output", pin]);
		return { write: (on: boolean) => void effects.push(["request", pin, on]) };
	};
	const ports: GuestPorts = {
		now: 0,
		alarms,
		effects,
		written,
		clients,
		network,
		server,
		pulses: createToldPulses(),
		radio,
		onReceive: [],
		onNetwork: null,
		onLine: null,
		clock: createClock(() => ports.now, alarms, effects),
		device: {
			resetReason: boot.resetReason,
			version: boot.version,
			capacity: { connections: 4, heap: null },
			readMac: () => boot.macAddress,
			readMemory: () => null,
			restart() {
				effects.push(["restart"]);
			},
		},
		random: () => draw(chance),
		encode: encodeUtf8,
		decode: decodeAscii,
		store: createStore(new Map(boot.store), effects),
		flash:
			boot.sectorCount === 0 ? null : createFlash(boot, flash.slice(0, flash.length - boot.page), effects, written),
		medium: boot.medium,
		setLight(on) {
			effects.push(["light", on]);
		},
		openUart(options, onReceive) {
			const { line, receivePin, invert } = options;
			effects.push(["uart", { line, receivePin, invert }]);
			ports.onReceive[line] = onReceive;
			return { look: () => void effects.push(["look", line]) };
		},
		openOutput,
		openNetwork(onChanged) {
			effects.push(["radio"]);
			ports.onNetwork = onChanged;
			return createNetwork(boot, network, effects);
		},
		createMqttClient(options) {
			const number = ++clientCount;
			const { host, port, secure, nameServers, id, clean, keepAlive, user, password, will } = options;
			const trust = describeTrust(options.trust);
			const told = { host, port, secure, trust, nameServers, id, clean, keepAlive, user, password, will };
			effects.push(["open", number, told]);
			const client = createGuestClient(
				number,
				options,
				(_number, writeOptions, bytes) => {
					effects.push(["publish", number, writeOptions, bytes.length]);
					written.push(bytes.slice());
				},
				() => {
					effects.push(["close", number]);
					clients.splice(clients.indexOf(client), 1);
				},
			);
			clients.push(client);
			return client;
		},
		openConsole(onLine) {
			ports.onLine = onLine;
			return { write: line => void effects.push(["console", line]) };
		},
		readResource: name => (name === "page.html.gz" ? page : null),
		...(boot.hasAir && {
			openAccessPoint({ name, password }: AccessPointOptions) {
				effects.push(["air", name, password]);
				return { close: () => void effects.push(["air", null, ""]) };
			},
			// In the world a phone knows the reader's address.
			openDatagrams: () => ({ send() {}, close() {} }),
		}),
		...(boot.retained !== null && createPulsePorts(boot.retained, () => ports, effects)),
		...(boot.program && { program: createGuestProgram(boot.program, effects, written) }),
		...(radio !== null && createRadioPorts(radio, openOutput)),
		...(boot.serves && { openListener: (port: number, admit: Admit) => listen(server, port, admit) }),
	};
	return ports;
}

function createPulsePorts(
	retained: readonly (readonly [number, number, number])[],
	getPorts: () => GuestPorts,
	effects: Effect[],
): Required<Pick<Ports, "openPulses" | "retained">> {
	return {
		openPulses() {
			effects.push(["pulses"]);
			const opened = getPorts().now * 1_000;
			return {
				take(into) {
					const { now, pulses } = getPorts();
					into.count = takePulses(pulses);
					into.first = pulses.first - opened;
					into.newest = pulses.newest - opened;
					into.now = now * 1_000 - opened;
				},
				close() {},
			};
		},
		retained: {
			read: (place, tag) => retained.find(entry => entry[0] === place && entry[1] === tag)?.[2] ?? null,
			write: (place, tag, value) => void effects.push(["retain", place, tag, value]),
		},
	};
}

/** The slots are the world's: what is done to them happens when the call is over. */
function createGuestProgram(told: BootProgram, effects: Effect[], written: Uint8Array[]): Program {
	let { isOnTrial } = told;
	return {
		...told,
		isOnTrial: () => isOnTrial,
		keep() {
			isOnTrial = false;
			effects.push(["program", "keep"]);
		},
		giveUp: () => void effects.push(["program", "give up"]),
		openSlot() {
			effects.push(["slot", "open"]);
			return {
				write(bytes) {
					effects.push(["image", bytes.length]);
					written.push(bytes.slice());
				},
				complete: () => void effects.push(["slot", "complete"]),
				close: () => void effects.push(["slot", "close"]),
			};
		},
		createDigest: createSha256,
	};
}

/** As the other end reads it: bytes in base64. Without TLS nothing. */
function describeTrust(trust: Trust | undefined): ToldTrust | undefined {
	if (trust === undefined) return undefined;
	const authorities = trust.authorities();
	return {
		pin: trust.pin === null ? null : toBase64(trust.pin),
		authorities: typeof authorities === "string" ? authorities : authorities.map(toBase64),
	};
}

function createClock(readNow: () => number, alarms: GuestAlarm[], effects: Effect[]): Ports["clock"] {
	let offset: number | null = null;
	return {
		now: readNow,
		time: () => (offset === null ? null : offset + readNow()),
		setTime(time) {
			offset = time - readNow();
			effects.push(["time", time]);
		},
		setAlarm(delay, onAlarm) {
			const alarm = { due: readNow() + Math.max(0, Math.ceil(delay)), onAlarm };
			alarms.push(alarm);
			return alarm;
		},
		cancelAlarm(alarm) {
			const at = alarms.indexOf(alarm as GuestAlarm);
			if (at >= 0) alarms.splice(at, 1);
		},
	};
}

/** Takes the alarm out that is due first; null when none is due yet. */
export function dueAlarm(ports: GuestPorts): GuestAlarm | null {
	const { alarms, now } = ports;
	let first = -1;
	for (let at = 0; at < alarms.length; at++) {
		if (first < 0 || alarms[at]!.due < alarms[first]!.due) first = at;
	}
	if (first < 0 || alarms[first]!.due > now) return null;
	return alarms.splice(first, 1)[0]!;
}

function createStore(values: Map<string, string>, effects: Effect[]): Ports["store"] {
	return {
		read: name => values.get(name) ?? null,
		write(name, value) {
			if (name.length > 15) throw new RangeError(`${name} is longer than 15 characters`);
			if (value.length > 3900) throw new RangeError(`${name} is longer than 3 900 bytes`);
			values.set(name, value);
			effects.push(["store", name, value]);
		},
		remove(name) {
			values.delete(name);
			effects.push(["store", name, null]);
		},
	};
}

function createFlash(boot: Boot, bytes: Uint8Array, effects: Effect[], written: Uint8Array[]): Ports["flash"] {
	return createArrayFlash(
		bytes,
		boot.sectorSize,
		(offset, part) => {
			effects.push(["write", offset, part.length]);
			written.push(part.slice());
		},
		sector => effects.push(["erase", sector]),
	);
}

function createNetwork(
	{ medium, macAddress }: Boot,
	news: NetworkNews,
	effects: Effect[],
): ReturnType<Ports["openNetwork"]> {
	return {
		medium,
		get state() {
			return news.state;
		},
		get address() {
			return news.address;
		},
		get signalStrength() {
			return news.signalStrength;
		},
		get reason() {
			return news.reason;
		},
		macAddress,
		nameServers: ["192.168.1.1"],
		connect({ name, password }) {
			if (news.state !== "idle") throw new Error(`connect() while ${news.state}`);
			effects.push(["connect", name, password]);
		},
		disconnect() {
			effects.push(["disconnect"]);
		},
	};
}
