/** The console port. */
import { openConsolePort } from "device/console";
import type { Uarts } from "device/uart";
import Timer from "timer";
import type { Guard } from "../ports/guard.js";
import type { Console, OnPacket } from "../ports/ports.js";
import { createLineEditor, flush, type LineEditor, type Printer, print, typeByte } from "../settings/line-editor.js";
import { createPacketFilter, filterByte, giveUpHeld } from "../setup/packets.js";

/** How long a text waits for room in the driver's ring before it is tried again: 230 bytes at 115200 baud. */
const retryMs = 20; // ms
/** How long the rest of a packet may take: what a program sends comes in one go, and what a person types does not. */
const packetMs = 100;

/** Lines of text, echoed; to standard output where there is no port for them. */
export class BoardConsole implements Console {
	private readonly guard: Guard;
	private readonly onLine: (line: string) => void;
	private readonly onPacket: OnPacket;
	private readonly filter = createPacketFilter();
	/** Null where there is no port. */
	private readonly editor: LineEditor | null;
	private timer: ReturnType<typeof Timer.set> | undefined;
	private packetTimer: ReturnType<typeof Timer.set> | undefined;

	constructor(guard: Guard, uarts: Uarts, onLine: (line: string) => void, onPacket: OnPacket) {
		this.guard = guard;
		this.onLine = onLine;
		this.onPacket = onPacket;
		const printer: Printer | null = openConsolePort(uarts, this);
		this.editor = printer === null ? null : createLineEditor(printer);
	}

	onBytes(bytes: Uint8Array, count: number): void {
		const { filter, onPacket } = this;
		Timer.clear(this.packetTimer);
		const type = (byte: number) => this.type(byte);
		for (let at = 0; at < count; at++) filterByte(filter, bytes[at]!, type, onPacket);
		this.packetTimer = filter.held.length === 0 ? undefined : Timer.set(() => this.guard(giveUp, this), packetMs);
		this.drain();
	}

	send(bytes: Uint8Array): void {
		if (this.editor === null) return;
		print(this.editor, bytes);
		this.drain();
	}

	write(text: string): void {
		if (this.editor === null) trace(text, "\n");
		else this.send(new Uint8Array(ArrayBuffer.fromString(`${text}\r\n`)));
	}

	drain(): void {
		if (this.editor === null || this.timer !== undefined || flush(this.editor)) return;
		this.timer = Timer.set(() => {
			this.timer = undefined;
			this.guard(drain, this);
		}, retryMs);
	}

	giveUp(): void {
		this.packetTimer = undefined;
		giveUpHeld(this.filter, byte => this.type(byte));
		this.drain();
	}

	private type(byte: number): void {
		if (this.editor === null) return;
		const line = typeByte(this.editor, byte);
		if (line !== null) this.onLine(line);
	}
}

function drain(console: BoardConsole): void {
	console.drain();
}

function giveUp(console: BoardConsole): void {
	console.giveUp();
}
