/** The recorder's file: SQLite, opened by libsql. One process at a time. */
import Database from "libsql";

/** Changed together with the tables. A file of another number is refused, not converted. */
const version = 1;

/**
 * Tables are clustered by their key (WITHOUT ROWID), so that a meter's time lies together. `reading` holds the telegrams of the last weeks,
 * `quarter` the first one of each quarter hour for ever (`slot`: UTC in quarter hours). `numbers` is of `numbers.ts`, `shape` says which
 * registers they are, `flags` is of `flags.ts`. `fall` names each register that was lower than in the reading before.
 */
const tables = `
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meter (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, identification TEXT, version TEXT);
CREATE TABLE IF NOT EXISTS shape (id INTEGER PRIMARY KEY, names TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS reading (
	meter INTEGER, time INTEGER, shape INTEGER, flags INTEGER, numbers BLOB, PRIMARY KEY (meter, time)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS quarter (
	meter INTEGER, slot INTEGER, time INTEGER, shape INTEGER, flags INTEGER, numbers BLOB, PRIMARY KEY (meter, slot)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fall (
	meter INTEGER, time INTEGER, register TEXT, before INTEGER, after INTEGER, PRIMARY KEY (meter, time, register)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS account (
	meter INTEGER, month INTEGER, time INTEGER, power INTEGER, missing INTEGER, exceeded INTEGER, cost REAL, peak INTEGER,
	peak_time INTEGER, text TEXT, PRIMARY KEY (meter, month)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reader (name TEXT PRIMARY KEY, time INTEGER, text TEXT) WITHOUT ROWID;
`;

/**
 * Opens or makes the file. A commit is on the disk when it returns (`synchronous=FULL`). The lock is held until the process ends, whatever
 * ends it. Throws if another recorder has the file, or if it is none of ours.
 */
export function openFile(path: string): Database {
	const file = new Database(path, { timeout: 1 });
	try {
		file.exec("PRAGMA locking_mode = EXCLUSIVE");
		file.prepare("PRAGMA journal_mode = WAL").get();
		file.exec("PRAGMA synchronous = FULL");
		file.exec("BEGIN IMMEDIATE");
		file.exec(tables);
		const set = file.prepare("INSERT INTO meta VALUES ('version', ?) ON CONFLICT DO NOTHING");
		set.run(String(version));
		file.exec("COMMIT");
		const found = readMeta(file, "version");
		if (found !== String(version)) throw new Error(`made by another version (tables ${found}, not ${version})`);
		return file;
	} catch (error) {
		file.close();
		const { code, message } = error as { code?: string; message: string };
		throw new Error(code === "SQLITE_BUSY" ? `${path}: another recorder has it` : `${path}: ${message}`);
	}
}

/**
 * Leaves one file without a log beside it, for whoever copies it, and lets go of the lock: libsql closes a file only when the last of its
 * statements is collected.
 */
export function closeFile(file: Database): void {
	try {
		file.exec("PRAGMA wal_checkpoint(TRUNCATE)");
		file.prepare("PRAGMA journal_mode = DELETE").get();
		file.exec("PRAGMA locking_mode = NORMAL");
		file.prepare("SELECT count(*) FROM meta").get();
	} catch {
		// The log stays beside it and is read at the next start.
	}
	file.close();
}

export function readMeta(file: Database, name: string): string | null {
	const row = file.prepare("SELECT value FROM meta WHERE name = ?").get(name);
	return row === undefined ? null : String(row.value);
}

export function writeMeta(file: Database, name: string, value: string): void {
	file
		.prepare("INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
		.run(name, value);
}
