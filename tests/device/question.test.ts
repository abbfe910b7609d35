/** A question by UDP over stand-ins for the SDK's socket and resolver: who is heard, and what is closed when. */
import { beforeEach, expect, test } from "vitest";
import type { Closable, DatagramQuestion, OnDatagram } from "../../modules/ports/ports.js";
import { type Loaded, load } from "./stand-in.js";

const udp = `
	export default class {
		constructor(options) {
			globalThis.WORLD.call("new UDP", options, this);
			this.queue = globalThis.WORLD.queue ??= [];
		}
		read() { return this.queue.shift(); }
		write(bytes, address, port) { globalThis.WORLD.call("write", bytes.length, address, port); }
		close() { globalThis.WORLD.call("close"); }
	}`;
const resolver = `
	export default class {
		constructor(options) { globalThis.WORLD.call("resolver", options.servers); }
		resolve(options) { globalThis.WORLD.call("resolve", options); }
	}`;

type Resolve = { host: string; onResolved(host: string, address: string): void; onError(): void };
let board: Loaded<{ askByDatagram(guard: unknown, question: DatagramQuestion, onAnswer: OnDatagram): Closable }>;

beforeEach(async () => {
	board = await load("modules/device/question.ts", {
		"embedded:io/socket/udp": udp,
		"embedded:network/dns/resolver/udp": resolver,
	});
});

const question = { host: "pool.ntp.org", port: 123, nameServers: ["10.0.0.1"], bytes: new Uint8Array(48) };
const find = <T>(name: string) => board.world.calls.find(([called]) => called === name)?.[1] as T;
const names = () => board.world.calls.map(([name]) => name);

/** Datagrams that came, and the event that tells of them. */
function deliver(...from: [address: string, port: number, length: number][]): void {
	const { queue } = board.world as unknown as { queue: object[] };
	for (const [address, port, length] of from) queue.push(Object.assign(new ArrayBuffer(length), { address, port }));
	const [, options, socket] = board.world.calls.find(([called]) => called === "new UDP")!;
	(options as { onReadable(count: number): void }).onReadable.call(socket, from.length);
}

test("is sent to the address of the name, and only what comes from there is an answer", () => {
	const heard: number[] = [];
	const asking = board.module.askByDatagram(board.guard, question, (_, count) => heard.push(count));
	expect(names()).toEqual(["resolver", "resolve"]);
	find<Resolve>("resolve").onResolved("pool.ntp.org", "10.1.1.1");
	expect(board.world.calls.at(-1)).toEqual(["write", 48, "10.1.1.1", 123]);
	deliver(["10.1.1.2", 123, 1], ["10.1.1.1", 124, 2], ["10.1.1.1", 123, 48]);
	expect(heard).toEqual([48]);
	asking.close();
	asking.close();
	deliver(["10.1.1.1", 123, 49]);
	board.ring();
	expect(heard).toEqual([48]);
	expect(names().filter(name => name === "close")).toHaveLength(1);
	expect(board.exceptions).toEqual([]);
});

test("closed while the name is looked up, it opens nothing", () => {
	const asking = board.module.askByDatagram(board.guard, question, () => {});
	asking.close();
	find<Resolve>("resolve").onResolved("pool.ntp.org", "10.1.1.1");
	board.ring();
	expect(names()).toEqual(["resolver", "resolve"]);
});

test("a name that nobody knows, a socket that cannot be had and an exception of who hears end here", () => {
	board.module.askByDatagram(board.guard, question, () => {});
	find<Resolve>("resolve").onError();
	board.world.failing.add("new UDP");
	find<Resolve>("resolve").onResolved("pool.ntp.org", "10.1.1.1");
	expect(board.exceptions).toHaveLength(1);
	board.world.failing.clear();
	board.world.calls.length = 0;
	board.module.askByDatagram(board.guard, question, () => {
		throw new Error("heard badly");
	});
	find<Resolve>("resolve").onResolved("pool.ntp.org", "10.1.1.1");
	deliver(["10.1.1.1", 123, 48]);
	expect(board.exceptions).toHaveLength(2);
});

test("where nobody knows names, a name is refused, and an address is not", () => {
	const without = { ...question, nameServers: [] };
	expect(() => board.module.askByDatagram(board.guard, without, () => {})).toThrow("names no server");
	board.module.askByDatagram(board.guard, { ...without, host: "10.1.1.1" }, () => {});
	expect(find<Resolve>("resolve").host).toBe("10.1.1.1");
});
