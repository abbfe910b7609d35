/** What a register is: one number that a meter prints, and the unit that it is kept in. */

/**
 * A unit other than "" means that the value is kept in thousandths of it: Wh, W, varh, var, VA, mV, mA, litres, MJ. "1" is a ratio, such as
 * a power factor; "time" a moment, UTC in milliseconds.
 */
export type Unit =
	| ""
	| "1"
	| "kWh"
	| "kvarh"
	| "kVAh"
	| "kW"
	| "kvar"
	| "kVA"
	| "V"
	| "A"
	| "Hz"
	| "°"
	| "m³"
	| "GJ"
	| "time";

export interface Register {
	/** Reduced OBIS code as printed by the meter. */
	readonly code: string;
	/** Which of the line's values, from 0. Registers with the same code and position are one value in another unit. */
	readonly position: number;
	/** Name in messages. */
	readonly name: string;
	readonly unit: Unit;
}

export function register(code: string, name: string, unit: Unit, position = 0): Register {
	return Object.freeze({ code, position, name, unit });
}

/** Whether it only rises: energy, but for import less export. */
export function isTotal({ name, unit }: Register): boolean {
	return (unit === "kWh" || unit === "kvarh" || unit === "kVAh") && !name.endsWith("_net");
}

/** Three registers, one for each phase: value group C of the first, and 20 more for each that follows. */
export function phases(group: number, rest: string, name: string, unit: Unit): Register[] {
	return [1, 2, 3].map(phase => register(`1-0:${group + 20 * (phase - 1)}.${rest}`, `${name}_l${phase}`, unit));
}

/**
 * A reduced OBIS code in 31 bits, so that codes compare as integers: A up to 7, B up to 15, C, D and E up to 255. -1 for a
 * code outside of that, which no table here holds.
 */
export function packCode(a: number, b: number, c: number, d: number, e: number): number {
	return a > 7 || b > 15 ? -1 : (a << 28) | (b << 24) | (c << 16) | (d << 8) | e;
}
