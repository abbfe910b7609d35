/** The table of all registers, and OBIS codes as integers. */
import { familyRegisters } from "./family.js";
import { luxembourgRegisters } from "./luxembourg.js";
import type { Register } from "./register.js";

export type { Register, Unit } from "./register.js";
export { isTotal, packCode } from "./register.js";

/** The numbers that a telegram may hold: first those of Luxembourg, then those of the other meters with a P1 port. */
export const registers: readonly Register[] = Object.freeze([...luxembourgRegisters, ...familyRegisters]);

/** So many registers, the first ones, have an entry of their own in each telegram's readings. */
export const usualCount = luxembourgRegisters.length;

/** Where the register with this name stands in `registers`; throws on a name that is none, which is our mistake. */
export function registerIndex(name: string): number {
	const at = registers.findIndex(register => register.name === name);
	if (at < 0) throw new Error(`no register is called ${name}`);
	return at;
}
