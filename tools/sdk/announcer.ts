/** Runs the board's announcer in Node over a DNS-SD module: the SDK's own, or another one for a test. */

import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { createGuard, type Guard } from "../../modules/ports/guard.js";
import type { Closable, Service } from "../../modules/ports/ports.js";
import { type AnnouncerWorld, createWorld } from "./announcer-world.js";
import type { ModuleFiles } from "./exports.js";
import { loadModule, type StandIn } from "./load.js";

/** What the SDK's modules get from C, in JavaScript: the network, timers, and the reader of packets. */
const stand: Readonly<Record<string, string>> = {
	net: 'export default { get: () => "192.0.2.7" };',
	timer: `export default {
		set: (callback, delay = 0) => globalThis.WORLD.set(callback, delay),
		repeat: (callback, interval, first) => globalThis.WORLD.repeat(callback, interval),
		schedule: (timer, delay, interval) => globalThis.WORLD.schedule(timer, delay, interval),
		clear: timer => globalThis.WORLD.clear(timer),
	};`,
	"dns/parser": "export default class { constructor(packet) { return globalThis.WORLD.parse(packet); } };",
};

interface Announcer {
	createAnnouncer(guard: Guard, io: unknown): Pick<Running, "announce">;
}

interface Running {
	announce(service: Service): Closable;
	exceptions: unknown[];
	world: AnnouncerWorld;
}

/** Each has a module of its own, with its world's name in it. `files`: the SDK's modules by their name; those that are not among them come from `text`. */
export async function loadAnnouncer(files: ModuleFiles, text: Readonly<Record<string, string>>): Promise<Running> {
	const { world, io, services } = createWorld();
	const standIn = (name: string): StandIn => {
		const file = files.get(name);
		const contents = text[name] ?? stand[name] ?? (file === undefined ? undefined : readFileSync(file, "utf8"));
		if (contents === undefined) throw new Error(`no module ${name}`);
		return file === undefined ? { contents } : { contents, folder: dirname(file) };
	};
	const path = "modules/device/announcer/esp32/announcer.ts";
	const module = await loadModule<Announcer>(path, services, standIn);
	const exceptions: unknown[] = [];
	const guard = createGuard(error => exceptions.push(error));
	const announcer = module.createAnnouncer(guard, io);
	return { announce: service => announcer.announce(service), exceptions, world };
}
