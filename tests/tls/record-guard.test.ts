/** Tests of `modules/tls/record-guard.ts`. */
import { describe, expect, it } from "vitest";
import { reasons } from "../../modules/tls/reasons.js";
import { noteSent, receive } from "../../modules/tls/record-guard.js";
import { createRecordGuard, readAdmitted } from "../../modules/tls/record-state.js";
import { hashes, issue, serverExtensions, toPem } from "../../tools/tls/certificates.js";
import {
	certificateMessage,
	certificateRequest,
	changeCipherSpec,
	clientHello,
	contents,
	data,
	finished,
	helloDone,
	keyExchange,
	message,
	messages,
	number,
	record,
	recordFlight,
	serverHello,
} from "../../tools/tls/handshakes.js";
import { host, keys, makeChain, root } from "./chains.js";
import { feed, flight, genuine, hs, openGuard, own, readAll, rsaFlight } from "./guards.js";

describe("a genuine handshake", () => {
	it.each([
		["ECDSA", flight],
		["RSA", rsaFlight],
	])("with %s is let through, and what it brings is known", (_name, make) => {
		const guard = openGuard();
		const sent = make();
		for (const part of sent) expect(feed(guard, hs(part))).toBeNull();
		expect(guard.handshake.stage).toBe("change");
		expect(guard.handshake.key).not.toBeNull();
		expect(guard.handshake.decision?.kind).toBe("trusted");
		expect(readAll(guard)).toEqual(Buffer.concat(sent.map(part => hs(part))));
		expect(feed(guard, changeCipherSpec, finished)).toBeNull();
		expect(guard.handshake.stage).toBe("open");
		expect(feed(guard, data(0), data(1024), record(contents.alert, new Uint8Array(26)))).toBeNull();
		expect(readAll(guard).length).toBe(6 + 45 + 29 + 1053 + 31);
	});

	it("may ask for a certificate", () => {
		const guard = openGuard();
		const [hello, certificate, exchange] = flight();
		expect(feed(guard, hs(hello!, certificate!, exchange!, certificateRequest, helloDone))).toBeNull();
		expect(guard.handshake.stage).toBe("change");
		expect(feed(guard, changeCipherSpec, finished)).toBeNull();
	});

	it("comes to the session as one record a message, however the server cut it into records", () => {
		const sent = flight();
		const wanted = Buffer.concat(sent.map(part => hs(part)));
		const whole = Buffer.concat(sent);
		for (const size of [1, 2, 3, 5, 100, 512, whole.length]) {
			const guard = openGuard();
			for (let at = 0; at < whole.length; at += size)
				expect(feed(guard, record(contents.handshake, whole.subarray(at, at + size)))).toBeNull();
			expect(readAll(guard)).toEqual(wanted);
		}
	});

	it("is the same however the network cuts it", () => {
		const bytes = genuine();
		const guard = openGuard();
		feed(guard, bytes);
		const wanted = readAll(guard);
		for (const size of [1, 2, 7, 511]) {
			const other = openGuard();
			const pieces: Buffer[] = [];
			for (let at = 0; at < bytes.length; at += size) {
				expect(receive(other, bytes, at, Math.min(at + size, bytes.length))).toBeNull();
				pieces.push(readAll(other));
			}
			expect(Buffer.concat(pieces)).toEqual(wanted);
		}
	});

	it("is read by the session in pieces of any size", () => {
		const guard = openGuard();
		feed(guard, genuine());
		const pieces: Buffer[] = [];
		const { available } = guard;
		for (let size = 1; guard.available > 0; size = (size * 7) % 61) {
			const piece = Buffer.alloc(size);
			const before = guard.available;
			const count = readAdmitted(guard, piece);
			expect(count).toBe(Math.min(size, before));
			expect(guard.available).toBe(before - count);
			pieces.push(piece.subarray(0, count));
		}
		expect(Buffer.concat(pieces).length).toBe(available);
		expect(readAdmitted(guard, new Uint8Array(5))).toBe(0);
	});

	const chain = makeChain(keys.p256, [keys.p384], keys.longRsa);
	const rsaChain = makeChain(keys.rsa, [keys.otherRsa], keys.longRsa);
	it.each([
		["P-256 under P-384 under RSA-4096", chain],
		["RSA-2048 under RSA-2048 under RSA-4096", rsaChain],
	])("of OpenSSL is let through: %s", async (_name, { own: server, between, root: top }) => {
		const pem = (list: readonly { der: Uint8Array }[]) => list.map(issued => toPem(issued.der)).join("");
		const key = server.keys.privateKey.export({ type: "pkcs8", format: "pem" });
		for (const cert of [pem([server, ...between]), pem([server, ...between, top])]) {
			for (const fragment of [undefined, 1]) {
				const bytes = await recordFlight({ key, cert }, fragment);
				const guard = openGuard({ authorities: [top.der] });
				expect(feed(guard, bytes)).toBeNull();
				expect(guard.handshake.stage).toBe("change");
				// With fragments of 512 bytes the certificates do not fit into one record.
				expect(bytes.readUInt16BE(3)).toBeLessThan(fragment === undefined ? 16_384 : 513);
			}
		}
		// The tests' other root has the same name.
		const untrusted = openGuard();
		expect(feed(untrusted, await recordFlight({ key, cert: pem([server, ...between]) }))).toBe(reasons.signature);
	});

	it("that OpenSSL refuses ends with its alert", async () => {
		const key = chain.own.keys.privateKey.export({ type: "pkcs8", format: "pem" });
		const bytes = await recordFlight({ key, cert: toPem(chain.own.der), ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384" });
		expect(feed(openGuard(), bytes)).toBe(`${reasons.alert} 40`);
	});
});

describe("out of turn", () => {
	const [hello, certificate, exchange, done] = flight();
	const other = keyExchange(keys.otherP256);
	const request = certificateRequest;
	const cases: readonly (readonly [name: string, reason: string, ...parts: readonly Uint8Array[]])[] = [
		["no ServerHello", reasons.wrongMessage, hs(certificate!)],
		["two of them", reasons.wrongMessage, hs(hello!, hello!)],
		["no certificate", reasons.wrongMessage, hs(hello!, exchange!)],
		["certificates twice", reasons.wrongMessage, hs(hello!, certificate!, certificate!)],
		["no key exchange", reasons.noKeyExchange, hs(hello!, certificate!, done!)],
		["a request in place of the key exchange", reasons.wrongMessage, hs(hello!, certificate!, request)],
		["key exchanges twice", reasons.wrongMessage, hs(hello!, certificate!, exchange!, other)],
		["requests twice", reasons.wrongMessage, hs(hello!, certificate!, exchange!, request, request)],
		["a message after the last", reasons.wrongMessage, hs(...flight(), hello!)],
		["the last twice", reasons.wrongMessage, hs(...flight(), done!)],
		["a last one with a body", reasons.longMessage, hs(hello!, certificate!, exchange!, message(14, Uint8Array.of(1)))],
		["HelloRequest, with which the session would begin again", reasons.wrongMessage, hs(message(0))],
		["HelloRequest later", reasons.wrongMessage, hs(...flight(), message(0))],
		["a ClientHello", reasons.wrongMessage, hs(message(1, Buffer.alloc(40)))],
		["Finished in clear", reasons.wrongMessage, hs(hello!, message(20, Buffer.alloc(12)))],
		["Finished in clear, later", reasons.wrongMessage, hs(...flight(), message(20, Buffer.alloc(12)))],
		["NewSessionTicket", reasons.wrongMessage, hs(...flight(), message(4, Buffer.alloc(12)))],
		["CertificateStatus", reasons.wrongMessage, hs(hello!, certificate!, message(22, Buffer.alloc(12)))],
		["ChangeCipherSpec first", reasons.wrongMessage, changeCipherSpec],
		["ChangeCipherSpec after ServerHello", reasons.resumption, hs(hello!), changeCipherSpec],
		["ChangeCipherSpec after the certificate", reasons.wrongMessage, hs(hello!, certificate!), changeCipherSpec],
		[
			"ChangeCipherSpec after the key exchange",
			reasons.wrongMessage,
			hs(hello!, certificate!, exchange!),
			changeCipherSpec,
		],
		["ChangeCipherSpec within a message", reasons.wrongMessage, hs(...flight(), Uint8Array.of(14)), changeCipherSpec],
		["ChangeCipherSpec twice", reasons.wrongMessage, hs(...flight()), changeCipherSpec, changeCipherSpec],
		["ChangeCipherSpec of another value", reasons.malformedMessage, hs(...flight()), record(20, Uint8Array.of(2))],
		["ChangeCipherSpec of two bytes", reasons.malformedMessage, hs(...flight()), record(20, Uint8Array.of(1, 1))],
		["ChangeCipherSpec without bytes", reasons.malformedMessage, hs(...flight()), record(20, Buffer.alloc(0))],
		["data first", reasons.earlyData, record(contents.data, Buffer.from("CONNACK"))],
		["data in the midst", reasons.earlyData, hs(hello!), record(contents.data, Buffer.from("CONNACK"))],
		["data before ChangeCipherSpec", reasons.earlyData, hs(...flight()), record(contents.data, Buffer.from("CONNACK"))],
		["data before Finished", reasons.earlyData, hs(...flight()), changeCipherSpec, data(20)],
		["a long Finished", reasons.wrongMessage, hs(...flight()), changeCipherSpec, record(22, Buffer.alloc(41))],
		["another handshake afterwards", reasons.wrongMessage, genuine(), hs(message(0), Buffer.alloc(24))],
		["ChangeCipherSpec afterwards", reasons.wrongMessage, genuine(), record(20, Buffer.alloc(25))],
		["a short record", reasons.shortRecord, genuine(), record(contents.data, Buffer.alloc(23))],
		["a record without bytes", reasons.shortRecord, genuine(), record(contents.data, Buffer.alloc(0))],
		["a long record", reasons.longRecord, genuine(), data(1025)],
		["an alert of another length", reasons.malformedMessage, genuine(), record(contents.alert, Buffer.alloc(27))],
		["another type afterwards", reasons.record, genuine(), record(24, Buffer.alloc(30))],
		["another version afterwards", reasons.record, genuine(), record(23, Buffer.alloc(30), 0x0301)],
		["an alert", `${reasons.alert} 48`, hs(hello!), record(contents.alert, Uint8Array.of(2, 48))],
		["a warning", `${reasons.alert} 112`, record(contents.alert, Uint8Array.of(1, 112))],
		["an alert of another version", `${reasons.alert} 70`, record(contents.alert, Uint8Array.of(2, 70), 0x0300)],
		["an alert of one byte", reasons.malformedMessage, record(contents.alert, Uint8Array.of(2))],
		["a handshake record without bytes", reasons.shortRecord, hs(hello!), hs()],
		["a record of 16 385 bytes", reasons.longRecord, record(22, Buffer.alloc(16_385))],
		["TLS 1.0 in the record", reasons.tlsVersion, record(22, hello!, 0x0301)],
		["SSL 2", reasons.record, Uint8Array.of(0x80, 0x2e, 0x01, 0x03, 0x00)],
		["another protocol", reasons.record, Buffer.from("HTTP/1.1 400 Bad Request\r\n")],
		["MQTT in clear", reasons.record, Uint8Array.of(0x20, 2, 0, 0, 0)],
	];
	const joined = cases.map(([name, reason, ...parts]) => [name, reason, Buffer.concat(parts)] as const);
	it.each(joined)("%s: %s", (_name, reason, bytes) => {
		const guard = openGuard();
		expect(feed(guard, bytes)).toBe(reason);
		expect(guard.available).toBe(0);
		expect(readAdmitted(guard, new Uint8Array(9))).toBe(0);
		expect(feed(guard, genuine())).toBe(reason);
		expect(noteSent(guard, record(contents.handshake, Buffer.alloc(9)))).toBe(reason);
	});

	it.each(joined)("…byte by byte: %s: %s", (_name, reason, bytes) => {
		const guard = openGuard();
		let refusal: string | null = null;
		for (let at = 0; at < bytes.length; at += 1) refusal = receive(guard, bytes, at, at + 1);
		expect(refusal).toBe(reason);
	});
});

describe("sizes", () => {
	it("a message is refused by its header, before there is room for it", () => {
		const guard = openGuard({ longestMessage: 2000 });
		feed(guard, hs(serverHello()));
		expect(feed(guard, hs(Buffer.concat([number(messages.certificate, 1), number(2001, 3)])))).toBe(
			reasons.longMessage,
		);
		const huge = openGuard();
		feed(huge, hs(serverHello()));
		expect(feed(huge, hs(Buffer.concat([number(messages.certificate, 1), number(10_000_000, 3)])))).toBe(
			reasons.longMessage,
		);
		expect(feed(openGuard(), hs(message(messages.hello, Buffer.alloc(513))))).toBe(reasons.longMessage);
		const exchange = openGuard();
		feed(exchange, hs(serverHello(), certificateMessage(own)));
		expect(feed(exchange, hs(message(messages.keyExchange, Buffer.alloc(601))))).toBe(reasons.longMessage);
	});

	it("limits beyond TLS's own are a mistake of ours", () => {
		const options = { hashes, decide: () => ({ kind: "refused", reason: "", pin: null }) as const };
		expect(() => createRecordGuard({ ...options, longestMessage: 16_381, longestRecord: 1 })).toThrow("16381");
		expect(() => createRecordGuard({ ...options, longestMessage: 16_380, longestRecord: 16_385 })).toThrow("16385");
	});

	it("a chain of many certificates is refused", () => {
		const guard = openGuard();
		const many = Array.from({ length: 11 }, () => own);
		expect(feed(guard, hs(serverHello(), certificateMessage(...many)))).toBe(reasons.tooManyCertificates);
	});
});

describe("what is sent", () => {
	it("must begin with a ClientHello", () => {
		const guard = openGuard({ hello: false });
		expect(feed(guard, hs(serverHello()))).toBe(reasons.wrongMessage);
		for (const wrong of [
			record(contents.data, Buffer.alloc(60)),
			hs(message(16, Buffer.alloc(60))),
			clientHello().subarray(0, 40),
		])
			expect(noteSent(openGuard({ hello: false }), wrong)).toBe(reasons.sentEarly);
	});

	it("is no data before the handshake is done", () => {
		const guard = openGuard();
		const [hello, certificate, exchange, done] = flight();
		for (const part of [hs(hello!), hs(certificate!), hs(exchange!), hs(done!), changeCipherSpec]) {
			feed(guard, part);
			expect(noteSent(guard, hs(message(16)))).toBeNull();
		}
		const early = openGuard();
		feed(early, hs(...flight()), changeCipherSpec);
		expect(noteSent(early, data(5))).toBe(reasons.sentEarly);
		expect(feed(guard, finished)).toBeNull();
		expect(noteSent(guard, data(5))).toBeNull();
	});
});

describe("a broker whose key nobody has kept", () => {
	it("is told nothing, and its key is known", () => {
		const guard = openGuard({ authorities: [] });
		expect(feed(guard, hs(...flight()))).toBe(reasons.unknownKey);
		const { decision, key } = guard.handshake;
		expect(decision).toMatchObject({ kind: "unknown", pin: { length: 32 } });
		expect(key).toBeNull();
		const again = openGuard({ authorities: [], pin: decision!.pin });
		expect(feed(again, hs(...flight()))).toBeNull();
	});
});

it("a certificate's key must go with the suite", () => {
	const rsa = issue({ subject: "Broker", keys: keys.rsa, issuer: root, extensions: serverExtensions(host) }).der;
	expect(feed(openGuard(), hs(serverHello(), certificateMessage(rsa)))).toBe(reasons.suiteKey);
});
