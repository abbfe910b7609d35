/** The ports of the board that the image is built for. */
import { openAccessPoint } from "device/access-point";
import { createAnnouncer } from "device/announcer";
import { openFlash } from "device/flash";
import { openLight } from "device/light";
import { medium, openNetwork } from "device/network";
import { openPulses, openRetained } from "device/pulses";
import { openDevice, openSystem } from "device/system";
import { openOutput, Uarts } from "device/uart";
import { openProgram } from "device/update";
import config from "mc/config";
import { createGuard, type Guard } from "../ports/guard.js";
import type { MqttClient, MqttOptions } from "../ports/mqtt.js";
import type {
	Admit,
	Closable,
	Console,
	DatagramQuestion,
	Datagrams,
	Device,
	Flash,
	Listener,
	Medium,
	Network,
	OnDatagram,
	OnDatagramFrom,
	OnPacket,
	OnReceive,
	Output,
	Ports,
	Service,
	Store,
	Stream,
	StreamEvents,
	Uart,
	UartOptions,
} from "../ports/ports.js";
import type { Program } from "../ports/program.js";
import { createMqttClient } from "./broker.js";
import { readCertificates, readResource } from "./certificates.js";
import { BoardClock } from "./clock.js";
import { BoardConsole } from "./console.js";
import { GuardedUDP } from "./datagram.js";
import { openDatagrams } from "./datagrams.js";
import { dial } from "./dial.js";
import { openListener } from "./listener.js";
import { askByDatagram } from "./question.js";
import { store } from "./store.js";

/** What the build was given; each value is text. */
export const configuration: Readonly<Record<string, unknown>> = config;

/** What a board has or has not is a field, which is absent where it has not; all else is a method, which takes no memory. */
class BoardPorts implements Ports {
	readonly guard: Guard;
	readonly clock: BoardClock;
	readonly system = openSystem();
	readonly device: Device = openDevice(this.system);
	readonly flash: Flash | null = openFlash();
	declare openPulses?: NonNullable<Ports["openPulses"]>;
	declare openAccessPoint?: NonNullable<Ports["openAccessPoint"]>;
	declare openSpi?: NonNullable<Ports["openSpi"]>;
	declare openInput?: NonNullable<Ports["openInput"]>;
	declare announce?: NonNullable<Ports["announce"]>;
	declare readonly retained?: NonNullable<Ports["retained"]>;
	declare readonly program?: Program;
	declare readonly announcer?: NonNullable<ReturnType<typeof createAnnouncer>>;
	private readonly uarts: Uarts;
	private readonly light = openLight();

	constructor(guard: Guard, radio: Partial<Ports> | undefined) {
		this.guard = guard;
		this.clock = new BoardClock(guard);
		this.uarts = new Uarts(guard);
		const retained = openRetained();
		if (retained !== undefined) this.retained = retained;
		const program = openProgram(this.system);
		if (program !== undefined) this.program = program;
		if (openPulses !== undefined) this.openPulses = openPulses;
		if (openAccessPoint !== undefined) this.openAccessPoint = openAccessPoint;
		if (radio !== undefined) Object.assign(this, radio);
		const announcer = createAnnouncer(guard, GuardedUDP);
		if (announcer === undefined) return;
		this.announcer = announcer;
		this.announce = announce;
	}

	get medium(): Medium {
		return medium;
	}

	get store(): Store {
		return store;
	}

	// These are handed on, and so use no `this`.

	random(): number {
		return Math.random();
	}

	encode(text: string): Uint8Array {
		return new Uint8Array(ArrayBuffer.fromString(text));
	}

	decode(bytes: Uint8Array, start: number, end: number): string | null {
		return decode(bytes, start, end);
	}

	setLight(on: boolean): void {
		this.light.set(on);
	}

	openUart(options: UartOptions, onReceive: OnReceive): Uart {
		return this.uarts.openUart(options, onReceive);
	}

	openOutput(pin: number): Output {
		return openOutput(pin);
	}

	askByDatagram(question: DatagramQuestion, onAnswer: OnDatagram): Closable {
		return askByDatagram(this.guard, question, onAnswer);
	}

	openNetwork(onChanged: () => void): Network {
		return openNetwork(this.guard, onChanged, this.system);
	}

	createMqttClient(options: MqttOptions): MqttClient {
		return createMqttClient(this.guard, options);
	}

	readCertificates(name: string): readonly Uint8Array[] {
		return readCertificates(name);
	}

	readResource(name: string): Uint8Array | null {
		return readResource(name);
	}

	openConsole(onLine: (line: string) => void, onPacket: OnPacket): Console {
		return new BoardConsole(this.guard, this.uarts, onLine, onPacket);
	}

	openListener(port: number, admit: Admit): Listener {
		return openListener(this.guard, port, admit);
	}

	dial(host: string, port: number, nameServers: readonly string[], events: StreamEvents): Stream {
		return dial(this.guard, host, port, nameServers, events);
	}

	openDatagrams(port: number, onDatagram: OnDatagramFrom): Datagrams {
		return openDatagrams(this.guard, port, onDatagram);
	}
}

/** A method of the ports, where they have it. */
function announce(this: BoardPorts, service: Service): Closable {
	return this.announcer!.announce(service);
}

/**
 * The ports of the board that the image is built for. `onException` gets what a handler of the firmware threw; `radio` has the methods
 * that the ports of an image for a board with a LoRa radio have besides.
 */
export function createPorts(onException: (error: unknown) => void, radio: Partial<Ports> | undefined): Ports {
	return new BoardPorts(createGuard(onException), radio);
}

function decode(bytes: Uint8Array, start: number, end: number): string | null {
	const { buffer, byteOffset } = bytes;
	try {
		const text = String.fromArrayBuffer(buffer.slice(byteOffset + start, byteOffset + end) as ArrayBuffer);
		// What is not ASCII has more bytes than characters.
		return text.length === end - start ? text : null;
	} catch {
		return null;
	}
}
