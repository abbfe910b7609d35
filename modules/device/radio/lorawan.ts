/** `lorawan` in an image for a board with a LoRa radio: the stack, with the SPI and the inputs that the radio needs. */
import Digital from "embedded:io/digital";
import SPI from "embedded:io/spi";
import { openSx1276 } from "../../lorawan/drivers.js";
import { createPart } from "../../lorawan/part.js";
import type { LorawanPart, RadioBoard } from "../../lorawan/part-type.js";
import type { Guard } from "../../ports/guard.js";
import type { Input, Spi, SpiOptions } from "../../ports/ports.js";

export const lorawan: LorawanPart | null = Object.freeze({ ...createPart(openSx1276), openBoard });

/** SPI2, which is HSPI. Its pins go through the matrix, whichever they are. */
const port = 1;
/** Both radios take 8 MHz and more. */
const hertz = 8_000_000;

function openBoard(guard: Guard): RadioBoard {
	return { openSpi, openInput: (pin, onRise) => openInput(guard, pin, onRise) };
}

/** The SDK's own select stays low from one transfer to the next, which radios do not take: theirs is an output. */
function openSpi({ clock, out, in: receive }: SpiOptions): Spi {
	const spi = new SPI({ clock, out, in: receive, port, hz: hertz, mode: 0 });
	return {
		transfer: (bytes, length) => spi.transfer(length === bytes.length ? bytes : bytes.subarray(0, length)),
		close: () => spi.close(),
	};
}

/** Without `onRise` no interrupt is taken. */
function openInput(guard: Guard, pin: number, onRise: (() => void) | null): Input {
	const events = onRise === null ? {} : { edge: Digital.Rising, onReadable: () => void guard(onRise) };
	const input = new Digital({ pin, mode: Digital.Input, ...events });
	return { read: () => input.read() === 1, close: () => input.close() };
}
