/** Writes DER, right or as wrong as a test wants it. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
	const contents = Buffer.concat(parts);
	return Buffer.concat([Uint8Array.of(tag), lengthOf(contents.length), contents]);
}

function lengthOf(length: number): Uint8Array {
	if (length < 0x80) return Uint8Array.of(length);
	if (length < 0x100) return Uint8Array.of(0x81, length);
	return length < 0x10000
		? Uint8Array.of(0x82, length >> 8, length & 0xff)
		: Uint8Array.of(0x83, length >> 16, (length >> 8) & 0xff, length & 0xff);
}

export const sequence = (...parts: readonly Uint8Array[]) => element(0x30, ...parts);
export const octets = (...parts: readonly Uint8Array[]) => element(0x04, ...parts);
/** Of whole bytes. */
export const bits = (...parts: readonly Uint8Array[]) => element(0x03, Uint8Array.of(0), ...parts);
export const nothing = element(0x05);
export const yes = element(0x01, Uint8Array.of(0xff));

export function integer(value: bigint | number): Buffer {
	const digits = BigInt(value).toString(16);
	const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex");
	return element(0x02, ...(bytes[0]! >= 0x80 ? [Uint8Array.of(0)] : []), bytes);
}

/** `2.5.29.17` */
export function identifier(dotted: string): Buffer {
	const [first, second, ...rest] = dotted.split(".").map(Number);
	const bytes: number[] = [];
	for (const arc of [first! * 40 + second!, ...rest]) {
		const groups = [arc & 0x7f];
		for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
			groups.unshift((left & 0x7f) | 0x80);
		bytes.push(...groups);
	}
	return element(0x06, Uint8Array.from(bytes));
}

/** A distinguished name that is a common name only. */
export function name(commonName: string): Buffer {
	return sequence(element(0x31, sequence(identifier("2.5.4.3"), element(0x0c, Buffer.from(commonName)))));
}

/** UTCTime up to 2049 and GeneralizedTime from 2050 on, as RFC 5280 wants it. */
export function time(milliseconds: number): Buffer {
	const digits = new Date(milliseconds).toISOString().replace(/\.\d+|[-:T]/g, "");
	return digits < "2050" ? element(0x17, Buffer.from(digits.slice(2))) : element(0x18, Buffer.from(digits));
}

/** `SEQUENCE { r, s }`; numbers may be out of range. */
export const ecdsaSignature = (r: bigint, s: bigint) => sequence(integer(r), integer(s));
