/** Tests of `modules/uplink/packet-filter.ts`. */
import packets from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { createPacketFilter, filterPackets } from "../../modules/uplink/packet-filter.js";

/** What a client would get of these bytes when they arrive in pieces of `size`. */
function pass(bytes: Uint8Array, size: number, capacity = 1024) {
	const inbound = createPacketFilter(capacity);
	const passed: string[] = [];
	let whole = true;
	for (let at = 0; at < bytes.length && whole; at += size)
		whole = filterPackets(inbound, bytes, at, Math.min(at + size, bytes.length), length => {
			passed.push(Buffer.from(inbound.packet.subarray(0, length)).toString("hex"));
			return true;
		});
	return { passed, whole, dropped: inbound.dropped };
}

const connack = packets.generate({ cmd: "connack", returnCode: 0, sessionPresent: false });
const puback = packets.generate({ cmd: "puback", messageId: 4711 });
const pingresp = packets.generate({ cmd: "pingresp" });

function message(topic: string, payload: string, qos: 0 | 1 = 0): Buffer {
	return packets.generate({ cmd: "publish", topic, payload, qos, messageId: 7, dup: false, retain: true });
}

describe("packets from the broker", () => {
	const status = message("homeassistant/status", "online");
	const long = message("a/b", "x".repeat(900));
	const stream = Buffer.concat([connack, status, puback, long, pingresp]);
	const expected = [connack, status, puback, long, pingresp].map(packet => packet.toString("hex"));

	it.each([1, 2, 3, 7, 64, stream.length])("pass whole when they arrive in pieces of %i", size => {
		expect(pass(stream, size)).toEqual({ passed: expected, whole: true, dropped: 0 });
	});

	it.each([0, 1] as const)("a message without payload is kept from the client (quality %i), the next is not", qos => {
		const bytes = Buffer.concat([message("homeassistant/status", "", qos), status]);
		for (const size of [1, 5, bytes.length])
			expect(pass(bytes, size)).toEqual({ passed: [status.toString("hex")], whole: true, dropped: 1 });
	});

	it("a packet that does not fit is passed over, whatever its length claims to be", () => {
		const bytes = Buffer.concat([message("a", "y".repeat(20_000)), status]);
		for (const size of [1, 100, bytes.length])
			expect(pass(bytes, size)).toEqual({ passed: [status.toString("hex")], whole: true, dropped: 1 });
		expect(pass(Buffer.from("30ffffff7f0001", "hex"), 1)).toEqual({ passed: [], whole: true, dropped: 1 });
	});

	it("a packet of exactly the capacity passes, of one byte more not", () => {
		expect(pass(status, 4, status.length).passed).toHaveLength(1);
		expect(pass(status, 4, status.length - 1).passed).toHaveLength(0);
	});

	it("a length of five bytes is no MQTT", () => {
		expect(pass(Buffer.from("30ffffffff7f", "hex"), 1).whole).toBe(false);
	});

	it("after the client closed the rest is dropped", () => {
		const inbound = createPacketFilter(64);
		let count = 0;
		filterPackets(inbound, Buffer.concat([pingresp, pingresp]), 0, 4, () => {
			count += 1;
			return false;
		});
		expect(count).toBe(1);
	});
});
