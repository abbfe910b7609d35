/** `lorawan` in an image for a board with a LoRa radio: the stack, with the SPI and the inputs that the radio needs. */
import Digital from "embedded:io/digital";
import { openSx1276 } from "../../lorawan/drivers.js";
import { createPart } from "../../lorawan/part.js";
import type { LorawanPart, RadioBoard } from "../../lorawan/part-type.js";
import type { Guard } from "../../ports/guard.js";
import type { Input, Spi, SpiOptions } from "../../ports/ports.js";

const board: RadioBoard = Object.freeze({
	openSpi: (options: SpiOptions) => new BoardSpi(options),
	openInput(this: { readonly guard: Guard }, pin: number, onRise: (() => void) | null): Input {
		return new BoardInput(this.guard, pin, onRise);
	},
});

export const lorawan: LorawanPart | null = Object.freeze({ ...createPart(openSx1276), board });

/** `smartySpi.c`. */
const driver = Object.freeze({
	transfer(clock: number, out: number, receive: number, bytes: Uint8Array, length: number): void {
		native("smarty_spi_transfer").call(this, clock, out, receive, bytes, length);
	},
});

/** The pins are outputs and an input like others; the clock is low at rest. */
class BoardSpi implements Spi {
	private readonly options: SpiOptions;
	private readonly pins: Digital[] = [];

	constructor(options: SpiOptions) {
		this.options = options;
		try {
			for (const pin of [options.clock, options.out]) this.pins.push(new Digital({ pin, mode: Digital.Output }));
			this.pins.push(new Digital({ pin: options.in, mode: Digital.Input }));
		} catch (error) {
			this.close();
			throw error;
		}
	}

	transfer(bytes: Uint8Array, length: number): void {
		const { clock, out, in: receive } = this.options;
		driver.transfer(clock, out, receive, bytes, length);
	}

	close(): void {
		for (const pin of this.pins) pin.close();
	}
}

class BoardInput implements Input {
	readonly guard: Guard;
	readonly onRise: (() => void) | null;
	private readonly pin: Digital;

	/** Without `onRise` no interrupt is taken. */
	constructor(guard: Guard, pin: number, onRise: (() => void) | null) {
		this.guard = guard;
		this.onRise = onRise;
		const events = onRise === null ? {} : { edge: Digital.Rising, target: this, onReadable };
		this.pin = new Digital({ pin, mode: Digital.Input, ...events });
	}

	read(): boolean {
		return this.pin.read() === 1;
	}

	close(): void {
		this.pin.close();
	}
}

/** For the SDK's input, which calls it on itself. */
function onReadable(this: { readonly target: BoardInput }): void {
	const { guard, onRise } = this.target;
	if (onRise !== null) guard(onRise);
}
