/** In place of the SDK's `ssl/cert`: the session asks here, and the guard in front of it has decided already. */
import Curve from "curve";
import ECPoint from "ecp";
import type { SessionKey, SessionOptions } from "ssl/session";
import type { TrustedServer } from "../../ports/tls.js";

/**
 * The manager of a session's certificates; the session makes it with its own options. `options.server` is what the guard knows,
 * and the session never learns of another certificate: the guard has ended the connection before.
 */
export default class CertificateManager {
	private readonly server: TrustedServer;

	constructor(options: SessionOptions) {
		this.server = options.server;
	}

	/** Whether the first of them is the one that the guard trusts. */
	verify(certificates: readonly Uint8Array[]): boolean {
		const trusted = this.server.certificate;
		const [shown] = certificates;
		if (trusted === null || shown === undefined || shown.length !== trusted.length) return false;
		return shown.every((byte, at) => byte === trusted[at]);
	}

	/** The key of that certificate, as the SDK's PKCS1_5 and ECDSA want it. */
	getKey(): SessionKey {
		const { key } = this.server;
		if (key === null) throw new Error("no certificate");
		if (key.kind === "rsa") return { modulus: key.modulus, exponent: key.exponent };
		const curve = new Curve(key.curve.name === "P-256" ? "secp256r1" : "secp384r1");
		return { curve, pub: new ECPoint(key.x, key.y) };
	}

	/** The session would have its peer's certificate kept for `getKey`. */
	register(): void {}

	/** The reader has no certificate of its own: an empty list goes to a broker that asks for one. */
	findPreferredCert(): readonly Uint8Array[] {
		return [];
	}
}
