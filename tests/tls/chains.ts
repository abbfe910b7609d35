/** Chains that the tests of certificates share: made once in each file that imports them. */

import { readAuthorities } from "../../modules/tls/authorities.js";
import type { ChainOptions } from "../../modules/tls/chain.js";
import { verifyChain } from "../../modules/tls/chain.js";
import {
	authorityExtensions,
	hashes,
	type Issued,
	issue,
	type Keys,
	makeEcKeys,
	makeRsaKeys,
	noon,
	type Request,
	serverExtensions,
} from "../../tools/tls/certificates.js";

export const host = "broker.example";

/** A server's certificate, the authorities above it in their order, and the last of them, which is pinned. */
export interface Chain {
	own: Issued;
	between: readonly Issued[];
	root: Issued;
}

export function makeChain(own: Keys, between: readonly Keys[], root: Keys): Chain {
	const top = issue({ subject: "Root", keys: root, hash: "sha384", extensions: authorityExtensions() });
	let issuer = top;
	const authorities: Issued[] = [];
	for (const [at, keys] of between.entries()) {
		const extensions = authorityExtensions(between.length - 1 - at);
		issuer = issue({ subject: `Between ${at}`, keys, issuer, extensions });
		authorities.unshift(issuer);
	}
	return {
		own: issue({ subject: "Broker", keys: own, issuer, extensions: serverExtensions("other.example", host) }),
		between: authorities,
		root: top,
	};
}

const made = new Map<string, Keys>();

function once(name: string, make: () => Keys): Keys {
	const keys = made.get(name) ?? make();
	made.set(name, keys);
	return keys;
}

/** Keys of each kind, made when they are first asked for: one with 4096 bits takes seconds. */
export const keys = {
	get rsa() {
		return once("rsa", () => makeRsaKeys(2048));
	},
	get otherRsa() {
		return once("otherRsa", () => makeRsaKeys(2048));
	},
	get longRsa() {
		return once("longRsa", () => makeRsaKeys(4096));
	},
	p256: makeEcKeys("prime256v1"),
	otherP256: makeEcKeys("prime256v1"),
	p384: makeEcKeys("secp384r1"),
	otherP384: makeEcKeys("secp384r1"),
};

export interface Question extends Partial<Omit<ChainOptions, "authorities">> {
	certificates: readonly Uint8Array[];
	authorities: readonly Uint8Array[];
}

/** What our check says: null when it accepts. */
export function verify({ certificates, authorities, ...options }: Question): string | null {
	const read = readAuthorities(authorities);
	if (typeof read === "string") return `authority: ${read}`;
	return verifyChain(certificates, { host, time: noon, hashes, authorities: read, ...options });
}

export const root = issue({ subject: "Root", keys: keys.otherP256, extensions: authorityExtensions() });
export const authorities = [root.der];

/** A server's certificate from the root, made wrong by `change`. */
export function server(change: Partial<Request> = {}): Uint8Array {
	return issue({ subject: "Broker", keys: keys.p256, issuer: root, extensions: serverExtensions(host), ...change }).der;
}

/** A chain of three whose middle is made wrong by `change`. */
export function below(change: Partial<Request>): Uint8Array[] {
	const middle = issue({
		subject: "Between",
		keys: keys.p384,
		issuer: root,
		extensions: authorityExtensions(),
		...change,
	});
	return [server({ issuer: middle }), middle.der];
}
