/** Ends a process that works on one answer for too long, by the processor time that it used and not by the clock on the wall. */
import { readFileSync } from "node:fs";

export interface Watchdog {
	/** An answer is waited for from now on. */
	start(): void;
	/** Nothing is waited for. */
	stop(): void;
}

const lookMs = 100;
/** Linux counts in hundredths of a second, whatever its kernel's own clock is. */
const tickMs = 10;
/** How much longer than the processor time allowed a process may stand still: it waits for something that never comes. */
const stillFactor = 10;
const leastStillMs = 60_000;

/**
 * Calls `onOverrun` once, with what the process did, when it has used `timeout` ms of processor time for one answer. Other programs may
 * slow it down as much as they like; only one that does not run at all for ten times as long, and at least a minute, is given up, too.
 * Where there is no `/proc` that is the only limit.
 */
export function createWatchdog(
	pid: number | undefined,
	timeout: number,
	onOverrun: (reason: string) => void,
	readTime: (pid: number) => number | null = readProcessorTime,
): Watchdog {
	const stillMs = Math.max(leastStillMs, timeout * stillFactor);
	let timer: NodeJS.Timeout | null = null;
	/** Processor time at the start, and at the last look that saw the process run; when that was. */
	let first = 0;
	let last = 0;
	let since = 0;
	const read = () => (pid === undefined ? null : readTime(pid));
	const overrun = (reason: string) => {
		watchdog.stop();
		onOverrun(reason);
	};
	const look = () => {
		const used = read() ?? last;
		const now = performance.now();
		if (used > last) {
			last = used;
			since = now;
		}
		if (last - first >= timeout) overrun(`did not answer within ${timeout} ms of processor time`);
		else if (now - since >= stillMs) overrun(`has not run for ${Math.round(stillMs / 1000)} s and did not answer`);
	};
	const watchdog: Watchdog = {
		start() {
			first = last = read() ?? 0;
			since = performance.now();
			timer ??= setInterval(look, Math.min(lookMs, timeout));
		},
		stop() {
			if (timer !== null) clearInterval(timer);
			timer = null;
		},
	};
	return watchdog;
}

/** Milliseconds of processor time that a process has used with all its threads, or null where that is not known. */
export function readProcessorTime(pid: number): number | null {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
		// Field 2 is the program's name, which may hold anything; fields 14 and 15 are its time as user and in the kernel.
		const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
		return (Number(fields[11]) + Number(fields[12])) * tickMs;
	} catch {
		return null;
	}
}
