/** Where the broker is, and the file of an update. */
import { consistsOf, isDigits, isFramed, letters, withoutEnding } from "../p1/characters.js";

export interface BrokerAddress {
	host: string;
	port: number;
	/** True for TLS, `mqtts://`. */
	secure: boolean;
}

/** Reads `mqtt://host`, `mqtts://host:8883` or just `host`; text is what is wrong with it, for people. */
export function parseBroker(text: string): BrokerAddress | string {
	const mark = text.indexOf("://");
	const scheme =
		mark > 0 && consistsOf(text.charAt(0), letters) && consistsOf(text.slice(0, mark), `${letters}09++..--`);
	const kind = scheme ? text.slice(0, mark).toLowerCase() : "mqtt";
	if (kind !== "mqtt" && kind !== "mqtts") {
		return `broker begins with ${kind}://; only mqtt:// and mqtts:// (with TLS) can be reached.`;
	}
	const rest = withoutEnding(scheme ? text.slice(mark + 3) : text, "/");
	if (rest.includes("@")) return "broker holds a user or a password; they have settings of their own.";
	if (rest.includes("/")) return "broker has something behind the host; topics begin with the setting base.";
	const secure = kind === "mqtts";
	const place = parsePlace("broker", "mqtt://192.168.1.10 or mqtt://homeassistant.local:1883", rest);
	return typeof place === "string" ? place : { ...place, port: place.port ?? (secure ? 8883 : 1883), secure };
}

/** Where a file is, in the house. */
export interface FileAddress {
	host: string;
	port: number;
	/** From its first `/` on. */
	path: string;
}

const scheme = "http://";
const fileLike = "http://192.168.1.10:8123/local/smarty-xs.bin";

/** Reads `http://host:port/path`; text is what is wrong with it, for people. */
export function parseUpdateUrl(text: string): FileAddress | string {
	const slash = text.indexOf("/", scheme.length);
	const path = slash < 0 ? "" : text.slice(slash);
	const isFile = text.slice(0, scheme.length).toLowerCase() === scheme && path.length > 1 && consistsOf(path, '!"$>@~');
	if (!isFile) return `updateUrl is an address of a file like ${fileLike}; https:// is not spoken.`;
	const place = parsePlace("updateUrl", fileLike, text.slice(scheme.length, slash));
	return typeof place === "string" ? place : { host: place.host, port: place.port ?? 80, path };
}

/** `host` or `host:port`. `name`: the setting, `like`: what it looks like. */
function parsePlace(name: string, like: string, text: string): { host: string; port: number | null } | string {
	if (text.includes("@")) return `${name} has a host that cannot be a name or an address.`;
	if (text.includes("[")) return `${name} is an IPv6 address; only names and IPv4 addresses can be reached.`;
	const colon = text.indexOf(":");
	// The SDK asks for names in .local in another way than for others, and knows them by small letters only.
	const host = (colon < 0 ? text : text.slice(0, colon)).toLowerCase();
	if (host === "") return `${name} has no host; it looks like ${like}.`;
	if (host.length > 253 || !isFramed(withoutEnding(host, "."), "az09__", "..--") || host.includes("..")) {
		return `${name} has a host that cannot be a name or an address.`;
	}
	const fault = validateAddress(name, host);
	if (fault !== null) return fault;
	if (colon < 0) return { host, port: null };
	const digits = text.slice(colon + 1);
	const port = isDigits(digits, 5) ? Number(digits) : 0;
	if (port < 1 || port > 65_535) return `${name} has a port that is not a number from 1 to 65535.`;
	return { host, port };
}

function validateAddress(name: string, host: string): string | null {
	if (!consistsOf(host, "09..")) return null;
	const parts = host.split(".");
	// A nought in front makes a number octal for who connects: 192.168.1.010 would be 192.168.1.8.
	const good =
		parts.length === 4 &&
		parts.every(part => isDigits(part, 3) && String(Number(part)) === part && Number(part) <= 255);
	return good
		? null
		: `${name} looks like an address and is none: four numbers from 0 to 255 with dots between, without noughts in front.`;
}
