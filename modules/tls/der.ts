/**
 * Reads DER (X.690), strictly: lengths are definite and as short as can be, and whatever is not so fails the whole source, for
 * good. Nothing throws. A failed source reads as empty, so that every loop over it ends; its user asks `hasFailed` once, at the
 * end. Nothing recurses: the caller enters each level by name.
 */
import { toBigInt, toHex } from "./bytes.js";

/** A place within an element's contents. */
export interface Der {
	readonly source: { readonly bytes: Uint8Array; failed: boolean };
	at: number;
	readonly end: number;
}

/** Tags of X.680 clause 8. */
export const boolean = 0x01;
export const integer = 0x02;
export const bitString = 0x03;
export const octetString = 0x04;
export const nothing = 0x05;
export const objectIdentifier = 0x06;
export const utcTime = 0x17;
export const generalizedTime = 0x18;
export const sequence = 0x30;
export const setOf = 0x31;

/** Bytes of the longest integer that is read as a number: a modulus of 4096 bits and its leading zero. */
const longestInteger = 513;
/** Bytes of the longest object identifier that anybody here has a name for. */
const longestIdentifier = 32;

export function openDer(bytes: Uint8Array): Der {
	return { source: { bytes, failed: false }, at: 0, end: bytes.length };
}

export function hasFailed(der: Der): boolean {
	return der.source.failed;
}

/** What is read is not what it should be. */
export function fail(der: Der): void {
	der.source.failed = true;
}

/** True as well when the source has failed. */
export function isAtEnd(der: Der): boolean {
	return der.source.failed || der.at >= der.end;
}

/** Fails unless all of it was read. */
export function close(der: Der): void {
	if (der.at !== der.end) fail(der);
}

/** The tag of the next element; -1 when there is none. */
export function peekTag(der: Der): number {
	return isAtEnd(der) ? -1 : der.source.bytes[der.at];
}

/** The contents of the next element, which must have the tag `tag`. */
export function enter(der: Der, tag: number): Der {
	const { source } = der;
	if (peekTag(der) !== tag) return failed(der);
	const { bytes } = source;
	let at = der.at + 1;
	let length = at < der.end ? bytes[at] : 0x80;
	at += 1;
	if (length >= 0x80) {
		const count = length & 0x7f;
		if (count < 1 || count > 3 || at + count > der.end) return failed(der);
		length = 0;
		for (const end = at + count; at < end; at += 1) length = (length << 8) | bytes[at];
		// One byte is for lengths from 128, two for those from 256, three for those from 65 536.
		if (length < 1 << (count === 1 ? 7 : 8 * (count - 1))) return failed(der);
	}
	if (length > der.end - at) return failed(der);
	der.at = at + length;
	return { source, at, end: at + length };
}

/** The bytes of the next element with its tag and length; they are shared with the source. */
export function readElement(der: Der, tag: number): Uint8Array {
	const start = der.at;
	enter(der, tag);
	return der.source.bytes.subarray(start, hasFailed(der) ? start : der.at);
}

/** Passes over one element, whatever its tag is; tags of more than one byte fail. */
export function skip(der: Der): void {
	const tag = peekTag(der);
	if ((tag & 0x1f) === 0x1f) fail(der);
	else enter(der, tag);
}

/** The contents' bytes that are left; they are shared with the source. */
export function readRest(der: Der): Uint8Array {
	const start = der.at;
	der.at = der.end;
	return der.source.bytes.subarray(start, der.end);
}

/** The bytes of an integer that is not negative, of which there are 513 at most, without a leading zero; they are shared. */
export function readUnsigned(der: Der): Uint8Array {
	const { source, at, end } = enter(der, integer);
	const { bytes } = source;
	const padded = end - at > 1 && bytes[at] === 0;
	if (source.failed || at === end || end - at > longestInteger || bytes[at] >= 0x80) fail(der);
	else if (padded && bytes[at + 1] < 0x80) fail(der);
	return source.failed ? bytes.subarray(at, at) : bytes.subarray(padded ? at + 1 : at, end);
}

/** The same as a number. */
export function readInteger(der: Der): bigint {
	return toBigInt(readUnsigned(der));
}

/** The digits of an object identifier's contents: 2.5.29.17 is `551d11`. */
export function readIdentifier(der: Der): string {
	const { source, at, end } = enter(der, objectIdentifier);
	if (at === end || end - at > longestIdentifier || source.bytes[end - 1] >= 0x80) fail(der);
	return source.failed ? "" : toHex(source.bytes, at, end);
}

/** False where there is none. Some certificates spell out a false one, which DER does not. */
export function readOptionalBoolean(der: Der): boolean {
	if (peekTag(der) !== boolean) return false;
	const { source, at, end } = enter(der, boolean);
	const value = source.bytes[at];
	if (end - at !== 1 || (value !== 0 && value !== 0xff)) fail(der);
	return value === 0xff;
}

/** The contents of a bit string that holds whole bytes. */
export function enterBitString(der: Der): Der {
	const contents = enter(der, bitString);
	if (isAtEnd(contents) || contents.source.bytes[contents.at] !== 0) return failed(der);
	contents.at += 1;
	return contents;
}

function failed(der: Der): Der {
	fail(der);
	return { source: der.source, at: der.end, end: der.end };
}
