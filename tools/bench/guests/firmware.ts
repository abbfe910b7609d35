/** Guest: the whole firmware in the smallest possible world. */

import { createFirmware, startFirmware } from "../../../modules/firmware/firmware.js";
import type { Firmware } from "../../../modules/firmware/state.js";
import type {
	MqttClient,
	MqttControl,
	MqttDisconnect,
	MqttOptions,
	MqttPublish,
	MqttSubscribe,
} from "../../../modules/ports/mqtt.js";
import type {
	Admit,
	Device,
	Network,
	OnReceive,
	Ports,
	PulseInput,
	Retained,
	Stream,
	UartOptions,
} from "../../../modules/ports/ports.js";
import { decodeAscii } from "../../../modules/web/request-parser.js";
import { ArrayFlash } from "../../../simulator/array-flash.js";
import { decodeText, encodeText } from "../../../simulator/text.js";

interface Alarm {
	time: number;
	onAlarm: () => void;
}

/** The least world in which the firmware runs: the network comes at once, and the broker takes everything. */
interface World {
	now: number;
	alarms: Alarm[];
	/** What listens on each line, and which outputs are high. */
	lines: OnReceive[];
	high: number[];
	/** Messages and their bytes that the broker's port was handed. */
	messages: number;
	bytes: number;
	/** The latest message, kept only on demand, because keeping it takes memory. */
	keep: boolean;
	topic: string;
	parts: Uint8Array[];
	/** No broker can be reached, and the connection that stood is lost. */
	away: boolean;
	/** The connection that stands. */
	broker: Broker | null;
	/** Who listens for TCP connections. */
	admit: Admit | null;
	/** Bytes that clients of it were sent, and the status of the last answer. */
	served: number;
	status: number;
	/** What only takes room. */
	ballast: object | null;
	firmware: Firmware | null;
	/** Which line bytes come from. */
	line: number;
}

/** The longest that the page may be. */
const pageLength = 16_384;

/** Bytes that the broker's port takes at a time. */
const room = 8192;

interface Ballast {
	next: object | null;
}

/**
 * The whole firmware as a guest. The first byte of a request: 0 boots with settings as JSON; 1 takes bytes from the line at a time
 * (float64); 2 the same, and runs what is due at once; 3 runs everything up to a time; 4 keeps messages from now on; 5 replies the
 * latest message and what was counted; 6 and a 1 takes the broker away, 6 and a 0 brings it back; 7 and a request over HTTP asks the
 * server for a page, a 1 before the request as a client that takes its beginning only; 8 fills the heap with so many bytes and so many
 * slots (uint32 each); 9 runs one alarm that is due up to a time, and replies 1, or 0 where there is none; 10 replies the pins that are
 * high, a byte each. What comes from the line is that of the last request 11, which has its number.
 */
export function createGuest() {
	const world: World = {
		now: 0,
		alarms: [],
		lines: [],
		high: [],
		messages: 0,
		bytes: 0,
		keep: false,
		topic: "",
		parts: [],
		away: false,
		broker: null,
		admit: null,
		served: 0,
		status: 0,
		ballast: null,
		firmware: null,
		line: 0,
	};
	return { handle: (request: ArrayBuffer) => answer(world, request) };
}

/** Not in the guest's own function: XS copies the code of one that is made while it runs, and that would count as the firmware's. */
function answer(world: World, request: ArrayBuffer): ArrayBuffer {
	const view = new DataView(request);
	switch (view.getUint8(0)) {
		case 0: {
			const settings: Record<string, string> = JSON.parse(decodeText(new Uint8Array(request, 1)));
			const firmware = createFirmware(
				settings,
				settings.pulses === undefined ? new GuestPorts(world) : new CountingPorts(world),
			);
			world.firmware = firmware;
			startFirmware(firmware);
			break;
		}
		case 1:
		case 2: {
			const bytes = new Uint8Array(request, 9);
			world.now = view.getFloat64(1);
			world.lines[world.line]!(bytes, bytes.length, null);
			if (view.getUint8(0) === 2) runAlarms(world, world.now);
			break;
		}
		case 3:
			runAlarms(world, view.getFloat64(1));
			break;
		case 4:
			world.keep = true;
			break;
		case 6:
			world.away = view.getUint8(1) === 1;
			if (world.away) world.broker?.lose();
			break;
		case 7:
			ask(world, new Uint8Array(request, 2), view.getUint8(1) === 1);
			break;
		case 8:
			fill(world, view.getUint32(1), view.getUint32(5));
			break;
		case 9:
			return Uint8Array.of(runNextAlarm(world, view.getFloat64(1)) ? 1 : 0).buffer;
		case 10:
			return Uint8Array.from(world.high).buffer;
		case 11:
			world.line = view.getUint8(1);
			break;
		default:
			return describe(world, world.firmware!);
	}
	return request;
}

function setOutput({ high }: World, pin: number, on: boolean): void {
	const at = high.indexOf(pin);
	if (on && at < 0) high.push(pin);
	else if (!on && at >= 0) high.splice(at, 1);
}

function describe(world: World, firmware: Firmware): ArrayBuffer {
	const { exceptions, log } = firmware;
	const payload = world.parts.map(decodeText).join("");
	const { topic, messages, bytes, served, status } = world;
	const lines = log.lines.map(line => line.text);
	const telegrams = firmware.lines.reduce((sum, { tally }) => sum + tally.counters.telegrams, 0);
	return encodeText(JSON.stringify({ topic, payload, messages, bytes, exceptions, lines, telegrams, served, status }));
}

/** A client that takes at once what it is sent, or its beginning and no more. */
function ask(world: World, request: Uint8Array, isSlow: boolean): void {
	world.status = 0;
	const client = new Client(world, isSlow);
	const events = world.admit!(() => client)!;
	events.onData(request, request.length);
	while (!isSlow && !client.isClosed) events.onWritable();
}

/** With as many slots as the board's stream and its socket have. */
class Client implements Stream {
	isClosed = false;
	pending = 0;
	readonly socket: object = { target: this };
	private readonly world: World;
	private readonly isSlow: boolean;

	constructor(world: World, isSlow: boolean) {
		this.world = world;
		this.isSlow = isSlow;
	}

	write(bytes: Uint8Array, start: number, end: number): number {
		const { world, isSlow } = this;
		if (this.pending > 0) return 0;
		if (world.status === 0) world.status = readStatus(bytes, start);
		if (isSlow) this.pending = end - start;
		world.served += end - start;
		return end - start;
	}

	close(): void {
		this.isClosed = true;
	}
}

/** The digits after `HTTP/1.1 `. Takes no memory, because that is what is measured meanwhile. */
function readStatus(bytes: Uint8Array, start: number): number {
	return (bytes[start + 9]! - 48) * 100 + (bytes[start + 10]! - 48) * 10 + bytes[start + 11]! - 48;
}

function fill(world: World, bytes: number, slots: number): void {
	let chain: Ballast | null = null;
	// An object and its property.
	for (let at = 0; at < slots; at += 2) chain = { next: chain };
	world.ballast = { chain, bytes: new ArrayBuffer(bytes) };
}

function runAlarms(world: World, until: number): void {
	while (runNextAlarm(world, until)) {}
}

/** False where none is due: then it is `until`. */
function runNextAlarm(world: World, until: number): boolean {
	let next: Alarm | null = null;
	for (let at = 0; at < world.alarms.length; at += 1) {
		const alarm = world.alarms[at]!;
		if (alarm.time <= until && (next === null || alarm.time < next.time)) next = alarm;
	}
	if (next === null) {
		world.now = Math.max(world.now, until);
		return false;
	}
	world.alarms.splice(world.alarms.indexOf(next), 1);
	world.now = Math.max(world.now, next.time);
	next.onAlarm();
	return true;
}

function setAlarm(world: World, delay: number, onAlarm: () => void): Alarm {
	const alarm = { time: world.now + delay, onAlarm };
	world.alarms.push(alarm);
	return alarm;
}

/** As on a board: no complaint, and no copy of the longest telegrams. */
const device: Device = Object.freeze({
	resetReason: "power on",
	version: "smarty-xs",
	capacity: { connections: 4, heap: { slots: 65_536, chunks: 1_048_576 } },
	readMemory: () => null,
	restart: () => {},
});
const closable = Object.freeze({ close() {} });
const retained: Retained = Object.freeze({ read: () => null, write() {} });
const mute = Object.freeze({ write() {}, send() {}, close() {} });

class Clock {
	private readonly world: World;
	private wall: number | null = null;

	constructor(world: World) {
		this.world = world;
	}

	now(): number {
		return this.world.now;
	}

	time(): number | null {
		return this.wall;
	}

	setTime(time: number): void {
		this.wall = time;
	}

	setAlarm(delay: number, onAlarm: () => void): Alarm {
		return setAlarm(this.world, delay, onAlarm);
	}

	cancelAlarm(alarm: unknown): void {
		const { alarms } = this.world;
		const at = alarms.indexOf(alarm as Alarm);
		if (at >= 0) alarms.splice(at, 1);
	}
}

class Store {
	private readonly values: Record<string, string> = {};

	read(name: string): string | null {
		return this.values[name] ?? null;
	}

	write(name: string, value: string): void {
		this.values[name] = value;
	}

	remove(name: string): void {
		delete this.values[name];
	}
}

/** Classes all of them, since methods are in flash: they are no part of what is measured. */
class GuestPorts implements Ports {
	readonly medium = "wifi";
	readonly device = device;
	readonly random = half;
	readonly encode = encodeUtf8;
	readonly decode = decodeNative;
	readonly clock: Clock;
	readonly store = new Store();
	/** It lies in the heap here; the measurements take it out again (`flashSize` in `harness.ts`). */
	readonly flash = new ArrayFlash(new Uint8Array(8 * 4096).fill(0xff), 4096);
	protected readonly world: World;

	constructor(world: World) {
		this.world = world;
		this.clock = new Clock(world);
	}

	setLight(): void {}

	openOutput(pin: number): GuestOutput {
		return new GuestOutput(this.world, pin);
	}

	openUart({ line }: UartOptions, onReceive: OnReceive): GuestUart {
		this.world.lines[line] = onReceive;
		return new GuestUart(this.world, line);
	}

	openNetwork(onChanged: () => void): GuestNetwork {
		return new GuestNetwork(this.world, onChanged);
	}

	createMqttClient(options: MqttOptions): Broker {
		return new Broker(this.world, options);
	}

	openListener(_port: number, admit: Admit): typeof closable {
		this.world.admit = admit;
		return closable;
	}

	/** Of flash that is there anyway. */
	readResource(): Uint8Array {
		return new Uint8Array(this.flash.bytes.buffer, 0, pageLength);
	}

	openAccessPoint(): typeof closable {
		return closable;
	}

	openDatagrams(): typeof mute {
		return mute;
	}

	openConsole(): typeof mute {
		return mute;
	}
}

function half(): number {
	return 0.5;
}

class GuestOutput {
	private readonly world: World;
	private readonly pin: number;

	constructor(world: World, pin: number) {
		this.world = world;
		this.pin = pin;
	}

	write(on: boolean): void {
		setOutput(this.world, this.pin, on);
	}
}

class GuestUart {
	private readonly world: World;
	private readonly line: number;

	constructor(world: World, line: number) {
		this.world = world;
		this.line = line;
	}

	/** What is held here counts as the firmware's. */
	look(): void {
		setAlarm(this.world, 0, () => this.world.lines[this.line]!(new Uint8Array(0), 0, null));
	}
}

/** Ten pulses in each second, evenly. Only where something counts: in this world it takes memory. */
class CountingPorts extends GuestPorts {
	readonly retained = retained;

	openPulses(): PulseInput {
		return createPulses(this.world);
	}
}

function createPulses(world: World): PulseInput {
	const opened = world.now;
	let counted = 0;
	return {
		take(into) {
			const elapsed = world.now - opened;
			const count = Math.floor(elapsed / 100);
			into.count = count - counted;
			into.first = (counted + 1) * 100_000;
			into.newest = count * 100_000;
			into.now = elapsed * 1_000;
			counted = count;
		},
		close: () => {},
	};
}

/** In XS as on the device; Node has no such function. */
function encodeUtf8(text: string): Uint8Array {
	const native = ArrayBuffer as { fromString?(text: string): ArrayBuffer };
	return new Uint8Array(native.fromString?.(text) ?? encodeText(text));
}

/** Likewise. */
function decodeNative(bytes: Uint8Array, start: number, end: number): string | null {
	const native = String as { fromArrayBuffer?(bytes: ArrayBuffer): string };
	if (native.fromArrayBuffer === undefined) return decodeAscii(bytes, start, end);
	const { buffer, byteOffset } = bytes;
	const text = native.fromArrayBuffer(buffer.slice(byteOffset + start, byteOffset + end) as ArrayBuffer);
	return text.length === end - start ? text : null;
}

const nameServers = Object.freeze(["192.168.1.1"]);

class GuestNetwork implements Network {
	readonly medium = "wifi";
	readonly signalStrength = -60;
	readonly macAddress = "a1b2c3d4e5f6";
	readonly nameServers = nameServers;
	state: Network["state"] = "idle";
	private readonly world: World;
	private readonly onChanged: () => void;

	constructor(world: World, onChanged: () => void) {
		this.world = world;
		this.onChanged = onChanged;
	}

	get address(): string | null {
		return this.state === "ready" ? "192.168.1.50" : null;
	}

	connect(): void {
		this.state = "connecting";
		setAlarm(this.world, 1, () => {
			this.state = "ready";
			this.onChanged();
		});
	}

	disconnect(): void {
		this.state = "idle";
	}
}

/** A broker that takes everything. */
class Broker implements MqttClient {
	private readonly world: World;
	private readonly options: MqttOptions;
	private rest = 0;
	private id = 0;
	private isClosed = false;
	private pinging: Alarm | null = null;

	constructor(world: World, options: MqttOptions) {
		this.world = world;
		this.options = options;
		world.broker = this;
		setAlarm(world, 1, () => this.accept());
	}

	accept(): void {
		const { options } = this;
		options.onResolved?.();
		if (this.world.away) {
			this.lose();
			return;
		}
		options.onControl({ operation: 2, returnCode: 0 });
		options.onWritable(room);
		this.pingLater();
	}

	pingLater(): void {
		this.pinging = setAlarm(this.world, this.options.keepAlive, () => {
			this.options.onControl({ operation: 13 });
			this.pingLater();
		});
	}

	lose(): void {
		if (this.isClosed) return;
		this.close();
		this.options.onError({ kind: "lost", message: "the broker is away" });
	}

	close(): void {
		const { world, pinging } = this;
		this.isClosed = true;
		// Nothing of a closed connection stays.
		if (pinging !== null) world.alarms.splice(world.alarms.indexOf(pinging), 1);
		this.pinging = null;
		if (world.broker === this) world.broker = null;
	}

	write(data: Uint8Array | null, details?: MqttPublish | MqttSubscribe | MqttDisconnect): number {
		const { world } = this;
		if (details !== undefined && "operation" in details) {
			if (details.operation === 8) {
				this.answer({ operation: 9, id: details.id, payload: details.items.map(item => item.QoS) });
			}
			return room;
		}
		if (details !== undefined) {
			this.rest = details.byteLength ?? data!.length;
			this.id = details.QoS === 1 ? details.id : 0;
			world.messages += 1;
			world.topic = details.topic;
			world.parts = [];
		}
		this.rest -= data!.length;
		world.bytes += data!.length;
		if (world.keep) world.parts.push(data!.slice());
		if (this.rest === 0 && this.id !== 0) this.answer({ operation: 4, id: this.id });
		return room;
	}

	private answer(control: MqttControl): void {
		setAlarm(this.world, 20, () => this.options.onControl(control));
	}

	read(): undefined {}
}
