/** Pulse inputs in the hands of a test, on a virtual clock. */
import type { Ports, PulseInput, PulseOptions, Retained } from "../../modules/ports/ports.js";
import type { VirtualClock } from "./virtual-clock.js";

export interface FakePulses {
	/** Times of the pulses of each pin in milliseconds, rising; what lies before the input was opened nobody counts. */
	readonly times: Map<number, number[]>;
	readonly opened: PulseOptions[];
	/** Pins that cannot be opened now. */
	readonly taken: Set<number>;
	readonly ports: Required<Pick<Ports, "openPulses" | "retained">>;
	/** The power goes. */
	lose(): void;
}

export function createFakePulses(clock: VirtualClock): FakePulses {
	const places = new Map<number, readonly [tag: number, value: number]>();
	const retained: Retained = {
		read(place, tag) {
			const found = places.get(place);
			return found !== undefined && found[0] === tag ? found[1] : null;
		},
		write(place, tag, value) {
			if (place < 0 || place > 3 || tag < 0 || tag > 0xffffffff || !Number.isSafeInteger(value)) throw new RangeError();
			places.set(place, [tag, value]);
		},
	};
	const fake: FakePulses = {
		times: new Map(),
		opened: [],
		taken: new Set(),
		ports: {
			openPulses(options) {
				if (fake.taken.has(options.pin)) throw new Error("no counter left");
				fake.opened.push(options);
				return openInput(clock, fake.times, options.pin);
			},
			retained,
		},
		lose: () => places.clear(),
	};
	return fake;
}

function openInput(clock: VirtualClock, all: ReadonlyMap<number, number[]>, pin: number): PulseInput {
	const opened = clock.now();
	let looked = opened;
	return {
		take(into) {
			const now = clock.now();
			const found = (all.get(pin) ?? []).filter(time => time > looked && time <= now);
			looked = now;
			into.count = found.length;
			into.first = ((found[0] ?? 0) - opened) * 1_000;
			into.newest = ((found.at(-1) ?? 0) - opened) * 1_000;
			into.now = (now - opened) * 1_000;
		},
		close() {},
	};
}
