/** The line editor of the serial console. */
import { decodeText } from "../p1/hex-text.js";

/** The console's side of a serial port: a line as it is typed, in UTF-8 and with backspace, and texts that wait for room. */
export interface LineEditor {
	readonly printer: Printer;
	/** What was typed since the last line end. */
	readonly octets: number[];
	/** What found no room yet, oldest first. */
	readonly waiting: Uint8Array[];
}

/** The sending side of the port. */
export interface Printer {
	/** Takes all of the bytes or none of them; returns how many. Never waits. */
	write(bytes: Uint8Array): number;
}

/** Bytes of a line; a longer one is dropped whole. */
const longest = 256;
/** As much as the longest answer, the log, has lines, and some more. What comes on top of that is dropped. */
const mostWaiting = 96;
const backspace = 8;
const lineFeed = 10;
const carriageReturn = 13;
const deleteCharacter = 127;
const erased: readonly number[] = Object.freeze([backspace, 32, backspace]);
const newLine: readonly number[] = Object.freeze([carriageReturn, lineFeed]);
const complaint: readonly number[] = Object.freeze(
	Array.from("That line is too long.\r\n", character => character.charCodeAt(0)),
);

export function createLineEditor(printer: Printer): LineEditor {
	return { printer, octets: [], waiting: [] };
}

/** Takes one byte that was typed, and echoes it. Returns the line that it ends, or null. */
export function typeByte(editor: LineEditor, byte: number): string | null {
	const { octets } = editor;
	if (byte === carriageReturn || byte === lineFeed) {
		if (octets.length === 0) return null;
		const whole = octets.splice(0);
		print(editor, Uint8Array.from(newLine));
		if (whole.length <= longest) return decodeText(Uint8Array.from(whole));
		print(editor, Uint8Array.from(complaint));
	} else if (byte === backspace || byte === deleteCharacter) {
		if (octets.length === 0) return null;
		// A character of UTF-8 goes with all that follows its first byte.
		while (isContinuation(octets.pop()) && octets.length > 0);
		print(editor, Uint8Array.from(erased));
	} else if (byte >= 32 && octets.length <= longest) {
		octets.push(byte);
		print(editor, Uint8Array.of(byte));
	}
	return null;
}

function isContinuation(byte: number | undefined): boolean {
	return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** Sends bytes, behind those that wait. They are kept, and must not change. */
export function print(editor: LineEditor, bytes: Uint8Array): void {
	if (editor.waiting.length < mostWaiting) editor.waiting.push(bytes);
	flush(editor);
}

/** Sends what waits. False when there was no room for all of it: then it is to be called again. */
export function flush(editor: LineEditor): boolean {
	const { waiting, printer } = editor;
	while (waiting.length > 0) {
		if (printer.write(waiting[0]!) === 0) return false;
		waiting.shift();
	}
	return true;
}
