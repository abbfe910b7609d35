/**
 * Names that end so are given in the house and are nobody's on the internet: RFC 6762, RFC 6761, ICANN's name for private use,
 * RFC 8375, and what routers use besides. The last one is the router's own, sold to nobody else.
 */
import { consistsOf, isDigits, withoutEnding } from "../p1/characters.js";

const houseEndings: readonly string[] = Object.freeze([
	".local",
	".localhost",
	".internal",
	".home.arpa",
	".lan",
	".home",
	".fritz.box",
]);

/** 253 characters of a name, its last dot and a port. What is longer is none, and not looked at: see `readHeader`. */
const longest = 260;

/**
 * Whether a page on this `Host` can only be ours: an address, a name that only the house knows, or one of `names` (in lower
 * case). A web site on the internet can have its name point into the house (DNS rebinding), and then reads what is
 * answered to a browser there; the browser still tells the site's name. No host at all is no browser.
 */
export function isOwnHost(host: string | null, names: readonly string[]): boolean {
	if (host === null) return true;
	if (host.length > longest) return false;
	const lower = host.toLowerCase();
	const colon = lower.lastIndexOf(":");
	const hasPort = colon >= 0 && consistsOf(lower.slice(colon + 1), "09");
	const name = withoutEnding(hasPort ? lower.slice(0, colon) : lower, ".");
	const parts = name.split(".");
	const isAddress = (parts.length === 4 && parts.every(part => isDigits(part, longest))) || name.charAt(0) === "[";
	// A name without a dot is looked up in the house's own domain.
	if (isAddress || !name.includes(".") || names.includes(name)) return true;
	return houseEndings.some(ending => name.endsWith(ending));
}
