/** Thinning by age: of what is old only the first reading of each quarter hour stays, which has a table of its own from the beginning. */
import type { FileSink } from "./database.js";

/** So many readings at once, about a tenth of a second: meanwhile nothing is taken in. */
const slice = 20_000;
/** Between two slices. */
const restMs = 200;

/** Deletes the readings before `until` (UTC in seconds), meter by meter; each meter keeps its newest. Returns at once. */
export function thin({ file }: FileSink, until: number, note: (line: string) => void): void {
	const meters = file.prepare("SELECT id FROM meter").raw().all() as unknown as [number][];
	const remove = file.prepare(
		`DELETE FROM reading WHERE meter = ?1 AND time IN (
			SELECT time FROM reading WHERE meter = ?1 AND time < ?2 AND time < (SELECT max(time) FROM reading WHERE meter = ?1)
			ORDER BY time LIMIT ?3)`,
	);
	let at = 0;
	const step = () => {
		let room = slice;
		try {
			file.exec("BEGIN IMMEDIATE");
			while (at < meters.length && room > 0) {
				const { changes } = remove.run(meters[at]![0], until, room);
				room -= changes;
				if (room > 0) at += 1;
			}
			file.exec("COMMIT");
		} catch (error) {
			try {
				file.exec("ROLLBACK");
			} catch {
				// SQLite has taken it back already, or the file is closed.
			}
			note(`thinning: ${(error as Error).message}; again in an hour`);
			return;
		}
		if (at < meters.length) setTimeout(step, restMs).unref();
	};
	step();
}
