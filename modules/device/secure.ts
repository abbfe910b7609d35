/** TLS on the device: the SDK's session behind the guard that reads every byte of the handshake before it. */
import type TCP from "embedded:io/socket/tcp";
import type { SessionSocket } from "ssl/session";
import Session from "ssl/session";
import type { MqttError } from "../ports/mqtt.js";
import type { Trust, TrustedBroker } from "../ports/tls.js";
import { formatPin } from "../tls/pin.js";
import { reasons } from "../tls/reasons.js";
import { noteSent, receive } from "../tls/record-guard.js";
import { createRecordGuard, type RecordGuard, type RecordGuardOptions, readAdmitted } from "../tls/record-state.js";
import { type Decision, decideTrust } from "../tls/trust.js";
import { readTime } from "./clock.js";
import { hashes } from "./hashes.js";

export interface Secure {
	readonly session: Session;
	readonly guard: RecordGuard;
}

/** Bytes of text in a record, in both directions: what max_fragment_length asks for. */
export const longestRecord = 4096;
/** A chain of four certificates has 5 to 7 KB. The guard holds it once, and the session once more. */
const longestMessage = 12_288;

/** Without anybody to trust a broker's key is looked at. */
const nobody: Trust = Object.freeze({ pin: null, authorities: () => [] });

/** Whom the guard asks what to think of certificates. */
class Options implements RecordGuardOptions {
	readonly hashes = hashes;
	readonly longestMessage = longestMessage;
	readonly longestRecord = longestRecord;
	private readonly host: string;
	private readonly trust: Trust;

	constructor(host: string, trust: Trust) {
		this.host = host;
		this.trust = trust;
	}

	decide(certificates: readonly Uint8Array[]): Decision {
		const { host, trust } = this;
		const known = { pin: trust.pin, authorities: trust.authorities(), host };
		return decideTrust(known, certificates, readTime(), hashes);
	}
}

/** `host` is the name that the certificate must have. */
export function openSecure(host: string, trust: Trust = nobody): Secure {
	const guard = createRecordGuard(new Options(host, trust));
	const session = new Session({
		serverName: host,
		protocolVersion: 0x303,
		cache: false,
		tls_max_fragment_length: longestRecord,
		server: guard.handshake,
	});
	session.initiateHandshake();
	return { session, guard };
}

/** What the session sees of TCP: what the guard lets through, and what the guard lets out. Without a guard, the room in TCP's buffer alone. */
export class Link implements SessionSocket {
	readable = 0;
	writable = 0;
	private readonly tcp: TCP;
	private readonly guard: RecordGuard | null;

	constructor(tcp: TCP, guard: RecordGuard | null) {
		this.tcp = tcp;
		this.guard = guard;
	}

	read(bytes: Uint8Array): number {
		return this.guard === null ? this.tcp.read(bytes) : readAdmitted(this.guard, bytes);
	}

	write(bytes: Uint8Array): number {
		const refusal = this.guard === null ? null : noteSent(this.guard, bytes);
		if (refusal !== null) throw new Error(refusal);
		return this.tcp.write(bytes) ?? 0;
	}
}

/** Takes the network's bytes up to `count`. Null, or why the connection must end. */
export function admit({ guard }: Secure, link: SessionSocket, bytes: Uint8Array, count: number): MqttError | null {
	const refusal = receive(guard, bytes, 0, count);
	link.readable = guard.available;
	return refusal === null ? null : describeRefusal(guard, refusal);
}

/** Bytes that are not as they should be may come from any wrong port; only a server that is distrusted is called so. */
function describeRefusal({ handshake: { decision, distrusted } }: RecordGuard, refusal: string): MqttError {
	if (!distrusted || decision === null) return { kind: "connect", message: refusal };
	if (decision.pin === null) return { kind: "certificate", message: refusal };
	const shownKey = formatPin(decision.pin);
	if (decision.kind === "unknown") return { kind: "unknown", message: `${refusal}: ${shownKey}`, shownKey };
	const message = refusal === reasons.otherKey ? `${refusal}: ${shownKey}` : refusal;
	return { kind: "certificate", message, shownKey };
}

/** Once the handshake is done. */
export function describeBroker({ guard }: Secure): TrustedBroker | null {
	const { decision } = guard.handshake;
	if (decision?.kind !== "trusted") return null;
	return { shownKey: formatPin(decision.pin), withoutDates: decision.withoutDates };
}
