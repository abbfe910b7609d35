/** A network port in memory. */

import type { FoundNetwork, Network } from "../../modules/ports/ports.js";
import type { VirtualClock } from "./virtual-clock.js";

/** The radio and the access points around it. */
export interface FakeNetwork {
	/** What a try or a connection meets. */
	behaviour: "ok" | "away" | "wrongPassword" | "noAddress" | "deaf";
	/** What is in reach, for who looks; null: this radio cannot look. */
	inReach: FoundNetwork[] | null;
	/** Milliseconds until the driver's state follows. */
	latency: number;
	/** Times at which `connect` was called. */
	readonly tries: number[];
	/** Credentials of the last try. */
	credentials: { name: string; password: string } | null;
	/** Where these differ, a try meets a wrong password or no network; null: any will do. */
	only: { name: string; password: string } | null;
	readonly violations: string[];
	opened: boolean;
	/** The access point lets go. */
	drop(): void;
	/** A new address out of nowhere, as after another DHCP server's offer. */
	readdress(address: string): void;
	open(onChanged: () => void): Network;
}

export function createFakeNetwork(clock: VirtualClock): FakeNetwork {
	let state: Network["state"] = "idle";
	let address: string | null = null;
	let generation = 0;
	let reason: number | null = null;
	let tell: () => void = () => {};
	function become(next: Network["state"], delay: number): void {
		const mine = ++generation;
		clock.setAlarm(delay, () => {
			if (mine !== generation) return;
			state = next;
			address = next === "ready" ? "192.168.1.50" : null;
			tell();
		});
	}
	const network: FakeNetwork = {
		behaviour: "ok",
		inReach: null,
		latency: 50,
		tries: [],
		credentials: null,
		only: null,
		violations: [],
		opened: false,
		drop() {
			if (state !== "idle") become("idle", 0);
		},
		readdress(next) {
			if (state !== "ready") return;
			address = next;
			tell();
		},
		open(onChanged) {
			if (network.opened) network.violations.push("opened twice");
			network.opened = true;
			tell = onChanged;
			return {
				medium: "wifi",
				get state() {
					return state;
				},
				get address() {
					return address;
				},
				get signalStrength() {
					return state === "ready" ? -61 : null;
				},
				macAddress: "a1b2c3d4e5f6",
				nameServers: ["192.168.1.1"],
				get reason() {
					return reason;
				},
				...(network.inReach !== null && {
					scan(onFound: (found: FoundNetwork) => void, onDone: () => void) {
						if (state !== "idle") throw new Error("not idle");
						const found = network.inReach ?? [];
						clock.setAlarm(2_000, () => {
							for (const one of found) onFound(one);
							onDone();
						});
					},
				}),
				connect({ name, password }) {
					if (!clock.ringing) network.violations.push("connect outside of an alarm");
					if (state !== "idle") throw new Error("already connecting");
					if (name === "") network.violations.push("no name");
					if (password !== "" && password.length < 8) network.violations.push("a short password");
					network.tries.push(clock.now());
					network.credentials = { name, password };
					state = "connecting";
					const behaviour = meet(network, name, password);
					reason = behaviour === "away" ? 201 : behaviour === "wrongPassword" ? 15 : null;
					if (behaviour === "ok") become("ready", network.latency);
					else if (behaviour === "away" || behaviour === "wrongPassword") become("idle", network.latency);
					else if (behaviour === "noAddress") become("associated", network.latency);
				},
				disconnect() {
					if (network.behaviour !== "deaf" && state !== "idle") become("idle", network.latency);
				},
			};
		},
	};
	return network;
}

function meet({ behaviour, only }: FakeNetwork, name: string, password: string): FakeNetwork["behaviour"] {
	if (only === null || behaviour !== "ok") return behaviour;
	if (name !== only.name) return "away";
	return password === only.password ? "ok" : "wrongPassword";
}
