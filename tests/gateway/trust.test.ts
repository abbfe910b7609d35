/** TLS of the computer's MQTT client: pins and authorities, with servers that note every byte that they were told. */
import { createHash, createPrivateKey, type KeyObject } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { createHostMqttClient } from "../../gateway/mqtt-client.js";
import type { MqttError } from "../../modules/ports/mqtt.js";
import type { TrustedBroker } from "../../modules/ports/tls.js";
import { formatPin } from "../../modules/tls/pin.js";
import { reasons } from "../../modules/tls/reasons.js";
import {
	authorityExtensions,
	issue,
	type Keys,
	keyInfoOf,
	serverExtensions,
	toPem,
} from "../../tools/tls/certificates.js";
import { waitUntil } from "../support/wait.js";
import { keys } from "../tls/chains.js";

const day = 86_400_000;
const valid = { notBefore: Date.now() - day, notAfter: Date.now() + day };
const root = issue({ subject: "Root", keys: keys.otherP256, extensions: authorityExtensions(), ...valid });
const own = { subject: "Broker", keys: keys.p256, ...valid };
const genuine = issue({ ...own, issuer: root, extensions: serverExtensions("127.0.0.1") }).der;
const selfMade = issue({ ...own, extensions: serverExtensions("127.0.0.1") }).der;
const misnamed = issue({ ...own, issuer: root, extensions: serverExtensions("other.example") }).der;
const expired = issue({
	...own,
	issuer: root,
	notAfter: Date.now() - 1000,
	extensions: serverExtensions("127.0.0.1"),
}).der;
const pinOf = (owner: Keys) => new Uint8Array(createHash("sha256").update(keyInfoOf(owner)).digest());
const pin = pinOf(keys.p256);
const shownKey = formatPin(pin);

const cleanups: (() => void)[] = [];
afterEach(() => {
	for (const cleanup of cleanups.splice(0)) cleanup();
});

interface Outcome {
	error: MqttError | undefined;
	secured: TrustedBroker | null;
	/** Bytes that the server was told within TLS. */
	told: number;
}

/** Connects to a server that shows `certificates` and answers CONNECT. */
async function connect(
	certificates: readonly Uint8Array[],
	trust: { pin?: Uint8Array; authorities?: readonly Uint8Array[] | string } | null,
	version: "TLSv1.2" | "TLSv1.3" = "TLSv1.3",
): Promise<Outcome> {
	const key: KeyObject = createPrivateKey(keys.p256.privateKey.export({ type: "pkcs8", format: "pem" }));
	let told = 0;
	const sockets: TLSSocket[] = [];
	const server = createServer(
		{ key: key.export({ type: "pkcs8", format: "pem" }), cert: certificates.map(toPem).join(""), maxVersion: version },
		socket => {
			sockets.push(socket);
			socket.on("error", () => {});
			socket.on("data", bytes => {
				told += bytes.length;
				socket.write(Uint8Array.of(0x20, 2, 0, 0));
			});
		},
	);
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	cleanups.push(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	const outcome: Outcome = { error: undefined, secured: null, told: 0 };
	let over = false;
	const client = createHostMqttClient({
		host: "127.0.0.1",
		port: (server.address() as AddressInfo).port,
		secure: true,
		...(trust !== null && { trust: { pin: trust.pin ?? null, authorities: () => trust.authorities ?? [] } }),
		nameServers: [],
		id: "test",
		user: "owner",
		password: "secret",
		clean: true,
		keepAlive: 0,
		onReadable() {},
		onWritable() {},
		onSecured(broker) {
			outcome.secured = broker;
			expect(told).toBe(0);
		},
		onControl() {
			over = true;
		},
		onError(error) {
			outcome.error = error;
			over = true;
		},
	});
	await waitUntil("an answer", () => over);
	if (outcome.error === undefined) client.close();
	// What was on its way to the server arrives.
	await new Promise(resolve => setTimeout(resolve, 50));
	return { ...outcome, told };
}

describe.each(["TLSv1.2", "TLSv1.3"] as const)("%s: a broker is trusted, and told CONNECT,", version => {
	it.each([
		["with a pin alone: no authority, no name, no date", [selfMade], { pin }],
		["with a pin alone, expired", [expired], { pin }],
		["with a pin alone, another name", [misnamed], { pin }],
		["with its authority, which the broker does not send", [genuine], { authorities: [root.der] }],
		["with one of two authorities", [genuine, root.der], { authorities: [selfMade, root.der] }],
		["with both", [genuine], { pin, authorities: [root.der] }],
	])("%s", async (_, certificates, trust) => {
		const { error, secured, told } = await connect(certificates, trust, version);
		expect(error).toBeUndefined();
		expect(secured).toEqual({ shownKey, withoutDates: false });
		expect(told).toBeGreaterThan(20);
	});
});

describe.each(["TLSv1.2", "TLSv1.3"] as const)("%s: a broker gets nothing", version => {
	it.each([
		["with nothing to know it by", [genuine], null, "unknown", reasons.unknownKey],
		["with nothing to know it by, settings or not", [selfMade], {}, "unknown", shownKey],
		["with another key than the pinned one", [genuine], { pin: pinOf(keys.p384) }, "certificate", reasons.otherKey],
		[
			"with the pinned key, not from the authority",
			[selfMade],
			{ pin, authorities: [root.der] },
			"certificate",
			reasons.authority,
		],
		[
			"from the authority, not with the pinned key",
			[genuine],
			{ pin: pinOf(keys.rsa), authorities: [root.der] },
			"certificate",
			shownKey,
		],
		[
			"that signed itself, the authority after it",
			[selfMade, root.der],
			{ authorities: [root.der] },
			"certificate",
			reasons.authority,
		],
		["that has expired", [expired], { authorities: [root.der] }, "certificate", reasons.expired],
		["for another name", [misnamed], { authorities: [root.der] }, "certificate", reasons.otherName],
		[
			"when the authorities cannot be read",
			[genuine],
			{ authorities: "slot 1 is damaged" },
			"certificate",
			"slot 1 is damaged",
		],
		["when an authority is none", [genuine], { authorities: [Uint8Array.of(1, 2)] }, "certificate", ""],
	])("%s", async (_, certificates, trust, kind, message) => {
		const { error, secured, told } = await connect(certificates, trust, version);
		expect(error).toMatchObject({ kind });
		expect(error!.message).toContain(message);
		expect(error!.message).not.toContain("secret");
		expect(secured).toBeNull();
		expect(told).toBe(0);
		if (!/cannot be read|is none/.test(_)) expect(error!.shownKey).toBe(shownKey);
	});
});
