/** `npm run feed` with a stand-in for the board behind two pairs of ptys. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SerialPort } from "serialport";
import { afterAll, afterEach, expect, test } from "vitest";
import { accept, createReader } from "../../modules/p1/reader.js";
import { type Child, startChild } from "../gateway/process.js";
import { waitUntil } from "../support/wait.js";

const key = "6F1C2A93D4075BE8116CA2F09D347E58";
const folder = mkdtempSync(join(tmpdir(), "smarty-feed-"));
const children: Child[] = [];
const ports: SerialPort[] = [];

afterEach(async () => {
	for (const port of ports.splice(0)) if (port.isOpen) await new Promise<void>(resolve => port.close(() => resolve()));
	for (const child of children.splice(0)) await child.stop("SIGKILL");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A cable: the path of our end, and the port at its other end. */
async function openCable(name: string): Promise<{ path: string; port: SerialPort }> {
	const [near, far] = [join(folder, `${name}-near`), join(folder, `${name}-far`)];
	children.push(startChild("socat", [`PTY,link=${near},raw,echo=0`, `PTY,link=${far},raw,echo=0`]));
	await waitUntil("the ptys", () => existsSync(near) && existsSync(far));
	const port = new SerialPort({ path: far, baudRate: 115_200 });
	ports.push(port);
	return { path: near, port };
}

/** Reads telegrams and answers `status`, with fewer and fewer free bytes. */
async function startBoard() {
	const [line, terminal] = [await openCable("line"), await openCable("console")];
	const verdicts: string[] = [];
	const reader = createReader({ key: Buffer.from(key, "hex"), authentication: "prefer" }, telegram => {
		verdicts.push(telegram.verdict);
		terminal.port.write(`0:00:10 telegram ${verdicts.length}\r\n`);
	});
	line.port.on("data", (bytes: Buffer) => accept(reader, bytes, 0, bytes.length, Date.now()));
	terminal.port.on("data", (bytes: Buffer) => {
		if (!bytes.toString().includes("status\r")) return;
		const free = 60_000 - verdicts.length;
		terminal.port.write(
			`memory    ${free} free, ${free - 1} at least, largest block 30000, stack 6972, 2 failures\r\n`,
		);
	});
	return { line: line.path, console: terminal.path, verdicts, reader };
}

test("frames arrive whole and sealed, the console is printed, and the table has what the board said", async () => {
	const board = await startBoard();
	const file = join(folder, "key");
	writeFileSync(file, `${key}\n`);
	const words = [
		"--line",
		board.line,
		"--console",
		board.console,
		"--key-file",
		file,
		"--count",
		"3",
		"--period",
		"0.5",
	];
	const feed = startChild(process.execPath, ["--import", "tsx", "tools/feed.ts", ...words]);
	children.push(feed);
	expect(await feed.exit).toBe(0);
	const output = feed.output.join("");
	expect(board.verdicts).toEqual(["authenticated", "authenticated", "authenticated"]);
	expect(Object.values(board.reader.faults).every(count => count === 0)).toBe(true);
	expect(output).toContain("> 0:00:10 telegram 3");
	expect(output).toContain("| 3 telegrams | 59997 | 59996 | 30000 | 6972 | 2 |");
	expect(output).not.toContain(key);
});

test("without a console it sends all the same, in clear without a key", async () => {
	const board = await startBoard();
	const words = ["--line", board.line, "--count", "2", "--period", "0"];
	const feed = startChild(process.execPath, ["--import", "tsx", "tools/feed.ts", ...words]);
	children.push(feed);
	expect(await feed.exit).toBe(0);
	await waitUntil("two telegrams", () => board.verdicts.length === 2);
	expect(board.verdicts).toEqual(["plain", "plain"]);
});

test.each([
	[[], "usage:"],
	[["--line", "/dev/null", "--moments", "--count", "3"], "usage:"],
	[["--line", "/dev/null", "--key", key], "usage:"],
	[["--line", "/dev/null", "--period", "soon"], "feed: a period"],
	[["--line", "/dev/null", "--count", "0"], "feed: a count"],
	[["--line", "/dev/null", "--key-file", "/nowhere"], "feed: /nowhere cannot be read"],
])("it refuses %j", async (words, complaint) => {
	const feed = startChild(process.execPath, ["--import", "tsx", "tools/feed.ts", ...words]);
	expect(await feed.exit).toBe(2);
	expect(feed.output.join("")).toMatch(new RegExp(`^${complaint}`));
	expect(feed.output.join("")).not.toContain(key);
});
