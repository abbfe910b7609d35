/** Boots the firmware in an XS machine and feeds it with frames, for measurements. */

import { parseMeters } from "../../modules/settings/meters.js";
import type { Memory } from "../../simulator/engines/contract.js";
import type { Figures } from "../../simulator/engines/worker.js";
import { createXsEngine, type XsEngine } from "../../simulator/engines/xs.js";
import type { VariantName } from "../../simulator/xs/variants.js";
import { key, keyOf, meterOf, sealTelegram } from "./frames.js";

/** The whole firmware in an XS machine, booted, online, and fed with a frame every ten seconds on each line. */
export interface Harness {
	readonly engine: XsEngine;
	/** After the boot, once it is online and garbage has been collected. */
	readonly booted: Figures;
	/** Feeds a telegram and returns the figures of its last byte. */
	feed(telegram: string): Promise<Figures>;
	/** The same, and tells the instructions of each run by itself: of each piece that the line delivers, and of each alarm up to the next telegram. */
	watch(telegram: string): Promise<number[]>;
	/** Takes the broker away, or brings it back and lets the firmware find it. */
	setBroker(there: boolean): Promise<void>;
	/** Asks for a page over HTTP, with these header fields; the settings must have a `webPort`. A slow client takes its beginning only. */
	ask(path: string, isSlow?: boolean, fields?: readonly string[]): Promise<Figures>;
	/** Takes room in the heap: bytes of chunks, and slots. */
	fill(bytes: number, slots: number): Promise<void>;
	/** What the broker got last, and counts. */
	describe(): Promise<Description>;
	/** Keeps the latest message from now on. `length`: bytes of the request that says so. */
	keep(length?: number): Promise<void>;
	close(): Promise<void>;
}

export interface Description {
	topic: string;
	payload: string;
	messages: number;
	telegrams: number;
	exceptions: number;
	lines: string[];
	/** Bytes that the HTTP server sent, and the status of its last answer. */
	served: number;
	status: number;
}

const guest = new URL("./guests/firmware.ts", import.meta.url);

/** Bytes of the heap that are the flash of the harness's world: given on top of the memory, and to be taken out of what is measured. */
export const flashSize = 8 * 4096 + 8;

/** Up to three meters have a line each; more share one, as on the adapter for six. */
const usualPlugs: readonly string[] = ["16/17", "16/17 4/18", "16/17 4/18 13/19"];
const sharedPlugs = ["16/17", "16/18", "16/19", "16/21", "16/22", "16/23"];

function describeMeters(count: number): Record<string, string> {
	if (count === 1) return {};
	const keys = Array.from({ length: count - 1 }, (_, at) => keyOf(at + 1).toString("hex"));
	return { meters: usualPlugs[count - 1] ?? sharedPlugs.slice(0, count).join(" "), keys: keys.join(" ") };
}

/** On which of the board's lines each plug is, and the pin that asks for it. */
function readPlugs(meters: string | undefined): { line: number; requestPin: number | null }[] {
	const plugs = parseMeters(meters ?? "16");
	const receivePins = [...new Set(plugs.map(({ receivePin }) => receivePin))];
	return plugs.map(({ receivePin, requestPin }) => ({ line: receivePins.indexOf(receivePin), requestPin }));
}

/** `changes`: settings besides those of a first setup; `meters`: how many there are. */
export async function createHarness(
	variant: VariantName,
	memory: Memory,
	changes: Readonly<Record<string, string>> = {},
	meters = 1,
): Promise<Harness> {
	const [chunks, growth] = memory.chunks;
	const enlarged = { ...memory, chunks: [chunks + flashSize, growth] as const };
	const engine = await createXsEngine(guest, { variant, memory: enlarged, lines: false });
	let now = 0;
	/** Of each meter. */
	const frameCounters = new Array<number>(meters).fill(0);
	const advance = (duration: number) => {
		now += duration;
		return engine.call(request(3, now));
	};
	const plugs = readPlugs({ ...describeMeters(meters), ...changes }.meters);
	// Each line has a telegram every ten seconds.
	const beat = Math.round(10_000 / (1 + Math.max(0, ...plugs.map(plug => plug.line))));
	let line = 0;
	/** Waits until the telegram's meter is asked, and gives its frame. `step` lets time pass up to `now`. */
	const prepare = async (telegram: string, step: () => Promise<unknown>): Promise<Buffer> => {
		const at = meterOf(telegram);
		frameCounters[at]! += 1;
		if (meters > 1) {
			const wanted = plugs[at]!;
			const { requestPin } = wanted;
			for (let waited = 0; requestPin !== null; waited += 1) {
				if ((await engine.call(Uint8Array.of(10))).includes(requestPin)) break;
				if (waited > 2_000) throw new Error(`meter ${at} is not asked`);
				now += 100;
				await step();
			}
			if (wanted.line !== line) await engine.call(Uint8Array.of(11, wanted.line));
			line = wanted.line;
		}
		return sealTelegram(telegram, frameCounters[at]!, at);
	};
	try {
		const settings = {
			key: key.toString("hex"),
			wifi: "home",
			wifiPassword: "12345678",
			broker: "mqtt://10.0.0.2:1883",
			...describeMeters(meters),
			...changes,
		};
		await engine.call(Buffer.concat([Uint8Array.of(0), Buffer.from(JSON.stringify(settings))]));
		await advance(30_000);
		await engine.collect();
	} catch (error) {
		await engine.close();
		throw error;
	}
	const booted = engine.figures;
	return {
		engine,
		booted,
		async feed(telegram) {
			const frame = await prepare(telegram, () => advance(0));
			// As the UART delivers them: a FIFO's worth at a time.
			for (let at = 0; at < frame.length - 1; at += 120) {
				await engine.call(request(1, now, frame.subarray(at, Math.min(at + 120, frame.length - 1))));
			}
			await engine.call(request(2, now, frame.subarray(-1)));
			const { figures } = engine;
			await advance(beat);
			return figures;
		},
		async watch(telegram) {
			const runs: number[] = [];
			const runAll = async () => {
				while ((await engine.call(request(9, now)))[0] === 1) runs.push(engine.figures.instructions);
			};
			const frame = await prepare(telegram, runAll);
			for (let at = 0; at < frame.length; at += 120) {
				await engine.call(request(1, now, frame.subarray(at, at + 120)));
				runs.push(engine.figures.instructions);
			}
			now += beat;
			await runAll();
			return runs;
		},
		async setBroker(there) {
			await engine.call(Uint8Array.of(6, there ? 0 : 1));
			if (there) await advance(60_000);
		},
		async ask(path, isSlow = false, fields = ["Accept: */*"]) {
			await engine.call(Buffer.concat([Uint8Array.of(7, isSlow ? 1 : 0), Buffer.from(formatRequest(path, fields))]));
			return engine.figures;
		},
		async fill(bytes, slots) {
			const order = Buffer.alloc(9, 8);
			order.writeUInt32BE(bytes, 1);
			order.writeUInt32BE(slots, 5);
			await engine.call(order);
		},
		describe: async () => JSON.parse(Buffer.from(await engine.call(Uint8Array.of(5))).toString("latin1")),
		async keep(length = 1) {
			await engine.call(Buffer.alloc(length, 4));
		},
		close: () => engine.close(),
	};
}

export function formatRequest(path: string, fields: readonly string[]): string {
	return `GET ${path} HTTP/1.1\r\nHost: 192.168.1.50\r\n${fields.join("\r\n")}\r\n\r\n`;
}

function request(kind: number, time: number, bytes: Uint8Array = new Uint8Array(0)): Buffer {
	const head = Buffer.alloc(9);
	head[0] = kind;
	head.writeDoubleBE(time, 1);
	return Buffer.concat([head, bytes]);
}
