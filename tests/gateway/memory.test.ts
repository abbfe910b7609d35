/** What the gateway remembers: whole after every cut, never somebody else's file, and no reason to lose readings. */
import {
	appendFileSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openFileFlash } from "../../gateway/flash.js";
import { takeLock } from "../../gateway/lock.js";
import { createFileStore } from "../../gateway/store.js";
import {
	type Archive,
	beginSector,
	firstOffset,
	hasRoom,
	listSectors,
	openArchive,
	readEntry,
	readPayload,
	writeEntry,
} from "../../modules/history/archive.js";
import type { Flash, Store } from "../../modules/ports/ports.js";
import { waitUntil } from "../support/wait.js";
import { cutAt } from "./cut-files.js";
import { startChild } from "./process.js";

let folder: string;
let path: string;
let troubles: string[];
const onTrouble = (text: string) => void troubles.push(text);

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "smarty-memory-"));
	path = join(folder, "memory.json");
	troubles = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function openStore(): Store {
	return createFileStore(path, onTrouble);
}

function openFlash(): Flash {
	return openFileFlash(`${path}.flash`, onTrouble)!;
}

/** The first byte of each entry that is whole. */
function listEntries(archive: Archive): number[] {
	const found: number[] = [];
	for (const sector of listSectors(archive)) {
		let offset = firstOffset(archive, sector);
		for (let entry = readEntry(archive, offset); entry !== null; entry = readEntry(archive, offset)) {
			if (entry.whole) found.push(readPayload(archive, entry)[0]!);
			offset = entry.next;
		}
	}
	return found;
}

describe("the memory file", () => {
	test("is whole after a cut at every call: the value before, or the new one", () => {
		for (let at = 1, done = false; !done; at += 1) {
			rmSync(folder, { recursive: true });
			mkdirSync(folder);
			const first = openStore();
			first.write("boots", "1");
			first.write("power", "old");
			let kept = "old";
			const { cut } = cutAt(at, () => {
				const store = openStore();
				for (const value of ["one", "two", "three"]) {
					store.write("power", value);
					if (troubles.length > 0) return;
					kept = value;
				}
			});
			troubles = [];
			const values = ["old", "one", "two", "three"];
			const store = openStore();
			const found = values.indexOf(store.read("power") ?? "") - values.indexOf(kept);
			expect([0, 1], `cut at ${at}`).toContain(found);
			expect(store.read("boots")).toBe("1");
			expect(troubles).toEqual([]);
			done = !cut;
			expect(at).toBeLessThan(100);
		}
	});

	test("has a generation before it, which is used where the newest is damaged; that is put aside", () => {
		const store = openStore();
		store.write("power", "old");
		store.write("power", "new");
		const text = readFileSync(path, "utf8").replace('"new"', '"nEw"');
		for (const damaged of [text, text.slice(0, 60), `${text} `, "\0".repeat(100)]) {
			copyFileSync(path, join(folder, "copy"));
			copyFileSync(`${path}.old`, join(folder, "copy.old"));
			writeFileSync(path, damaged);
			troubles = [];
			expect(openStore().read("power")).toBe("old");
			expect(troubles).toEqual([expect.stringMatching(/is damaged and is .*\.damaged now; the generation before/)]);
			expect(readFileSync(`${path}.damaged`, "utf8")).toBe(damaged);
			copyFileSync(join(folder, "copy"), path);
			copyFileSync(join(folder, "copy.old"), `${path}.old`);
		}
	});

	test.each(["hello\n", "[1]", '{"name": "other"}', '{"address": "Main Street 1"}', '{"boots": 3}'])(
		"is never written over where it is somebody else's: %j",
		text => {
			writeFileSync(path, text);
			const store = openStore();
			store.write("power", "1");
			expect(store.read("power")).toBe("1");
			expect(readFileSync(path, "utf8")).toBe(text);
			expect(existsSync(`${path}.old`)).toBe(false);
			expect(troubles).toEqual([
				`memory: ${path} is not a memory file of smarty-xs; nothing is remembered over a restart`,
			]);
		},
	);

	test("neither is the generation before it", () => {
		writeFileSync(`${path}.old`, "a letter");
		openStore().write("power", "1");
		expect(readFileSync(`${path}.old`, "utf8")).toBe("a letter");
		expect(troubles).toHaveLength(1);
	});

	test("of the form before this one is read; an empty one is a new one", () => {
		writeFileSync(path, '{"boots":"7","address":"0a0b0c0d0e0f"}');
		expect(openStore().read("boots")).toBe("7");
		expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ boots: "7", address: "0a0b0c0d0e0f" });
		expect(openStore().read("address")).toBe("0a0b0c0d0e0f");
		rmSync(`${path}.old`);
		writeFileSync(path, "");
		expect(openStore().read("boots")).toBeNull();
		expect(troubles).toEqual([]);
	});

	test("on a disk that takes nothing costs the memory: said once, and settings are not taken for kept", () => {
		path = "/proc/smarty/memory.json";
		const store = openStore();
		for (let count = 0; count < 5; count += 1) store.write("boots", String(count));
		expect(store.read("boots")).toBe("4");
		expect(troubles).toEqual([
			"memory: /proc/smarty/memory.json cannot be written: ENOENT; nothing new is remembered over a restart",
		]);
		expect(() => store.write("settings0", "x")).toThrow("cannot be written");
		expect(store.read("settings0")).toBeNull();
	});

	test("is written again when the disk takes it again", () => {
		const blocked = join(folder, "blocked");
		path = join(blocked, "memory.json");
		writeFileSync(blocked, "");
		const store = openStore();
		rmSync(blocked);
		store.write("boots", "3");
		expect(troubles.at(-1)).toBe(`memory: ${path} is written again`);
		expect(openStore().read("boots")).toBe("3");
		expect(statSync(path).mode & 0o077).toBe(0);
	});
});

describe("the flash in a file", () => {
	test("loses no entry that was written, whenever it is cut", () => {
		for (let at = 1, done = false; !done; at += 1) {
			rmSync(folder, { recursive: true });
			mkdirSync(folder);
			const kept: number[] = [];
			const { cut } = cutAt(at, () => {
				const flash = openFileFlash(`${path}.flash`, onTrouble);
				if (flash === null) return;
				const archive = openArchive(flash);
				for (let count = 1; count <= 4; count += 1) {
					if (!hasRoom(archive, 1_024) || count === 3) beginSector(archive);
					writeEntry(archive, 2, new Uint8Array(1_024).fill(count));
					kept.push(count);
				}
			});
			troubles = [];
			const found = listEntries(openArchive(openFlash()));
			expect(found.slice(0, kept.length), `cut at ${at}`).toEqual(kept);
			expect(troubles).toEqual([]);
			done = !cut;
			expect(at).toBeLessThan(100);
		}
	});

	test("is flash: bits go from 1 to 0 only, and what is outside throws", () => {
		const flash = openFlash();
		flash.write(8, Uint8Array.of(0xf0, 0x0f, 0xff, 0));
		flash.write(8, Uint8Array.of(0xff, 0xff, 0x11, 0xff));
		const bytes = new Uint8Array(4);
		flash.read(8, bytes);
		expect([...bytes]).toEqual([0xf0, 0x0f, 0x11, 0]);
		flash.erase(0);
		flash.read(8, bytes);
		expect([...bytes]).toEqual([255, 255, 255, 255]);
		expect(() => flash.read(flash.sectorCount * 4_096, bytes)).toThrow();
		expect(() => flash.erase(flash.sectorCount)).toThrow();
		expect(statSync(`${path}.flash`)).toMatchObject({ size: 97 * 4_096 });
		expect(statSync(`${path}.flash`).mode & 0o077).toBe(0);
	});

	test("is never written over where it is somebody else's, and is mended where it was cut", () => {
		writeFileSync(`${path}.flash`, "holiday pictures");
		expect(openFileFlash(`${path}.flash`, onTrouble)).toBeNull();
		expect(readFileSync(`${path}.flash`, "utf8")).toBe("holiday pictures");
		expect(troubles).toEqual([
			`quarter hours: ${path}.flash is not a file of smarty-xs; they do not survive a restart`,
		]);
		rmSync(`${path}.flash`);
		const archive = openArchive(openFlash());
		beginSector(archive);
		writeEntry(archive, 2, Uint8Array.of(1, 2, 3, 4));
		truncateSync(`${path}.flash`, 3 * 4_096);
		expect(listEntries(openArchive(openFlash()))).toEqual([1]);
		appendFileSync(`${path}.flash`, "more");
		expect(listEntries(openArchive(openFlash()))).toEqual([1]);
	});
});

test("killed twelve times while it writes, it forgets nothing", async () => {
	const written: number[] = [];
	for (let round = 0; round < 12; round += 1) {
		const child = startChild(process.execPath, ["--import", "tsx", "tests/gateway/writer.ts", path]);
		await waitUntil("some writes", () => child.output.join("").split("\n").length > 5 + round * 3);
		await child.stop("SIGKILL");
		const text = child.output.join("");
		expect(text).toMatch(/^[\d\n]+$/);
		written.push(...text.split("\n").slice(0, -1).map(Number));
		const boots = Number(openStore().read("boots"));
		expect(boots - written.at(-1)!).toBeGreaterThanOrEqual(0);
		expect(boots - written.at(-1)!).toBeLessThanOrEqual(1);
		const entries = listEntries(openArchive(openFlash()));
		expect(entries.length).toBeGreaterThanOrEqual(Math.min(written.length, 200));
		expect(troubles).toEqual([]);
	}
});

describe("the lock", () => {
	const take = async () => {
		const lock = await takeLock(`${path}.lock`);
		if (lock === "taken" || "reason" in lock) throw new Error(JSON.stringify(lock));
		return lock;
	};

	test("is one gateway's at a time, and is taken back when it ends", async () => {
		const lock = await take();
		expect(await takeLock(`${path}.lock`)).toBe("taken");
		lock.release();
		(await take()).release();
		expect(existsSync(`${path}.lock`)).toBe(false);
	});

	test("of a gateway that was killed is taken over, by one of several", async () => {
		const code = `require("node:net").createServer().listen(${JSON.stringify(`${path}.lock`)}, () => console.log("here"))`;
		const child = startChild(process.execPath, ["-e", code]);
		await child.waitFor("here");
		expect(await takeLock(`${path}.lock`)).toBe("taken");
		await child.stop("SIGKILL");
		expect(existsSync(`${path}.lock`)).toBe(true);
		const lock = await take();
		const others = await Promise.all(Array.from({ length: 5 }, () => takeLock(`${path}.lock`)));
		expect(others).toEqual(["taken", "taken", "taken", "taken", "taken"]);
		lock.release();
	});

	test("works in a folder with a long name, and is no lock where something else has its name", async () => {
		const long = join(folder, "x".repeat(120));
		mkdirSync(long);
		path = join(long, "memory.json");
		const lock = await take();
		expect(await takeLock(`${path}.lock`)).toBe("taken");
		lock.release();
		writeFileSync(`${path}.lock`, "a letter");
		expect(await takeLock(`${path}.lock`)).toEqual({ reason: "memory.json.lock is no lock of smarty-xs" });
		expect(readFileSync(`${path}.lock`, "utf8")).toBe("a letter");
		expect(await takeLock("/proc/smarty/memory.json.lock")).toEqual({ reason: "ENOENT" });
	});

	test("does not disturb a program that answers slowly", async () => {
		const server = createServer();
		await new Promise<void>(resolve => server.listen(`${path}.lock`, resolve));
		expect(await takeLock(`${path}.lock`)).toBe("taken");
		server.close();
	});
});
