/** A guard in front of a session, and what the tests of it share. */
import { noteSent, receive } from "../../modules/tls/record-guard.js";
import { createRecordGuard, type RecordGuard, readAdmitted } from "../../modules/tls/record-state.js";
import { decideTrust } from "../../modules/tls/trust.js";
import { hashes, noon } from "../../tools/tls/certificates.js";
import {
	certificateMessage,
	changeCipherSpec,
	clientHello,
	contents,
	finished,
	helloDone,
	keyExchange,
	record,
	serverHello,
	suites,
} from "../../tools/tls/handshakes.js";
import { authorities, host, keys, server } from "./chains.js";

export interface GuardSettings {
	authorities?: readonly Uint8Array[];
	pin?: Uint8Array | null;
	longestMessage?: number;
	longestRecord?: number;
	/** False: nothing is sent yet. */
	hello?: boolean;
}

export function openGuard(settings: GuardSettings = {}): RecordGuard {
	const trust = { pin: settings.pin ?? null, authorities: settings.authorities ?? authorities, host };
	const guard = createRecordGuard({
		hashes,
		decide: certificates => decideTrust(trust, certificates, noon, hashes),
		longestMessage: settings.longestMessage ?? 12_000,
		longestRecord: settings.longestRecord ?? 1024,
	});
	if (settings.hello !== false) noteSent(guard, clientHello());
	return guard;
}

/** What the session has been let read. */
export function readAll(guard: RecordGuard): Buffer {
	const bytes = Buffer.alloc(guard.available);
	const count = readAdmitted(guard, bytes);
	if (count !== bytes.length || guard.available !== 0) throw new Error(`${count} of ${bytes.length} bytes`);
	return bytes;
}

/** Feeds it; returns the refusal or null. */
export function feed(guard: RecordGuard, ...parts: readonly Uint8Array[]): string | null {
	const bytes = Buffer.concat(parts);
	return receive(guard, bytes, 0, bytes.length);
}

export const hs = (...parts: readonly Uint8Array[]) => record(contents.handshake, Buffer.concat(parts));

export const own = server();
export const rsaOwn = () => server({ keys: keys.rsa });

/** The messages of a first flight that is right. */
export const flight = () => [serverHello(), certificateMessage(own), keyExchange(keys.p256), helloDone];
export const rsaFlight = () => [
	serverHello({ suite: suites.rsa }),
	certificateMessage(rsaOwn()),
	keyExchange(keys.rsa),
	helloDone,
];

/** Everything until the handshake is done. */
export const genuine = () => Buffer.concat([...flight().map(message => hs(message)), changeCipherSpec, finished]);
