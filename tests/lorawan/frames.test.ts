import fc from "fast-check";
import lora from "lora-packet";
import { describe, expect, test } from "vitest";
import { extendCounter, readDownlink } from "../../modules/lorawan/downlink.js";
import { readJoinAccept, tagOf, writeJoinRequest } from "../../modules/lorawan/join.js";
import { type Keys, uplinkLength, writeUplink } from "../../modules/lorawan/uplink.js";
import { hex, toHex } from "./hex.js";

const keys: Keys = {
	devAddr: 0x49be7df1,
	nwkSKey: hex("44024241ed4ce9a68c6a8bc055233fd3"),
	appSKey: hex("ec925802ae430ca77fd3dd73cb2cc588"),
};
const appKey = hex("98929b92c49edba9676d646d3b612456");
const nothing = new Uint8Array(0);

describe("published frames, of lora-packet's tests", () => {
	test("an uplink with data", () => {
		const out = new Uint8Array(17);
		const length = writeUplink(out, keys, { ...uplinkOf(2), port: 1, payload: hex("74657374"), payloadLength: 4 });
		expect(toHex(out, length)).toBe("40f17dbe4900020001954378762b11ff0d");
	});

	test("an acknowledgement", () => {
		const bytes = hex("60f17dbe4920020001f9d65d27");
		expect(readDownlink(bytes, bytes.length, keys, 0)).toMatchObject({
			control: 0x20,
			counter: 2,
			port: 1,
			payloadStart: 9,
			payloadEnd: 9,
		});
	});

	test("a join request", () => {
		const plain = hex("0039363463336913AA05693574323831330489");
		const out = new Uint8Array(23);
		const identity = { joinEui: plain.slice(1, 9).reverse(), devEui: plain.slice(9, 17).reverse(), appKey };
		expect(writeJoinRequest(out, identity, 0x8904)).toBe(23);
		expect(toHex(out)).toBe(`${toHex(plain)}c65b1304`);
	});

	test("the keys of a join", () => {
		const accept = seal({ AppNonce: hex("376338"), NetID: hex("aabbcc"), DevAddr: hex("00000001") });
		expect(readJoinAccept(accept, accept.length, appKey, 0xf18e)).toMatchObject({
			nwkSKey: hex("4e3d6e6afbcc67af2ba3c8e8ec4acf4b"),
			appSKey: hex("610897aa6f1460623443b527d3ac6a9d"),
		});
	});

	test("a join accept without channels", () => {
		// Of clear bytes 20386337CCBBAAE7CD2C010000 the MIC is d9d0a6e7.
		const fields = { AppNonce: hex("376338"), NetID: hex("aabbcc"), DevAddr: hex("012ccde7") };
		const accept = seal(fields, 0, 0);
		expect(toHex(new Uint8Array(lora.decryptJoinAccept(lora.fromWire(Buffer.from(accept)), Buffer.from(appKey))))).toBe(
			"20386337ccbbaae7cd2c010000d9d0a6e7",
		);
		expect(readJoinAccept(accept, 17, appKey, 0)).toMatchObject({
			joinNonce: 0x376338,
			devAddr: 0x012ccde7,
			delay: 1,
			frequencies: null,
		});
	});
});

describe("lora-packet reads what is written here", () => {
	test("join requests of any identity and nonce", () => {
		const eui = fc.uint8Array({ minLength: 8, maxLength: 8 });
		fc.assert(
			fc.property(eui, eui, key16, fc.nat(0xffff), (devEui, joinEui, appKey, nonce) => {
				const out = new Uint8Array(23);
				writeJoinRequest(out, { devEui, joinEui, appKey }, nonce);
				const packet = lora.fromWire(Buffer.from(out));
				expect(packet.getMType()).toBe("Join Request");
				expect(lora.verifyMIC(packet, undefined, Buffer.from(appKey))).toBe(true);
				expect(new Uint8Array(packet.DevEUI!)).toEqual(devEui);
				expect(new Uint8Array(packet.AppEUI!)).toEqual(joinEui);
				expect(packet.DevNonce!.readUInt16BE()).toBe(nonce);
			}),
		);
	});

	test("uplinks of any payload, options, counter and keys", () => {
		fc.assert(
			fc.property(
				session,
				counter32,
				fc.nat(3),
				content,
				fc.boolean(),
				(keys, counter, control, { fOpts, frm }, ok) => {
					const port = frm.length === 0 ? 0 : 1 + (counter % 223);
					const out = new Uint8Array(uplinkLength(fOpts.length, port, frm.length));
					const length = writeUplink(out, keys, {
						isConfirmed: ok,
						control: control << 6,
						counter,
						options: fOpts,
						optionsLength: fOpts.length,
						port,
						payload: frm,
						payloadLength: frm.length,
					});
					expect(length).toBe(out.length);
					const packet = lora.fromWire(Buffer.from(out));
					expect(packet.getMType()).toBe(ok ? "Confirmed Data Up" : "Unconfirmed Data Up");
					expect(packet.DevAddr!.readUInt32BE()).toBe(keys.devAddr);
					expect(packet.getFCnt()).toBe(counter % 0x10000);
					expect([packet.getFCtrlADRACKReq(), packet.getFCtrlADR()]).toEqual([
						(control & 1) !== 0,
						(control & 2) !== 0,
					]);
					expect(new Uint8Array(packet.FOpts!)).toEqual(fOpts);
					const { nwk, app, high } = buffersOf(keys, counter);
					expect(lora.verifyMIC(packet, nwk, undefined, high)).toBe(true);
					if (frm.length === 0) return;
					expect(packet.getFPort()).toBe(port);
					expect(new Uint8Array(lora.decrypt(packet, app, nwk, high))).toEqual(frm);
				},
			),
		);
	});
});

describe("what lora-packet writes is read here", () => {
	test("downlinks of any payload, options, counter and keys", () => {
		fc.assert(
			fc.property(session, counter32, content, fc.nat(223), fc.boolean(), (keys, counter, { fOpts, frm }, any, ok) => {
				fc.pre(counter < 0xffff_ffff);
				const port = fOpts.length > 0 && any === 0 ? 1 : any;
				const bytes = writeDownlink(keys, counter, { fOpts, port, payload: frm, isConfirmed: ok });
				// From any counter that is not more than 16 bits before it.
				const next = Math.max(0, counter - (frm.length << 8));
				const frame = readDownlink(bytes, bytes.length, keys, next);
				if (typeof frame === "string") throw new Error(frame);
				expect(frame.counter).toBe(counter);
				expect(frame.isConfirmed).toBe(ok);
				expect(frame.port).toBe(port);
				expect(bytes.subarray(frame.optionsStart, frame.optionsEnd)).toEqual(fOpts);
				expect(bytes.subarray(frame.payloadStart, frame.payloadEnd)).toEqual(frm);
			}),
		);
	});

	test("join accepts with and without channels", () => {
		const list = fc.option(fc.uint8Array({ minLength: 15, maxLength: 15 }), { nil: null });
		const rest = fc.tuple(fc.nat(0xffffff), fc.nat(0xffffff), counter32, fc.nat(127), fc.nat(15), fc.nat(0xffff));
		fc.assert(
			fc.property(key16, rest, list, (appKey, [nonce, netId, devAddr, settings, delay, devNonce], channels) => {
				const fields = { AppNonce: big(nonce, 3), NetID: big(netId, 3), DevAddr: big(devAddr, 4) };
				const accept = seal(fields, settings, delay, channels, appKey);
				const { AppSKey, NwkSKey } = lora.generateSessionKeys(
					Buffer.from(appKey),
					fields.NetID,
					fields.AppNonce,
					big(devNonce, 2),
				);
				expect(readJoinAccept(accept, accept.length, appKey, devNonce)).toEqual({
					joinNonce: nonce,
					devAddr,
					firstOffset: settings >> 4,
					secondDataRate: settings & 15,
					delay: Math.max(1, delay),
					nwkSKey: new Uint8Array(NwkSKey),
					appSKey: new Uint8Array(AppSKey),
					frequencies: channels,
				});
			}),
		);
	});
});

describe("frames that are dropped", () => {
	const whole = () =>
		writeDownlink(keys, 7, { fOpts: hex("06"), port: 9, payload: hex("0102030405"), isConfirmed: false });

	test("a bit that changed anywhere, and nothing of the frame is decrypted", () => {
		const length = whole().length;
		for (let bit = 0; bit < length * 8; bit += 1) {
			const bytes = whole();
			bytes[bit >> 3]! ^= 1 << (bit & 7);
			const before = bytes.slice();
			expect(["foreign", "malformed", "mic"]).toContain(readDownlink(bytes, length, keys, 0));
			expect(bytes).toEqual(before);
		}
	});

	test("one that is cut at any length", () => {
		const bytes = whole();
		for (let length = 0; length < bytes.length; length += 1) {
			expect(typeof readDownlink(whole(), length, keys, 0)).toBe("string");
		}
		const accept = seal(
			{ AppNonce: hex("000001"), NetID: hex("000013"), DevAddr: hex("260b1234") },
			3,
			5,
			new Uint8Array(15),
		);
		for (let length = 0; length < accept.length; length += 1) {
			expect(typeof readJoinAccept(accept, length, appKey, 0)).toBe("string");
		}
	});

	test("one that was there before", () => {
		expect(readDownlink(whole(), whole().length, keys, 7)).toMatchObject({ counter: 7 });
		expect(readDownlink(whole(), whole().length, keys, 8)).toBe("mic");
	});

	test("one with the last counter, after which there would be none", () => {
		const read = (counter: number): unknown => {
			const bytes = writeDownlink(keys, counter, { fOpts: nothing, port: 9, payload: hex("01"), isConfirmed: false });
			return readDownlink(bytes, bytes.length, keys, counter);
		};
		expect(read(0xffff_fffe)).toMatchObject({ counter: 0xffff_fffe });
		expect(read(0xffff_ffff)).toBe("mic");
	});

	test("a list of channels of another kind, and not its accept", () => {
		const fields = { AppNonce: hex("000001"), NetID: hex("000013"), DevAddr: hex("260b1234") };
		const list = hex("00112233445566778899aabbccddee");
		expect(readJoinAccept(seal(fields, 0, 1, list, appKey, 1), 33, appKey, 0)).toMatchObject({ frequencies: null });
		expect(readJoinAccept(seal(fields, 0, 1, list, appKey, 0), 33, appKey, 0)).toMatchObject({ frequencies: list });
	});

	test("commands in both places", () => {
		const bytes = writeDownlink(keys, 0, { fOpts: hex("06"), port: 0, payload: hex("06"), isConfirmed: false });
		expect(readDownlink(bytes, bytes.length, keys, 0)).toBe("malformed");
	});

	test("an accept for another key", () => {
		const accept = seal({ AppNonce: hex("000001"), NetID: hex("000013"), DevAddr: hex("260b1234") });
		expect(readJoinAccept(accept, accept.length, hex("00".repeat(16)), 0)).toBe("mic");
	});

	test("uplinks and requests of other devices", () => {
		for (const first of [0x00, 0x40, 0x80, 0xc0, 0xe0, 0x61, 0x64]) {
			const bytes = whole();
			bytes[0] = first;
			expect(readDownlink(bytes, bytes.length, keys, 0)).toBe("foreign");
			expect(readJoinAccept(bytes, bytes.length, appKey, 0)).toBe("foreign");
		}
	});
});

test.each([
	[0, 0, 0],
	[65_535, 0, 65_535],
	[0, 1, 65_536],
	[0, 65_536, 65_536],
	[5, 65_541, 65_541],
	[4, 65_541, 131_076],
	[0xffff, 0xffff_0000, 0xffff_ffff],
	[0, 0xffff_ffff, 0x1_0000_0000],
])("the counter with low bits %i from %i on is %i", (low, next, counter) => {
	expect(extendCounter(low, next)).toBe(counter);
});

test("the tag of a session is its device's, and tells the key to nobody", () => {
	const identity = { devEui: hex("0102030405060708"), joinEui: hex("1112131415161718"), appKey };
	const tags = [identity, { ...identity, devEui: identity.joinEui }, { ...identity, joinEui: identity.devEui }];
	const other = { ...identity, appKey: hex("00".repeat(16)) };
	expect(new Set([...tags, other].map(tagOf)).size).toBe(4);
	expect(tagOf({ ...identity })).toBe(tagOf(identity));
});

const key16 = fc.uint8Array({ minLength: 16, maxLength: 16 });
const counter32 = fc.nat(0xffff_ffff);
const options = fc.uint8Array({ maxLength: 15 });
/** MAC commands and payload together are at most 242 bytes. */
const content = fc.tuple(options, fc.uint8Array({ maxLength: 242 })).map(([fOpts, frm]) => ({
	fOpts: fOpts.slice(0, 242 - frm.length),
	frm,
}));
const session = fc.record({ devAddr: counter32, nwkSKey: key16, appSKey: key16 });

function uplinkOf(counter: number) {
	return { isConfirmed: false, control: 0, counter, options: nothing, optionsLength: 0 };
}

function big(value: number, length: number): Buffer {
	const buffer = Buffer.alloc(length);
	buffer.writeUIntBE(value, 0, length);
	return buffer;
}

/** lora-packet has the upper half of a counter the least significant byte first. */
function buffersOf({ nwkSKey, appSKey }: Keys, counter: number) {
	const high = Buffer.alloc(2);
	high.writeUInt16LE(Math.floor(counter / 0x10000));
	return { nwk: Buffer.from(nwkSKey), app: Buffer.from(appSKey), high };
}

interface Down {
	fOpts: Uint8Array;
	port: number;
	payload: Uint8Array;
	isConfirmed: boolean;
}

function writeDownlink(keys: Keys, counter: number, { fOpts, port, payload, isConfirmed }: Down): Uint8Array {
	const { nwk, app, high } = buffersOf(keys, counter);
	const packet = lora.fromFields(
		{
			MType: isConfirmed ? "Confirmed Data Down" : "Unconfirmed Data Down",
			DevAddr: big(keys.devAddr, 4),
			FCnt: counter % 0x10000,
			FOpts: Buffer.from(fOpts),
			FPort: port,
			payload: Buffer.from(payload),
		},
		app,
		nwk,
		undefined,
		high,
	);
	return new Uint8Array(packet.getPHYPayload()!);
}

interface AcceptFields {
	AppNonce: Uint8Array;
	NetID: Uint8Array;
	DevAddr: Uint8Array;
}

function seal(
	fields: AcceptFields,
	settings = 0,
	delay = 1,
	channels: Uint8Array | null = null,
	key = appKey,
	kind = 0,
): Uint8Array {
	const packet = lora.fromFields(
		{
			MType: "Join Accept",
			AppNonce: Buffer.from(fields.AppNonce),
			NetID: Buffer.from(fields.NetID),
			DevAddr: Buffer.from(fields.DevAddr),
			DLSettings: Buffer.from([settings]),
			RxDelay: Buffer.from([delay]),
			CFList: channels === null ? Buffer.alloc(0) : Buffer.from([...channels, kind]),
		},
		undefined,
		undefined,
		Buffer.from(key),
	);
	return new Uint8Array(packet.getPHYPayload()!);
}
