/** The authorities that may sign the broker's certificate: those that the program brings, and two in the store. */
import type { Store } from "../ports/ports.js";
import { readAuthorities } from "../tls/authorities.js";
import { fromBase64, toBase64 } from "../tls/bytes.js";

/** Where certificates are: the store, and the program itself. */
export interface AuthoritySource {
	readonly store: Store;
	/** Of `Ports`. */
	readonly readCertificates?: ((name: string) => readonly Uint8Array[]) | undefined;
}

/** Names in the store: the authority that counts, and the one that will follow it. Each holds DER in base64. */
export const authoritySlots: readonly string[] = Object.freeze(["authority", "authority2"]);
/** What the build or the command line brings; it need not be there. */
export const defaultAuthority = "authority";
/** Of the store's 3 900. A root with a key of 4096 bits has 1 400 bytes, 1 900 in base64. */
const longestValue = 3_900;

/** The DER in a slot; null when it is empty, a complaint when it is damaged. */
export function readSlot(store: Store, slot: number): Uint8Array | string | null {
	const text = store.read(authoritySlots[slot]);
	if (text === null) return null;
	return fromBase64(text) ?? `the authority in slot ${slot + 1} is damaged; add it again`;
}

/** Keeps a certificate in a slot. Null, or why it cannot be kept; then the slot is as it was. */
export function keepAuthority(store: Store, slot: number, der: Uint8Array): string | null {
	const certificates = readAuthorities([der]);
	if (typeof certificates === "string") return certificates;
	const name = authoritySlots[slot];
	const text = toBase64(der);
	if (text.length > longestValue) return "the certificate is too long to be kept";
	try {
		store.write(name, text);
	} catch (error) {
		return error instanceof Error ? error.message : "the store failed";
	}
	return store.read(name) === text ? null : "the store did not keep it";
}

/** False when there was none. */
export function removeAuthority(store: Store, slot: number): boolean {
	const name = authoritySlots[slot];
	if (store.read(name) === null) return false;
	store.remove(name);
	return true;
}

/**
 * All certificates in DER: those with the names of the setting, then those in the store. A complaint when one of them is not there or
 * cannot be read: then nobody is to be trusted, because fewer authorities are not what the owner said.
 */
export function collectAuthorities(names: readonly string[], source: AuthoritySource): Uint8Array[] | string {
	const found: Uint8Array[] = [];
	for (const name of names) {
		const brought = source.readCertificates?.(name) ?? [];
		if (brought.length === 0 && name !== defaultAuthority) return `no authority ${name} came with this program`;
		found.push(...brought);
	}
	for (let slot = 0; slot < authoritySlots.length; slot += 1) {
		const der = readSlot(source.store, slot);
		if (typeof der === "string") return der;
		if (der !== null) found.push(der);
	}
	return found;
}
