/** Reads X.509 certificates (RFC 5280 section 4.1). Byte arrays in the results are shared with the certificate. */
import { areEqual } from "./bytes.js";
import {
	close,
	type Der,
	enter,
	enterBitString,
	fail,
	hasFailed,
	integer,
	isAtEnd,
	openDer,
	peekTag,
	readElement,
	readIdentifier,
	readInteger,
	readRest,
	sequence,
	setOf,
	skip,
} from "./der.js";
import { type Extensions, readExtensions } from "./extensions.js";
import { type PublicKey, readPublicKey } from "./public-key.js";
import { reasons } from "./reasons.js";
import { readSignatureAlgorithm, type SignatureAlgorithm } from "./signature.js";
import { readValidity, type Validity } from "./validity.js";

export interface Certificate extends Validity {
	readonly der: Uint8Array;
	/** The part that is signed. */
	readonly signed: Uint8Array;
	/** A reason in place of an algorithm that is refused: it matters only where the signature does. */
	readonly algorithm: SignatureAlgorithm | string;
	readonly signature: Uint8Array;
	/** Distinguished names in DER. */
	readonly issuer: Uint8Array;
	readonly subject: Uint8Array;
	/** SubjectPublicKeyInfo in DER. */
	readonly keyInfo: Uint8Array;
	readonly key: PublicKey;
	readonly extensions: Extensions;
}

/** Bytes of the longest certificate that is read. A server's with a key of 4096 bits and twenty names has about 2500. */
export const longestCertificate = 8192;
/** Of RFC 5280 section 4.1.2.2, with a leading zero. */
const longestSerialNumber = 21;
const versionTag = 0xa0;
const extensionsTag = 0xa3;
/** UTF8String, PrintableString, TeletexString and IA5String. */
const textTags = Object.freeze([0x0c, 0x13, 0x14, 0x16]);

/** The certificate, or the reason why it is refused. Nothing is verified yet. */
export function readCertificate(der: Uint8Array): Certificate | string {
	if (der.length > longestCertificate) return reasons.longCertificate;
	const outer = openDer(der);
	const parts = enter(outer, sequence);
	close(outer);
	const start = parts.at;
	const body = enter(parts, sequence);
	const signed = der.subarray(start, parts.at);
	const fields = readFields(body);
	const outerAlgorithm = readElement(parts, sequence);
	const signature = readRest(enterBitString(parts));
	close(parts);
	if (hasFailed(outer) || !areEqual(outerAlgorithm, fields.algorithm)) return reasons.malformedCertificate;
	if (fields.version !== 3 || peekTag(body) !== extensionsTag) return reasons.version;
	const extensions = readExtensions(enter(body, extensionsTag));
	close(body);
	const algorithmDer = openDer(fields.algorithm);
	const algorithm = readSignatureAlgorithm(algorithmDer);
	const validityDer = openDer(fields.validity);
	const validity = readValidity(validityDer);
	if (hasFailed(outer) || hasFailed(algorithmDer) || hasFailed(validityDer)) return reasons.malformedCertificate;
	if (typeof extensions === "string") return extensions;
	const { issuer, subject, keyInfo } = fields;
	const key = readPublicKey(keyInfo);
	if (typeof key === "string") return key;
	return { der, signed, algorithm, signature, issuer, subject, keyInfo, key, extensions, ...validity };
}

export interface ShownKey {
	readonly key: PublicKey;
	readonly keyInfo: Uint8Array;
}

/**
 * Only the key of a certificate, or the reason why that is refused: for a pinned key, with which nothing else counts. Certificates
 * of any version and with any extension are read.
 */
export function readShownKey(der: Uint8Array): ShownKey | string {
	if (der.length > longestCertificate) return reasons.longCertificate;
	const outer = openDer(der);
	const parts = enter(outer, sequence);
	close(outer);
	const { keyInfo } = readFields(enter(parts, sequence));
	if (hasFailed(outer)) return reasons.malformedCertificate;
	const key = readPublicKey(keyInfo);
	return typeof key === "string" ? key : { key, keyInfo };
}

/** The fields of TBSCertificate that each certificate has; what comes after them is not read yet. */
function readFields(body: Der) {
	let version = 1;
	if (peekTag(body) === versionTag) {
		const contents = enter(body, versionTag);
		version = readInteger(contents) === 2n ? 3 : 2;
		close(contents);
	}
	const serialNumber = enter(body, integer);
	if (isAtEnd(serialNumber) || serialNumber.end - serialNumber.at > longestSerialNumber) fail(body);
	const algorithm = readElement(body, sequence);
	const issuer = readName(body);
	const validity = readElement(body, sequence);
	const subject = readName(body);
	const keyInfo = readElement(body, sequence);
	return { version, algorithm, issuer, validity, subject, keyInfo };
}

/** A distinguished name, which is compared and never shown: only its form is read (RFC 5280 section 4.1.2.4). */
function readName(body: Der): Uint8Array {
	const start = body.at;
	const sets = enter(body, sequence);
	while (!isAtEnd(sets)) {
		const set = enter(sets, setOf);
		if (isAtEnd(set)) fail(set);
		while (!isAtEnd(set)) {
			const pair = enter(set, sequence);
			readIdentifier(pair);
			if (!textTags.includes(peekTag(pair))) fail(pair);
			skip(pair);
			close(pair);
		}
	}
	return body.source.bytes.subarray(start, hasFailed(body) ? start : body.at);
}
