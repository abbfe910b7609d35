/**
 * Verifies a chain of certificates up to a pinned authority: RFC 5280 section 6, without policies, revocation and name
 * constraints (which are refused).
 *
 * The chain is exact: it starts with the server's own certificate, and each certificate is followed by its issuer, until one is
 * an authority's own or names an authority as its issuer. What a server sends after that is not looked at: some send roots that
 * are cross-signed by others. Every certificate up to there must hold, and every signature is verified, from the authority's key
 * down: a chain that somebody made up fails with the first one, so that it costs no more time than that.
 */
import type { Hashes } from "../ports/tls.js";
import { areEqual } from "./bytes.js";
import { type Certificate, readCertificate } from "./certificate.js";
import { digitalSignature, keyCertSign } from "./extensions.js";
import { checkHost } from "./host-name.js";
import { reasons } from "./reasons.js";
import { verifySignature } from "./signature.js";

/** Certificates of the longest chain that is looked at. */
export const longestChain = 6;

export interface ChainOptions {
	/** The authorities' certificates. */
	readonly authorities: readonly Certificate[];
	/** The name or the IPv4 address that the server's certificate must be for. */
	readonly host: string;
	/** UTC in milliseconds; null where nobody knows it: then dates are not looked at. */
	readonly time: number | null;
	readonly hashes: Hashes;
}

/** Null when `certificates`, as the server sent them, lead to one of the authorities; else the reason why they do not. */
export function verifyChain(certificates: readonly Uint8Array[], options: ChainOptions): string | null {
	const path = findPath(certificates, options.authorities);
	if (typeof path === "string") return path;
	const { chain, anchors } = path;
	const refusal = checkServer(chain[0], options.host) ?? checkIssuers(chain) ?? checkDates(chain, options.time);
	if (refusal !== null) return refusal;
	const { hashes } = options;
	const last = chain[chain.length - 1];
	if (anchors.length > 0) {
		// With a key that was renewed, an authority has two certificates with one name.
		let complaint: string | null = reasons.signature;
		for (const anchor of anchors) {
			complaint = checkAnchor(anchor, chain.length - 1, options.time) ?? checkLink(last, anchor, hashes);
			if (complaint === null) break;
		}
		if (complaint !== null) return complaint;
	}
	for (let at = chain.length - 2; at >= 0; at -= 1) {
		const complaint = checkLink(chain[at], chain[at + 1], hashes);
		if (complaint !== null) return complaint;
	}
	return null;
}

interface Path {
	/** The server's certificate first, each followed by its issuer. */
	readonly chain: readonly Certificate[];
	/** The authorities by whose name the last one was issued; empty when the last one is an authority's own certificate. */
	readonly anchors: readonly Certificate[];
}

function findPath(certificates: readonly Uint8Array[], authorities: readonly Certificate[]): Path | string {
	if (certificates.length === 0) return reasons.noCertificate;
	const chain: Certificate[] = [];
	for (const der of certificates) {
		if (chain.length === longestChain) return reasons.tooManyCertificates;
		const certificate = readCertificate(der);
		if (typeof certificate === "string") return certificate;
		if (chain.length > 0 && !areEqual(chain[chain.length - 1].issuer, certificate.subject)) return reasons.order;
		chain.push(certificate);
		if (authorities.some(authority => areEqual(authority.der, der))) return { chain, anchors: [] };
		const anchors = authorities.filter(authority => areEqual(authority.subject, certificate.issuer));
		if (anchors.length > 0) return { chain, anchors };
	}
	return reasons.authority;
}

function checkServer({ extensions }: Certificate, host: string): string | null {
	const { keyUsage, serverUse, names } = extensions;
	if (keyUsage !== null && (keyUsage & digitalSignature) === 0) return reasons.keyUsage;
	if (serverUse === false) return reasons.serverUse;
	return names === null ? reasons.noName : checkHost(names, host);
}

function checkIssuers(chain: readonly Certificate[]): string | null {
	for (let at = 1; at < chain.length; at += 1) {
		const refusal = checkIssuer(chain[at], at - 1);
		if (refusal !== null) return refusal;
	}
	return null;
}

/** `below`: how many authorities come between this one and the server. */
function checkIssuer({ extensions }: Certificate, below: number): string | null {
	const { isAuthority, pathLength, keyUsage, serverUse } = extensions;
	if (!isAuthority) return reasons.notAuthority;
	if (keyUsage !== null && (keyUsage & keyCertSign) === 0) return reasons.keyUsage;
	if (serverUse === false) return reasons.serverUse;
	return pathLength !== null && pathLength < below ? reasons.pathLength : null;
}

function checkAnchor(anchor: Certificate, below: number, time: number | null): string | null {
	return checkIssuer(anchor, below) ?? checkDates([anchor], time);
}

function checkDates(chain: readonly Certificate[], time: number | null): string | null {
	if (time === null) return null;
	for (const { notBefore, notAfter } of chain) {
		if (time < notBefore) return reasons.notYetValid;
		if (time >= notAfter) return reasons.expired;
	}
	return null;
}

function checkLink(certificate: Certificate, issuer: Certificate, hashes: Hashes): string | null {
	const { algorithm, signed, signature } = certificate;
	if (typeof algorithm === "string") return algorithm;
	return verifySignature(issuer.key, algorithm, signed, signature, hashes) ? null : reasons.signature;
}
