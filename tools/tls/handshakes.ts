/** Writes what a TLS 1.2 client and server send until the handshake is done, right or as wrong as a test wants it. */
import { createECDH, sign } from "node:crypto";
import { connect } from "node:net";
import { createServer, type TlsOptions } from "node:tls";
import type { Keys } from "./certificates.js";

export const contents = { changeCipherSpec: 20, alert: 21, handshake: 22, data: 23 };
export const messages = { hello: 2, certificate: 11, keyExchange: 12, request: 13, helloDone: 14 };
export const suites = { ecdsa: 0xc02b, rsa: 0xc02f };

export const clientRandom = Uint8Array.from({ length: 32 }, (_, at) => at);
export const serverRandom = Uint8Array.from({ length: 32 }, (_, at) => 255 - at);

export function number(value: number, size: number): Buffer {
	const bytes = Buffer.alloc(size);
	bytes.writeUIntBE(value, 0, size);
	return bytes;
}

/** Bytes with their length before them. */
export const vector = (size: number, ...parts: readonly Uint8Array[]) => {
	const bytes = Buffer.concat(parts);
	return Buffer.concat([number(bytes.length, size), bytes]);
};

export const record = (type: number, body: Uint8Array, version = 0x0303) =>
	Buffer.concat([number(type, 1), number(version, 2), vector(2, body)]);
export const message = (type: number, body: Uint8Array = Buffer.alloc(0)) =>
	Buffer.concat([number(type, 1), vector(3, body)]);
export const extension = (type: number, body: Uint8Array = Buffer.alloc(0)) =>
	Buffer.concat([number(type, 2), vector(2, body)]);

/** As the SDK's session sends it with our two suites: one record. */
export function clientHello(fragment?: number): Buffer {
	const extensions = [
		extension(10, vector(2, number(23, 2))),
		extension(11, vector(1, number(0, 1))),
		extension(13, vector(2, number(0x0403, 2), number(0x0401, 2))),
		...(fragment === undefined ? [] : [extension(1, number(fragment, 1))]),
	];
	const offered = vector(2, number(suites.ecdsa, 2), number(suites.rsa, 2));
	const body = [number(0x0303, 2), clientRandom, vector(1), offered, vector(1, number(0, 1)), vector(2, ...extensions)];
	return record(contents.handshake, message(1, Buffer.concat(body)));
}

export interface Hello {
	version?: number;
	suite?: number;
	compression?: number;
	session?: Uint8Array;
	extensions?: readonly Uint8Array[];
}

export function serverHello(hello: Hello = {}): Buffer {
	const { version = 0x0303, suite = suites.ecdsa, compression = 0, session = Buffer.alloc(0), extensions } = hello;
	const body = [number(version, 2), serverRandom, vector(1, session), number(suite, 2), number(compression, 1)];
	if (extensions !== undefined) body.push(vector(2, ...extensions));
	return message(messages.hello, Buffer.concat(body));
}

export const certificateMessage = (...certificates: readonly Uint8Array[]) =>
	message(messages.certificate, vector(3, ...certificates.map(der => vector(3, der))));

export interface Exchange {
	curve?: number;
	curveType?: number;
	point?: Uint8Array;
	/** HashAlgorithm and SignatureAlgorithm: 4 and 3. */
	pair?: readonly [number, number];
	/** Hash by Node's name. */
	hash?: string;
	signature?: Uint8Array;
	/** What is signed in place of the right randoms. */
	randoms?: Uint8Array;
	after?: Uint8Array;
}

export const freshPoint = () => createECDH("prime256v1").generateKeys();

export function keyExchange(keys: Keys, exchange: Exchange = {}): Buffer {
	const { curveType = 3, curve = 23, point = freshPoint(), hash = "sha256" } = exchange;
	const kind = keys.privateKey.asymmetricKeyType === "rsa" ? 1 : 3;
	const { pair = [4, kind], randoms = Buffer.concat([clientRandom, serverRandom]) } = exchange;
	const parameters = Buffer.concat([number(curveType, 1), number(curve, 2), vector(1, point)]);
	const signature = exchange.signature ?? sign(hash, Buffer.concat([randoms, parameters]), keys.privateKey);
	const body = [parameters, Uint8Array.from(pair), vector(2, signature), exchange.after ?? Buffer.alloc(0)];
	return message(messages.keyExchange, Buffer.concat(body));
}

export const certificateRequest = message(
	messages.request,
	Buffer.concat([vector(1, number(1, 1)), vector(2, number(0x0401, 2)), vector(2)]),
);
export const helloDone = message(messages.helloDone);
export const changeCipherSpec = record(contents.changeCipherSpec, Uint8Array.of(1));
/** Ciphered records: whatever is in them. */
export const finished = record(contents.handshake, new Uint8Array(40).fill(0xaa));
export const data = (length: number) => record(contents.data, new Uint8Array(24 + length).fill(0xbb));

/** A server's first flight as Node's TLS (OpenSSL) sends it: from ServerHello to ServerHelloDone. */
export async function recordFlight(options: TlsOptions, fragment?: number): Promise<Buffer> {
	const server = createServer({ maxVersion: "TLSv1.2", ecdhCurve: "P-256", ...options });
	server.on("tlsClientError", () => {});
	await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as { port: number };
	try {
		return await new Promise((resolve, reject) => {
			const socket = connect(port, "127.0.0.1", () => socket.write(clientHello(fragment)));
			let received = Buffer.alloc(0);
			socket.on("data", bytes => {
				received = Buffer.concat([received, bytes]);
				// An alert, or the last message, whose body is empty.
				if (received[0] === contents.alert || received.subarray(-4).equals(helloDone)) {
					socket.destroy();
					resolve(received);
				}
			});
			socket.on("error", reject);
			socket.on("close", () => reject(new Error("closed")));
		});
	} finally {
		server.close();
	}
}
