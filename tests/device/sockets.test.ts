/** The board's listener and its MQTT client over stand-ins for the SDK's sockets: what costs memory when, and what a failure costs. */
import { beforeEach, describe, expect, test } from "vitest";
import type { CreateMqttClient, MqttOptions } from "../../modules/ports/mqtt.js";
import type { Admit, Closable, Stream } from "../../modules/ports/ports.js";
import { type Loaded, load } from "./stand-in.js";

const listener = `
	import TCP from "embedded:io/socket/tcp";
	export default class {
		constructor(options) { globalThis.WORLD.call("listen", options); }
		read() { globalThis.WORLD.call("read"); return new TCP(); }
		close() { globalThis.WORLD.call("unlisten"); }
	}`;
const tcp = `
	let count = 0;
	export default class {
		number = count++;
		constructor(options) { if (options !== undefined) globalThis.WORLD.call("new TCP", options); }
		close() { globalThis.WORLD.call("close", this.number); }
		read(bytes) { bytes.fill(7); }
		write(bytes) { globalThis.WORLD.call("write", bytes.length); return 10; }
	}`;

interface Socket {
	onReadable(count: number): void;
	onWritable(count: number): void;
	onError(): void;
}

describe("the listener", () => {
	let board: Loaded<{ openListener(guard: unknown, port: number, admit: Admit): Closable }>;
	const names = () => board.world.calls.map(([name, about]) => (name === "close" ? `close ${about}` : name));

	beforeEach(async () => {
		board = await load("modules/device/listener.ts", {
			"embedded:io/socket/listener": listener,
			"embedded:io/socket/tcp": tcp,
		});
	});

	/** One connection waits. */
	function connect(admit: Admit): void {
		board.module.openListener(board.guard, 80, admit);
		const { onReadable } = board.world.calls.find(([name]) => name === "listen")![1] as Socket;
		board.world.calls.length = 0;
		onReadable(1);
	}

	const events = { onData() {}, onWritable() {}, onEnd() {} };
	const socket = () => board.world.calls.find(([name]) => name === "new TCP")![1] as Socket;

	test("a connection that is refused is closed before a socket of its own was made for it", () => {
		connect(() => null);
		expect(names()).toEqual(["read", "close 0"]);
		expect(board.exceptions).toEqual([]);
	});

	test("one that is taken has its own, which is closed after the event in which it was asked for", () => {
		const heard: number[][] = [];
		let stream: Stream | null = null;
		connect(accept => {
			stream = accept();
			return { ...events, onData: (bytes, count) => heard.push([...bytes.subarray(0, count)]) };
		});
		socket().onReadable(3);
		expect(heard).toEqual([[7, 7, 7]]);
		expect(stream!.write(new Uint8Array(20), 0, 20)).toBe(0);
		socket().onWritable(12);
		expect(stream!.write(new Uint8Array(20), 0, 20)).toBe(12);
		stream!.close();
		stream!.close();
		expect(names()).toEqual(["read", "new TCP", "write", "Timer.set"]);
		board.ring();
		expect(names().at(-1)).toBe("close 1");
	});

	test("without memory for a timer it is closed at once", () => {
		let stream: Stream | null = null;
		connect(accept => {
			stream = accept();
			return events;
		});
		board.world.failing.add("Timer.set");
		stream!.close();
		expect(names().at(-1)).toBe("close 1");
		expect(board.exceptions).toEqual([]);
	});

	test("without memory for its socket it is closed, and that is told", () => {
		board.world.failing.add("new TCP");
		connect(accept => {
			accept();
			return events;
		});
		expect(names()).toEqual(["read", "new TCP", "close 0"]);
		expect(board.exceptions).toHaveLength(1);
	});

	test("without memory to accept it waits a second in the listener", () => {
		let admitted = 0;
		board.world.failing.add("read");
		connect(() => {
			admitted += 1;
			return null;
		});
		expect(board.world.timers.map(({ delay }) => delay)).toEqual([1_000]);
		board.world.failing.clear();
		board.ring();
		expect(admitted).toBe(1);
		expect(board.exceptions).toEqual([]);
	});
});

describe("the MQTT client", () => {
	const client = `export default class {
		constructor(options) { globalThis.WORLD.call("new client", options); }
		close() { globalThis.WORLD.call("close"); }
	}`;
	let board: Loaded<{ createMqttClientFactory(guard: unknown): CreateMqttClient }>;

	beforeEach(async () => {
		board = await load("modules/device/broker.ts", {
			"embedded:network/mqtt/client": client,
			crypt: "export class Digest {}",
		});
	});

	/** Its broker's name was resolved. */
	function open() {
		const options = { host: "10.0.0.1", nameServers: [], onResolved() {}, onError() {} } as unknown as MqttOptions;
		const opened = board.module.createMqttClientFactory(board.guard)(options);
		const { socket } = board.world.calls[0]![1] as { socket: { connection: { resolved: boolean } } };
		socket.connection.resolved = true;
		return opened;
	}

	test("what its close throws, after the event in which it was asked for, ends in the guard", () => {
		open().close();
		board.world.failing.add("close");
		board.ring();
		expect(board.exceptions.map(String)).toEqual(["Error: no memory for close"]);
	});

	test("without memory for a timer it is closed at once", () => {
		board.world.failing.add("Timer.set");
		open().close();
		expect(board.world.calls.map(([name]) => name)).toEqual(["new client", "Timer.set", "close"]);
		expect(board.exceptions).toEqual([]);
	});
});
