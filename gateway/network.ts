/** The network port on a computer: its own network, which is there, or comes back by itself. */
import { randomBytes } from "node:crypto";
import { hostname, networkInterfaces } from "node:os";
import type { Network, Store } from "../modules/ports/ports.js";
import { isAddress } from "./arguments.js";

/** How long the network is idle after a disconnect, as the port's contract wants it. */
const idleMs = 100;

/** Always ready, but for a moment after `disconnect`. */
export function openHostNetwork(macAddress: string, onChanged: () => void): Network {
	let state: Network["state"] = "ready";
	setTimeout(onChanged, 0);
	return {
		medium: "host",
		get state() {
			return state;
		},
		address: hostname(),
		signalStrength: null,
		macAddress,
		nameServers: [],
		connect() {},
		disconnect() {
			state = "idle";
			setTimeout(() => {
				state = "ready";
				onChanged();
			}, idleMs);
		},
	};
}

/** What was used before; else the first network card's address, which may be another one after a restart, or a number. */
export function findAddress(store: Store): string {
	const known = store.read("address");
	if (known !== null && isAddress(known)) return known;
	const cards = Object.values(networkInterfaces()).flatMap(list => list ?? []);
	const card = cards.find(({ internal, mac }) => !internal && mac !== "00:00:00:00:00:00");
	const found = card?.mac.replaceAll(":", "").toLowerCase() ?? randomBytes(6).toString("hex");
	store.write("address", found);
	return found;
}
