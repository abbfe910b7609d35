/** Lines on disk until an engine has them: files of about a megabyte, written to at the end, read from the front, deleted whole. */
import {
	closeSync,
	fstatSync,
	fsyncSync,
	ftruncateSync,
	mkdirSync,
	openSync,
	readdirSync,
	readSync,
	statSync,
	unlinkSync,
	writeSync,
} from "node:fs";
import { join } from "node:path";

const segmentBytes = 1_048_576;

interface Segment {
	readonly path: string;
	readonly fd: number;
	/** Durable bytes, all of whole lines. */
	length: number;
	/** What the engine has said that it has. */
	sent: number;
	/** When that was all, and when the segment was made: milliseconds of a clock that never goes back. */
	sentAt: number;
	readonly madeAt: number;
	/** Whether lines may still be added. */
	isOpen: boolean;
}

export interface Spool {
	/** Durable when it returns; throws, with nothing of it kept, where the disk or the limit does not have the room. */
	append(lines: string): void;
	/** The next whole lines that were not sent, at most `most` bytes unless one line is longer; null if there are none. */
	peek(most: number): Buffer | null;
	/** The engine has these bytes, which came from `peek`. */
	confirm(length: number): void;
	/** Everything that is still here is to be sent again: the engine was gone, and may have lost what it had in memory. */
	rewind(): void;
	/** Bytes that were not sent. */
	backlog(): number;
	bytes(): number;
	close(): void;
}

/** `settleMs`: how long lines are kept after they were sent. `now`: milliseconds. */
export function openSpool(folder: string, limit: number, settleMs: number, now: () => number): Spool {
	mkdirSync(folder, { recursive: true });
	const segments: Segment[] = [];
	let next = 1;
	const flushFolder = () => {
		const fd = openSync(folder, "r");
		fsyncSync(fd);
		closeSync(fd);
	};
	for (const name of readdirSync(folder)
		.filter(file => /^\d{12}\.lines$/.test(file))
		.sort()) {
		const path = join(folder, name);
		next = Number(name.slice(0, 12)) + 1;
		const fd = openSync(path, "r+");
		const length = findEnd(fd);
		// A line that a power cut has torn was never acknowledged.
		if (length < statSync(path).size) ftruncateSync(fd, length);
		segments.push({ path, fd, length, sent: 0, sentAt: 0, madeAt: now(), isOpen: false });
	}

	function open(): Segment {
		const last = segments.at(-1);
		if (last?.isOpen && last.length < segmentBytes && (last.length === 0 || now() - last.madeAt < settleMs))
			return last;
		if (last !== undefined) last.isOpen = false;
		const path = join(folder, `${String(next).padStart(12, "0")}.lines`);
		const made = { path, fd: openSync(path, "w+"), length: 0, sent: 0, sentAt: 0, madeAt: now(), isOpen: true };
		next += 1;
		segments.push(made);
		flushFolder();
		return made;
	}

	function sweep(): void {
		for (let at = 0; at < segments.length; ) {
			const { sent, length, sentAt, isOpen, madeAt, fd, path } = segments[at]!;
			const isOld = !isOpen || now() - madeAt > settleMs;
			if (!isOld || sent < length || now() - sentAt < settleMs) {
				at += 1;
				continue;
			}
			closeSync(fd);
			unlinkSync(path);
			segments.splice(at, 1);
		}
	}

	const countBytes = () => segments.reduce((sum, { length }) => sum + length, 0);

	return {
		append(lines) {
			sweep();
			const bytes = Buffer.from(lines);
			if (bytes.length === 0) return;
			if (countBytes() + bytes.length > limit) throw new Error(`the spool is full (${limit} bytes)`);
			const segment = open();
			try {
				for (let at = 0; at < bytes.length; ) {
					at += writeSync(segment.fd, bytes, at, bytes.length - at, segment.length + at);
				}
				fsyncSync(segment.fd);
			} catch (error) {
				// What is there of it is written over next time, and is no whole line's end before.
				try {
					ftruncateSync(segment.fd, segment.length);
				} catch {
					segment.isOpen = false;
				}
				throw error;
			}
			segment.length += bytes.length;
		},
		peek(most) {
			sweep();
			const segment = segments.find(({ sent, length }) => sent < length);
			if (segment === undefined) return null;
			const rest = segment.length - segment.sent;
			for (let size = Math.min(rest, most); ; size = Math.min(rest, size * 2)) {
				const bytes = Buffer.alloc(size);
				readSync(segment.fd, bytes, 0, size, segment.sent);
				const end = bytes.lastIndexOf(10) + 1;
				if (end > 0) return bytes.subarray(0, end);
				if (size === rest) throw new Error(`${segment.path} ends within a line`);
			}
		},
		confirm(length) {
			const segment = segments.find(({ sent, length: all }) => sent < all);
			if (segment === undefined) throw new Error("nothing was sent");
			segment.sent += length;
			segment.sentAt = now();
		},
		rewind() {
			for (const segment of segments) segment.sent = 0;
		},
		backlog: () => segments.reduce((sum, { length, sent }) => sum + length - sent, 0),
		bytes: countBytes,
		close() {
			for (const { fd } of segments) closeSync(fd);
			segments.length = 0;
		},
	};
}

/** After the last whole line. */
function findEnd(fd: number): number {
	const { size } = fstatSync(fd);
	const block = Buffer.alloc(65_536);
	for (let end = size; end > 0; ) {
		const start = Math.max(0, end - block.length);
		readSync(fd, block, 0, end - start, start);
		const at = block.subarray(0, end - start).lastIndexOf(10);
		if (at >= 0) return start + at + 1;
		end = start;
	}
	return 0;
}
