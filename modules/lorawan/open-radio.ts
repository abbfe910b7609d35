/** Finds the board's radio. */
import { type Bus, closeBus, openBus, type RadioPins, type RadioPorts } from "./bus.js";
import type { Radio } from "./radio.js";

/** Starts the radio whose name is `radio` of the build's configuration; throws where there is no driver for it, or no radio. */
export type OpenDriver = (bus: Bus, config: Readonly<Record<string, unknown>>) => Radio;

export interface OpenRadio {
	readonly radio: Radio;
	/** An interrupt tells of events; else the radio has to be looked at. */
	readonly tells: boolean;
	close(): void;
}

/**
 * `config` says which radio there is, and at which pins (`radio`, `radioPins`). Throws where none answers there, at pins that cannot be,
 * and for a radio that `openDriver` has no driver for; then no pin is taken.
 */
export function openRadio(
	openDriver: OpenDriver,
	ports: RadioPorts,
	config: Readonly<Record<string, unknown>>,
	onEvent: () => void,
): OpenRadio {
	const { radio, radioPins } = config;
	if (radio === undefined) throw new Error("this build names none");
	const pins = readPins(String(radioPins));
	const bus = openBus(ports, pins, onEvent);
	try {
		return { radio: openDriver(bus, config), tells: pins.event >= 0, close: () => closeBus(bus) };
	} catch (error) {
		closeBus(bus);
		throw error;
	}
}

/** `SCK MISO MOSI NSS RESET DIO BUSY` as GPIOs; `none`, or the end, for what is not connected. Throws on others. */
export function readPins(text: string): RadioPins {
	const words = text.split(" ");
	const pins = words.map(word => (word === "none" ? -1 : Number(word)));
	const [clock = -1, receive = -1, out = -1, select = -1, reset = -1, event = -1, busy = -1] = pins;
	const areNumbers = pins.every(pin => pin >= -1 && pin % 1 === 0);
	if (!areNumbers || words.length > 7 || clock < 0 || receive < 0 || out < 0 || select < 0)
		throw new Error(`radioPins cannot be ${text}`);
	return { clock, in: receive, out, select, reset, event, busy };
}
