/** The computer's MQTT client with real brokers, and with servers that misbehave. */
import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate, parser } from "mqtt-packet";
import { afterEach, describe, expect, it } from "vitest";
import { openConnection } from "../../gateway/connection.js";
import { createHostClock } from "../../gateway/host-clock.js";
import { createHostMqttClient, createMqttClient } from "../../gateway/mqtt-client.js";
import type { CreateMqttClient, MqttClient, MqttControl, MqttError, MqttOptions } from "../../modules/ports/mqtt.js";
import { longestPacket } from "../../modules/uplink/packet-filter.js";
import { findFreePort, startAedes, startMosquitto, subscribe } from "../support/brokers.js";
import { createVirtualClock, type VirtualClock } from "../support/virtual-clock.js";
import { waitUntil } from "../support/wait.js";

interface Session {
	client: MqttClient;
	controls: MqttControl[];
	errors: (MqttError | undefined)[];
	rooms: number[];
	received: { topic: string; text: string; QoS: number }[];
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function open(port: number, options: Partial<MqttOptions> = {}, create = createHostMqttClient): Session {
	const session: Omit<Session, "client"> = { controls: [], errors: [], rooms: [], received: [] };
	const client: MqttClient = create({
		host: "127.0.0.1",
		port,
		secure: false,
		nameServers: [],
		id: "test",
		clean: true,
		keepAlive: 0,
		onReadable(count, { topic = "", QoS = 0 }) {
			const bytes = client.read(count) ?? new ArrayBuffer(0);
			session.received.push({ topic, QoS, text: Buffer.from(bytes).toString() });
		},
		onWritable: count => session.rooms.push(count),
		onControl: message => session.controls.push(message),
		onError: error => session.errors.push(error),
		...options,
	});
	cleanups.push(() => session.errors.length > 0 || client.close());
	return { ...session, client };
}

/** The client in a time that passes only when it is told to, over the computer's network. */
function createOn(clock: VirtualClock): CreateMqttClient {
	return options => createMqttClient({ clock, open: openConnection, bufferSize: 8192 }, options);
}

async function connected(session: Session): Promise<Session> {
	await waitUntil("CONNACK", () => session.rooms.length > 0);
	expect(session.controls[0]).toEqual({ operation: 2, returnCode: 0 });
	return session;
}

const failed = (session: Session) => waitUntil("onError", () => session.errors.length > 0);
const bytes = (text: string) => new TextEncoder().encode(text);

/** A server that answers CONNECT and leaves the rest to the test. */
async function startServer(onSocket: (socket: Socket) => void): Promise<number> {
	const sockets: Socket[] = [];
	const server = createServer(socket => {
		sockets.push(socket);
		onSocket(socket);
	});
	await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
	cleanups.push(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	return (server.address() as { port: number }).port;
}

const connack = generate({ cmd: "connack", returnCode: 0, sessionPresent: false });

for (const [name, start] of [
	["mosquitto", startMosquitto],
	["aedes", startAedes],
] as const) {
	describe(`MQTT client with ${name}`, () => {
		const startBroker = async () => {
			const broker = await start();
			cleanups.push(broker.stop);
			return broker.port;
		};

		it("publishes at QoS 0 and 1, retained or not, and is acknowledged", async () => {
			const port = await startBroker();
			const subscriber = await subscribe(port, "test/#");
			cleanups.push(subscriber.stop);
			const { client, controls, rooms } = await connected(open(port));
			expect(rooms[0]).toBe(8192 - 8);
			const room = client.write(bytes("nought"), { topic: "test/a", id: 1 });
			expect(room).toBe(8192 - 8 - (2 + 2 + 6 + 6));
			client.write(bytes("one"), { topic: "test/b", QoS: 1, retain: true, id: 4711 });
			await subscriber.waitFor(messages => messages.length === 2);
			await waitUntil("PUBACK", () => controls.length === 2);
			expect(controls[1]).toEqual({ operation: 4, id: 4711 });
			expect(subscriber.messages).toEqual([
				{ topic: "test/a", payload: "nought", quality: 0, retain: false },
				{ topic: "test/b", payload: "one", quality: 1, retain: false },
			]);
			const late = await subscribe(port, "test/#");
			cleanups.push(late.stop);
			await late.waitFor(messages => messages.length === 1);
			expect(late.messages[0]).toEqual({ topic: "test/b", payload: "one", quality: 1, retain: true });
		});

		it("leaves its will when it vanishes, and none after a DISCONNECT", async () => {
			const port = await startBroker();
			const subscriber = await subscribe(port, "test/#");
			cleanups.push(subscriber.stop);
			const will = { message: "offline", QoS: 1, retain: true } as const;
			const rude = await connected(open(port, { id: "rude", will: { ...will, topic: "test/rude" } }));
			const polite = await connected(open(port, { id: "polite", will: { ...will, topic: "test/polite" } }));
			polite.client.write(null, { operation: 14 });
			polite.client.close();
			rude.client.close();
			rude.client.close();
			await subscriber.waitFor(messages => messages.length > 0);
			expect(subscriber.messages).toEqual([{ topic: "test/rude", payload: "offline", quality: 1, retain: false }]);
			expect(() => rude.client.write(bytes("x"), { topic: "t", id: 1 })).toThrow(TypeError);
		});

		it("publishes 20 000 bytes in parts, with acknowledgements kept back meanwhile", async () => {
			const port = await startBroker();
			const subscriber = await subscribe(port, "test/large");
			cleanups.push(subscriber.stop);
			const text = Array.from({ length: 20_000 }, (_, at) => String.fromCharCode(97 + (at % 26))).join("");
			const payload = bytes(text);
			let sent = 0;
			const session = open(port, {
				onWritable(count) {
					while (sent < payload.length && count > 100) {
						const part = payload.subarray(sent, sent + Math.min(count - 60, 3000));
						const options = { topic: "test/large", byteLength: payload.length, QoS: 1, id: 9 } as const;
						count = sent === 0 ? session.client.write(part, options) : session.client.write(part);
						sent += part.length;
						if (sent < payload.length) {
							expect(() => session.client.write(part, { topic: "t", id: 1 })).toThrow("multi-part");
						}
					}
				},
			});
			await subscriber.waitFor(messages => messages.length === 1);
			expect(subscriber.messages[0]?.payload).toBe(text);
			expect(sent).toBe(20_000);
		});

		it("subscribes, reads and acknowledges", async () => {
			const port = await startBroker();
			const listener = await connected(open(port, { id: "listener" }));
			listener.client.write(null, {
				operation: 8,
				id: 77,
				items: [
					{ topic: "test/+", QoS: 1 },
					{ topic: "other", QoS: 0 },
				],
			});
			await waitUntil("SUBACK", () => listener.controls.length === 2);
			expect(listener.controls[1]).toEqual({ operation: 9, id: 77, payload: [1, 0] });
			const talker = await connected(open(port, { id: "talker" }));
			talker.client.write(bytes("hello"), { topic: "test/x", QoS: 1, id: 1 });
			talker.client.write(bytes("bye"), { topic: "other", QoS: 1, id: 3 });
			await waitUntil("messages", () => listener.received.length === 2);
			// A broker may send messages of different quality in another order.
			expect(listener.received.sort((a, b) => b.text.length - a.text.length)).toEqual([
				{ topic: "test/x", QoS: 1, text: "hello" },
				{ topic: "other", QoS: 0, text: "bye" },
			]);
		});

		it("is spared empty messages and long ones", async () => {
			const port = await startBroker();
			const listener = await connected(open(port, { id: "listener" }));
			listener.client.write(null, { operation: 8, id: 77, items: [{ topic: "test/+", QoS: 0 }] });
			await waitUntil("SUBACK", () => listener.controls.length === 2);
			const talker = connect(port, "127.0.0.1");
			cleanups.push(() => talker.destroy());
			talker.write(generate({ cmd: "connect", protocolId: "MQTT", clientId: "talker", clean: true, keepalive: 0 }));
			await once(talker, "data");
			const send = (topic: string, payload: Buffer) =>
				talker.write(generate({ cmd: "publish", topic, payload, qos: 0, retain: false, dup: false }));
			send("test/empty", Buffer.alloc(0));
			send("test/vast", Buffer.alloc(16_000_000));
			send("test/long", Buffer.alloc(longestPacket - "test/long".length - 4, 120));
			send("test/fits", Buffer.alloc(longestPacket - "test/fits".length - 5, 120));
			send("test/last", Buffer.from("bye"));
			await waitUntil("messages", () => listener.received.length === 2);
			expect(listener.received.map(({ topic, text }) => [topic, text.length])).toEqual([
				["test/fits", 1010],
				["test/last", 3],
			]);
			expect(listener.errors).toEqual([]);
		});

		it("pings every three quarters of the keep-alive time, and each ping is answered", async () => {
			const clock = createVirtualClock();
			const session = await connected(open(await startBroker(), { keepAlive: 60_000 }, createOn(clock)));
			const answers = () => session.controls.filter(control => control.operation === 13).length;
			for (let count = 1; count <= 3; count += 1) {
				clock.pass(44_999);
				expect(answers()).toBe(count - 1);
				clock.pass(1);
				await waitUntil("an answer", () => answers() === count);
			}
			expect(session.errors).toEqual([]);
		});
	});
}

describe("MQTT client without luck", () => {
	it("tells that the broker was killed", async () => {
		const broker = await startMosquitto();
		const session = await connected(open(broker.port, { keepAlive: 60_000 }));
		await broker.stop();
		await failed(session);
		expect(session.errors).toEqual([expect.objectContaining({ kind: "lost" })]);
		session.client.close();
	});

	it("notices a broker that stands still, at the first look after one and a half keep-alive times", async () => {
		const broker = await startMosquitto();
		cleanups.push(broker.stop);
		const clock = createVirtualClock();
		const session = await connected(open(broker.port, { keepAlive: 60_000 }, createOn(clock)));
		broker.process.kill("SIGSTOP");
		clock.pass(104_999);
		expect(session.errors).toEqual([]);
		clock.pass(1);
		expect(session.errors[0]?.message).toBe("no answer to a ping");
	});

	it("tells a refusal with its code", async () => {
		const broker = await startMosquitto({ lines: ["allow_anonymous false"] });
		cleanups.push(broker.stop);
		const session = open(broker.port, { user: "somebody", password: "secret" });
		await failed(session);
		expect(session.errors[0]).toMatchObject({ kind: "refused", returnCode: 5 });
		expect(session.rooms).toEqual([]);
	});

	it("tells that nobody listens, and that a name does not exist", async () => {
		const refused = open(await findFreePort());
		await failed(refused);
		expect(refused.errors[0]?.kind).toBe("connect");
		const nameless = open(1883, { host: "no-such-host.invalid" });
		await failed(nameless);
		expect(nameless.errors[0]?.kind).toBe("name");
	});

	it("connects over TLS only to a broker whose certificate it trusts", async () => {
		const folder = mkdtempSync(join(tmpdir(), "smarty-certificate-"));
		cleanups.push(() => rmSync(folder, { recursive: true }));
		const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
		const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
		const files = ["-keyout", key, "-out", certificate];
		execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject, ...files], {
			stdio: "ignore",
		});
		const broker = await startMosquitto({ lines: [`certfile ${certificate}`, `keyfile ${key}`] });
		cleanups.push(broker.stop);
		const session = open(broker.port, { secure: true });
		await failed(session);
		expect(session.errors[0]?.kind).toBe("unknown");
		// Node reads its list of certificates at the start: the trusting client is a process of its own.
		const script = `
			import { createHostMqttClient } from "./gateway/mqtt-client.ts";
			createHostMqttClient({ host: "127.0.0.1", port: ${broker.port}, secure: true, nameServers: [], id: "", clean: true,
				keepAlive: 0, onReadable() {}, onWritable() {}, onControl: message => process.exit(message.operation),
				onError: error => { console.error(error); process.exit(99); } });`;
		const command = ["--import", "tsx", "--input-type=module", "--eval", script];
		const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificate };
		expect(spawnSync(process.execPath, command, { env, encoding: "utf8" })).toMatchObject({ status: 2, stderr: "" });
	});

	it("tells that a broker speaks no TLS", async () => {
		const port = await startServer(socket => socket.end("this is not TLS"));
		const session = open(port, { secure: true });
		await failed(session);
		expect(session.errors[0]?.kind).toBe("connect");
	});

	it("gives up on bytes that are not MQTT", async () => {
		const port = await startServer(socket => {
			socket.on("error", () => {});
			socket.once("data", () => socket.write(Buffer.concat([connack, Buffer.of(0xf0, 0x00, 1, 2, 3)])));
		});
		const session = open(port);
		await failed(session);
		expect(session.errors[0]?.kind).toBe("lost");
		expect(session.errors).toHaveLength(1);
	});

	it("throws where the original would restart the device", async () => {
		const port = await startServer(socket => {
			const packets = parser();
			packets.on("packet", packet => {
				if (packet.cmd === "connect") socket.write(connack);
			});
			socket.on("data", data => packets.parse(data));
			socket.on("error", () => {});
		});
		const thrown: unknown[] = [];
		const attempt = (action: () => unknown) => {
			try {
				action();
			} catch (error) {
				thrown.push((error as Error).message);
			}
		};
		const session = open(port, {
			onResolved: () => attempt(() => session.client.write(bytes(""), { topic: "t", id: 1 })),
		});
		attempt(() => session.client.close());
		attempt(() => session.client.write(bytes(""), { topic: "t", id: 1 }));
		session.controls.push = () => {
			attempt(() => session.client.close());
			return 0;
		};
		await waitUntil("CONNACK", () => session.rooms.length > 0);
		attempt(() => session.client.write(new Uint8Array(8192), { topic: "t", id: 1 }));
		attempt(() => session.client.write(bytes("four"), { topic: "t", id: 1, byteLength: 3 }));
		attempt(() => session.client.write(bytes(""), { topic: "t", id: 0 }));
		attempt(() => open(port, { password: "alone" }));
		expect(thrown).toEqual([
			"close() while the name is being resolved",
			"write() while resolving",
			"write() before CONNACK",
			"close() within a callback",
			"overflow",
			"4 bytes of a payload of 3",
			"identifier 0",
			"a password needs a user",
		]);
	});

	it("tells when there is room again", async () => {
		const port = await startServer(socket => {
			socket.once("data", () => socket.write(connack));
			socket.on("error", () => {});
		});
		const world = { clock: createHostClock(), open: openConnection, bufferSize: 256 };
		const session = open(port, {}, options => createMqttClient(world, options));
		await waitUntil("CONNACK", () => session.rooms.length > 0);
		expect(session.client.write(new Uint8Array(242), { topic: "t", id: 1 })).toBe(0);
		const before = session.rooms.length;
		await waitUntil("onWritable", () => session.rooms.length > before);
		expect(session.rooms.at(-1)).toBe(248);
	});
});
