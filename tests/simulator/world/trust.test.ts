/** Whom a connection with TLS trusts goes over the bridge as the firmware says it, and what became of it comes back. */
import { expect, test } from "vitest";
import type { ConnectionEvents, ConnectionOptions } from "../../../gateway/connection.js";
import type { MqttOptions } from "../../../modules/ports/mqtt.js";
import type { Trust } from "../../../modules/ports/tls.js";
import { createClientHost, openClient } from "../../../simulator/world/board/clients.js";
import type { Request } from "../../../simulator/world/board/state.js";
import type { Boot } from "../../../simulator/world/bridge/bridge.js";
import { createGuestPorts } from "../../../simulator/world/bridge/guest-ports.js";
import { createWorldClock } from "../../../simulator/world/clock.js";
import { root } from "../../tls/chains.js";

const boot: Boot = {
	config: {},
	resetReason: "power on",
	version: "test",
	macAddress: "24d7eb0c1a2f",
	seed: 1,
	store: [],
	sectorCount: 0,
	sectorSize: 0,
	serves: false,
	hasAir: false,
	medium: "wifi",
	hasRadio: false,
	page: 0,
	retained: null,
};

/** Opens a client at the firmware's end; what the world's socket is opened with, and the requests that come back. */
function cross(trust: Trust | undefined) {
	const ports = createGuestPorts(boot, new Uint8Array(0));
	const options: Partial<MqttOptions> = {
		host: "broker",
		port: 8883,
		secure: true,
		keepAlive: 30_000,
		clean: true,
		id: "x",
	};
	ports.createMqttClient({ ...options, nameServers: [], ...(trust !== undefined && { trust }) } as MqttOptions);
	const [effect] = ports.effects;
	if (effect?.[0] !== "open") throw new Error("no client was opened");
	const opened: [ConnectionOptions, ConnectionEvents][] = [];
	const requests: Request[] = [];
	const sockets = {
		open(given: ConnectionOptions, events: ConnectionEvents) {
			opened.push([given, events]);
			return { write() {}, close() {} };
		},
		abandon() {},
	};
	const host = createClientHost(
		createWorldClock(),
		sockets,
		() => 0,
		request => requests.push(request()!),
		null,
	);
	openClient(host, effect[1], JSON.parse(JSON.stringify(effect[2])));
	return { given: opened[0]![0], events: opened[0]![1], requests };
}

test("a pin and authorities arrive as bytes, a complaint as a text, and nothing as nothing", () => {
	const pin = new Uint8Array(32).fill(7);
	const { trust } = cross({ pin, authorities: () => [root.der] }).given;
	expect(trust!.pin).toEqual(pin);
	expect(trust!.authorities()).toEqual([root.der]);
	expect(cross({ pin: null, authorities: () => "damaged" }).given.trust!.authorities()).toBe("damaged");
	expect(cross(undefined).given.trust).toBeUndefined();
});

test("the broker's key comes back", () => {
	const { events, requests } = cross({ pin: null, authorities: () => [] });
	const broker = { shownKey: "sha256/x", withoutDates: false };
	events.onSecured?.(broker);
	expect(requests.map(({ kind, json }) => [kind, JSON.parse(json)])).toEqual([["secured", { client: 1, broker }]]);
});
