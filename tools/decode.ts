/** The program behind `npm run decode`: captures to JSON lines. */

import { once } from "node:events";
import { createReadStream, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { exposedSecret, readKeyFile } from "../gateway/key-file.js";
import { encodeReadings } from "../modules/messages/json.js";
import { explain, tellExplanation } from "../modules/p1/explain.js";
import {
	type AuthenticationPolicy,
	accept,
	createReader,
	defaultAuthenticationKey,
	finish,
	type ReaderOptions,
	type Telegram,
} from "../modules/p1/reader.js";
import { parseKey, validateKey } from "../modules/settings/key.js";
import { createLoraDecoder, splitFrames } from "./lora-frames.js";

/**
 * `npm run --silent decode`: raw P1 bytes from a file or standard input, one JSON object per telegram on standard output and a
 * summary as the last one. Reads in pieces, so that a capture of any length takes the same memory. With `--lora` frames of plain LoRa, whole.
 */

const usage =
	"usage: npm run --silent decode -- [--key-file KEYFILE] [--authentication-key HEX] [--authentication required|prefer|off] FILE | --lora [--key-file KEYFILE] FILE";
const help = `FILE: raw bytes of a P1 port; - is standard input.
KEYFILE: the meter's key, alone in a file. Without it the key is SMARTY_KEY in the environment; the other one is
SMARTY_AUTHENTICATION_KEY, if it is not the one that all meters share.
--lora: FILE has frames of plain LoRa, one a line in hexadecimal digits, or one as it is. The key, of sealed ones, is the reader's loraKey:
in KEYFILE, or SMARTY_LORA_KEY in the environment.
--key HEX works, too, and is seen by everyone on this computer. A key is never printed.
`;

interface DecodeArguments extends ReaderOptions {
	file: string;
	/** A key stands in the arguments. */
	exposed: boolean;
	lora: boolean;
}

async function main(): Promise<number> {
	if (process.argv.includes("--help") || process.argv.includes("-h")) {
		process.stdout.write(`${usage}\n${help}`);
		return 0;
	}
	let unread = 0;
	const settings = readArguments(process.argv.slice(2), process.env);
	if (typeof settings === "string") return complain(settings, 2);
	if (settings.lora) return await decodeLora(settings);
	let lines = "";
	const reader = createReader(settings, telegram => {
		lines += `${formatTelegram(telegram)}\n`;
		unread += telegram.readings.unread;
	});
	const { counters, faults } = reader;
	// After the input was found, so that what cannot be used is one line.
	const warn = () => {
		if (settings.exposed) complain(exposedSecret, 0);
		settings.exposed = false;
	};
	try {
		for await (const chunk of settings.file === "-" ? process.stdin : createReadStream(settings.file)) {
			warn();
			// A capture does not tell when its bytes came: for the reader they all come at once.
			accept(reader, chunk, 0, chunk.length, 0);
			if (lines !== "") await print(lines);
			lines = "";
		}
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		return complain(`${settings.file} cannot be read: ${describeError(code, message)}`, 2);
	}
	warn();
	finish(reader);
	const { telegrams, authenticated, crcOnly, plain, bytes, discarded } = counters;
	const summary = {
		kind: "summary",
		telegrams,
		authenticated,
		crcOnly,
		plain,
		bytes,
		discarded,
		faults,
	};
	if (telegrams > 0) {
		await print(`${lines}${JSON.stringify({ ...summary, unread })}\n`);
		return 0;
	}
	const explanation = explain(reader.search.hints, faults, reader.decryptor.notifications, bytes);
	const sentence = advice[explanation] ?? tellExplanation(explanation);
	await print(`${JSON.stringify({ ...summary, explanation, sentence })}\n`);
	return complain(`no telegram: ${sentence}`, 1);
}

/** Each frame's line, and a summary. */
async function decodeLora({ file, key, exposed }: DecodeArguments): Promise<number> {
	let input: Buffer;
	try {
		input = readFileSync(file === "-" ? 0 : file);
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		return complain(`${file} cannot be read: ${describeError(code, message)}`, 2);
	}
	if (exposed) complain(exposedSecret, 0);
	const decodeFrame = createLoraDecoder(key instanceof Uint8Array ? key : null);
	let [frames, read] = [0, 0];
	for (const frame of splitFrames(input)) {
		const line = decodeFrame(frame);
		frames += 1;
		if (line.problem === undefined) read += 1;
		await print(`${JSON.stringify(line)}\n`);
	}
	await print(`${JSON.stringify({ kind: "summary", frames, read })}\n`);
	return read > 0 ? 0 : complain("no frame that can be read", 1);
}

/** The settings, or one line that says what to do. It never repeats a key. */
function readArguments(words: readonly string[], environment: NodeJS.ProcessEnv): DecodeArguments | string {
	const text = { type: "string" } as const;
	const lora = { type: "boolean" } as const;
	const options = { key: text, "key-file": text, "authentication-key": text, authentication: text, lora };
	let parsed: ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>;
	try {
		parsed = parseArgs({ args: [...words], options, allowPositionals: true });
	} catch {
		return usage;
	}
	const { values, positionals } = parsed;
	const [file] = positionals;
	if (file === undefined || positionals.length > 1) return usage;
	const authentication = (values.authentication ?? "prefer").toLowerCase();
	if (!isPolicy(authentication)) return "--authentication is required, prefer or off";
	const isLora = values.lora === true;
	const key = findKey(values.key, values["key-file"], isLora ? "SMARTY_LORA_KEY" : "SMARTY_KEY", environment);
	if (typeof key === "string") return key;
	const second = values["authentication-key"] ?? environment.SMARTY_AUTHENTICATION_KEY;
	const where = values["authentication-key"] === undefined ? "SMARTY_AUTHENTICATION_KEY" : "--authentication-key";
	const authenticationKey = second === undefined ? null : readKey(where, second);
	if (typeof authenticationKey === "string") return authenticationKey;
	const exposed = values.key !== undefined;
	return { file, key, authentication, exposed, lora: isLora, ...(authenticationKey !== null && { authenticationKey }) };
}

/** The key from the arguments, from a file or from the environment, in this order; null without one. */
function findKey(
	word: string | undefined,
	path: string | undefined,
	name: string,
	environment: NodeJS.ProcessEnv,
): Uint8Array | null | string {
	if (word !== undefined && path !== undefined) return "--key and --key-file: only one of them";
	const [where, text] = word !== undefined ? ["--key", word] : [name, environment[name]];
	const file = path === undefined ? null : readKeyFile(path);
	if (typeof file === "string") return file;
	if (file === null && text === undefined) return null;
	const option = file === null ? where : `--key-file ${path}`;
	const key = readKey(option, file === null ? text! : file.key);
	if (typeof key !== "string" && Buffer.from(key).equals(defaultAuthenticationKey())) {
		return `${option} is the authentication key, which all meters share: give the key of your own meter, which the grid operator tells`;
	}
	return key;
}

function isPolicy(text: string): text is AuthenticationPolicy {
	return text === "required" || text === "prefer" || text === "off";
}

function readKey(option: string, text: string): Uint8Array | string {
	return validateKey(option, text) ?? parseKey(text);
}

function formatTelegram(telegram: Telegram): string {
	const { verdict, systemTitle, frameCounter, bytes, start, end, readings } = telegram;
	const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
	const head = JSON.stringify({ kind: "telegram", verdict, systemTitle, frameCounter, telegram: text });
	return `${head.slice(0, -1)},"readings":${encodeReadings(readings)}}`;
}

/** Where this command has an option for it, or a capture is another matter than a line. */
const advice: Readonly<Record<string, string>> = {
	nothing: "the capture is empty",
	keyMissing: "the meter encrypts, give its key in SMARTY_KEY or with --key-file",
	wrongAuthenticationKey: "the authentication key does not fit; see --authentication",
	unauthenticated: "none is authenticated, which --authentication required asks for",
	crcMissing: "there are some without a CRC, which --authentication off lets pass",
};

function describeError(code: string | undefined, message: string): string {
	if (code === "ENOENT") return "there is no such file";
	if (code === "EISDIR") return "it is a folder";
	if (code === "EACCES") return "permission denied";
	return message;
}

function complain(text: string, code: number): number {
	process.stderr.write(`decode: ${text}\n`);
	return code;
}

/** Waits while the reader of our output is slower than we are. */
async function print(text: string): Promise<void> {
	if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

// Whoever read our output has had enough: `… | head -1`.
process.stdout.on("error", () => process.exit(0));
process.exitCode = await main();
