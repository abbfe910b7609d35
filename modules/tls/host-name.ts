/** Whether a certificate is for a host: subjectAltName of RFC 5280 section 4.2.1.6, compared as in RFC 9525 section 6. */
import { close, enter, hasFailed, isAtEnd, openDer, peekTag, readRest, sequence, skip } from "./der.js";
import { reasons } from "./reasons.js";

const dnsName = 0x82;
const ipAddress = 0x87;

/** Null when one of `names` (subjectAltName in DER) is `host`, a name or an IPv4 address; else the reason. */
export function checkHost(names: Uint8Array, host: string): string | null {
	const der = openDer(names);
	const list = enter(der, sequence);
	close(der);
	const address = parseAddress(host);
	const wanted = (host.endsWith(".") ? host.slice(0, -1) : host).toLowerCase();
	let found = false;
	while (!isAtEnd(list)) {
		const tag = peekTag(list);
		if (tag !== dnsName && tag !== ipAddress) {
			skip(list);
			continue;
		}
		const bytes = readRest(enter(list, tag));
		if (tag === ipAddress) found ||= address !== null && bytes.length === 4 && bytes.join(".") === address;
		else found ||= address === null && matchName(bytes, wanted);
	}
	if (hasFailed(der)) return reasons.malformedCertificate;
	return found ? null : reasons.otherName;
}

/** An IPv4 address in its one usual form, or null. */
function parseAddress(host: string): string | null {
	const parts = host.split(".");
	const isAddress = parts.length === 4 && parts.every(part => Number(part) <= 255 && String(Number(part)) === part);
	return isAddress ? host : null;
}

/** A `*` stands for the whole left-most label, and at least two labels must follow it. */
function matchName(bytes: Uint8Array, wanted: string): boolean {
	let pattern = "";
	for (const byte of bytes) {
		if (byte <= 0x20 || byte >= 0x7f) return false;
		pattern += String.fromCharCode(byte);
	}
	pattern = pattern.toLowerCase();
	if (wanted === "" || pattern.indexOf("*", 1) >= 0) return false;
	if (!pattern.startsWith("*")) return pattern === wanted;
	const dot = wanted.indexOf(".");
	if (!pattern.startsWith("*.") || pattern.indexOf(".", 2) < 0 || dot < 1) return false;
	return pattern.slice(1) === wanted.slice(dot);
}
