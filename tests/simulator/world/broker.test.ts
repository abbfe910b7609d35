/** Tests of simulator: broker. */
import { generate, type IConnectPacket, type Packet } from "mqtt-packet";
import { beforeEach, describe, expect, test } from "vitest";
import type { Connection } from "../../../gateway/connection.js";
import { createChance } from "../../../simulator/chance.js";
import { createWorldClock, runUntil, second, type WorldClock } from "../../../simulator/world/clock.js";
import {
	createWorldBroker,
	killBroker,
	startBroker,
	stopBroker,
	welcome,
} from "../../../simulator/world/network/broker.js";
import type { Publication, WorldBroker } from "../../../simulator/world/network/contract.js";
import { createRadio, type Radio } from "../../../simulator/world/network/network.js";
import { createInternet, type Internet, openSocket } from "../../../simulator/world/network/socket.js";

let clock: WorldClock;
let radio: Radio;
let internet: Internet;
let broker: WorldBroker;
let violations: string[];
let publications: Publication[];
let told: string[];

beforeEach(() => {
	clock = createWorldClock();
	radio = createRadio(clock, createChance(1));
	radio.state = "ready";
	violations = [];
	publications = [];
	told = [];
	broker = createWorldBroker(clock, {
		onPublish: publication => void publications.push(publication),
		onSession: open => void told.push(open ? "session" : "session-end"),
		onViolation: text => void violations.push(text),
	});
	internet = createInternet(clock, radio, socket => welcome(broker, socket));
});

const hello: IConnectPacket = {
	cmd: "connect",
	protocolId: "MQTT",
	protocolVersion: 4,
	clientId: "device",
	clean: true,
	keepalive: 30,
	will: { topic: "status", payload: Buffer.from("offline"), qos: 1, retain: true },
};

async function connect(): Promise<Connection> {
	const connection = openSocket(
		internet,
		{ host: "broker.home", port: 1883, secure: false },
		{
			onResolved: () => {},
			onOpen: () => void told.push("open"),
			onData: bytes => void told.push(`data ${bytes[0]! >> 4} ${bytes.at(-1)}`),
			onEnd: error => void told.push(`end ${error.kind}`),
		},
	);
	await pass(2);
	return connection;
}

async function pass(seconds: number): Promise<void> {
	await runUntil(clock, clock.now + seconds * second);
}

async function send(connection: Connection, ...packets: Packet[]): Promise<void> {
	for (const packet of packets) connection.write(new Uint8Array(generate(packet)), () => {});
	await pass(5);
}

function publication(topic: string, id: number, payload = "x"): Packet {
	return { cmd: "publish", topic, payload, qos: id > 0 ? 1 : 0, retain: false, dup: false, messageId: id };
}

test("a session as it should be", async () => {
	const connection = await connect();
	await send(connection, hello, publication("a", 1), publication("b", 0), { cmd: "pingreq" }, { cmd: "disconnect" });
	connection.close();
	await pass(60);
	expect(publications.map(({ topic, quality }) => [topic, quality])).toEqual([
		["a", 1],
		["b", 0],
	]);
	expect(told).toEqual(["open", "session", "data 2 0", "data 4 1", "data 13 0", "session-end"]);
	expect(violations).toEqual([]);
});

describe("rules of MQTT 3.1.1 and ours", () => {
	const cases: [rule: string, packets: Packet[], complaint: string][] = [
		["PUBLISH first", [publication("a", 1)], "publish before CONNECT"],
		["CONNECT twice", [hello, hello], "a second CONNECT"],
		["no keep-alive", [{ ...hello, keepalive: 0 }], "no keep-alive"],
		["a wildcard", [hello, publication("a/#", 1)], 'a publication for "a/#"'],
		["after DISCONNECT", [hello, { cmd: "disconnect" }, publication("a", 1)], "publish after DISCONNECT"],
		["an acknowledgement", [hello, { cmd: "puback", messageId: 1 }], "puback from a client"],
	];
	test.each(cases)("%s", async (_rule, packets, complaint) => {
		const connection = await connect();
		await send(connection, ...packets);
		expect(violations.join("\n")).toContain(complaint);
	});

	test("no last will", async () => {
		const { will, ...rest } = hello;
		expect(will).toBeDefined();
		const connection = await connect();
		await send(connection, rest);
		expect(violations).toEqual([]);
		await send(connection, publication("a", 1));
		expect(violations.join()).toContain("no last will");
	});

	test("an identifier that is in use", async () => {
		broker.delay = 10 * second;
		const connection = await connect();
		await send(connection, hello, publication("a", 7), publication("b", 7));
		expect(violations.join()).toContain("identifier 7 is in use");
	});

	test("bytes that are no packet", async () => {
		const connection = await connect();
		await send(connection, hello);
		connection.write(Uint8Array.of(0xf0, 0xff, 0xff, 0xff, 0xff, 0xff), () => {});
		await pass(5);
		expect(violations.join()).toContain("bytes that are no packet");
		expect(told.at(-1)).toBe("end lost");
	});
});

describe("last wills", () => {
	test("speak when the device is silent for one and a half of its keep-alive time", async () => {
		await send(await connect(), hello);
		await pass(39);
		expect(publications).toEqual([]);
		await pass(5);
		expect(publications).toMatchObject([{ topic: "status", payload: "offline", will: true }]);
		expect(broker.retained.get("status")).toBe("offline");
	});

	test("speak when another connection takes the name, and not after DISCONNECT", async () => {
		const first = await connect();
		await send(first, hello);
		const second = await connect();
		await send(second, hello);
		expect(publications).toHaveLength(1);
		expect(told).toContain("end lost");
		await send(second, { cmd: "disconnect" });
		second.close();
		await pass(60);
		expect(publications).toHaveLength(1);
	});
});

describe("a broker that", () => {
	test.each([3, 5])("refuses with code %i", async code => {
		broker.answer = code;
		await send(await connect(), hello);
		expect(told).toEqual(["open", `data 2 ${code}`, "end lost"]);
	});

	test("dies in the middle of a packet takes nothing of it", async () => {
		const connection = await connect();
		await send(connection, hello);
		broker.dieAfter = 5;
		broker.onDeath = () => killBroker(broker, true);
		await send(connection, publication("a", 1, "a longer payload"));
		expect(publications).toEqual([]);
		expect(told.at(-1)).toBe("end lost");
		expect(await connect().then(() => told.at(-1))).toBe("end connect");
		startBroker(broker);
		await connect();
		expect(told.at(-1)).toBe("open");
	});

	test("hangs takes bytes up to its window, and all of them when it goes on", async () => {
		const connection = await connect();
		await send(connection, hello);
		stopBroker(broker, true);
		let taken = 0;
		for (let id = 1; id <= 12; id++) {
			connection.write(new Uint8Array(generate(publication("a", id, "x".repeat(2_000)))), () => {
				taken += 1;
			});
		}
		await pass(20);
		expect(taken).toBe(9);
		expect(publications).toEqual([]);
		stopBroker(broker, false);
		await pass(20);
		expect(publications).toHaveLength(12);
		expect(violations).toEqual([]);
	});

	test("is behind a half-open connection says nothing at all", async () => {
		const connection = await connect();
		await send(connection, hello);
		internet.sockets[0]!.swallowing = true;
		await send(connection, publication("a", 1));
		await pass(300);
		expect(publications.filter(({ will }) => !will)).toEqual([]);
		expect(told.filter(line => line.startsWith("end"))).toEqual([]);
	});
});

test("what is sent while the path is broken arrives when it is whole again, in order", async () => {
	const connection = await connect();
	await send(connection, hello);
	radio.accessPoint.path = false;
	await send(connection, publication("a", 1), publication("b", 2));
	expect(publications).toEqual([]);
	radio.accessPoint.path = true;
	await pass(5);
	expect(publications.map(({ topic }) => topic)).toEqual(["a", "b"]);
});

test("a name that nobody resolves is given up after five seconds", async () => {
	radio.accessPoint.names = false;
	await connect();
	await pass(2.5);
	expect(told).toEqual([]);
	await pass(1);
	expect(told).toEqual(["end name"]);
});
