/** A board or an emulator behind its serial ports: the meter's line, and the console. */

import { setTimeout as sleep } from "node:timers/promises";
import { SerialPort } from "serialport";

/** 115200 baud, 8N1. */
const bytesPerMillisecond = 11.52;
const pieceLength = 128;

export interface Board {
	/** Sends at the pace of the real line; ends when the last byte is out. */
	send(bytes: Uint8Array): Promise<void>;
	/** Types a line on the console and returns the first line that matches what comes then; null after five seconds without one. */
	ask(command: string, pattern: RegExp): Promise<RegExpExecArray | null>;
	readonly hasConsole: boolean;
	close(): Promise<void>;
}

const answerMs = 5_000;

/** `onLine` gets each line of the console. */
export async function openBoard(line: string, console: string | null, onLine: (line: string) => void): Promise<Board> {
	const meter = await openPort(line);
	const terminal = console === null ? null : await openPort(console);
	let listener: (line: string) => void = () => {};
	let rest = "";
	terminal?.on("data", (bytes: Buffer) => {
		const lines = (rest + bytes.toString("latin1")).split(/\r?\n/);
		rest = lines.pop()!;
		for (const text of lines) {
			onLine(text);
			listener(text);
		}
	});
	return {
		hasConsole: terminal !== null,
		send: bytes => sendAtPace(bytes, piece => write(meter, piece)),
		async ask(command, pattern) {
			if (terminal === null) return null;
			const answer = new Promise<RegExpExecArray>(resolve => {
				listener = text => {
					const match = pattern.exec(text);
					if (match !== null) resolve(match);
				};
			});
			await write(terminal, Buffer.from(`${command}\r`));
			const found = await Promise.race([answer, sleep(answerMs, null)]);
			listener = () => {};
			return found;
		},
		async close() {
			for (const port of [meter, terminal]) {
				if (port?.isOpen) await new Promise<void>(resolve => port.close(() => resolve()));
			}
		},
	};
}

function openPort(path: string): Promise<SerialPort> {
	return new Promise((resolve, reject) => {
		const port = new SerialPort({ path, baudRate: 115_200 }, error => (error === null ? resolve(port) : reject(error)));
	});
}

function write(port: SerialPort, bytes: Uint8Array): Promise<void> {
	return new Promise((resolve, reject) => {
		port.write(bytes, error => (error ? reject(error) : resolve()));
	});
}

/** In pieces, each when the line would have room for it. */
export async function sendAtPace(bytes: Uint8Array, send: (piece: Uint8Array) => unknown): Promise<void> {
	const started = Date.now();
	for (let at = 0; at < bytes.length; at += pieceLength) {
		const end = Math.min(at + pieceLength, bytes.length);
		await send(bytes.subarray(at, end));
		await sleep(Math.max(0, started + end / bytesPerMillisecond - Date.now()));
	}
}
