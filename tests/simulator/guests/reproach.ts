/** A guest that throws. */
interface Reproach {
	reason: string;
}

export function parse(bytes: Uint8Array): ArrayBuffer {
	const reproach: Reproach = { reason: `never feed me ${bytes.length} bytes` };
	throw new TypeError(reproach.reason);
}
