/** Measures the LoRaWAN stack: the heap that it holds, and what its frames cost. */

import lora from "lora-packet";
import type { Memory } from "../../simulator/engines/contract.js";
import { createXsEngine, type XsEngine } from "../../simulator/engines/xs.js";

/** XS on a 32-bit machine with everything preloaded, and instructions of an Xtensa. All counts are exact. */
export interface LorawanCost {
	/** Alive beyond the guest: of a device that was made, and of one with a session. */
	created: HeapUse;
	joined: HeapUse;
	/** Bytes of heap that an uplink of 11 bytes leaves as garbage, from `send` to the first window. */
	allocated: number;
	/** Instructions: an uplink of 11 bytes, without a write of the store; a join accept with channels, its write included; a downlink of 11 bytes with its; a frame for another device. */
	uplink: number;
	accept: number;
	downlink: number;
	foreign: number;
}

export interface HeapUse {
	slots: number;
	/** Bytes. */
	chunks: number;
}

/** So much room that no garbage is collected. */
const roomy: Memory = { chunks: [1 << 20, 1 << 16], slots: [1 << 16, 1 << 12], stack: 4096, keys: [1024, 256] };
const devEui = Buffer.from("70b3d57ed0061234", "hex");
const joinEui = Buffer.from("0102030405060708", "hex");
const appKey = Buffer.from("98929b92c49edba9676d646d3b612456", "hex");
const joinNonce = Buffer.from("000001", "hex");
const netId = Buffer.from("000013", "hex");
const devAddr = Buffer.from("260b1234", "hex");
const reading = Buffer.from("0102030405060708090a0b", "hex");

export async function measureLorawan(): Promise<LorawanCost> {
	const heap = await measureHeap();
	const { engine, cost } = await createDevice("xtensa");
	try {
		await cost(1);
		const accept = await cost(3, writeAccept());
		await exchange(engine);
		const uplink = await cost(2, reading);
		await cost(1);
		const foreign = await cost(3, writeDownlink(0, Buffer.from("260b1235", "hex")));
		const downlink = await cost(3, writeDownlink(0, devAddr));
		const [session, taken] = await describe(engine);
		if (session !== 1 || taken !== 2) throw new Error("the stack did not take the accept and the downlink");
		return { ...heap, uplink, accept, downlink, foreign };
	} finally {
		await engine.close();
	}
}

async function measureHeap() {
	const { engine, cost, alive, before } = await createDevice("x32");
	try {
		const created = less(await alive(), before);
		await cost(1);
		await cost(3, writeAccept());
		await exchange(engine);
		const joined = less(await alive(), before);
		const start = engine.figures;
		await cost(2, reading);
		await cost(1);
		const { slots, chunks, slotSize } = engine.figures;
		const allocated = (slots - start.slots) * slotSize + chunks - start.chunks;
		return { created, joined, allocated };
	} finally {
		await engine.close();
	}
}

/** An uplink nobody answers. */
async function exchange(engine: XsEngine): Promise<void> {
	await engine.call(Buffer.concat([Uint8Array.of(2), reading]));
	await engine.call(Uint8Array.of(1));
	await engine.call(Uint8Array.of(4));
}

async function createDevice(variant: "x32" | "xtensa") {
	const guest = new URL("./guests/lorawan.ts", import.meta.url);
	const engine = await createXsEngine(guest, { variant, memory: roomy, lines: false });
	const alive = async (): Promise<HeapUse> => {
		await engine.collect();
		return { slots: engine.figures.slots, chunks: engine.figures.chunks };
	};
	/** Instructions of a request. */
	const cost = async (command: number, bytes: Uint8Array = Buffer.alloc(0)): Promise<number> => {
		await engine.call(Buffer.concat([Uint8Array.of(command), bytes]));
		return engine.figures.instructions;
	};
	// What the machine takes for its first request is not the stack's.
	const before = await alive();
	await cost(0, Buffer.concat([devEui, joinEui, appKey]));
	return { engine, cost, alive, before };
}

function less(one: HeapUse, other: HeapUse): HeapUse {
	return { slots: one.slots - other.slots, chunks: one.chunks - other.chunks };
}

async function describe(engine: XsEngine): Promise<number[]> {
	const reply = await engine.call(Uint8Array.of(5));
	return [...new Float64Array(reply.slice().buffer)];
}

function writeAccept(): Buffer {
	const CFList = Buffer.from("184f84e85684b85e84886684586e8400", "hex");
	const fields = {
		AppNonce: joinNonce,
		NetID: netId,
		DevAddr: devAddr,
		DLSettings: Buffer.from([3]),
		RxDelay: 5,
		CFList,
	};
	const packet = lora.fromFields({ MType: "Join Accept", ...fields }, undefined, undefined, appKey);
	return packet.getPHYPayload()!;
}

function writeDownlink(counter: number, DevAddr: Buffer): Buffer {
	const { AppSKey, NwkSKey } = lora.generateSessionKeys(appKey, netId, joinNonce, Buffer.from("0000", "hex"));
	const fields = { MType: "Unconfirmed Data Down", DevAddr, FCnt: counter, FPort: 1, payload: reading };
	return lora.fromFields(fields, AppSKey, NwkSKey).getPHYPayload()!;
}
