/** Measures decryption, beside other libraries. */

import { createCipheriv } from "node:crypto";
import type { Memory } from "../../simulator/engines/contract.js";
import { createXsEngine, type XsEngine, type XsOptions } from "../../simulator/engines/xs.js";
import { bundleModules } from "./bundle.js";

/** What it takes to open 1 KiB (17 bytes of additional data) with a key already set. Counts are exact. */
export interface OpenCost {
	name: string;
	/** In bytes. */
	tagLength: number;
	computrons: number;
	/** Xtensa. */
	instructions: number;
	/** Slots and chunks. */
	bytesAllocated: number;
	/** Setting the key. */
	keyInstructions: number;
	/** XS heap that is alive when it has been imported to RAM, beyond that of an empty guest. */
	importedBytes: number;
	/** Whether it works from flash, where it takes next to no heap. */
	preloads: boolean;
}

const peers = ["smarty", "bytewise", "noble", "asmcrypto", "forge", "sjcl"] as const;

/** Packages under their names on npm. */
const titles: Record<(typeof peers)[number], string> = {
	smarty: "smarty-xs (aes-js)",
	bytewise: "aes-js, GHASH bit by bit in words",
	noble: "@noble/ciphers",
	asmcrypto: "asmcrypto.js",
	forge: "node-forge",
	sjcl: "sjcl",
};

/** So much room that no garbage is collected. */
const roomy: Memory = { chunks: [8 << 20, 1 << 20], slots: [1 << 18, 1 << 16], stack: 4096, keys: [2048, 1024] };

export async function measureOpen(): Promise<OpenCost[]> {
	const empty = await measureImport("empty");
	const costs: OpenCost[] = [];
	for (const peer of peers) costs.push(await measurePeer(peer, empty));
	return costs;
}

async function measurePeer(peer: (typeof peers)[number], empty: number): Promise<OpenCost> {
	const tagLength = peer === "noble" ? 16 : 12;
	const preloads = await works(peer, { variant: "x32", preload: true }, tagLength);
	const memory = await measure(peer, { variant: "x32", preload: preloads }, tagLength);
	const time = await measure(peer, { variant: "xtensa", preload: preloads }, tagLength);
	return {
		name: titles[peer],
		tagLength,
		computrons: memory.open.compute,
		instructions: time.open.instructions,
		bytesAllocated: memory.allocated,
		keyInstructions: time.key.instructions,
		importedBytes: (await measureImport(peer)) - empty,
		preloads,
	};
}

async function works(peer: string, options: XsOptions, tagLength: number): Promise<boolean> {
	try {
		await measure(peer, options, tagLength);
		return true;
	} catch {
		return false;
	}
}

function createPeer(peer: string, options: XsOptions): Promise<XsEngine> {
	const own = peer === "smarty" || peer === "bytewise" || peer === "empty";
	return createXsEngine(new URL(`./guests/${peer}.ts`, import.meta.url), {
		memory: roomy,
		lines: false,
		...(own ? {} : { compile: bundleModules }),
		...options,
	});
}

async function measureImport(peer: string): Promise<number> {
	const engine = await createPeer(peer, { variant: "x32", preload: false });
	await engine.collect();
	const { slots, slotSize, chunks } = engine.figures;
	await engine.close();
	return slots * slotSize + chunks;
}

async function measure(peer: string, options: XsOptions, tagLength: number) {
	const engine = await createPeer(peer, options);
	try {
		const { key, text, request } = seal(tagLength);
		await engine.call(Buffer.concat([Uint8Array.of(0), key]));
		const keyFigures = engine.figures;
		// The first opening may fill caches of the library's own: the second is the one that counts.
		for (let round = 0; round < 2; round += 1) {
			await engine.call(request);
			const before = engine.figures;
			await engine.call(Uint8Array.of(2));
			const open = engine.figures;
			if (round === 0) continue;
			const result = Buffer.from(await engine.call(Uint8Array.of(3)));
			if (result[0] !== 1 || !result.subarray(1).equals(text)) throw new Error(`${peer} does not open what was sealed`);
			const allocated = (open.slots - before.slots) * open.slotSize + open.chunks - before.chunks;
			await refuseDamage(peer, engine, request);
			return { key: keyFigures, open, allocated };
		}
		throw new Error("not reached");
	} finally {
		await engine.close();
	}
}

/** A measurement of what does not authenticate would be worth nothing. */
async function refuseDamage(peer: string, engine: XsEngine, request: Uint8Array): Promise<void> {
	const damaged = Uint8Array.from(request);
	damaged[500]! ^= 1;
	await engine.call(damaged);
	const refused = await engine.call(Uint8Array.of(2)).then(
		() => false,
		() => true,
	);
	if (!refused && (await engine.call(Uint8Array.of(3)))[0] !== 0) throw new Error(`${peer} opens what was changed`);
}

function seal(tagLength: number): { key: Uint8Array; text: Uint8Array; request: Uint8Array } {
	const key = Buffer.from("D491470F47126332B07D1923B3504188", "hex");
	const nonce = Buffer.from("534147677001BD540005A8E3", "hex");
	const additional = Buffer.from("3000112233445566778899AABBCCDDEEFF", "hex");
	const text = Buffer.from(Array.from({ length: 1024 }, (_, at) => ((at * 31) % 95) + 32));
	const cipher = createCipheriv("aes-128-gcm", key, nonce, { authTagLength: tagLength }).setAAD(additional);
	const sealed = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
	return { key, text, request: Buffer.concat([Uint8Array.of(1), nonce, additional, Uint8Array.of(tagLength), sealed]) };
}
