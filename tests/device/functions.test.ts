/** The ports of the board keep fields, and no functions that are made while it runs: each of these takes memory beside what it is for. */
import { expect, test } from "vitest";
import type { MqttOptions } from "../../modules/ports/mqtt.js";
import type { Ports } from "../../modules/ports/ports.js";
import { load } from "./stand-in.js";

/** A class of the SDK's: what it is made with is on record. */
const recorded = (name: string, members = "") =>
	`export default class { constructor(options) { globalThis.WORLD.call("${name}", options); } ${members} }`;

const parts = [
	"access-point",
	"announcer",
	"console",
	"flash",
	"handover",
	"light",
	"network",
	"pulses",
	"system",
	"uart",
	"update",
];
const texts: Readonly<Record<string, string>> = {
	...Object.fromEntries(
		parts.map(part => [`device/${part}`, `export * from "./modules/device/${part}/esp32/${part}.ts";`]),
	),
	crypt: "export class Digest {}",
	"embedded:io/digital": recorded("digital", "static Output = 8; write() {}"),
	"embedded:io/socket/tcp": recorded("tcp"),
	"embedded:io/socket/udp": recorded("udp"),
	"embedded:network/interface/wifi": recorded("wifi"),
	"embedded:network/dnssd": recorded("dnssd", 'claim(options) { globalThis.WORLD.call("claim", options); return {}; }'),
	"embedded:network/mqtt/client": `
		const nothing = () => {};
		export default class {
			constructor(options) {
				globalThis.WORLD.call("mqtt", options);
				const { io } = options.socket;
				const more = { address: "10.0.0.1", onReadable: nothing, onWritable: nothing, onError: nothing };
				globalThis.WORLD.call("socket", new io({ ...options.socket, ...more }));
			}
		}`,
	"embedded:storage/flash": `
		class Partition { status() { return { size: 1, blocks: 2, blockLength: 3 }; } }
		export default { open: () => new Partition() };`,
	"mc/config": "export default {};",
	"mc/ffi": `export default class {
		esp_reset_reason() { return 1; }
		smarty_watch_memory() {}
		smarty_watch_station() {}
	}`,
	net: "export default {};",
	preference: "export default {};",
	Resource: "export default class {}",
	"ssl/session": recorded("session", "initiateHandshake() {}"),
	time: "export default { ticks: 0 };",
	timer: "export default { set: () => ({}), repeat: () => ({}) };",
};

type Callback = (...words: never[]) => unknown;

/** Each function that is reached from an object by way of own properties, by its path. */
function collect(from: object, path = "", found = new Map<string, Callback>(), seen = new Set<object>()) {
	if (seen.has(from)) return found;
	seen.add(from);
	for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(from))) {
		const way = path === "" ? name : `${path}.${name}`;
		if (typeof value === "function") found.set(way, value as Callback);
		else if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value))
			collect(value, way, found, seen);
	}
	return found;
}

test("what two boards have, all things opened, are the same functions, but for two that the SDK's DNS-SD takes", async () => {
	Object.assign(globalThis, { Native: () => class {}, native: () => () => undefined });
	type CreatePorts = (onException: Callback, radio: undefined) => Ports & { guard: Callback };
	const board = await load<{ createPorts: CreatePorts }>("modules/device/ports.ts", texts);
	const nothing = () => {};
	const trust = { pin: null, authorities: () => [] };
	const mqtt = { host: "10.0.0.1", secure: true, trust, nameServers: [], onError: nothing } as unknown as MqttOptions;

	const open = () => {
		board.world.calls.length = 0;
		const ports = board.module.createPorts(nothing, undefined);
		const opened = {
			first: ports.openUart({ line: 0, receivePin: 16, invert: true }, nothing),
			third: ports.openUart({ line: 2, receivePin: 4, invert: true }, nothing),
			output: ports.openOutput(17),
			pulses: ports.openPulses!({ pin: 34, rising: true, pause: 0 }),
			network: ports.openNetwork(nothing),
			console: ports.openConsole(nothing, nothing),
			client: ports.createMqttClient(mqtt),
			datagrams: ports.openDatagrams!(53, nothing),
			service: ports.announce!({ name: "a", type: "_http._tcp", port: 80, text: {} }),
		};
		const told = board.world.calls.map(([name, about]) => ({ [name as string]: about }));
		return { guard: ports.guard, functions: collect({ ports, opened, told }), told };
	};

	const [one, other] = [open(), open()];
	expect(one.told.flatMap(call => Object.keys(call)).sort()).toEqual([
		"claim",
		"digital",
		"digital",
		"dnssd",
		"mqtt",
		"session",
		"socket",
		"tcp",
		"udp",
		"wifi",
	]);
	const made = [...one.functions].filter(([way, value]) => value !== one.guard && value !== other.functions.get(way));
	expect(made.map(([way]) => way.replace(/^told\.\d+\./, ""))).toEqual(["claim.onReady", "claim.onError"]);
});
