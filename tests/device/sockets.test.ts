/** The board's listener and its MQTT client over stand-ins for the SDK's sockets: what costs memory when, and what a failure costs. */
import { beforeEach, describe, expect, test } from "vitest";
import type { MqttClient, MqttOptions } from "../../modules/ports/mqtt.js";
import type { Admit, Closable, Stream, StreamEvents } from "../../modules/ports/ports.js";
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

const handover = `export const handover = {
	hold(from) { globalThis.WORLD.call("hold", from.number); },
};`;

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
			"device/handover": handover,
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
		expect(names()).toEqual(["read", "hold", "new TCP", "write", "Timer.set"]);
		board.ring();
		expect(names().at(-1)).toBe("close 1");
	});

	test("what comes while its own socket is made waits: the connection is held right before, and only then", () => {
		let before: unknown[] = [];
		connect(accept => {
			before = names();
			accept();
			return events;
		});
		expect(before).toEqual(["read"]);
		expect(names()).toEqual(["read", "hold", "new TCP"]);
		const [, [, held], [, options]] = board.world.calls as [
			unknown,
			[string, number],
			[string, { from: { number: number } }],
		];
		expect(options.from.number).toBe(held);
	});

	test("what is in its send buffer is pending until it is confirmed", () => {
		let stream: Stream | null = null;
		connect(accept => {
			stream = accept();
			return events;
		});
		expect(stream!.pending).toBe(0);
		socket().onWritable(12);
		expect(stream!.pending).toBe(0);
		stream!.write(new Uint8Array(2), 0, 2);
		expect(stream!.pending).toBe(2);
		socket().onWritable(11);
		expect(stream!.pending).toBe(1);
		socket().onWritable(12);
		expect(stream!.pending).toBe(0);
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
		expect(names()).toEqual(["read", "hold", "new TCP", "close 0"]);
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

describe("a call", () => {
	const resolver = `export default class {
		constructor(options) { globalThis.WORLD.call("new resolver", options.servers); }
		resolve(options) { globalThis.WORLD.call("resolve", options); }
	}`;
	type Dial = (guard: unknown, host: string, port: number, servers: string[], events: StreamEvents) => Stream;
	let board: Loaded<{ dial: Dial }>;
	let heard: string[];
	const events: StreamEvents = {
		onData: (_bytes, count) => void heard.push(`data ${count}`),
		onWritable: () => void heard.push("writable"),
		onEnd: () => void heard.push("end"),
	};
	const names = () => board.world.calls.map(([name, about]) => (name === "close" ? `close ${about}` : name));
	const about = <Kind>(name: string) => board.world.calls.find(([called]) => called === name)![1] as Kind;
	const resolve = () => about<{ onResolved(host: string, address: string): void; onError(): void }>("resolve");
	const socket = () => about<Socket & { address: string; port: number }>("new TCP");

	beforeEach(async () => {
		heard = [];
		board = await load("modules/device/dial.ts", {
			"embedded:io/socket/tcp": tcp,
			"embedded:network/dns/resolver/udp": resolver,
		});
	});

	test("asks for the name, connects, and tells what comes", () => {
		const stream = board.module.dial(board.guard, "ha.lan", 8123, ["10.0.0.1"], events);
		expect(about("new resolver")).toEqual(["10.0.0.1"]);
		expect(stream.write(new Uint8Array(5), 0, 5)).toBe(0);
		resolve().onResolved("ha.lan", "10.0.0.9");
		expect(socket()).toMatchObject({ address: "10.0.0.9", port: 8123 });
		socket().onWritable(100);
		expect(stream.write(new Uint8Array(5), 0, 5)).toBe(5);
		socket().onReadable(600);
		socket().onError();
		socket().onReadable(3);
		expect(heard).toEqual(["writable", "data 512", "data 88", "end"]);
		board.ring();
		expect(names().at(-1)).toBe("close 0");
	});

	test("ends where the name is nobody's, nobody is to be asked, or there is no memory", () => {
		board.module.dial(board.guard, "ha.lan", 80, ["10.0.0.1"], events);
		resolve().onError();
		expect(heard.splice(0)).toEqual(["end"]);
		board.module.dial(board.guard, "ha.lan", 80, [], events);
		expect(heard).toEqual([]);
		board.ring();
		expect(heard.splice(0)).toEqual(["end"]);
		board.world.failing.add("new TCP");
		resolve().onResolved("ha.lan", "10.0.0.9");
		board.world.calls.length = 0;
		board.module.dial(board.guard, "ha.local", 80, [], events);
		resolve().onResolved("ha.local", "10.0.0.9");
		expect(heard).toEqual(["end"]);
		board.ring();
		expect(board.exceptions).toEqual([]);
	});

	test("that is closed while its name is looked up connects nowhere", () => {
		board.module.dial(board.guard, "ha.lan", 80, ["10.0.0.1"], events).close();
		resolve().onResolved("ha.lan", "10.0.0.9");
		expect(names()).not.toContain("new TCP");
		board.ring();
		expect(heard).toEqual([]);
	});
});

describe("the MQTT client", () => {
	const client = `export default class {
		constructor(options) { globalThis.WORLD.call("new client", options); }
		close() { globalThis.WORLD.call("close"); }
	}`;
	let board: Loaded<{ createMqttClient(guard: unknown, options: MqttOptions): MqttClient }>;

	beforeEach(async () => {
		board = await load("modules/device/broker.ts", {
			"embedded:network/mqtt/client": client,
			crypt: "export class Digest {}",
		});
	});

	/** Its broker's name was resolved. */
	function open() {
		const options = { host: "10.0.0.1", nameServers: [], onResolved() {}, onError() {} } as unknown as MqttOptions;
		const opened = board.module.createMqttClient(board.guard, options);
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
