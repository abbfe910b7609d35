/** The pulse inputs, and memory that survives a restart. */
import type { PulseInput, PulseOptions, PulseSample, Retained } from "../../../ports/ports.js";

/** `smartyPulses.c`. The constructor throws on a pin that cannot be, and where no counter is left, and has taken nothing then. */
class PulseDriver extends Native("smarty_pulses_destructor") {
	constructor(pin: number, rising: boolean, pause: number) {
		super();
		native("smarty_pulses_constructor").call(this, pin, rising, pause);
	}
	take(numbers: Float64Array): void {
		native("smarty_pulses_take").call(this, numbers);
	}
	close(): void {
		native("smarty_pulses_close").call(this);
	}
}

class BoardPulses implements PulseInput {
	private readonly driver: PulseDriver;
	private readonly numbers = new Float64Array(4);

	constructor({ pin, rising, pause }: PulseOptions) {
		this.driver = new PulseDriver(pin, rising, pause);
	}

	take(into: PulseSample): void {
		const { numbers } = this;
		this.driver.take(numbers);
		into.count = numbers[0]!;
		into.first = numbers[1]!;
		into.newest = numbers[2]!;
		into.now = numbers[3]!;
	}

	close(): void {
		this.driver.close();
	}
}

/** Undefined where the board counts none. */
export const openPulses: ((options: PulseOptions) => PulseInput) | undefined = options => new BoardPulses(options);

/** Eight bytes of each place in the memory of the real-time clock. */
class RetainedDriver implements Retained {
	read(place: number, tag: number): number | null {
		return native("smarty_retained_read").call(this, place, tag);
	}
	write(place: number, tag: number, value: number): void {
		native("smarty_retained_write").call(this, place, tag, value);
	}
}

export function openRetained(): Retained | undefined {
	return new RetainedDriver();
}
