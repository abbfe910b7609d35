/** From messages to sinks: what comes meanwhile is one batch, and is acknowledged when every sink has it. */
import type { Entry } from "./entry.js";
import type { Sink } from "./sink.js";

/** A batch is begun at once when this many wait: half of what a broker sends ahead unless it is told otherwise (mosquitto: 20). */
const eagerCount = 10;
const mostInBatch = 5_000;
/** What has no acknowledgement is dropped when this many wait. */
const mostWaiting = 20_000;
/** After a batch that could not be made durable, doubled up to the second. */
const firstPauseMs = 500;
const longestPauseMs = 30_000;

interface Delivery {
	readonly entry: Entry;
	/** Null for what the broker does not wait for. */
	readonly acknowledge: (() => void) | null;
}

export interface Intake {
	add(entry: Entry, acknowledge: (() => void) | null): void;
	report(): Record<string, number>;
	/** Resolves when the batch under way has ended; what waits after it stays unacknowledged. */
	close(): Promise<void>;
}

/** `lingerMs`: how long a single message may wait for others. `note` gets lines for the log. */
export function createIntake(sinks: readonly Sink[], lingerMs: number, note: (line: string) => void): Intake {
	let waiting: Delivery[] = [];
	let timer: NodeJS.Timeout | null = null;
	let work: Promise<void> | null = null;
	let pause = 0;
	let isClosed = false;
	const counts = { batches: 0, acknowledged: 0, dropped: 0, failures: 0, largest: 0 };

	function plan(): void {
		if (work !== null || isClosed || waiting.length === 0 || pause > 0) return;
		if (waiting.length >= eagerCount) {
			if (timer !== null) clearTimeout(timer);
			timer = null;
			// After what the socket has at hand.
			work = new Promise<void>(resolve => setImmediate(resolve)).then(run);
		} else timer ??= setTimeout(begin, lingerMs);
	}

	function begin(): void {
		timer = null;
		if (work === null && !isClosed && waiting.length > 0) work = run();
	}

	async function run(): Promise<void> {
		const batch = waiting.slice(0, mostInBatch);
		waiting = waiting.slice(batch.length);
		const entries = batch.map(({ entry }) => entry);
		for (const sink of sinks) {
			try {
				await sink.write(entries);
			} catch (error) {
				onFailure(batch, sink, error as Error);
				return;
			}
		}
		counts.batches += 1;
		counts.largest = Math.max(counts.largest, batch.length);
		for (const { acknowledge } of batch) {
			if (acknowledge === null) continue;
			acknowledge();
			counts.acknowledged += 1;
		}
		if (pause > 0) note("readings are kept again");
		pause = 0;
		work = null;
		plan();
	}

	function onFailure(batch: Delivery[], { name }: Sink, error: Error): void {
		counts.failures += 1;
		if (pause === 0) note(`${name}: ${error.message}; nothing is acknowledged until it is kept`);
		pause = Math.min(longestPauseMs, Math.max(firstPauseMs, pause * 2));
		waiting = [...batch, ...waiting];
		work = null;
		if (!isClosed) timer = setTimeout(begin, pause);
	}

	return {
		add(entry, acknowledge) {
			if (acknowledge === null && waiting.length >= mostWaiting) {
				counts.dropped += 1;
				return;
			}
			waiting.push({ entry, acknowledge });
			plan();
		},
		report: () => ({ ...counts, waiting: waiting.length }),
		async close() {
			isClosed = true;
			if (timer !== null) clearTimeout(timer);
			await work;
		},
	};
}
