/** In place of the SDK's `ssl/cert`: the session asks here, and the guard in front of it has decided already. */
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

	/** What our `ecdsa` and `pkcs1_5` compare the session's key exchange with. */
	getKey(): SessionKey {
		const { digest } = this.server;
		if (digest === null) throw new Error("no key exchange");
		return { digest, pub: { digest } };
	}

	/** The session would have its peer's certificate kept for `getKey`. */
	register(): void {}

	/** The reader has no certificate of its own: an empty list goes to a broker that asks for one. */
	findPreferredCert(): readonly Uint8Array[] {
		return [];
	}
}
