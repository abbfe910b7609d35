/** Tests of `modules/p1/obis.ts`. */
import { expect, test } from "vitest";
import { packCode, registers, usualCount } from "../../modules/p1/obis.js";
import { luxembourgOracle, oracleRegisters } from "../support/oracle.js";

test("the register table is table 3.1 of the specification, and what the other countries' meters send", () => {
	const describe = ({ code, name, unit }: { code: string; name: string; unit: string }, place: number) =>
		`${code} ${place} ${name} ${unit}`;
	const table = registers.map(register => describe(register, register.position));
	expect(table.slice(0, usualCount).sort()).toEqual(luxembourgOracle.map(row => describe(row, row.place)).sort());
	expect(table.slice().sort()).toEqual(oracleRegisters.map(row => describe(row, row.place)).sort());
	expect(new Set(registers.map(register => register.name)).size).toBe(registers.length);
});

test("values of one code follow each other, in the order of the line", () => {
	for (const [at, { code, position }] of registers.entries()) {
		if (position > 0) expect(registers[at - 1]).toMatchObject({ code, position: position - 1 });
	}
});

test("codes that do not fit 31 bits are none of the table's", () => {
	expect(packCode(8, 0, 1, 8, 0)).toBe(-1);
	expect(packCode(1, 16, 1, 8, 0)).toBe(-1);
	expect(packCode(7, 15, 255, 255, 255)).toBe(0x7fffffff);
});
