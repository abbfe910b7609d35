/** What is asked of the file while readings come, prepared once. */
import type Database from "libsql";

export type Statements = ReturnType<typeof prepareStatements>;

export function prepareStatements(file: Database) {
	const row = "SELECT time, shape, flags, numbers FROM reading WHERE meter = ?";
	return {
		addMeter: file.prepare("INSERT INTO meter (name) VALUES (?) ON CONFLICT DO NOTHING"),
		findMeter: file.prepare("SELECT id FROM meter WHERE name = ?"),
		describe: file.prepare("UPDATE meter SET identification = ?, version = ? WHERE id = ?"),
		add: file.prepare("INSERT INTO reading VALUES (?, ?, ?, ?, ?)"),
		remove: file.prepare("DELETE FROM reading WHERE meter = ? AND time = ?"),
		setFlags: file.prepare("UPDATE reading SET flags = ? WHERE meter = ? AND time = ?"),
		newest: file.prepare(`${row} ORDER BY time DESC LIMIT 1`),
		at: file.prepare(`${row} AND time = ?`),
		before: file.prepare(`${row} AND time < ? ORDER BY time DESC LIMIT 1`),
		after: file.prepare(`${row} AND time > ? ORDER BY time LIMIT 1`),
		// The first of a quarter hour, and of the same time the one that came last: it is better verified.
		keepQuarter: file.prepare(
			`INSERT INTO quarter VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (meter, slot) DO UPDATE SET
			time = excluded.time, shape = excluded.shape, flags = excluded.flags, numbers = excluded.numbers
			WHERE excluded.time <= time`,
		),
		slotTime: file.prepare("SELECT time FROM quarter WHERE meter = ? AND slot = ?"),
		forgetFalls: file.prepare("DELETE FROM fall WHERE meter = ? AND time = ?"),
		addFall: file.prepare(
			`INSERT INTO fall VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (meter, time, register) DO UPDATE SET before = excluded.before, after = excluded.after`,
		),
		// Of two readers of one meter the one that missed fewer quarter hours is right.
		keepAccount: file.prepare(
			`INSERT INTO account VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (meter, month) DO UPDATE SET
			time = excluded.time, power = excluded.power, missing = excluded.missing, exceeded = excluded.exceeded,
			cost = excluded.cost, peak = excluded.peak, peak_time = excluded.peak_time, text = excluded.text
			WHERE excluded.time / 900 > time / 900
			OR (excluded.time / 900 = time / 900 AND (excluded.missing < missing OR (excluded.missing = missing AND excluded.time >= time)))`,
		),
		keepReader: file.prepare(
			`INSERT INTO reader VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET time = excluded.time, text = excluded.text
			WHERE excluded.time >= time`,
		),
	};
}
