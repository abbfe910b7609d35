/** The network port: WiFi. */
import WiFi from "embedded:network/interface/wifi";
import type FFI from "mc/ffi";
// biome-ignore lint/style/useNodejsImportProtocol: the SDK has a module of that name
import Net from "net";
import Timer from "timer";
import type { Guard } from "../../../ports/guard.js";
import type { FoundNetwork, Medium, Network } from "../../../ports/ports.js";

/** The driver reports a disconnection that was asked for some time later; a connection begun before that would be lost. */
const settling = 500; // ms

export const medium: Medium = "wifi";

/** The driver. It calls `tell` on itself. */
class Station extends WiFi {
	readonly guard: Guard;
	private readonly onChanged: () => void;

	constructor(guard: Guard, onChanged: () => void) {
		super({ onChanged: Station.prototype.tell });
		this.guard = guard;
		this.onChanged = onChanged;
	}

	tell(): void {
		this.guard(this.onChanged);
	}
}

class WifiNetwork implements Network {
	private readonly station: Station;
	private readonly system: FFI;
	private settlingTimer: ReturnType<typeof Timer.set> | undefined;

	constructor(guard: Guard, onChanged: () => void, system: FFI) {
		this.station = new Station(guard, onChanged);
		this.system = system;
		system.smarty_watch_station();
	}

	get medium(): Medium {
		return medium;
	}

	get state(): Network["state"] {
		if (this.settlingTimer !== undefined) return "connecting";
		const { connection } = this.station;
		if (connection >= 500) return "ready";
		if (connection >= 400) return "associated";
		return connection >= 300 ? "connecting" : "idle";
	}

	get address(): string | null {
		return this.station.connection >= 500 ? (this.station.address ?? null) : null;
	}

	get signalStrength(): number | null {
		return this.station.RSSI ?? null;
	}

	get macAddress(): string {
		return (this.station.MAC ?? "").split(":").join("");
	}

	get nameServers(): readonly string[] {
		// The resolver sends over IPv4 only.
		return (Net.get("DNS") ?? []).filter(address => address.indexOf(":") < 0);
	}

	get reason(): number | null {
		const reason = this.system.smarty_station_reason();
		return reason === 0 ? null : reason;
	}

	scan(onFound: (found: FoundNetwork) => void, onDone: () => void): void {
		const { guard } = this.station;
		this.station.scan({
			onFound({ SSID: name, RSSI: strength, security }) {
				onFound({ name, strength, isOpen: security === "none" });
			},
			onComplete: () => guard(onDone),
		});
	}

	connect({ name, password }: { name: string; password: string }): void {
		if (this.settlingTimer !== undefined) throw new Error("not idle");
		this.system.smarty_watch_station();
		this.station.connect(password === "" ? { SSID: name } : { SSID: name, password });
	}

	disconnect(): void {
		if (this.settlingTimer !== undefined) return;
		try {
			this.station.disconnect();
		} catch {
			// Not connected: what was asked for.
		}
		this.settlingTimer = Timer.set(() => {
			this.settlingTimer = undefined;
			this.station.tell();
		}, settling);
	}
}

/** Switches the radio on. Credentials stay in RAM: the driver's own NVS use is off. */
export function openNetwork(guard: Guard, onChanged: () => void, system: FFI): Network {
	return new WifiNetwork(guard, onChanged, system);
}
