/** Whom TLS trusts on a computer: a pinned key, authorities of the owner's, or without both those that Node has. */
import { createHash, X509Certificate } from "node:crypto";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import type { MqttError } from "../modules/ports/mqtt.js";
import type { Trust, TrustedBroker } from "../modules/ports/tls.js";
import { areEqual } from "../modules/tls/bytes.js";
import { formatPin } from "../modules/tls/pin.js";
import { reasons } from "../modules/tls/reasons.js";

/** What a connection is to check. */
export interface Check {
	readonly pin: Uint8Array | null;
	/** Null: Node's own list, where there is no pin either. */
	readonly authorities: readonly Uint8Array[] | null;
}

/** Reads the owner's authorities; text is why that cannot be done. */
export function prepareCheck(trust: Trust | undefined): Check | string {
	const authorities = trust?.authorities() ?? [];
	if (typeof authorities === "string") return authorities;
	return { pin: trust?.pin ?? null, authorities: authorities.length > 0 ? authorities : null };
}

/** For Node's TLS, which must not decide itself: with a pinned key no chain counts. `checkBroker` does, before a byte is sent. */
export function describeTls({ authorities }: Check): ConnectionOptions {
	const options: ConnectionOptions = { rejectUnauthorized: false };
	return authorities === null
		? options
		: { ...options, ca: authorities.map(der => new X509Certificate(der).toString()) };
}

/** Once the handshake is done: whether the broker is trusted, or why it gets nothing. */
export function checkBroker(socket: TLSSocket, { pin, authorities }: Check): TrustedBroker | MqttError {
	const certificate = socket.getPeerX509Certificate();
	if (certificate === undefined) return { kind: "certificate", message: reasons.noCertificate };
	const keyInfo = certificate.publicKey.export({ type: "spki", format: "der" });
	const shown = new Uint8Array(createHash("sha256").update(keyInfo).digest());
	const shownKey = formatPin(shown);
	if (pin !== null && !areEqual(pin, shown))
		return { kind: "certificate", message: `${reasons.otherKey}: ${shownKey}`, shownKey };
	if ((pin !== null && authorities === null) || socket.authorized) return { shownKey, withoutDates: false };
	// Declared as an error, and a code in truth.
	const code = String(socket.authorizationError);
	if (pin === null && authorities === null && isIssuerUnknown(code))
		return { kind: "unknown", message: `${reasons.unknownKey}: ${shownKey}`, shownKey };
	return { kind: "certificate", message: `${explain(code)} (${code})`, shownKey };
}

function isIssuerUnknown(code: string): boolean {
	return /SELF_SIGNED|UNABLE_TO/.test(code);
}

function explain(code: string): string {
	if (isIssuerUnknown(code)) return reasons.authority;
	if (/EXPIRED/.test(code)) return reasons.expired;
	if (/NOT_YET_VALID/.test(code)) return reasons.notYetValid;
	return /ALTNAME/.test(code) ? reasons.otherName : reasons.signature;
}
