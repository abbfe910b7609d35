/** Where the broker is. */
export interface BrokerAddress {
	host: string;
	port: number;
	/** True for TLS, `mqtts://`. */
	secure: boolean;
}

/** Reads `mqtt://host`, `mqtts://host:8883` or just `host`; text is what is wrong with it, for people. */
export function parseBroker(text: string): BrokerAddress | string {
	const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text);
	const kind = scheme === null ? "mqtt" : scheme[1]!.toLowerCase();
	if (kind !== "mqtt" && kind !== "mqtts") {
		return `broker begins with ${kind}://; only mqtt:// and mqtts:// (with TLS) can be reached.`;
	}
	const rest = text.slice(scheme === null ? 0 : scheme[0].length).replace(/\/$/, "");
	if (rest.includes("@")) return "broker holds a user or a password; they have settings of their own.";
	if (rest.includes("/")) return "broker has something behind the host; topics begin with the setting base.";
	if (rest.includes("[")) return "broker is an IPv6 address; only names and IPv4 addresses can be reached.";
	const colon = rest.indexOf(":");
	// The SDK asks for names in .local in another way than for others, and knows them by small letters only.
	const host = (colon < 0 ? rest : rest.slice(0, colon)).toLowerCase();
	if (host === "") return "broker has no host; it looks like mqtt://192.168.1.10 or mqtt://homeassistant.local:1883.";
	if (host.length > 253 || !/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?$/i.test(host) || host.includes("..")) {
		return "broker has a host that cannot be a name or an address.";
	}
	const fault = validateAddress(host);
	if (fault !== null) return fault;
	const secure = kind === "mqtts";
	if (colon < 0) return { host, port: secure ? 8883 : 1883, secure };
	const digits = rest.slice(colon + 1);
	const port = /^[0-9]{1,5}$/.test(digits) ? Number(digits) : 0;
	if (port < 1 || port > 65_535) return "broker has a port that is not a number from 1 to 65535.";
	return { host, port, secure };
}

function validateAddress(host: string): string | null {
	if (!/^[0-9.]+$/.test(host)) return null;
	const parts = host.split(".");
	// A nought in front makes a number octal for who connects: 192.168.1.010 would be 192.168.1.8.
	const good = parts.length === 4 && parts.every(part => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
	return good
		? null
		: "broker looks like an address and is none: four numbers from 0 to 255 with dots between, without noughts in front.";
}
