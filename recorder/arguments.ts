/** The recorder's command line and environment. */
import { readFileSync } from "node:fs";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { isName } from "./message.js";

export interface RecorderArguments {
	/** Without user and password. */
	broker: string;
	username: string | null;
	password: string | null;
	authority: Buffer | null;
	/** The first level, or levels, of the topics. */
	base: string;
	/** Client identifier, or null for one that is made once. */
	client: string | null;
	/** Of a shared subscription, or null. */
	group: string | null;
	/** Path of the file, or null. */
	file: string | null;
	/** Days for which every reading is kept. */
	days: number;
	/** Where lines go, or null. */
	engine: string | null;
	authorization: string | null;
	spool: string;
	/** Bytes. */
	spoolLimit: number;
	settleMs: number;
	lingerMs: number;
	/** Of the page; null for none. */
	port: number | null;
	bind: string;
	/** Names under which a browser may ask for the page, besides addresses and the house's own. */
	hosts: readonly string[];
}

export const usage = `usage: npm run --silent recorder -- --broker mqtt://HOST[:PORT] [options]

  --broker URL         mqtt:// or mqtts://; user and password are better in SMARTY_BROKER_USER and SMARTY_BROKER_PASSWORD
  --authority FILE     with mqtts://: the certificate that signed the broker's (PEM), instead of those that Node trusts
  --base TOPIC         as the readers' setting base                                                    [smarty]
  --client NAME        client identifier                                                               [made once, kept]
  --group NAME         share the subscription with other recorders of this group ($share/NAME/…)
  --file PATH          the database; "none" for no file                                                [recorder.db]
  --days N             how long every reading is kept; after that one of each quarter hour, for ever   [31]
  --engine URL         InfluxDB's line protocol over HTTP: http://HOST:8428/write, http://HOST:8086/write?db=smarty
  --spool FOLDER       where lines wait for the engine                                                 [recorder-spool]
  --spool-limit MB     when it is full, readings wait at the broker                                    [1024]
  --settle SECONDS     how long lines are kept after the engine took them                              [60]
  --linger SECONDS     how long a reading may wait for others: fewer writes to a card                  [1]
  --port N             of the page; 0 for none                                                         [8090]
  --bind ADDRESS       the address that the page listens on                                            [127.0.0.1]
  --host NAME[,NAME]   names of this computer on which the page may be asked for

SMARTY_ENGINE_AUTHORIZATION in the environment is sent to the engine, for instance "Token …".
Exit code 0 after a signal; 1 when it could not go on; 2 for wrong arguments.
`;

const text = { type: "string" } as const;
const words: NonNullable<ParseArgsConfig["options"]> = Object.fromEntries(
	[
		...["broker", "authority", "base", "client", "group", "file", "days", "engine", "spool", "spool-limit", "settle"],
		...["linger", "port", "bind", "host"],
	].map(name => [name, text]),
);

/** What is asked for, `help`, or one line that says what is wrong and repeats no secret. */
export function readArguments(
	line: readonly string[],
	environment: Readonly<Record<string, string | undefined>>,
): RecorderArguments | "help" | { wrong: string } {
	let values: Record<string, unknown>;
	try {
		values = parseArgs({ args: [...line], options: { ...words, help: { type: "boolean", short: "h" } } }).values;
	} catch (error) {
		return { wrong: (error as Error).message.split(/\.(?:\s|$)|\n/)[0]! };
	}
	if (values.help === true) return "help";
	const given = (name: string, fallback: string) => String(values[name] ?? fallback);
	const wrong: string[] = [];
	const number = (name: string, fallback: string, low: number, high: number, whole: boolean): number => {
		const word = given(name, fallback);
		const value = word.trim() === "" ? Number.NaN : Number(word);
		if (!(value >= low && value <= high) || (whole && !Number.isInteger(value))) {
			wrong.push(`--${name} is a ${whole ? "whole number" : "number"} from ${low} to ${high}`);
		}
		return value;
	};
	const broker = readBroker(given("broker", ""));
	if (broker === null) wrong.push("--broker is mqtt://HOST, mqtt://HOST:PORT or the same with mqtts://");
	const base = given("base", "smarty");
	if (base === "" || base.length > 200 || base.split("/").some(level => level === "" || /[+#\0]/.test(level))) {
		wrong.push("--base is a topic without + and #");
	}
	for (const name of ["client", "group"]) {
		if (values[name] !== undefined && !isName(String(values[name]))) {
			wrong.push(`--${name} has letters, digits, "_", "-" and "." only, 64 at most`);
		}
	}
	const engine = values.engine === undefined ? null : String(values.engine);
	if (engine !== null && !/^https?:\/\/[^\s@]+$/.test(engine)) {
		wrong.push("--engine is http://… or https://… without user and password, which SMARTY_ENGINE_AUTHORIZATION has");
	}
	const file = given("file", "recorder.db");
	if (file === "none" && engine === null) wrong.push("--file none needs --engine: else nothing would be kept");
	if (values.group !== undefined && file !== "none") {
		wrong.push("--group needs --file none: each recorder of a group sees a part of the readings only");
	}
	const port = number("port", file === "none" ? "0" : "8090", 0, 65_535, true);
	let authority: Buffer | null = null;
	if (values.authority !== undefined) {
		try {
			authority = readFileSync(String(values.authority));
		} catch (error) {
			wrong.push(`--authority: ${(error as NodeJS.ErrnoException).code ?? "cannot be read"}`);
		}
	}
	const read: RecorderArguments = {
		broker: broker?.url ?? "",
		username: environment.SMARTY_BROKER_USER ?? broker?.username ?? null,
		password: environment.SMARTY_BROKER_PASSWORD ?? broker?.password ?? null,
		authority,
		base,
		client: values.client === undefined ? null : String(values.client),
		group: values.group === undefined ? null : String(values.group),
		file: file === "none" ? null : file,
		days: number("days", "31", 1, 36_500, false),
		engine,
		authorization: environment.SMARTY_ENGINE_AUTHORIZATION ?? null,
		spool: given("spool", "recorder-spool"),
		spoolLimit: number("spool-limit", "1024", 1, 1e7, false) * 1_048_576,
		settleMs: number("settle", "60", 0, 3_600, false) * 1_000,
		lingerMs: number("linger", "1", 0, 600, false) * 1_000,
		port: port === 0 ? null : port,
		bind: given("bind", "127.0.0.1"),
		hosts: given("host", "")
			.toLowerCase()
			.split(",")
			.filter(name => name !== ""),
	};
	return wrong.length > 0 ? { wrong: wrong[0]! } : read;
}

function readBroker(word: string): { url: string; username: string | null; password: string | null } | null {
	if (!/^mqtts?:\/\//.test(word) || !URL.canParse(word)) return null;
	const { protocol, hostname, port, pathname, search, username, password } = new URL(word);
	if (hostname === "" || (pathname !== "" && pathname !== "/") || search !== "") return null;
	const decode = (part: string) => (part === "" ? null : decodeURIComponent(part));
	try {
		const url = `${protocol}//${hostname}${port === "" ? "" : `:${port}`}`;
		return { url, username: decode(username), password: decode(password) };
	} catch {
		return null;
	}
}
