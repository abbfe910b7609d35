/** What the guest `tls.ts` is given: a first flight, and the digests that its check will ask for. */
import { createHash, sign } from "node:crypto";
import type { Hashes } from "../../modules/ports/tls.js";
import { noteSent, receive } from "../../modules/tls/record-guard.js";
import { createRecordGuard } from "../../modules/tls/record-state.js";
import { decideTrust } from "../../modules/tls/trust.js";
import type { TlsInput } from "../bench/guests/tls.js";
import { hashes, type Keys, keyInfoOf, makeEcKeys, noon } from "./certificates.js";
import {
	certificateMessage,
	clientHello,
	contents,
	helloDone,
	keyExchange,
	record,
	serverHello,
	suites,
} from "./handshakes.js";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

export interface Scene {
	keys: Keys;
	certificates: readonly Uint8Array[];
	authorities: readonly Uint8Array[];
	host: string;
}

export function describeScene({ keys, certificates, authorities, host }: Scene): TlsInput {
	const suite = keys.privateKey.asymmetricKeyType === "rsa" ? suites.rsa : suites.ecdsa;
	const parts = [serverHello({ suite }), certificateMessage(...certificates), keyExchange(keys), helloDone];
	const flight = Buffer.concat(parts.map(part => record(contents.handshake, part)));
	const digests: string[] = [];
	const noting = Object.fromEntries(
		Object.entries(hashes).map(([name, hash]) => [
			name,
			(bytes: Uint8Array) => {
				const digest = hash(bytes);
				digests.push(hex(digest));
				return digest;
			},
		]),
	) as unknown as Hashes;
	const guard = createRecordGuard({
		hashes: noting,
		longestMessage: 12_288,
		longestRecord: 4096,
		decide: shown => decideTrust({ pin: null, authorities, host }, shown, noon, noting),
	});
	noteSent(guard, clientHello());
	receive(guard, flight, 0, flight.length);
	const signer = makeEcKeys("prime256v1");
	const message = Buffer.from("an image");
	return {
		hello: hex(clientHello()),
		flight: hex(flight),
		authorities: authorities.map(hex),
		host,
		time: noon,
		digests,
		point: hex(keyInfoOf(signer).subarray(-65)),
		signature: hex(sign("sha256", message, signer.privateKey)),
		digest: createHash("sha256").update(message).digest("hex"),
	};
}
