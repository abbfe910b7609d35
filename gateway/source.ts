/** Where the meter's bytes come from on a computer: a serial port or a capture. */
import { readFileSync } from "node:fs";
import { SerialPort } from "serialport";
import type { OnReceive } from "../modules/ports/ports.js";

/** Where bytes come from. */
export interface Source {
	close(): void;
}

const retryMs = 2_000;

/** A serial port at 115200 baud, 8N1. It is opened again whenever it is gone: a cable may be pulled and put back. */
export function openSerial(path: string, onReceive: OnReceive, onState: (text: string) => void): Source {
	let port: SerialPort | null = null;
	let timer: NodeJS.Timeout | null = null;
	let told = "";
	let closed = false;
	const tell = (text: string) => {
		if (text !== told) onState(text);
		told = text;
	};
	const retry = (reason: string) => {
		port = null;
		if (closed) return;
		tell(reason);
		timer ??= setTimeout(() => {
			timer = null;
			open();
		}, retryMs);
	};
	const open = () => {
		const next = new SerialPort({ path, baudRate: 115_200, autoOpen: false });
		port = next;
		next.on("data", (bytes: Uint8Array) => onReceive(bytes, bytes.length, null));
		next.on("close", () => retry("the serial port is gone"));
		next.on("error", error => {
			if (port === next) retry(error.message);
		});
		next.open(error => {
			if (closed) return next.close(() => {});
			if (error) return retry(isLocked(error) ? `${path} is in use by another program` : error.message);
			tell(`reading ${path}`);
			// Where the cable's data request hangs on these lines.
			next.set({ dtr: true, rts: true }, () => {});
		});
	};
	open();
	return {
		close() {
			closed = true;
			if (timer !== null) clearTimeout(timer);
			if (port?.isOpen) port.close(() => {});
		},
	};
}

/** Serial ports are opened with a lock, which the system takes back when its owner is gone. */
function isLocked(error: Error): boolean {
	return /cannot lock port/i.test(error.message);
}

const pieceLength = 1_024;
/** What 1024 bytes take at 115200 baud. */
const pieceMs = 89;

/** A capture at the speed of the line. Throws when the file cannot be read. */
export function openReplay(path: string, onReceive: OnReceive, onEnd: () => void): Source {
	const bytes = readFileSync(path);
	let at = 0;
	const timer = setInterval(() => {
		const piece = bytes.subarray(at, at + pieceLength);
		at += piece.length;
		if (piece.length > 0) onReceive(Uint8Array.from(piece), piece.length, null);
		if (at < bytes.length) return;
		clearInterval(timer);
		onEnd();
	}, pieceMs);
	return { close: () => clearInterval(timer) };
}
