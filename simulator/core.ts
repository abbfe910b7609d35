import type { Faults } from "../modules/p1/faults.js";
import type { AuthenticationPolicy, Counters, Verdict } from "../modules/p1/reader.js";
import type { Message } from "../modules/publish/message.js";
import { createEngine, type Engine, type EngineName, type EngineOptions } from "./engines/engine.js";
import { encodeText } from "./text.js";

export interface CoreOptions {
	/** First level of the topics. */
	base: string;
	/** 32 hexadecimal digits; null where the meter does not encrypt. */
	key: string | null;
	authenticationKey?: string;
	authentication?: AuthenticationPolicy;
	cap?: number;
}

export interface CoreTelegram {
	verdict: Verdict;
	systemTitle: string | null;
	frameCounter: number | null;
	/** The text, in hexadecimal, because it need not be ASCII. */
	telegram: string;
}

/** What a call brought about: the telegrams it completed, a message for each, and the counters since the start. */
export interface CoreReply {
	telegrams: CoreTelegram[];
	messages: Message[];
	counters: Counters;
	faults: Faults;
}

/** The firmware's core in one of the engines. Calls are answered in order. */
export interface Core {
	readonly engine: Engine;
	/** `now`: monotonic time in ms. */
	accept(bytes: Uint8Array, now: number): Promise<CoreReply>;
	expire(now: number): Promise<CoreReply>;
	finish(): Promise<CoreReply>;
	close(): Promise<void>;
}

/** Rejects for options the core refuses, with its reason. */
export async function createCore(name: EngineName, options: CoreOptions, engineOptions?: EngineOptions): Promise<Core> {
	const engine = await createEngine(name, new URL("./guest.ts", import.meta.url), engineOptions);
	const call = async (request: Uint8Array): Promise<CoreReply> =>
		JSON.parse(Buffer.from(await engine.call(request)).toString("latin1"));
	try {
		await call(Buffer.concat([Uint8Array.of(0), new Uint8Array(encodeText(JSON.stringify(options)))]));
	} catch (error) {
		await engine.close();
		throw error;
	}
	return {
		engine,
		accept: (bytes, now) => call(Buffer.concat([header(1, now), bytes])),
		expire: now => call(header(2, now)),
		finish: () => call(Uint8Array.of(3)),
		close: () => engine.close(),
	};
}

function header(kind: number, now: number): Uint8Array {
	const bytes = new Uint8Array(9);
	bytes[0] = kind;
	new DataView(bytes.buffer).setFloat64(1, now);
	return bytes;
}
