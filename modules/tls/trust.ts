/** Decides whether a broker is the one that the owner means, from the certificates that it shows. Pure; sends nothing. */
import type { Hashes } from "../ports/tls.js";
import { readAuthorities } from "./authorities.js";
import { areEqual } from "./bytes.js";
import { readShownKey } from "./certificate.js";
import { verifyChain } from "./chain.js";
import type { PublicKey } from "./public-key.js";
import { reasons } from "./reasons.js";

export interface TrustSettings {
	/** SHA-256 of the broker's SubjectPublicKeyInfo, or null. With it alone the key decides: no chain, no name, no date. */
	readonly pin: Uint8Array | null;
	/**
	 * Certificates of authorities in DER. With them the chain decides; with a pin as well, both must hold. A text says why they cannot
	 * be read: then every broker is refused.
	 */
	readonly authorities: readonly Uint8Array[] | string;
	/** The name or the IPv4 address by which the broker is called. */
	readonly host: string;
}

export type Decision =
	| {
			readonly kind: "trusted";
			readonly key: PublicKey;
			/** Fingerprint of the broker's key. */
			readonly pin: Uint8Array;
			/** True where the dates of a chain were not looked at, because nobody knows the time: to be said, not to be silent about. */
			readonly withoutDates: boolean;
	  }
	/** Neither pin nor authority is set: the owner is to say whether this key is the broker's. */
	| { readonly kind: "unknown"; readonly reason: string; readonly pin: Uint8Array }
	/** `pin` is null where no key could be read. */
	| { readonly kind: "refused"; readonly reason: string; readonly pin: Uint8Array | null };

/** `certificates` in DER as the broker sent them; `time` in UTC milliseconds, null where nobody knows it. */
export function decideTrust(
	settings: TrustSettings,
	certificates: readonly Uint8Array[],
	time: number | null,
	hashes: Hashes,
): Decision {
	const { authorities, host } = settings;
	if (certificates.length === 0) return { kind: "refused", reason: reasons.noCertificate, pin: null };
	const shown = readShownKey(certificates[0]);
	if (typeof shown === "string") return { kind: "refused", reason: shown, pin: null };
	const pin = hashes.sha256(shown.keyInfo);
	if (settings.pin === null && authorities.length === 0) return { kind: "unknown", reason: reasons.unknownKey, pin };
	if (settings.pin !== null && !areEqual(settings.pin, pin)) return { kind: "refused", reason: reasons.otherKey, pin };
	if (typeof authorities === "string") return { kind: "refused", reason: authorities, pin };
	if (authorities.length === 0) return { kind: "trusted", key: shown.key, pin, withoutDates: false };
	const anchors = readAuthorities(authorities);
	const reason =
		typeof anchors === "string" ? anchors : verifyChain(certificates, { authorities: anchors, host, time, hashes });
	if (reason !== null) return { kind: "refused", reason, pin };
	return { kind: "trusted", key: shown.key, pin, withoutDates: time === null };
}
