/** What this reader is called. */
import { statusTopic } from "../messages/topics.js";
import type { Uplink } from "./state.js";

/** The reader's name in topics, or null before the network told its MAC address. */
export function readerName(uplink: Uplink): string | null {
	return uplink.network === null ? null : `smarty-xs-${uplink.network.macAddress}`;
}

/** `<base>/<reader>/status`: `online`, or `offline` as the session's last will. */
export function readerStatusTopic(uplink: Uplink): string {
	return statusTopic(uplink.settings.base, readerName(uplink) ?? "unknown");
}
