import { expect, test } from "vitest";
import { packCode, registers } from "../../modules/p1/obis.js";
import { oracleRegisters } from "../support/oracle.js";

test("the register table is table 3.1 of the specification", () => {
	const table = registers.map(({ code, name, unit, position }) => `${code} ${position} ${name} ${unit}`);
	const page = oracleRegisters.map(({ code, name, unit, place }) => `${code} ${place} ${name} ${unit}`);
	expect(table.sort()).toEqual(page.sort());
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
