/** Reads the extensions of a certificate: RFC 5280 section 4.2. Each may be there once; critical ones must be known here. */
import {
	bitString,
	close,
	type Der,
	enter,
	fail,
	hasFailed,
	integer,
	isAtEnd,
	octetString,
	peekTag,
	readElement,
	readIdentifier,
	readInteger,
	readOptionalBoolean,
	sequence,
} from "./der.js";
import { reasons } from "./reasons.js";

export interface Extensions {
	/** Whether the key may sign certificates: `cA` of basicConstraints. */
	isAuthority: boolean;
	/** How many authorities may come between this one and the server; null where there is no limit. */
	pathLength: number | null;
	/** The first bits of keyUsage, the first of them as 0x80; null where there is none. */
	keyUsage: number | null;
	/** Whether extendedKeyUsage names servers; null where there is none. */
	serverUse: boolean | null;
	/** subjectAltName in DER; null where there is none. */
	names: Uint8Array | null;
}

export const digitalSignature = 0x80;
export const keyCertSign = 0x04;

const subjectAltName = "551d11";
const basicConstraints = "551d13";
const keyUsage = "551d0f";
const extendedKeyUsage = "551d25";
const nameConstraints = "551d1e";
const serverAuth = "2b06010505070301";
const longestPath = 255n;

export function createExtensions(): Extensions {
	return { isAuthority: false, pathLength: null, keyUsage: null, serverUse: null, names: null };
}

/** `der` holds one element, the SEQUENCE of extensions. Returns a reason where they are well formed and refused. */
export function readExtensions(der: Der): Extensions | string {
	const list = enter(der, sequence);
	close(der);
	const extensions = createExtensions();
	const seen: string[] = [];
	let refusal: string | null = null;
	while (!isAtEnd(list)) {
		const fields = enter(list, sequence);
		const identifier = readIdentifier(fields);
		const critical = readOptionalBoolean(fields);
		const value = enter(fields, octetString);
		close(fields);
		if (seen.includes(identifier)) fail(der);
		seen.push(identifier);
		if (readExtension(extensions, identifier, value)) close(value);
		else if (identifier === nameConstraints) refusal ??= reasons.nameConstraints;
		else if (critical) refusal ??= reasons.extension;
	}
	if (seen.length === 0 || hasFailed(der)) return reasons.malformedCertificate;
	return refusal ?? extensions;
}

/** False for one that is not known here. */
function readExtension(extensions: Extensions, identifier: string, value: Der): boolean {
	if (identifier === subjectAltName) extensions.names = readElement(value, sequence);
	else if (identifier === basicConstraints) readBasicConstraints(extensions, enter(value, sequence));
	else if (identifier === keyUsage) extensions.keyUsage = readKeyUsage(enter(value, bitString));
	else if (identifier === extendedKeyUsage) extensions.serverUse = readExtendedKeyUsage(enter(value, sequence));
	else return false;
	return true;
}

function readBasicConstraints(extensions: Extensions, fields: Der): void {
	extensions.isAuthority = readOptionalBoolean(fields);
	if (peekTag(fields) === integer) {
		const length = readInteger(fields);
		extensions.pathLength = Number(length < longestPath ? length : longestPath);
		if (!extensions.isAuthority) fail(fields);
	}
	close(fields);
}

/** Nine bits are defined: in one byte or two, the unused ones 0, and at least one is set. */
function readKeyUsage(bits: Der): number {
	const { source, at, end } = bits;
	const { bytes } = source;
	const unused = bytes[at];
	if (end - at < 2 || end - at > 3 || unused > 7 || (bytes[end - 1] & ((1 << unused) - 1)) !== 0) fail(bits);
	else if (bytes[at + 1] === 0 && bytes[end - 1] === 0) fail(bits);
	return hasFailed(bits) ? 0 : bytes[at + 1];
}

function readExtendedKeyUsage(list: Der): boolean {
	let found = false;
	if (isAtEnd(list)) fail(list);
	while (!isAtEnd(list)) found = readIdentifier(list) === serverAuth || found;
	return found;
}
