/** The last lines of what happened, kept in memory, because a released image has no other place for them. */
export interface Log {
	/** Oldest first. */
	readonly lines: LogLine[];
	readonly capacity: number;
	/** Gets each new line; null where nobody listens. */
	listener: LogListener | null;
}

export interface LogListener {
	onLine(line: LogLine): void;
}

export interface LogLine {
	/** Monotonic milliseconds, of the last time. */
	time: number;
	text: string;
	/** How often the line was noted. */
	count: number;
}

const longest = 120;
/** A line equal to one of the last six is counted, not repeated: a night of the same few faults stays short. */
const repeatable = 6;

export function createLog(capacity: number): Log {
	return { lines: [], capacity, listener: null };
}

/** Cost: a line of at most 120 characters. The same line again is counted, and moves to the end. */
export function note(log: Log, text: string, now: number): void {
	const short = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
	const { lines } = log;
	for (let at = lines.length - 1; at >= 0 && at >= lines.length - repeatable; at--) {
		const line = lines[at]!;
		if (line.text !== short) continue;
		line.count++;
		line.time = now;
		lines.splice(at, 1);
		lines.push(line);
		return;
	}
	const line = { time: now, text: short, count: 1 };
	lines.push(line);
	if (lines.length > log.capacity) lines.shift();
	log.listener?.onLine(line);
}

/** `12:03:04 WiFi: lost (3 times)`: hours, minutes and seconds since the boot. */
export function formatLine(line: LogLine): string {
	const repeated = line.count > 1 ? ` (${line.count} times)` : "";
	return `${formatTime(line.time)} ${line.text}${repeated}`;
}

function formatTime(time: number): string {
	const seconds = Math.floor(time / 1_000);
	const minutes = Math.floor(seconds / 60);
	const hours = Math.floor(minutes / 60);
	return `${hours}:${twoDigits(minutes % 60)}:${twoDigits(seconds % 60)}`;
}

function twoDigits(value: number): string {
	return value < 10 ? `0${value}` : String(value);
}
