/** The check of a certificate, as the bench measures it. */
import { fromHex, toBase64 } from "../../../modules/tls/bytes.js";
import { p256 } from "../../../modules/tls/curve.js";
import { readEcdsaSignature, verifyEcdsa } from "../../../modules/tls/ecdsa.js";
import { decodePoint } from "../../../modules/tls/public-key.js";
import { noteSent, receive } from "../../../modules/tls/record-guard.js";
import { createRecordGuard, readAdmitted } from "../../../modules/tls/record-state.js";
import { decideTrust } from "../../../modules/tls/trust.js";

/** What the first request says; bytes as hexadecimal digits. */
export interface TlsInput {
	hello: string;
	flight: string;
	authorities: readonly string[];
	host: string;
	time: number | null;
	/** Of what is hashed, in its order: the board's hash functions are in C. */
	digests: readonly string[];
	/** A point and a signature of the digest on P-256. */
	point: string;
	signature: string;
	digest: string;
}

/** In pieces, so that to read the input takes no more memory than what is measured. */
function spell(letters: Uint8Array, start: number): string {
	const pieces: string[] = [];
	for (let at = start; at < letters.length; at += 64)
		pieces.push(String.fromCharCode(...letters.subarray(at, at + 64)));
	return pieces.join("");
}

const decode = (text: string) => fromHex(text) ?? new Uint8Array(0);

/** A guest that holds a handshake (0 and the input as JSON), checks it (1), and verifies one signature on P-256 (2). */
export function createGuest() {
	let scene: Pick<TlsInput, "host" | "time">;
	let bytes: Record<"hello" | "flight" | "point" | "signature" | "digest", Uint8Array>;
	let authorities: readonly Uint8Array[] = [];
	let digests: readonly Uint8Array[] = [];
	function read(text: string): void {
		const input: TlsInput = JSON.parse(text);
		const { hello, flight, point, signature, digest, host, time } = input;
		scene = { host, time };
		bytes = {
			hello: decode(hello),
			flight: decode(flight),
			point: decode(point),
			signature: decode(signature),
			digest: decode(digest),
		};
		authorities = input.authorities.map(decode);
		digests = input.digests.map(decode);
	}
	function check(): string {
		let count = 0;
		const next = () => {
			count += 1;
			return digests[count - 1] ?? bytes.digest;
		};
		const hashes = { sha256: next, sha384: next, sha512: next };
		const { host, time } = scene;
		const guard = createRecordGuard({
			hashes,
			longestMessage: 12_288,
			longestRecord: 4096,
			decide: certificates => decideTrust({ pin: null, authorities, host }, certificates, time, hashes),
		});
		const { hello, flight } = bytes;
		noteSent(guard, hello);
		const refusal = receive(guard, flight, 0, flight.length);
		const admitted = new Uint8Array(guard.available);
		readAdmitted(guard, admitted);
		const { decision, stage } = guard.handshake;
		return [refusal, stage, decision?.kind, decision?.pin && toBase64(decision.pin), admitted.length, count].join(" ");
	}
	return {
		handle(request: ArrayBuffer): ArrayBuffer {
			const letters = new Uint8Array(request);
			if (letters[0] === 0) {
				read(spell(letters, 1));
				return new ArrayBuffer(0);
			}
			if (letters[0] === 1) return Uint8Array.from(check(), letter => letter.charCodeAt(0)).buffer;
			const key = decodePoint(bytes.point, p256)!;
			const signature = readEcdsaSignature(bytes.signature)!;
			return Uint8Array.of(verifyEcdsa(key, bytes.digest, signature) ? 1 : 0).buffer;
		},
	};
}
