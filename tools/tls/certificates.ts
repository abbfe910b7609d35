/** Makes keys and certificates with Node's `crypto`, right or as wrong as a test wants them. */
import { execFileSync } from "node:child_process";
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hashes } from "../../modules/ports/tls.js";
import { bits, element, identifier, integer, name, nothing, octets, sequence, time, yes } from "./der.js";

export const hashes: Hashes = {
	sha256: bytes => new Uint8Array(createHash("sha256").update(bytes).digest()),
	sha384: bytes => new Uint8Array(createHash("sha384").update(bytes).digest()),
	sha512: bytes => new Uint8Array(createHash("sha512").update(bytes).digest()),
};

export interface Keys {
	publicKey: KeyObject;
	privateKey: KeyObject;
}

export const makeRsaKeys = (modulusLength: number, publicExponent = 65_537): Keys =>
	generateKeyPairSync("rsa", { modulusLength, publicExponent });
export const makeEcKeys = (namedCurve: string): Keys => generateKeyPairSync("ec", { namedCurve });

/** SubjectPublicKeyInfo. */
export const keyInfoOf = (keys: Keys) => new Uint8Array(keys.publicKey.export({ type: "spki", format: "der" }));

/** Noon of the day on which the tests' certificates are valid. */
export const noon = Date.UTC(2026, 10, 22, 12);
export const day = 86_400_000;

const algorithms: Record<string, Buffer> = {
	"rsa-md5": sequence(identifier("1.2.840.113549.1.1.4"), nothing),
	"rsa-sha1": sequence(identifier("1.2.840.113549.1.1.5"), nothing),
	"rsa-sha256": sequence(identifier("1.2.840.113549.1.1.11"), nothing),
	"rsa-sha384": sequence(identifier("1.2.840.113549.1.1.12"), nothing),
	"rsa-sha512": sequence(identifier("1.2.840.113549.1.1.13"), nothing),
	"ec-sha1": sequence(identifier("1.2.840.10045.4.1")),
	"ec-sha256": sequence(identifier("1.2.840.10045.4.3.2")),
	"ec-sha384": sequence(identifier("1.2.840.10045.4.3.3")),
	"ec-sha512": sequence(identifier("1.2.840.10045.4.3.4")),
};

export type Hash = "md5" | "sha1" | "sha256" | "sha384" | "sha512";

export interface Issued {
	subject: string;
	keys: Keys;
	der: Uint8Array;
}

export interface Request {
	subject: string;
	keys: Keys;
	/** Itself where it is absent. */
	issuer?: { subject: string; keys: Keys };
	hash?: Hash;
	notBefore?: number;
	notAfter?: number;
	extensions: readonly Uint8Array[];
	version?: number;
	/** In place of the algorithms that go with key and hash, in the signed part and after it. */
	algorithm?: Uint8Array;
	outerAlgorithm?: Uint8Array;
	/** In place of the right one. */
	signature?: Uint8Array;
	keyInfo?: Uint8Array;
	/** Changes the part that is signed. */
	edit?(signed: Buffer): Buffer;
}

let serial = 1000;

export function issue(request: Request): Issued {
	const { subject, keys, issuer = { subject, keys }, hash = "sha256", version = 2, extensions } = request;
	const algorithm = request.algorithm ?? algorithms[`${issuer.keys.privateKey.asymmetricKeyType}-${hash}`]!;
	serial += 1;
	const fields = [
		...(version === 0 ? [] : [element(0xa0, integer(version))]),
		integer(serial),
		algorithm,
		name(issuer.subject),
		sequence(time(request.notBefore ?? noon - day), time(request.notAfter ?? noon + day)),
		name(subject),
		request.keyInfo ?? keyInfoOf(keys),
		...(extensions.length === 0 ? [] : [element(0xa3, sequence(...extensions))]),
	];
	const signed = (request.edit ?? (bytes => bytes))(sequence(...fields));
	const signature = request.signature ?? sign(hash, signed, issuer.keys.privateKey);
	return { subject, keys, der: new Uint8Array(sequence(signed, request.outerAlgorithm ?? algorithm, bits(signature))) };
}

/** An extension; `critical` is spelled out only where it is true. */
export function extension(dotted: string, critical: boolean, value: Uint8Array): Buffer {
	return sequence(identifier(dotted), ...(critical ? [yes] : []), octets(value));
}

export function basicConstraints(isAuthority: boolean, pathLength?: number): Buffer {
	const fields = isAuthority ? [yes] : [];
	if (pathLength !== undefined) fields.push(integer(pathLength));
	return extension("2.5.29.19", true, sequence(...fields));
}

/** `bits`: the first eight, digitalSignature as 0x80, keyCertSign as 0x04. */
export function keyUsage(flags: number): Buffer {
	let unused = 0;
	while (unused < 7 && (flags & (1 << unused)) === 0) unused += 1;
	return extension("2.5.29.15", true, element(0x03, Uint8Array.of(unused, flags)));
}

export const extendedKeyUsage = (...purposes: readonly string[]) =>
	extension("2.5.29.37", false, sequence(...purposes.map(identifier)));
export const serverAuth = "1.3.6.1.5.5.7.3.1";
export const clientAuth = "1.3.6.1.5.5.7.3.2";

/** Names, and IPv4 addresses as `10.0.0.1`. */
export function names(...hosts: readonly string[]): Buffer {
	const entries = hosts.map(host =>
		/^[\d.]+$/.test(host)
			? element(0x87, Uint8Array.from(host.split("."), Number))
			: element(0x82, Buffer.from(host, "latin1")),
	);
	return extension("2.5.29.17", false, sequence(...entries));
}

/** What a server's certificate has, and what an authority's has. */
export const serverExtensions = (...hosts: readonly string[]) => [
	basicConstraints(false),
	keyUsage(0xa0),
	extendedKeyUsage(serverAuth),
	names(...hosts),
];
export const authorityExtensions = (pathLength?: number) => [basicConstraints(true, pathLength), keyUsage(0x06)];

export const toPem = (der: Uint8Array) =>
	`-----BEGIN CERTIFICATE-----\n${Buffer.from(der)
		.toString("base64")
		.replace(/.{1,64}/g, "$&\n")}-----END CERTIFICATE-----\n`;

export interface OpensslQuestion {
	certificates: readonly Uint8Array[];
	authorities: readonly Uint8Array[];
	host: string;
	/** Null: dates are not looked at. */
	time: number | null;
}

/** What `openssl verify` says: null when it accepts. */
export function askOpenssl({ certificates, authorities, host, time: now }: OpensslQuestion): string | null {
	const folder = mkdtempSync(join(tmpdir(), "smarty-chain-"));
	try {
		const [own, ...others] = certificates;
		writeFileSync(join(folder, "server.pem"), toPem(own!));
		writeFileSync(join(folder, "others.pem"), others.map(toPem).join(""));
		writeFileSync(join(folder, "trusted.pem"), authorities.map(toPem).join(""));
		const date = now === null ? ["-no_check_time"] : ["-attime", String(Math.floor(now / 1000))];
		const hostOption = /^[\d.]+$/.test(host) ? ["-verify_ip", host] : ["-verify_hostname", host];
		const parameters = [
			"verify",
			"-partial_chain",
			"-purpose",
			"sslserver",
			...date,
			...hostOption,
			"-no-CApath",
			"-no-CAfile",
		];
		parameters.push(
			"-trusted",
			"trusted.pem",
			...(others.length > 0 ? ["-untrusted", "others.pem"] : []),
			"server.pem",
		);
		execFileSync("openssl", parameters, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
		return null;
	} catch (error) {
		return String((error as { stderr?: Buffer }).stderr ?? error);
	} finally {
		rmSync(folder, { recursive: true });
	}
}
