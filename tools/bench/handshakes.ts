/** Measures what TLS costs before a broker is told anything: the certificates' check and the key exchange's, in XS. */
import { readFileSync } from "node:fs";
import type { Memory } from "../../simulator/engines/contract.js";
import { createXsEngine, type XsEngine } from "../../simulator/engines/xs.js";
import type { VariantName } from "../../simulator/xs/variants.js";
import type { TlsInput } from "./guests/tls.js";

/** The guard and the trust decision on one server's first flight; the session's own share (its key pair, the shared secret) is not in it. */
export interface HandshakeCost {
	name: string;
	/** Xtensa. */
	instructions: number;
	/** Bytes of slots and chunks that must be free for it. */
	heap: number;
	/** Bytes of stack. */
	stack: number;
}

const guest = new URL("./guests/tls.ts", import.meta.url);
/** Recorded once by `tools/tls/record.ts`, because certificates of new keys would have other counts each time. */
const recorded = new URL("./handshakes.json", import.meta.url);
const roomy: Memory = { chunks: [1 << 20, 0], slots: [1 << 14, 0], stack: 1024, keys: [64, 32] };
const slotSize = 16;
/** A need is found to so many slots and so many bytes. */
const coarse = { slots: 16, chunks: 512 };

export async function measureHandshakes(): Promise<HandshakeCost[]> {
	const scenes: Record<string, TlsInput> = JSON.parse(readFileSync(recorded, "utf8"));
	const costs: HandshakeCost[] = [];
	for (const [name, input] of Object.entries(scenes)) {
		const { instructions } = await measure(input, "xtensa");
		const { idle, stack } = await measure(input, "x32");
		const slots = (await findLeast(input, "slots")) - idle.slots;
		const chunks = (await findLeast(input, "chunks")) - idle.chunks;
		costs.push({ name, instructions, heap: slots * slotSize + chunks, stack });
	}
	return costs;
}

async function start(input: TlsInput, variant: VariantName, memory: Memory): Promise<XsEngine> {
	const engine = await createXsEngine(guest, { variant, memory, lines: false, timeout: 600_000 });
	await engine.call(Buffer.concat([Uint8Array.of(0), Buffer.from(JSON.stringify(input))]));
	await engine.collect();
	await engine.collect();
	return engine;
}

async function check(engine: XsEngine): Promise<void> {
	const text = Buffer.from(await engine.call(Uint8Array.of(1))).toString();
	if (!text.startsWith(" change trusted")) throw new Error(`the handshake was refused: ${text}`);
}

async function measure(input: TlsInput, variant: VariantName) {
	const engine = await start(input, variant, roomy);
	try {
		const { slots, chunks } = engine.figures;
		await check(engine);
		const { instructions, stackPeak } = engine.figures;
		return { idle: { slots, chunks }, instructions, stack: stackPeak * slotSize };
	} finally {
		await engine.close();
	}
}

/** The smallest pool of a fixed size with which the handshake passes, with plenty of the other. */
async function findLeast(input: TlsInput, pool: "slots" | "chunks"): Promise<number> {
	let [bad, good] = [0, roomy[pool][0]];
	while (good - bad > coarse[pool]) {
		const middle = (good + bad) >> 1;
		if (await passes(input, { ...roomy, [pool]: [middle, 0] })) good = middle;
		else bad = middle;
	}
	return good;
}

async function passes(input: TlsInput, memory: Memory): Promise<boolean> {
	let engine: XsEngine | null = null;
	try {
		engine = await start(input, "x32", memory);
		await check(engine);
		return true;
	} catch (error) {
		if (!/memory full/.test(String(error))) throw error;
		return false;
	} finally {
		await engine?.close();
	}
}
