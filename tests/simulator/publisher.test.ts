import { createServer } from "node:net";
import { generate, parser } from "mqtt-packet";
import { afterEach, describe, expect, it } from "vitest";
import type { MqttError } from "../../modules/session/ports.js";
import { createPublisher, type Publisher } from "../../simulator/publisher.js";
import { findFreePort, startMosquitto, subscribe, waitUntil } from "../support/brokers.js";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function open(port: number): { publisher: Publisher; errors: MqttError[]; online: () => number } {
	const errors: MqttError[] = [];
	let online = 0;
	const publisher = createPublisher({ host: "127.0.0.1", port, secure: false }, "test/status", {
		onOnline: () => {
			online += 1;
		},
		onOffline: error => errors.push(error),
	});
	return { publisher, errors, online: () => online };
}

const number = (at: number) => ({
	topic: "test/number",
	payload: String(at),
	quality: (at % 2) as 0 | 1,
	retain: false,
});

describe("publisher", () => {
	it("keeps the last hundred messages while there is no broker, and delivers them in order", async () => {
		const port = await findFreePort();
		const { publisher, errors } = open(port);
		for (let at = 0; at < 150; at++) publisher.publish([number(at)]);
		await waitUntil(() => errors.length === 1, 5000, "the refusal");
		expect(errors[0]?.kind).toBe("connect");
		// It records what is published itself: a subscriber could come too late.
		const payloads: string[] = [];
		const server = createServer(socket => {
			const packets = parser();
			packets.on("packet", packet => {
				if (packet.cmd === "connect") socket.write(generate({ cmd: "connack", returnCode: 0, sessionPresent: false }));
				if (packet.cmd !== "publish") return;
				payloads.push(packet.payload.toString());
				if (packet.qos === 1) socket.write(generate({ cmd: "puback", messageId: packet.messageId ?? 0 }));
			});
			socket.on("data", data => packets.parse(data));
		});
		await new Promise<void>(resolve => server.listen(port, "127.0.0.1", resolve));
		cleanups.push(() => server.close());
		await waitUntil(() => payloads.length === 101, 10_000, "the messages");
		expect(await publisher.close(5000)).toBe(true);
		expect(payloads).toEqual(["online", ...Array.from({ length: 100 }, (_, at) => String(at + 50)), "offline"]);
	});

	it("sends a message of quality 1 again when the broker died before it answered", async () => {
		const first = await startMosquitto();
		const { publisher, errors, online } = open(first.port);
		await waitUntil(() => online() === 1, 5000, "the broker");
		first.process.kill("SIGSTOP");
		// Retained, so that a subscriber may come late.
		publisher.publish([{ ...number(1), retain: true }]);
		await new Promise(resolve => setTimeout(resolve, 50));
		await first.stop();
		await waitUntil(() => errors.length > 0, 5000, "the loss");
		const again = await startMosquitto({ port: first.port });
		cleanups.push(again.stop);
		const subscriber = await subscribe(first.port, "test/number");
		cleanups.push(subscriber.stop);
		await subscriber.waitFor(messages => messages.length === 1);
		expect(subscriber.messages[0]).toMatchObject({ payload: "1", quality: 1 });
		expect(await publisher.close(5000)).toBe(true);
	});

	it("gives up at the end when nobody listens, and says so", async () => {
		const { publisher, errors } = open(await findFreePort());
		publisher.publish([number(0)]);
		expect(await publisher.close(300)).toBe(false);
		const count = errors.length;
		await new Promise(resolve => setTimeout(resolve, 1200));
		expect(errors.length).toBe(count);
	});
});
