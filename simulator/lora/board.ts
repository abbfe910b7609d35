/** A radio's wires on a simulated board: what a driver writes to pins and over SPI comes to the model of a chip, strictly checked. */
import type { RadioPins, RadioPorts } from "../../modules/lorawan/bus.js";
import type { Input } from "../../modules/ports/ports.js";

/** A chip at the other end. */
export interface Chip {
	/** One access: the bytes while it was selected, which are replaced by what it answers. */
	access(bytes: Uint8Array): void;
	/** Its reset line was pulled low, or let go. */
	setReset(on: boolean): void;
	/** BUSY; asking takes time, so that a chip is ready after so many questions. */
	isBusy?(): boolean;
	/** The event's line. */
	isEvent(): boolean;
}

export interface RadioBoard {
	/** `clock` is not here: that is the world's. */
	readonly ports: RadioPorts;
	/** What the driver did that a chip does not take. */
	readonly faults: string[];
	/** The chip's line for events rose: tells the driver, and must not be called within one of its calls. */
	raise(): void;
	/** Pins that are taken now. */
	readonly taken: Set<number>;
}

export function createRadioBoard(pins: RadioPins, chip: Chip, faults: string[]): RadioBoard {
	const taken = new Set<number>();
	/** Null while nobody has the select's pin: it floats, and a pull-up holds it high. */
	let selected: boolean | null = null;
	let accesses = 0;
	let onEvent: (() => void) | null = null;
	const take = (pin: number) => {
		if (taken.has(pin)) throw new Error(`pin ${pin} is in use`);
		taken.add(pin);
	};
	const input = (pin: number, read: () => boolean): Input => ({ read, close: () => void taken.delete(pin) });
	const ports: RadioPorts = {
		openOutput(pin) {
			take(pin);
			if (pin !== pins.select && pin !== pins.reset) faults.push(`an output at pin ${pin}`);
			if (pin === pins.reset) chip.setReset(true);
			else selected = true;
			return {
				write(on) {
					if (!taken.has(pin)) faults.push(`pin ${pin} is written and not open`);
					if (pin === pins.reset) chip.setReset(!on);
					else {
						selected = !on;
						accesses = 0;
					}
				},
				close() {
					taken.delete(pin);
					if (pin === pins.select) selected = null;
					else chip.setReset(false);
				},
			};
		},
		openSpi({ clock, out, in: receive }) {
			for (const pin of [clock, out, receive]) take(pin);
			if (clock !== pins.clock || out !== pins.out || receive !== pins.in) faults.push("SPI at other pins");
			return {
				transfer(bytes, length) {
					if (selected !== true) return void faults.push("a transfer while the chip is not selected");
					accesses += 1;
					if (accesses > 1) faults.push("a second access while the chip is selected");
					chip.access(bytes.subarray(0, length));
				},
				close() {
					for (const pin of [clock, out, receive]) taken.delete(pin);
				},
			};
		},
		openInput(pin, onRise) {
			take(pin);
			if (pin === pins.busy && chip.isBusy !== undefined) return input(pin, () => chip.isBusy!());
			if (pin !== pins.event) faults.push(`an input at pin ${pin}`);
			onEvent = onRise;
			return input(pin, () => chip.isEvent());
		},
	};
	return { ports, faults, taken, raise: () => taken.has(pins.event) && onEvent?.() };
}
