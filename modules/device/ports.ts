/** The ports of the board that the image is built for. */
import { openAccessPoint } from "device/access-point";
import { createAnnouncer } from "device/announcer";
import { openFlash } from "device/flash";
import { createLight } from "device/light";
import { medium, openNetwork } from "device/network";
import { openPulses, openRetained } from "device/pulses";
import { createDevice } from "device/system";
import { createUarts, openOutput } from "device/uart";
import { createProgram } from "device/update";
import config from "mc/config";
import { createGuard, type Guard } from "../ports/guard.js";
import type { Ports } from "../ports/ports.js";
import { createMqttClientFactory } from "./broker.js";
import { readCertificates, readResource } from "./certificates.js";
import { createClock } from "./clock.js";
import { openConsole } from "./console.js";
import { GuardedUDP } from "./datagram.js";
import { openDatagrams } from "./datagrams.js";
import { dial } from "./dial.js";
import { openListener } from "./listener.js";
import { askByDatagram } from "./question.js";
import { createStore } from "./store.js";

/** What the build was given; each value is text. */
export const configuration: Readonly<Record<string, unknown>> = config;

/**
 * The ports of the board that the image is built for. `onException` gets what a handler of the firmware threw; `openRadioBoard` is what
 * an image for a board with a LoRa radio has besides.
 */
export function createPorts(
	onException: (error: unknown) => void,
	openRadioBoard: ((guard: Guard) => Partial<Ports>) | undefined,
): Ports {
	const guard = createGuard(onException);
	const announce = createAnnouncer(guard, GuardedUDP);
	const program = createProgram();
	const retained = openRetained();
	const uarts = createUarts(guard);
	return {
		clock: createClock(guard),
		device: createDevice(),
		random: Math.random,
		encode: text => new Uint8Array(ArrayBuffer.fromString(text)),
		decode,
		store: createStore(),
		flash: openFlash(),
		setLight: createLight(),
		...(openPulses === undefined ? {} : { openPulses }),
		...(retained === undefined ? {} : { retained }),
		openUart: uarts.openUart,
		openOutput,
		...openRadioBoard?.(guard),
		askByDatagram: (question, onAnswer) => askByDatagram(guard, question, onAnswer),
		medium,
		openNetwork: onChanged => openNetwork(guard, onChanged),
		createMqttClient: createMqttClientFactory(guard),
		readCertificates,
		readResource,
		openConsole: (onLine, onPacket) => openConsole(guard, uarts, onLine, onPacket),
		openListener: (port, admit) => openListener(guard, port, admit),
		dial: (host, port, nameServers, events) => dial(guard, host, port, nameServers, events),
		...(openAccessPoint === undefined ? {} : { openAccessPoint }),
		openDatagrams: (port, onDatagram) => openDatagrams(guard, port, onDatagram),
		...(announce === undefined ? {} : { announce }),
		...(program === undefined ? {} : { program }),
	};
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
