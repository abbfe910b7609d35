/** Reads the setting that names authorities: certificates as PEM (RFC 7468), or one certificate as DER. */
import { fromBase64 } from "./bytes.js";
import { type Certificate, longestCertificate, readCertificate } from "./certificate.js";

/** Certificates that one setting holds at most. */
export const mostAuthorities = 4;

const begin = "-----BEGIN ";
const end = "-----END ";
const tail = "-----";
const label = "CERTIFICATE";

/** The DER of each certificate of a PEM text, or a complaint for people. Text around the certificates is ignored. */
export function parsePem(text: string): Uint8Array[] | string {
	const certificates: Uint8Array[] = [];
	let body: string[] | null = null;
	let number = 0;
	for (const raw of text.split("\n")) {
		const line = raw.trim();
		number += 1;
		if (body === null) {
			if (!line.startsWith(begin)) continue;
			if (line.indexOf("PRIVATE KEY") >= 0) return `line ${number} begins a private key: only certificates belong here`;
			if (line !== begin + label + tail) return `line ${number} begins something that is no certificate`;
			body = [];
		} else if (line.startsWith(tail)) {
			if (line !== end + label + tail) return `line ${number}: the certificate does not end with ${end}${label}${tail}`;
			const der = fromBase64(body.join(""));
			if (der === null || der.length === 0) return `the certificate that ends in line ${number} is not base64`;
			if (certificates.length === mostAuthorities) return `there are more than ${mostAuthorities} certificates`;
			if (der.length > longestCertificate) return `the certificate that ends in line ${number} is too long`;
			certificates.push(der);
			body = null;
		} else body.push(line);
	}
	if (body !== null) return `the last certificate has no line ${end}${label}${tail}`;
	return certificates.length === 0 ? `there is no line ${begin}${label}${tail}` : certificates;
}

/** The certificates that chains may lead to, or the reason why one of them is of no use. */
export function readAuthorities(ders: readonly Uint8Array[]): Certificate[] | string {
	const authorities: Certificate[] = [];
	for (const der of ders) {
		const certificate = readCertificate(der);
		if (typeof certificate === "string") return certificate;
		authorities.push(certificate);
	}
	return authorities;
}
