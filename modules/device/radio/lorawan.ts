/** `lorawan` in an image for a board with a LoRa radio: the stack, with the SPI and the inputs that the radio needs. */
import Digital from "embedded:io/digital";
import { openSx1276 } from "../../lorawan/drivers.js";
import { createPart } from "../../lorawan/part.js";
import type { LorawanPart, RadioBoard } from "../../lorawan/part-type.js";
import type { Guard } from "../../ports/guard.js";
import type { Input, Spi, SpiOptions } from "../../ports/ports.js";

export const lorawan: LorawanPart | null = Object.freeze({ ...createPart(openSx1276), openBoard });

/** `smartySpi.c`. */
class SpiDriver {
	transfer(clock: number, out: number, receive: number, bytes: Uint8Array, length: number): void {
		native("smarty_spi_transfer").call(this, clock, out, receive, bytes, length);
	}
}

function openBoard(guard: Guard): RadioBoard {
	return { openSpi, openInput: (pin, onRise) => openInput(guard, pin, onRise) };
}

/** The pins are outputs and an input like others; the clock is low at rest. */
function openSpi({ clock, out, in: receive }: SpiOptions): Spi {
	const driver = new SpiDriver();
	const pins: Digital[] = [];
	const close = () => {
		for (const pin of pins) pin.close();
	};
	try {
		for (const pin of [clock, out]) pins.push(new Digital({ pin, mode: Digital.Output }));
		pins.push(new Digital({ pin: receive, mode: Digital.Input }));
	} catch (error) {
		close();
		throw error;
	}
	return { transfer: (bytes, length) => driver.transfer(clock, out, receive, bytes, length), close };
}

/** Without `onRise` no interrupt is taken. */
function openInput(guard: Guard, pin: number, onRise: (() => void) | null): Input {
	const events = onRise === null ? {} : { edge: Digital.Rising, onReadable: () => void guard(onRise) };
	const input = new Digital({ pin, mode: Digital.Input, ...events });
	return { read: () => input.read() === 1, close: () => input.close() };
}
