/** TLS on the device: the SDK's session behind the guard that reads every byte of the handshake before it. */
import Resource from "Resource";
import type { SessionSocket } from "ssl/session";
import Session from "ssl/session";
import { formatPin } from "../tls/pin.js";
import { createRecordGuard, noteSent, type RecordGuard, readAdmitted, receive } from "../tls/record-guard.js";
import { decideTrust } from "../tls/trust.js";
import { readTime } from "./clock.js";
import { createHashes } from "./hashes.js";

export interface Secure {
	readonly session: Session;
	readonly guard: RecordGuard;
}

/** The certificate authority's certificate in DER, among the image's `data`. */
const authority = "authority.der";
/** Bytes of text in a record, in both directions: what max_fragment_length asks for. */
export const longestRecord = 4096;
/** A chain of four certificates has 5 to 7 KB. The guard holds it once, and the session once more. */
const longestMessage = 12_288;

/** `host` is the name that the certificate must have. */
export function openSecure(host: string): Secure {
	const hashes = createHashes();
	const authorities = Resource.exists(authority) ? [new Uint8Array(new Resource(authority).slice(0))] : [];
	const guard = createRecordGuard({
		hashes,
		longestMessage,
		longestRecord,
		decide: certificates => decideTrust({ pin: null, authorities, host }, certificates, readTime(), hashes),
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

/** Takes the network's bytes up to `count`. Null, or why the connection must end, with the key that the broker showed. */
export function admit({ guard }: Secure, link: SessionSocket, bytes: Uint8Array, count: number): string | null {
	const refusal = receive(guard, bytes, 0, count);
	link.readable = guard.available;
	const { decision } = guard.handshake;
	if (refusal === null || decision === null || decision.kind === "trusted" || decision.pin === null) return refusal;
	return `${refusal}: ${formatPin(decision.pin)}`;
}
