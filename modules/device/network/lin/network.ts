/** The network port of the Linux build, which behaves like WiFi. */
import config from "mc/config";
import Timer from "timer";
import type { Guard } from "../../../ports/guard.js";
import type { Medium, Network } from "../../../ports/ports.js";

export const medium: Medium = "wifi";

/** A PC's network, which is there before the program: it connects to any name. */
export function openNetwork(guard: Guard, onChanged: () => void): Network {
	let state: Network["state"] = "idle";
	return {
		medium: "wifi",
		get state() {
			return state;
		},
		get address() {
			return state === "ready" ? "127.0.0.1" : null;
		},
		get signalStrength() {
			return state === "ready" ? -50 : null;
		},
		macAddress: "020000000001",
		get nameServers() {
			return config.nameServer === undefined ? [] : [String(config.nameServer)];
		},
		connect() {
			if (state !== "idle") throw new Error("not idle");
			state = "connecting";
			Timer.set(() => {
				if (state !== "connecting") return;
				state = "ready";
				guard(onChanged);
			}, 10);
		},
		disconnect() {
			state = "idle";
			Timer.set(() => guard(onChanged), 10);
		},
	};
}
