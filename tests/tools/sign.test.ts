/** `npm run --silent sign`, with a key of openssl's. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { judgeHeader } from "../../modules/update/header.js";
import { createImage, createProgram, flashByCable, sectors } from "../../simulator/world/board/slots.js";
import { root } from "../../tools/sdk/modules.js";
import { createChance } from "../support/chance.js";
import { createFakeFlash } from "../support/fake-flash.js";

let folder: string;
const image = createImage(new Uint8Array(100));

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "smarty-sign-"));
	const options = ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", join(folder, "key.pem")];
	execFileSync("openssl", options, { stdio: "ignore" });
	writeFileSync(join(folder, "image.bin"), image);
});

afterAll(() => rmSync(folder, { recursive: true }));

function run(...words: string[]) {
	const tool = ["--import", "tsx", join(root, "tools/sign.ts"), ...words];
	return spawnSync(process.execPath, tool, { cwd: root, encoding: "utf8" });
}

test("says the public key, and signs what a program with that key takes", () => {
	const keyFile = ["--key-file", join(folder, "key.pem")];
	const digits = run(...keyFile).stdout.trim();
	expect(digits).toMatch(/^[0-9a-f]{128}$/);
	const out = join(folder, "update.bin");
	const words = ["--image", join(folder, "image.bin"), "--board", "lolin_d32", "--version", "1.2.3", "--sequence", "7"];
	expect(run(...keyFile, ...words, "--out", out).stdout).toContain("lolin_d32 1.2.3, sequence 7");
	const update = readFileSync(out);
	const slots = flashByCable(createFakeFlash(sectors, createChance(1)), image);
	const program = createProgram(slots, [digits], 1);
	expect(judgeHeader(Uint8Array.from(update.subarray(0, 256)), update.length, program)).toMatchObject({
		board: "lolin_d32",
		version: "1.2.3",
		sequence: 7,
	});
});

test.each([
	[[], 2, /^npm run --silent sign/],
	[["--key-file", "/nowhere/key.pem"], 1, /^sign: /],
	[["--key-file", "package.json"], 1, /^sign: /],
	[["--other"], 1, /^sign: /],
])("%j ends with %d", (words, status, text) => {
	const ended = run(...words);
	expect([ended.status, ended.stdout + ended.stderr]).toEqual([status, expect.stringMatching(text)]);
});
