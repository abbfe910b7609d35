import { statusTopic } from "../messages/topics.js";
import type { Uplink } from "./state.js";

/** What the device is called, or null before the network told its MAC address. */
export function deviceName(uplink: Uplink): string | null {
	return uplink.network === null ? null : `smarty-xs-${uplink.network.macAddress}`;
}

/** The topic that says `online` or `offline`. */
export function wantedTopic(uplink: Uplink): string {
	return statusTopic(uplink.settings.base, uplink.meter ?? deviceName(uplink) ?? "unknown");
}
