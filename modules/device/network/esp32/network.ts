/** The network port: WiFi. */
import WiFi from "embedded:network/interface/wifi";
import FFI from "mc/ffi";
// biome-ignore lint/style/useNodejsImportProtocol: the SDK has a module of that name
import Net from "net";
import Timer from "timer";
import type { Guard } from "../../../ports/guard.js";
import type { Medium, Network } from "../../../ports/ports.js";

/** The driver reports a disconnection that was asked for some time later; a connection begun before that would be lost. */
const settling = 500; // ms

export const medium: Medium = "wifi";

/** Switches the radio on. Credentials stay in RAM: the driver's own NVS use is off. */
export function openNetwork(guard: Guard, onChanged: () => void): Network {
	let settlingTimer: ReturnType<typeof Timer.set> | undefined;
	const station = new WiFi({ onChanged: () => guard(onChanged) });
	const system = new FFI();
	system.smarty_watch_station();
	return {
		medium: "wifi",
		get state() {
			if (settlingTimer !== undefined) return "connecting";
			const connection = station.connection;
			if (connection >= 500) return "ready";
			if (connection >= 400) return "associated";
			return connection >= 300 ? "connecting" : "idle";
		},
		get address() {
			return station.connection >= 500 ? (station.address ?? null) : null;
		},
		get signalStrength() {
			return station.RSSI ?? null;
		},
		get macAddress() {
			return (station.MAC ?? "").split(":").join("");
		},
		get nameServers() {
			// The resolver sends over IPv4 only.
			return (Net.get("DNS") ?? []).filter(address => address.indexOf(":") < 0);
		},
		get reason() {
			const reason = system.smarty_station_reason();
			return reason === 0 ? null : reason;
		},
		scan(onFound, onDone) {
			station.scan({
				onFound({ SSID: name, RSSI: strength, security }) {
					onFound({ name, strength, isOpen: security === "none" });
				},
				onComplete: () => guard(onDone),
			});
		},
		connect({ name, password }) {
			if (settlingTimer !== undefined) throw new Error("not idle");
			system.smarty_watch_station();
			station.connect(password === "" ? { SSID: name } : { SSID: name, password });
		},
		disconnect() {
			if (settlingTimer !== undefined) return;
			try {
				station.disconnect();
			} catch {
				// Not connected: what was asked for.
			}
			settlingTimer = Timer.set(() => {
				settlingTimer = undefined;
				guard(onChanged);
			}, settling);
		},
	};
}
