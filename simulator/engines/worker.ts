/** The process that holds one XS machine, and the messages to and from it. */

import { spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import { createWatchdog } from "./watchdog.js";

/** What the machine reports with a reply. All repeat to the digit for equal input. */
export interface Figures {
	/** XS's own meter: byte codes executed, plus some within built-in functions. */
	compute: number;
	/** Instructions executed; only the Xtensa variant counts them. */
	instructions: number;
	/** Slots in use, garbage included until it is collected, and the most that were during the call. */
	slots: number;
	slotsPeak: number;
	/** Bytes of chunks, likewise. */
	chunks: number;
	chunksPeak: number;
	/** Most slots of the stack that were used during the call. */
	stackPeak: number;
	/** Bytes that slots, chunks and stack have taken from the system. */
	reserved: number;
	/** Bytes per slot. */
	slotSize: number;
}

export interface Reply {
	figures: Figures;
	bytes: Uint8Array;
}

/** A process that holds one XS machine and answers one message at a time, each a netstring (`LENGTH:BYTES,`). */
export interface Worker {
	/** `command` is one letter; see simulator/xs/host/host.c. Rejects with the guest's stack, or with the reason why the process ended. */
	send(command: string, bytes: Uint8Array): Promise<Reply>;
	close(): Promise<void>;
}

interface Pending {
	resolve(reply: Reply): void;
	reject(error: Error): void;
}

const exits: Record<number, string> = {
	11: "memory full",
	12: "stack overflow",
	15: "unhandled exception",
	16: "not enough keys",
	18: "unhandled rejection",
};

/** Messages go in on file descriptor 3 and come back on 4. `timeout`: ms of processor time per message. */
export function createWorker(program: string, parameters: string[], folder: string, timeout: number): Worker {
	const child = spawn(program, parameters, { cwd: folder, stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"] });
	// With these stdio settings Node makes duplex sockets of descriptors 3 and 4; its types cannot know.
	const input = child.stdio[3] as Duplex;
	const output = child.stdio[4] as Duplex;
	const pending: Pending[] = [];
	let received: Buffer = Buffer.alloc(0);
	let said = "";
	let fault: Error | null = null;

	function fail(error: Error): void {
		fault ??= error;
		watchdog.stop();
		for (const { reject } of pending.splice(0)) reject(fault);
	}
	const watchdog = createWatchdog(child.pid, timeout, reason => {
		fail(new Error(`the XS machine ${reason}${said === "" ? "" : `\n${said}`}`));
		child.kill("SIGKILL");
	});
	const ended = new Promise<void>(resolve => {
		child.on("error", error => {
			fail(error);
			resolve();
		});
		child.on("close", (code, signal) => {
			const reason = signal ?? exits[code ?? 0] ?? `exit ${code}`;
			fail(new Error(`the XS machine ended: ${reason}${said === "" ? "" : `\n${said.trimEnd()}`}`));
			resolve();
		});
	});
	for (const stream of [child.stdout!, child.stderr!]) {
		stream.on("data", (text: Buffer) => {
			said = (said + text).slice(-4000);
		});
	}
	// A write to a process that has just ended: "close" says why.
	input.on("error", () => {});
	output.on("data", (bytes: Buffer) => {
		received = received.length === 0 ? bytes : Buffer.concat([received, bytes]);
		for (;;) {
			const message = takeMessage(received);
			if (message === null) return;
			received = message.rest;
			const waiting = pending.shift();
			if (waiting === undefined) continue;
			if (pending.length > 0) watchdog.start();
			else watchdog.stop();
			settle(waiting, message.bytes);
		}
	});

	return {
		send(command, bytes) {
			if (fault !== null) return Promise.reject(fault);
			return new Promise((resolve, reject) => {
				if (pending.length === 0) watchdog.start();
				pending.push({ resolve, reject });
				input.write(Buffer.concat([Buffer.from(`${bytes.length + 1}:${command}`), bytes, Buffer.from(",")]));
			});
		},
		async close() {
			fail(new Error("the engine is closed"));
			input.end();
			const timer = setTimeout(() => child.kill("SIGKILL"), 2000);
			await ended;
			clearTimeout(timer);
		},
	};
}

function takeMessage(received: Buffer): { bytes: Buffer; rest: Buffer } | null {
	const colon = received.indexOf(58);
	if (colon < 0) return null;
	const end = colon + 1 + Number(received.toString("latin1", 0, colon));
	if (received.length <= end) return null;
	return { bytes: received.subarray(colon + 1, end), rest: received.subarray(end + 1) };
}

/** `.` figures as JSON, a byte 1, the reply; or `!` and the text of an exception. */
function settle(waiting: Pending, message: Buffer): void {
	const separator = message.indexOf(1);
	if (message[0] !== 46 || separator < 0) {
		waiting.reject(new Error(message.toString("utf8", 1)));
		return;
	}
	const figures = JSON.parse(message.toString("latin1", 1, separator)) as Figures;
	waiting.resolve({ figures, bytes: new Uint8Array(message.subarray(separator + 1)) });
}
