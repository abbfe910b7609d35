/** The network port of the Linux build, which behaves like WiFi. */
import config from "mc/config";
import Timer from "timer";
import type { Guard } from "../../../ports/guard.js";
import type { Medium, Network } from "../../../ports/ports.js";

export const medium: Medium = "wifi";

class HostNetwork implements Network {
	state: Network["state"] = "idle";
	private readonly guard: Guard;
	private readonly onChanged: () => void;

	constructor(guard: Guard, onChanged: () => void) {
		this.guard = guard;
		this.onChanged = onChanged;
	}

	get medium(): Medium {
		return medium;
	}

	get address(): string | null {
		return this.state === "ready" ? "127.0.0.1" : null;
	}

	get signalStrength(): number | null {
		return this.state === "ready" ? -50 : null;
	}

	get macAddress(): string {
		return "020000000001";
	}

	get nameServers(): readonly string[] {
		return config.nameServer === undefined ? [] : [String(config.nameServer)];
	}

	connect(): void {
		if (this.state !== "idle") throw new Error("not idle");
		this.state = "connecting";
		Timer.set(() => {
			if (this.state !== "connecting") return;
			this.state = "ready";
			this.guard(this.onChanged);
		}, 10);
	}

	disconnect(): void {
		this.state = "idle";
		Timer.set(() => this.guard(this.onChanged), 10);
	}
}

/** A PC's network, which is there before the program: it connects to any name. */
export function openNetwork(guard: Guard, onChanged: () => void): Network {
	return new HostNetwork(guard, onChanged);
}
