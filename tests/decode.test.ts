/** Tests of `npm run decode`. */
import { createCipheriv } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createChance, drawBytes } from "../simulator/chance.js";
import { createMeter, readMeter } from "../simulator/meter.js";
import { expectReadings } from "./support/capture.js";
import { runProgram } from "./support/program.js";
import { hexOf, joinBytes, realFrame, specificationTelegram, textBytes } from "./support/vectors.js";
import { waitUntil } from "./support/wait.js";

const folder = mkdtempSync(join(tmpdir(), "smarty-decode-"));
afterAll(() => rmSync(folder, { recursive: true }));
const key = hexOf(realFrame.key);

/** What it is, the words, a part of the complaint, the environment. */
type Case = [string, string[], string, Record<string, string>?];

interface Outcome {
	code: number | null;
	lines: Record<string, unknown>[];
	complaint: string;
}

async function decode(
	words: readonly string[],
	input: Uint8Array | string = "",
	environment: Record<string, string> = {},
): Promise<Outcome> {
	const program = runProgram("tools/decode.ts", words, [], environment);
	program.input.end(input);
	const code = await program.ended;
	const { stdout, stderr } = program.output;
	for (const word of [...words, ...Object.values(environment)]) {
		// A word that could be a key is never repeated.
		if (/^[0-9A-Fa-f ]{20,}$/.test(word)) expect(stdout + stderr).not.toContain(word);
	}
	return {
		code,
		lines: stdout
			.split("\n")
			.filter(Boolean)
			.map(line => JSON.parse(line)),
		complaint: stderr,
	};
}

function save(name: string, bytes: Uint8Array): string {
	const file = join(folder, name);
	writeFileSync(file, bytes);
	return file;
}

const realLine = {
	kind: "telegram",
	verdict: "authenticated",
	systemTitle: "534147677001BD54",
	frameCounter: 370915,
	telegram: realFrame.telegram,
	readings: expectReadings(realFrame.telegram),
};

const counts = (outcome: Outcome) => outcome.lines.at(-1);

describe.concurrent("decode", () => {
	it("reads the real frame from a file", async () => {
		const { code, lines, complaint } = await decode([save("real.bin", realFrame.frame)], "", { SMARTY_KEY: key });
		expect(complaint).toBe("");
		expect(code).toBe(0);
		expect(lines).toHaveLength(2);
		expect(lines[0]).toEqual(realLine);
		expect(Object.keys(lines[0]!)).toEqual(Object.keys(realLine));
		expect(lines[1]).toMatchObject({
			kind: "summary",
			telegrams: 1,
			authenticated: 1,
			crcOnly: 0,
			plain: 0,
			bytes: 647,
			discarded: 0,
		});
		expect(lines[1]!.faults).toMatchObject({ wrongKey: 0, damaged: 0, replay: 0 });
	});

	it("reads a mixed capture from standard input: cut, in clear, damaged, generated", async () => {
		const chance = createChance(9);
		const meter = createMeter(chance, Date.UTC(2026, 6, 1), {
			key: realFrame.key,
			frameCounter: 400_000,
			devices: [{ type: 3, id: "FLO189900060355", index: 28_103 }],
			messages: ["Coupure le 3 juillet à 8 h"],
		});
		const generated = [1, 2].map(at => readMeter(meter, Date.UTC(2026, 6, 1) + at * 10_000));
		const damaged = Uint8Array.from(generated[0]!.bytes);
		damaged[500]! ^= 4;
		const capture = joinBytes(
			realFrame.frame.subarray(300),
			realFrame.frame,
			textBytes(specificationTelegram),
			damaged,
			drawBytes(chance, 100),
			...generated.map(frame => frame.bytes),
		);
		const outcome = await decode(["--key", key.toLowerCase(), "-"], capture);
		expect(outcome.code).toBe(0);
		expect(outcome.lines.slice(0, -1)).toEqual([
			realLine,
			{
				kind: "telegram",
				verdict: "plain",
				systemTitle: null,
				frameCounter: null,
				telegram: specificationTelegram,
				readings: expectReadings(specificationTelegram),
			},
			...generated.map(({ telegram, frameCounter }) => ({
				...realLine,
				frameCounter,
				telegram,
				readings: expectReadings(telegram),
			})),
		]);
		expect(counts(outcome)).toMatchObject({
			telegrams: 4,
			authenticated: 3,
			plain: 1,
			bytes: capture.length,
			discarded: 347 + damaged.length + 100,
			faults: { damaged: 1 },
		});
	});

	it.each([
		["required", [], 0, { authenticated: 1 }],
		["required", ["--authentication-key", key], 1, { telegrams: 0, faults: { wrongAuthenticationKey: 1 } }],
		["prefer", ["--authentication-key", key], 0, { crcOnly: 1, authenticated: 0 }],
		["off", ["--authentication-key", key], 0, { crcOnly: 1, authenticated: 0 }],
	])("obeys --authentication %s with %j", async (policy, words, code, expected) => {
		const outcome = await decode(["--key", key, "--authentication", policy, ...words, "-"], realFrame.frame);
		expect(outcome.code).toBe(code);
		expect(counts(outcome)).toMatchObject({ kind: "summary", ...(expected as object) });
	});

	it.each([
		["an encrypted capture and no key", [], "give its key in SMARTY_KEY or with --key-file"],
		["another meter's key", [], "the key does not fit", { SMARTY_KEY: "A5".repeat(16) }],
		[
			"the wrong authentication key",
			["--authentication", "Required"],
			"authentication key",
			{ SMARTY_KEY: key, SMARTY_AUTHENTICATION_KEY: "A5".repeat(16) },
		],
	] as Case[])(
		"finds no telegram with %s, says why, and exits with 1",
		async (_, words, complaint, environment = {}) => {
			const outcome = await decode([...words, "-"], realFrame.frame, environment);
			expect(outcome.code).toBe(1);
			expect(outcome.lines).toHaveLength(1);
			expect(counts(outcome)).toMatchObject({ kind: "summary", telegrams: 0 });
			expect(outcome.complaint).toMatch(/^decode: [^\n]+\n$/);
			expect(outcome.complaint).toContain(complaint);
		},
	);

	it.each([
		["without its CRC", realFrame.telegram.replace(/!.*/s, "!\r\n"), "--authentication off"],
		["whose line ends an editor has changed", realFrame.telegram.replaceAll("\r\n", "\n"), "line ends are changed"],
		["that is none", "hello\n", "115200 baud"],
	])("finds no telegram in one %s, and says what to do", async (_, text, advice) => {
		const outcome = await decode(["-"], Buffer.from(text));
		expect(outcome.code).toBe(1);
		expect(outcome.complaint).toContain(advice);
	});

	it("finds no telegram in nothing", async () => {
		const outcome = await decode(["--key", key, "-"]);
		expect(outcome.code).toBe(1);
		expect(counts(outcome)).toMatchObject({ telegrams: 0, bytes: 0, discarded: 0 });
		expect(outcome.complaint).toContain("empty");
	});

	it("takes the key from a file before the environment, and warns once of one in the arguments", async () => {
		const file = save("key", Buffer.from(`${key}\n`));
		const quiet = await decode(["--key-file", file, "-"], realFrame.frame, { SMARTY_KEY: "A5".repeat(16) });
		expect(quiet).toMatchObject({ code: 0, complaint: "" });
		const loud = await decode(["--key", key, "-"], realFrame.frame);
		expect(loud.code).toBe(0);
		expect(loud.complaint).toMatch(/^decode: a secret in the arguments [^\n]+ SMARTY_KEY=…, or --key-file FILE\n$/);
	});

	it.each([
		["spaces", key.replace(/../g, "$& ")],
		["colons", key.replace(/..(?=.)/g, "$&:")],
		["0x before all", `0x${key}`],
		["the form of a program", `{${key.replace(/../g, "0x$&, ")}}`],
		["escapes", `"${key.replace(/../g, "\\x$&")}"`],
	])("takes a key with %s", async (_, word) => {
		const outcome = await decode(["-"], realFrame.frame, { SMARTY_KEY: word });
		expect(outcome.complaint).toBe("");
		expect(counts(outcome)).toMatchObject({ authenticated: 1, unread: 0 });
	});

	it("says in the summary what came instead of telegrams", async () => {
		const dump = hexOf(realFrame.frame).replace(/../g, "$& ");
		const outcome = await decode(["-"], dump, { SMARTY_KEY: key });
		expect(outcome.code).toBe(1);
		expect(counts(outcome)).toMatchObject({ telegrams: 0, explanation: "hexDump" });
		expect(outcome.complaint).toContain(counts(outcome)!.sentence);
	});

	it("tells how it is used when it is asked", async () => {
		const program = runProgram("tools/decode.ts", ["--help"]);
		expect(await program.ended).toBe(0);
		expect(program.output.stdout).toContain("usage: npm run --silent decode");
		expect(program.output.stderr).toBe("");
	});

	it.each([
		["a key of 31 digits", ["--key", key.slice(1), "-"], "--key has 31 hexadecimal digits and needs 32: 1 missing"],
		["a key with an odd letter", ["--key", `${key.slice(1)}G`, "-"], "--key has something at place 32"],
		[
			"the common authentication key as key",
			["--key", "00112233445566778899aabbccddeeff", "-"],
			"the key of your own meter",
		],
		["a key twice", ["--key", key, "--key-file", "x", "-"], "only one of them"],
		["a key file that is not there", ["--key-file", join(folder, "no-key"), "-"], "ENOENT"],
		[
			"a bad authentication key",
			["--authentication-key", key.slice(2), "-"],
			"--authentication-key has 30 hexadecimal digits and needs 32",
		],
		["an unknown policy", ["--authentication", "maybe", "-"], "required, prefer or off"],
		["a file that is not there", ["--key", key, join(folder, "missing.bin")], "there is no such file"],
		["a folder", ["--key", key, folder], "it is a folder"],
		["no file", ["--key", key], "usage: "],
		["two files", ["a", "b"], "usage: "],
		["an unknown option", ["--colour", "-"], "usage: "],
		["a key left out", ["-", "--key"], "usage: "],
		["an empty key in the environment", ["-"], "SMARTY_KEY has 0 hexadecimal digits and needs 32", { SMARTY_KEY: "" }],
	] as Case[])("refuses %s with one line and exit code 2", async (_, words, complaint, environment = {}) => {
		const outcome = await decode(words, realFrame.frame, environment);
		expect(outcome.code).toBe(2);
		expect(outcome.lines).toEqual([]);
		expect(outcome.complaint).toMatch(/^decode: [^\n]+\n$/);
		expect(outcome.complaint).toContain(complaint);
	});
});

describe("decode --lora", () => {
	const loraKey = "8f1d3c5b7a9e0f2d4c6b8a09e7f51d3c";
	const head = Buffer.from("530170b3d57ed006123400000007", "hex");

	/** A frame of port 1, sealed with OpenSSL: 1234.56 and 7.89 kWh, 420 W and nothing. */
	function sealFrame(): Buffer {
		const payload = (1_234_560n << 58n) | (7_890n << 28n) | (42n << 14n);
		const cipher = createCipheriv("aes-128-gcm", Buffer.from(loraKey, "hex"), head.subarray(2), { authTagLength: 12 });
		cipher.setAAD(head);
		const text = cipher.update(Buffer.from(payload.toString(16).padStart(22, "0"), "hex"));
		return Buffer.concat([head, text, cipher.final(), cipher.getAuthTag()]);
	}

	const sealed = { kind: "lora", form: "sealed", device: "70b3d57ed0061234", number: 7, port: 1 };
	const data = { active_energy_import: 1234.56, active_energy_export: 7.89 };

	it("reads sealed frames as lines and as they are, and SmartyReader's", async () => {
		const text = `fe05040c${Buffer.from("1234.56;7.89").toString("hex")}`;
		const environment = { SMARTY_LORA_KEY: loraKey };
		const lines = await decode(["--lora", "-"], `${sealFrame().toString("hex")}\n${text}\n00\n`, environment);
		expect(lines).toMatchObject({ code: 0, complaint: "" });
		expect(lines.lines).toMatchObject([
			{ ...sealed, data },
			{ kind: "lora", form: "smartyreader", sender: 5, number: 4, data },
			{ kind: "lora", problem: "neither a sealed frame nor SmartyReader's" },
			{ kind: "summary", frames: 3, read: 2 },
		]);
		const raw = await decode(["--lora", save("frame", sealFrame())], "", environment);
		expect(raw.lines).toMatchObject([
			{ ...sealed, data },
			{ frames: 1, read: 1 },
		]);
	});

	it("says what keeps it from reading any", async () => {
		const without = await decode(["--lora", "-"], sealFrame());
		expect(without).toMatchObject({ code: 1, complaint: "decode: no frame that can be read\n" });
		expect(without.lines[0]).toMatchObject({ ...sealed, problem: "no key was given" });
		const other = await decode(["--lora", "-"], sealFrame(), { SMARTY_LORA_KEY: key });
		expect(other.lines[0]!.problem).toContain("its tag is wrong");
		const absent = await decode(["--lora", join(folder, "absent")]);
		expect(absent).toMatchObject({ code: 2, lines: [] });
		expect(absent.complaint).toContain("there is no such file");
	});
});

describe("decode of a long capture", () => {
	it("streams: lines come before the end of the input, and memory does not grow with it", async () => {
		// 40 MB of output would not fit into this heap. Without authentication a repeated frame is no replay.
		const words = ["--key", key, "--authentication", "off", "-"];
		const program = runProgram("tools/decode.ts", words, ["--max-old-space-size=40"]);
		const piece = joinBytes(...new Array(100).fill(realFrame.frame));
		program.input.write(realFrame.frame);
		await waitUntil("the first line", () => program.output.stdout.includes("\n"));
		for (let count = 0; count < 260; count++) {
			if (!program.input.write(piece)) await new Promise(resolve => program.input.once("drain", resolve));
		}
		program.input.end();
		expect(await program.ended).toBe(0);
		expect(program.output.stdout.length).toBeGreaterThan(20_000_000);
		const summary = JSON.parse(program.output.stdout.trimEnd().split("\n").at(-1)!);
		expect(summary).toMatchObject({ telegrams: 26_001, bytes: 26_001 * 647, discarded: 0 });
	});
});
