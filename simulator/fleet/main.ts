/** `npm run fleet`: many readers with real payloads and their outages at a broker, for load tests. */
import { parseWords } from "../../gateway/words.js";
import { createFleet } from "./fleet.js";

const usage = `usage: npm run --silent fleet -- --readers N [options]

  --readers N          each has a meter, a session and topics of its own
  --broker URL         mqtt://HOST:PORT, without TLS   [mqtt://127.0.0.1:1883]
  --doubles N          so many of the meters have a second one of the readers   [0]
  --period SECONDS     from one telegram of a meter to the next   [10]
  --step SECONDS       the same on the meter's clock: more than the period lets time pass more quickly   [the period]
  --seconds N          how long telegrams come   [60]
  --outages N          how often an hour a reader loses its network, for a minute at most   [0.1]
  --base TOPIC         first level of the topics   [smarty]
  --seed N             houses and outages   [1]

SMARTY_FLEET_PASSWORD in the environment: each reader logs in with its client identifier and this password.
The last line is a JSON object with counts. Exit code 0 when the broker has acknowledged every reading, else 1; 2 for wrong arguments.
`;

const reportMs = 10_000;
/** Telegrams come in slices of this length: each reader has its own place in the period. */
const sliceMs = 50;
/** How long what waits at the end may take. */
const drainMs = 120_000;

interface Order {
	readers: number;
	doubles: number;
	period: number;
	step: number;
	seconds: number;
	outages: number;
	seed: number;
	host: string;
	port: number;
	base: string;
}

function readOrder(words: readonly string[]): Order | string {
	const text = { type: "string" } as const;
	const names = ["readers", "broker", "doubles", "period", "step", "seconds", "outages", "base", "seed"];
	const values = parseWords(words, Object.fromEntries(names.map(name => [name, text])));
	if (typeof values === "string") return values;
	const wrong: string[] = [];
	const read = (name: string, fallback: string | undefined, low: number, high: number, whole: boolean): number => {
		const word = String(values[name] ?? fallback ?? "");
		const value = word.trim() === "" ? Number.NaN : Number(word);
		if (!(value >= low && value <= high) || (whole && !Number.isInteger(value))) {
			wrong.push(`--${name} is a ${whole ? "whole number" : "number"} from ${low} to ${high}`);
		}
		return value;
	};
	const found = /^mqtt:\/\/([^/:@]+)(?::(\d+))?\/?$/.exec(String(values.broker ?? "mqtt://127.0.0.1:1883"));
	if (found === null) wrong.push("--broker is mqtt://HOST or mqtt://HOST:PORT");
	const period = read("period", "10", 0.05, 3_600, false);
	const order = {
		readers: read("readers", undefined, 1, 50_000, true),
		doubles: read("doubles", "0", 0, 25_000, true),
		period,
		step: read("step", String(Math.max(1, Math.round(period))), 1, 3_600, true),
		seconds: read("seconds", "60", 1, 1e7, false),
		outages: read("outages", "0.1", 0, 3_600, false),
		seed: read("seed", "1", 0, 1e6, true),
		host: found?.[1] ?? "",
		port: Number(found?.[2] ?? 1883),
		base: String(values.base ?? "smarty"),
	};
	if (order.doubles * 2 > order.readers) wrong.push("--doubles is at most half of --readers");
	return wrong[0] ?? order;
}

async function run(words: readonly string[]): Promise<number> {
	if (words.includes("--help") || words.includes("-h")) {
		process.stdout.write(usage);
		return 0;
	}
	const order = readOrder(words);
	if (typeof order === "string") {
		process.stderr.write(`npm run fleet: ${order}\n${usage}`);
		return 2;
	}
	const { readers, doubles, period, step, seconds, outages, seed, host, port, base } = order;
	const start = Math.floor(Date.now() / 1000 / step) * step;
	const fleet = createFleet({
		broker: { host, port, password: process.env.SMARTY_FLEET_PASSWORD ?? null },
		readers,
		doubles,
		seed,
		base,
		start,
		outages: (outages * period) / 3_600,
		outageMs: 60_000,
	});
	const began = performance.now();
	let next = 0;
	let reported = 0;
	let isStopped = false;
	for (const signal of ["SIGINT", "SIGTERM"] as const) {
		process.on(signal, () => {
			isStopped = true;
		});
	}
	const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));
	const total = Math.floor((seconds / period) * readers);
	while (next < total && !isStopped) {
		const passed = performance.now() - began;
		const due = Math.min(total, Math.floor((passed / 1000 / period) * readers));
		// Both readers of a meter have the same telegrams.
		for (; next < due; next += 1) fleet.offer(next % readers, start + (Math.floor(next / readers) + 1) * step);
		if (passed - reported > reportMs) {
			reported = passed;
			process.stdout.write(`${JSON.stringify(fleet.report())}\n`);
		}
		await pause(sliceMs);
	}
	const took = (performance.now() - began) / 1000;
	for (let waited = 0; fleet.report().waiting > 0 && waited < drainMs && !isStopped; waited += sliceMs)
		await pause(sliceMs);
	const report = fleet.report();
	const cpu = process.cpuUsage();
	fleet.close();
	const perSecond = Math.round(report.telegrams / took);
	const processor = Math.round((cpu.user + cpu.system) / 1e4 / took) / 100;
	process.stdout.write(`${JSON.stringify({ ...report, seconds: Math.round(took), perSecond, processor })}\n`);
	return report.waiting === 0 ? 0 : 1;
}

process.exit(await run(process.argv.slice(2)));
