/** The firmware over ports of nothing, for the tests of the engines: telegrams in, messages and pages out. */
import { createFirmware, startFirmware } from "../../../modules/firmware/firmware.js";
import type { Firmware } from "../../../modules/firmware/state.js";
import { takeValue } from "../../../modules/firmware/values.js";
import { makeChunk } from "../../../modules/messages/chunks.js";
import { announceAll } from "../../../modules/messages/homeassistant/discovery.js";
import { encodeSgrimeeUnits } from "../../../modules/messages/sgrimee.js";
import type { Admit, OnReceive, Ports, Stream, StreamEvents } from "../../../modules/ports/ports.js";
import { decodeAscii } from "../../../modules/web/request-parser.js";
import { decodeText, encodeText } from "../../../simulator/text.js";

interface Input {
	settings: Record<string, string>;
	/** In clear, one after the other, ten seconds apart. */
	telegrams: string[];
	/** HTTP requests after the last. */
	requests: string[];
}

export function createGuest() {
	return {
		handle(request: ArrayBuffer): ArrayBuffer {
			const input: Input = JSON.parse(decodeText(new Uint8Array(request)));
			return encodeText(JSON.stringify(run(input)));
		},
	};
}

/** What the ports were told, and the time that passes only when `passTime` is called. */
interface World {
	now: number;
	readonly alarms: { time: number; onAlarm: () => void }[];
	readonly stored: Record<string, string>;
	readonly listeners: Map<number, Admit>;
	receive: OnReceive;
}

function run({ settings, telegrams, requests }: Input) {
	const world: World = { now: 0, alarms: [], stored: {}, listeners: new Map(), receive: () => {} };
	const firmware = createFirmware({ ...settings, telegramPort: "2000", webPort: "80" }, createPorts(world));
	startFirmware(firmware);
	passTime(world, 1_000);
	const units = [...encodeSgrimeeUnits("smarty")];
	const client = createSink();
	client.events = world.listeners.get(2000)!(() => client.stream);
	const announced: { topic: string; payload: string }[] = [];
	for (const text of telegrams) {
		const bytes = new Uint8Array(encodeText(text));
		world.receive(bytes, bytes.length, null);
		announce(firmware, announced);
		passTime(world, 10_000);
	}
	const pages = requests.map(text => {
		const sink = createSink();
		const events = world.listeners.get(80)!(() => sink.stream);
		const bytes = new Uint8Array(encodeText(text));
		events?.onData(bytes, bytes.length);
		return sink.text;
	});
	const { outbox, checked, exceptions } = firmware;
	const { problems } = checked;
	const { stored } = world;
	const values: unknown[] = [];
	for (let value = takeValue(firmware); value !== null; value = takeValue(firmware)) values.push(value);
	return {
		problems,
		exceptions,
		messages: [...outbox.waiting, ...values, units],
		announced,
		served: client.text,
		pages,
		stored,
	};
}

/** Takes what there is to be told, as a connection would. */
function announce({ discovery }: Firmware, announced: { topic: string; payload: string }[]): void {
	if (discovery === null) return;
	if (discovery.reader === null) announceAll(discovery, "smarty-xs-a1b2c3d4e5f6");
	for (let next = discovery.takeAnnouncement(); next !== null; next = discovery.takeAnnouncement()) {
		const { topic, payload } = next;
		let text = "";
		for (let at = 0, piece = makeChunk(payload, 0); piece !== null; at += 1, piece = makeChunk(payload, at))
			text += piece;
		announced.push({ topic, payload: text });
	}
}

function passTime(world: World, duration: number): void {
	const until = world.now + duration;
	for (;;) {
		let next = -1;
		for (let at = 0; at < world.alarms.length; at += 1) {
			const { time } = world.alarms[at]!;
			if (time <= until && (next < 0 || time < world.alarms[next]!.time)) next = at;
		}
		if (next < 0) break;
		const [alarm] = world.alarms.splice(next, 1);
		world.now = Math.max(world.now, alarm!.time);
		alarm!.onAlarm();
	}
	world.now = until;
}

function createPorts(world: World): Ports {
	let time: number | null = null;
	return {
		clock: {
			now: () => world.now,
			time: () => time,
			setTime(value) {
				time = value;
			},
			setAlarm(delay, onAlarm) {
				const alarm = { time: world.now + delay, onAlarm };
				world.alarms.push(alarm);
				return alarm;
			},
			cancelAlarm(alarm) {
				const at = world.alarms.indexOf(alarm as World["alarms"][number]);
				if (at >= 0) world.alarms.splice(at, 1);
			},
		},
		device: {
			resetReason: "power on",
			version: "smarty-xs 0.1.0",
			capacity: { connections: 4, heap: null },
			readMemory: () => null,
			restart() {},
		},
		random: () => 0.5,
		encode: text => new Uint8Array(encodeText(text)),
		decode: decodeAscii,
		store: {
			read: name => world.stored[name] ?? null,
			write(name, value) {
				world.stored[name] = value;
			},
			remove(name) {
				delete world.stored[name];
			},
		},
		flash: null,
		setLight() {},
		openOutput: () => ({ write() {} }),
		openUart(_options, onReceive) {
			world.receive = onReceive;
			return { look() {} };
		},
		medium: "ethernet",
		openNetwork: () => ({
			medium: "ethernet",
			state: "ready",
			address: "192.168.1.50",
			signalStrength: null,
			macAddress: "a1b2c3d4e5f6",
			nameServers: [],
			connect() {},
			disconnect() {},
		}),
		// A broker that never answers: everything waits.
		createMqttClient: () => ({ write: () => 0, read: () => undefined, close() {} }),
		openConsole: () => ({ write() {} }),
		openListener(port, admit) {
			world.listeners.set(port, admit);
			return { close() {} };
		},
	};
}

interface Sink {
	stream: Stream;
	events: StreamEvents | null;
	text: string;
}

function createSink(): Sink {
	const sink: Sink = {
		stream: {
			write(bytes, start, end) {
				sink.text += decodeText(bytes.slice(start, end));
				return end - start;
			},
			close() {},
		},
		events: null,
		text: "",
	};
	return sink;
}
