/** The frames that a network server sends, made by lora-packet. */
import lora from "lora-packet";
import { drawInteger } from "../chance.js";
import { createHistory } from "./adaptive-data-rate.js";
import { createBelieved } from "./mac-answers.js";
import type { NetworkServer, Queued, ServerDevice, ServerSession } from "./network-server-state.js";

/** Hz, of the second window until something else is agreed on. */
export const secondFrequency = 869_525_000;

/** A join accept, and the session that it begins. */
export function writeAccept(server: NetworkServer, device: ServerDevice, DevNonce: Buffer) {
	const { options, chance } = server;
	const key = Buffer.from(device.registration.appKey);
	const devAddr = 0x26000000 + drawInteger(chance, 0x0100_0000);
	const AppNonce = big(device.joinNonce, 3);
	const NetID = big(options.netId, 3);
	const CFList = Buffer.alloc(options.channels.length > 0 ? 16 : 0);
	for (const [at, frequency] of options.channels.entries()) CFList.writeUIntLE(frequency / 100, at * 3, 3);
	const DLSettings = Buffer.from([(options.firstOffset << 4) | options.secondDataRate]);
	const RxDelay = Buffer.from([options.delay]);
	const fields = { MType: "Join Accept", AppNonce, NetID, DevAddr: big(devAddr, 4), DLSettings, RxDelay, CFList };
	const packet = lora.fromFields(fields, undefined, undefined, key);
	const { NwkSKey, AppSKey } = lora.generateSessionKeys(key, NetID, AppNonce, DevNonce);
	const believed = createBelieved(options.delay, options.firstOffset, options.secondDataRate, secondFrequency);
	for (const [at, frequency] of options.channels.entries()) believed.channels.set(3 + at, frequency);
	const session: ServerSession = {
		devAddr,
		nwkSKey: NwkSKey,
		appSKey: AppSKey,
		fcntUp: -1,
		lastUplink: "",
		fcntDown: 0,
		believed,
		history: createHistory(),
	};
	return { bytes: new Uint8Array(packet.getPHYPayload()!), session };
}

/** What a session's next downlink is, in bytes. */
export function writeDownlink(
	session: ServerSession,
	content: { commands?: Uint8Array; ack?: boolean; pending?: boolean; queued?: Queued | undefined },
): Uint8Array {
	const { commands = new Uint8Array(0), ack = false, pending = false, queued } = content;
	const counter = session.fcntDown;
	session.fcntDown += 1;
	const packet = lora.fromFields(
		{
			MType: queued?.confirmed ? "Confirmed Data Down" : "Unconfirmed Data Down",
			DevAddr: big(session.devAddr, 4),
			FCnt: counter % 0x10000,
			FOpts: Buffer.from(commands),
			FCtrl: { ACK: ack, FPending: pending },
			payload: Buffer.from(queued?.bytes ?? []),
			...(queued === undefined ? {} : { FPort: queued.port }),
		},
		session.appSKey,
		session.nwkSKey,
		undefined,
		high(counter),
	);
	// lora-packet leaves frames without a port without a MIC.
	if (queued === undefined) lora.recalculateMIC(packet, session.nwkSKey, undefined, high(counter));
	return new Uint8Array(packet.getPHYPayload()!);
}

function big(value: number, length: number): Buffer {
	const buffer = Buffer.alloc(length);
	buffer.writeUIntBE(value, 0, length);
	return buffer;
}

/** The upper half of a counter, the least significant byte first. */
export function high(counter: number): Buffer {
	const buffer = Buffer.alloc(2);
	buffer.writeUInt16LE(Math.floor(counter / 0x10000));
	return buffer;
}
