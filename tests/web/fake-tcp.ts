/** A server's clients over TCP as the board's: a send buffer, segments, and clients that confirm them as computers do. */
import type { Admit, Stream, StreamEvents } from "../../modules/ports/ports.js";

/** Bytes of lwIP's send buffer, and of a full segment, in the SDK's configuration for the ESP32. */
export const bufferLength = 8_192;
export const segmentLength = 1_436;
/** The longest that a client may wait for a second segment before it confirms the first (RFC 9293, 3.8.6.3). */
const waitMs = 200;

/** Everything happens at its time, and in order. */
export class Net {
	now = 0;
	/** The most bytes that all connections held at a time, those that the server has ended included. */
	peak = 0;
	held = 0;
	private readonly plans: { time: number; action: () => void }[] = [];

	plan(delay: number, action: () => void): void {
		this.plans.push({ time: this.now + delay, action });
	}

	hold(count: number): void {
		this.held += count;
		this.peak = Math.max(this.peak, this.held);
	}

	/** Until nothing is planned any more, or up to a time. */
	run(until = Infinity): void {
		for (;;) {
			let next = 0;
			for (let at = 1; at < this.plans.length; at += 1) if (this.plans[at]!.time < this.plans[next]!.time) next = at;
			const plan = this.plans[next];
			if (plan === undefined || plan.time > until) return;
			this.plans.splice(next, 1);
			this.now = plan.time;
			plan.action();
		}
	}
}

/** One client. It confirms every second segment at once, one alone after `waitMs`, and the end at once. */
export class TcpClient implements Stream {
	readonly received: number[] = [];
	isClosed = false;
	/** How often it let the server wait. */
	waits = 0;
	pending = 0;
	private readonly net: Net;
	private readonly way: number;
	private readonly isDead: boolean;
	private events: StreamEvents | null = null;
	private unsent: number[] = [];
	private isEnding = false;
	private isPlanned = false;
	/** Segments and bytes that came and are not confirmed. */
	private segments = 0;
	private bytes = 0;

	/** `way`: milliseconds that a segment takes. A dead client confirms nothing. */
	constructor(net: Net, admit: Admit, way = 2, isDead = false) {
		this.net = net;
		this.way = way;
		this.isDead = isDead;
		this.events = admit(() => this);
	}

	ask(text: string): void {
		const bytes = Buffer.from(text);
		this.events?.onData(bytes, bytes.length);
	}

	write(bytes: Uint8Array, start: number, end: number): number {
		const count = Math.min(end - start, bufferLength - this.pending);
		if (count < 0) throw new Error(`${count} bytes were to be written`);
		this.unsent.push(...bytes.subarray(start, start + count));
		this.pending += count;
		this.net.hold(count);
		this.planOutput();
		return count;
	}

	close(): void {
		this.isEnding = true;
		this.planOutput();
	}

	/** What an event of the server wrote is sent after it, in full segments as far as it goes. */
	private planOutput(): void {
		if (this.isPlanned) return;
		this.isPlanned = true;
		this.net.plan(0, () => {
			this.isPlanned = false;
			const { unsent, isEnding } = this;
			this.unsent = [];
			for (let at = 0; at < unsent.length; at += segmentLength) {
				const segment = unsent.slice(at, at + segmentLength);
				if (!this.isDead) this.net.plan(this.way, () => this.take(segment));
			}
			if (isEnding && !this.isDead) this.net.plan(this.way, () => this.end());
		});
	}

	private take(segment: number[]): void {
		this.received.push(...segment);
		this.segments += 1;
		this.bytes += segment.length;
		if (this.segments === 2) this.confirm();
		else {
			const count = this.received.length;
			this.net.plan(waitMs, () => {
				if (this.segments === 0 || this.received.length !== count) return;
				this.waits += 1;
				this.confirm();
			});
		}
	}

	private end(): void {
		this.isClosed = true;
		this.confirm();
	}

	private confirm(): void {
		const { bytes } = this;
		this.segments = 0;
		this.bytes = 0;
		this.net.plan(this.way, () => {
			this.pending -= bytes;
			this.net.held -= bytes;
			if (!this.isEnding) this.events?.onWritable();
		});
	}
}
