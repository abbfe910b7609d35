/** Tests of `modules/p1/register-line.ts`. */
import { expect, test } from "vitest";
import { registers, usualCount } from "../../modules/p1/obis.js";
import { findUsual, type UsualGroup } from "../../modules/p1/register-line.js";
import { textBytes } from "../support/vectors.js";

const usual = registers.slice(0, usualCount);

/** The group of a line that begins with `code`, which stands neither at the beginning nor at the end of what is held. */
function find(code: string, rest = "(0)\r\n!"): UsualGroup | null {
	const bytes = textBytes(`\r\n${code}${rest}0000\r\n`);
	return findUsual(new DataView(bytes.buffer, bytes.byteOffset), 2, bytes.length - 6);
}

test("each code is found, and no code near it", () => {
	for (const { code } of usual) {
		const groups = code.split(/[-:.]/).map(Number) as [number, number, number, number, number];
		const own = find(code)!;
		expect(registers[own.first], code).toMatchObject({ code, position: 0 });
		expect(own.measures, code).toHaveLength(usual.filter(register => register.code === code).length);
		for (let group = 0; group < 5; group += 1) {
			for (const step of [-1, 1, 128, 255]) {
				const near = groups.slice() as typeof groups;
				near[group]! += step;
				if (near[group]! < 0 || near[group]! > 255) continue;
				const text = `${near[0]}-${near[1]}:${near[2]}.${near[3]}.${near[4]}`;
				const expected = usual.find(register => register.code === text)?.code;
				const found = find(text);
				expect(found === null ? undefined : registers[found.first]!.code, text).toBe(expected);
			}
		}
	}
});

test("a code with any other character in it, or cut short, is not found", () => {
	for (const { code } of usual) {
		for (let at = 0; at < code.length; at += 1) {
			for (let byte = 32; byte < 127; byte += 1) {
				const other = code.slice(0, at) + String.fromCharCode(byte) + code.slice(at + 1);
				const isCode = usual.some(register => register.code === other);
				expect(find(other) !== null, other).toBe(isCode);
			}
		}
		expect(find(code, "*0)\r\n"), code).toBeNull();
		expect(find(code, ""), code).toBeNull();
	}
});
