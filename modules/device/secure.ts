/** TLS on the device: the SDK's session behind the guard that reads every byte of the handshake before it. */
import type { SessionSocket } from "ssl/session";
import Session from "ssl/session";
import type { MqttError } from "../ports/mqtt.js";
import type { Trust, TrustedBroker } from "../ports/tls.js";
import { formatPin } from "../tls/pin.js";
import { reasons } from "../tls/reasons.js";
import { noteSent, receive } from "../tls/record-guard.js";
import { createRecordGuard, type RecordGuard, readAdmitted } from "../tls/record-state.js";
import { decideTrust } from "../tls/trust.js";
import { readTime } from "./clock.js";
import { createHashes } from "./hashes.js";

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

/** `host` is the name that the certificate must have. */
export function openSecure(host: string, { pin, authorities }: Trust = nobody): Secure {
	const hashes = createHashes();
	const guard = createRecordGuard({
		hashes,
		longestMessage,
		longestRecord,
		decide: certificates => decideTrust({ pin, authorities: authorities(), host }, certificates, readTime(), hashes),
	});
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

/** What the session sees of a socket: what the guard lets through, and what the guard lets out. */
export function createLink({ guard }: Secure, write: (bytes: Uint8Array) => number): SessionSocket {
	return {
		readable: 0,
		writable: 0,
		read: bytes => readAdmitted(guard, bytes),
		write(record) {
			const refusal = noteSent(guard, record);
			if (refusal !== null) throw new Error(refusal);
			return write(record);
		},
	};
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
