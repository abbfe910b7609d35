/**
 * The receiver of the ESP32 with ESP-IDF's driver behind it. The hardware's FIFO holds 128 bytes; at 64, or after ten byte
 * times of silence, an interrupt moves them to the driver's ring, which the firmware reads when it gets to it. Where the ring
 * is full, what was taken out of the FIFO waits beside it and interrupts stay off until somebody reads; then the FIFO fills
 * up, and the byte that finds it full empties it: all are lost. In a break our driver keeps the interrupts off as well, and looks
 * every 50 ms whether the line is at rest again; what the ring holds stays there.
 */
export interface WorldUart {
	readonly fifoSize: number;
	readonly threshold: number;
	readonly fifo: Received;
	readonly ring: Received;
	/** Out of the FIFO and not in the ring, which was full. */
	readonly beside: Received;
	interrupts: boolean;
	/** In a break, and until our driver has noticed its end. */
	resting: boolean;
	readonly conditions: { breaks: number; framingErrors: number; fifoOverflows: number; ringOverflows: number };
	/** Since the boot. */
	lost: number;
	/** There is something to read, or a condition to tell. */
	readonly onEvent: () => void;
}

/** A queue of bytes, each with the number of the transmission it belongs to, or -1. */
export interface Received {
	readonly bytes: Uint8Array;
	readonly tags: Int32Array;
	start: number;
	count: number;
}

export const fifoSize = 128;
export const ringSize = 4096;
const threshold = 64;

export function createWorldUart(onEvent: () => void, ring = ringSize): WorldUart {
	return {
		fifoSize,
		threshold,
		fifo: createReceived(fifoSize),
		ring: createReceived(ring),
		beside: createReceived(fifoSize),
		interrupts: true,
		resting: false,
		conditions: { breaks: 0, framingErrors: 0, fifoOverflows: 0, ringOverflows: 0 },
		lost: 0,
		onEvent,
	};
}

function createReceived(size: number): Received {
	return { bytes: new Uint8Array(size), tags: new Int32Array(size), start: 0, count: 0 };
}

/** One byte came in whole. */
export function receiveByte(uart: WorldUart, byte: number, tag: number): void {
	const { fifo } = uart;
	if (fifo.count === uart.fifoSize) {
		uart.lost += fifo.count + 1;
		fifo.count = 0;
		uart.conditions.fifoOverflows += 1;
		uart.onEvent();
		return;
	}
	push(fifo, byte, tag);
	if (fifo.count >= uart.threshold) interrupt(uart);
}

/** The line was silent for ten byte times: what is in the FIFO is moved although it is little. */
export function receiveSilence(uart: WorldUart): void {
	if (uart.fifo.count > 0) interrupt(uart);
}

export function receiveBreak(uart: WorldUart): void {
	uart.conditions.breaks += 1;
	uart.onEvent();
}

/** The line stays away from its resting level until `endBreak`. */
export function beginBreak(uart: WorldUart): void {
	receiveBreak(uart);
	uart.resting = true;
}

export function endBreak(uart: WorldUart): void {
	uart.resting = false;
	// A few bytes wait for the next one: the interrupt that silence had raised was cleared.
	if (uart.fifo.count >= uart.threshold) interrupt(uart);
}

export function receiveFramingError(uart: WorldUart): void {
	uart.conditions.framingErrors += 1;
	uart.onEvent();
}

function interrupt(uart: WorldUart): void {
	if (!uart.interrupts || uart.resting) return;
	const { fifo, ring, beside } = uart;
	if (ring.count + fifo.count > ring.bytes.length) {
		move(fifo, beside);
		uart.interrupts = false;
		uart.conditions.ringOverflows += 1;
	} else {
		move(fifo, ring);
	}
	uart.onEvent();
}

/** Everything that the ring holds, oldest first. Reading lets the driver go on. */
export function readUart(uart: WorldUart): { bytes: Uint8Array; tags: Int32Array } {
	const { ring, beside } = uart;
	const count = ring.count;
	const bytes = new Uint8Array(count);
	const tags = new Int32Array(count);
	for (let at = 0; at < count; at++) {
		const from = (ring.start + at) % ring.bytes.length;
		bytes[at] = ring.bytes[from]!;
		tags[at] = ring.tags[from]!;
	}
	ring.start = 0;
	ring.count = 0;
	if (!uart.interrupts) {
		move(beside, ring);
		uart.interrupts = true;
		// The interrupt comes at once where the FIFO has reached its threshold meanwhile.
		if (uart.fifo.count >= uart.threshold) interrupt(uart);
		else uart.onEvent();
	}
	return { bytes, tags };
}

/** What went wrong since the last call, or null. */
export function takeConditions(uart: WorldUart): WorldUart["conditions"] | null {
	const { conditions } = uart;
	const { breaks, framingErrors, fifoOverflows, ringOverflows } = conditions;
	if (breaks + framingErrors + fifoOverflows + ringOverflows === 0) return null;
	conditions.breaks = conditions.framingErrors = conditions.fifoOverflows = conditions.ringOverflows = 0;
	return { breaks, framingErrors, fifoOverflows, ringOverflows };
}

function push(queue: Received, byte: number, tag: number): void {
	const at = (queue.start + queue.count) % queue.bytes.length;
	queue.bytes[at] = byte;
	queue.tags[at] = tag;
	queue.count += 1;
}

function move(from: Received, to: Received): void {
	for (let at = 0; at < from.count; at++) {
		const place = (from.start + at) % from.bytes.length;
		push(to, from.bytes[place]!, from.tags[place]!);
	}
	from.start = 0;
	from.count = 0;
}
