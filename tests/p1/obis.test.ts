import { expect, test } from "vitest";
import { findRegisters, packCode, registers } from "../../modules/p1/obis.js";
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

test("each code is found, and no code near it", () => {
	for (const { code } of registers) {
		const groups = code.split(/[-:.]/).map(Number) as [number, number, number, number, number];
		const own = findRegisters(packCode(...groups))!;
		expect(registers[own.first], code).toMatchObject({ code, position: 0 });
		expect(own.measures, code).toHaveLength(registers.filter(register => register.code === code).length);
		for (let group = 0; group < 5; group += 1) {
			for (const step of [-1, 1, 128, 255]) {
				const near = groups.slice() as typeof groups;
				near[group]! += step;
				if (near[group]! < 0 || near[group]! > 255) continue;
				const text = `${near[0]}-${near[1]}:${near[2]}.${near[3]}.${near[4]}`;
				const packed = packCode(...near);
				const found = packed < 0 ? null : findRegisters(packed);
				expect(found === null ? undefined : registers[found.first]!.code, text).toBe(
					registers.find(register => register.code === text)?.code,
				);
			}
		}
	}
});

test("codes that do not fit 31 bits are none of the table's", () => {
	expect(packCode(8, 0, 1, 8, 0)).toBe(-1);
	expect(packCode(1, 16, 1, 8, 0)).toBe(-1);
	expect(packCode(7, 15, 255, 255, 255)).toBe(0x7fffffff);
});
