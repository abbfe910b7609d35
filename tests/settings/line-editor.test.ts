/** Tests of `modules/settings/line-editor.ts`. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { createLineEditor, flush, type LineEditor, print, typeByte } from "../../modules/settings/line-editor.js";

const encoder = new TextEncoder();

/** A terminal on a port with room for so many bytes until `room` is given anew. */
function createPort(room = Infinity): { terminal: LineEditor; shown: () => string; port: { room: number } } {
	const bytes: number[] = [];
	const port = { room };
	const terminal = createLineEditor({
		write(part) {
			if (part.length > port.room) return 0;
			port.room -= part.length;
			bytes.push(...part);
			return part.length;
		},
	});
	return { terminal, shown: () => Buffer.from(bytes).toString(), port };
}

function type(terminal: LineEditor, text: string): string[] {
	const lines: string[] = [];
	for (const byte of encoder.encode(text)) {
		const line = typeByte(terminal, byte);
		if (line !== null) lines.push(line);
	}
	return lines;
}

test("lines end with CR, LF or both, are echoed, and empty ones are none", () => {
	const { terminal, shown } = createPort();
	expect(type(terminal, "show\r\nset base a b\n\r\rlog\r")).toEqual(["show", "set base a b", "log"]);
	expect(shown()).toBe("show\r\nset base a b\r\nlog\r\n");
});

test("what people call their networks comes whole: any text in UTF-8", () => {
	const { terminal, shown } = createPort();
	expect(type(terminal, "set wifi Café Müller 🏡\r")).toEqual(["set wifi Café Müller 🏡"]);
	expect(shown()).toBe("set wifi Café Müller 🏡\r\n");
	fc.assert(
		fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), text => {
			// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what no line holds
			fc.pre(!/[\x00-\x1f\x7f-\x9f]/.test(text) && encoder.encode(text).length <= 256);
			expect(type(createPort().terminal, `${text}\r`)).toEqual([text]);
		}),
	);
});

test("backspace takes a whole character, and nothing from an empty line", () => {
	const { terminal, shown } = createPort();
	expect(type(terminal, "\b\x7faé🏡x\b\b\x7fb\r")).toEqual(["ab"]);
	expect(shown()).toBe("aé🏡x\b \b\b \b\b \bb\r\n");
});

test("a line of 256 bytes is taken, a longer one dropped whole, and the next one is well", () => {
	const { terminal, shown } = createPort();
	expect(type(terminal, `${"x".repeat(256)}\r${"y".repeat(5_000)}\rhelp\r`)).toEqual(["x".repeat(256), "help"]);
	expect(shown()).toContain("That line is too long.\r\nhelp\r\n");
	expect(terminal.octets).toHaveLength(0);
});

test("control characters and arrow keys do not get into a line", () => {
	expect(type(createPort().terminal, "s\x00h\x01o\tw\r")).toEqual(["show"]);
});

test("a log that is longer than the port's ring comes whole and in order, as there is room", () => {
	const { terminal, shown, port } = createPort(300);
	const lines = Array.from({ length: 64 }, (_, at) => `${at} ${"l".repeat(100)}\r\n`);
	for (const line of lines) print(terminal, encoder.encode(line));
	let turns = 0;
	for (; !flush(terminal) && turns < 1_000; turns += 1) port.room = Math.min(300, port.room + 230);
	expect(shown()).toBe(lines.join(""));
	expect(turns).toBeGreaterThan(20);
	expect(flush(terminal)).toBe(true);
});

test("a port that never takes anything costs no memory without end", () => {
	const { terminal } = createPort(0);
	for (let count = 0; count < 10_000; count += 1) print(terminal, encoder.encode("line\r\n"));
	type(terminal, "x".repeat(10_000));
	expect(terminal.waiting.length).toBeLessThan(100);
});
