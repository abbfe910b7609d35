/** The wires between the board and a radio: SPI with an output that selects the chip, a reset, an event's line, and BUSY. */
import type { Input, Output, Ports, Spi } from "../ports/ports.js";

/** What a radio's driver asks of the board. */
export type RadioPorts = Pick<Ports, "openOutput" | "openSpi" | "openInput">;

/** GPIOs; -1 for a line that is not connected. */
export interface RadioPins {
	clock: number;
	/** From the chip to the board, and back. */
	in: number;
	out: number;
	select: number;
	reset: number;
	/** DIO0 of the SX1276, DIO1 of the SX1262. */
	event: number;
	/** Of the SX1262. */
	busy: number;
}

export interface Bus {
	spi: Spi;
	select: Output;
	reset: Output | null;
	event: Input | null;
	busy: Input | null;
	/** What is sent, and what came: a command with what belongs to it, or an address with up to 255 bytes. */
	bytes: Uint8Array;
}

/** The longest command before a frame's bytes, and they. */
const longest = 3 + 255;

/** Takes the pins; the chip is not selected, and held in reset where that is connected. Throws where they cannot be had, and keeps none. */
export function openBus(ports: RadioPorts, pins: RadioPins, onEvent: () => void): Bus {
	if (ports.openSpi === undefined || ports.openInput === undefined) throw new Error("the board has no SPI");
	const bus: Partial<Bus> = {};
	try {
		bus.select = ports.openOutput(pins.select);
		bus.select.write(true);
		bus.reset = pins.reset < 0 ? null : ports.openOutput(pins.reset);
		bus.spi = ports.openSpi({ clock: pins.clock, in: pins.in, out: pins.out });
		bus.busy = pins.busy < 0 ? null : ports.openInput(pins.busy, null);
		bus.event = pins.event < 0 ? null : ports.openInput(pins.event, onEvent);
		bus.bytes = new Uint8Array(longest);
		return bus as Bus;
	} catch (error) {
		closeBus(bus);
		throw error;
	}
}

/** Gives the pins back. */
export function closeBus({ spi, select, reset, event, busy }: Partial<Bus>): void {
	for (const part of [event, busy, spi, reset, select]) part?.close?.();
}

/** Sends the first `length` of the bus's bytes; what came is in their place. The chip is selected for just this. */
export function exchange(bus: Bus, length: number): void {
	bus.select.write(false);
	bus.spi.transfer(bus.bytes, length);
	bus.select.write(true);
}
