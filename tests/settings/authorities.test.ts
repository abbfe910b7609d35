/** Authorities of the broker's certificate: the two slots in the store, those of the program, and the console that takes them. */
import { createHash, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { authoritySlots, collectAuthorities, keepAuthority, readSlot } from "../../modules/settings/authorities.js";
import { type ConsoleContext, interpret } from "../../modules/settings/console.js";
import { readConfiguration } from "../../modules/settings/settings.js";
import { openSettingsStorage } from "../../modules/settings/storage.js";
import { readAuthorities } from "../../modules/tls/authorities.js";
import { readCommonName } from "../../modules/tls/common-name.js";
import { authorityExtensions, issue, toPem } from "../../tools/tls/certificates.js";
import { element, identifier, sequence } from "../../tools/tls/der.js";
import { createFakeStore, type FakeStore } from "../support/fake-ports.js";
import { keys, root, server } from "../tls/chains.js";

const brought = (name: string) => readFileSync(new URL(`../../certificates/${name}.der`, import.meta.url));
const x1 = new Uint8Array(brought("isrg-root-x1"));
const other = issue({ subject: "Other root", keys: keys.p384, extensions: authorityExtensions() }).der;

let store: FakeStore;
let context: ConsoleContext;

beforeEach(() => {
	store = createFakeStore();
	context = {
		storage: openSettingsStorage(store),
		store,
		built: readConfiguration({ authorities: "isrg-root-x1" }),
		medium: "host",
		heap: null,
		readCertificates: name => (name === "isrg-root-x1" ? [x1] : []),
		paste: null,
		describeStatus: () => ["all well"],
		describeLog: () => [],
		forgetLearnt() {},
		restart: () => {},
		askForSetUp: () => ["restarting"],
		random: () => 0,
		commandLora: () => [],
		tellPage: () => "http://192.168.1.50/",
		forget: () => [],
	};
});

const type = (...lines: string[]) => lines.flatMap(line => interpret(context, line));
const pemLines = (der: Uint8Array) => toPem(der).trimEnd().split("\n");

describe("roots that come with the program", () => {
	// As https://letsencrypt.org/certificates/ has them.
	test.each([
		["isrg-root-x1", "96bcec06264976f37460779acf28c5a7cfe8a3c0aae11a8ffcee05c0bddf08c6", "ISRG Root X1"],
		["isrg-root-x2", "69729b8e15a86efc177a57afb7171dfc64add28c2fca8cf1507e34453ccb1470", "ISRG Root X2"],
	])("%s is the genuine one, and can be read here", (name, fingerprint, commonName) => {
		const der = new Uint8Array(brought(name));
		expect(createHash("sha256").update(der).digest("hex")).toBe(fingerprint);
		const [certificate] = readAuthorities([der]) as Exclude<ReturnType<typeof readAuthorities>, string>;
		expect(certificate!.extensions.isAuthority).toBe(true);
		expect(readCommonName(certificate!.subject)).toBe(commonName);
		expect(new Date(certificate!.notAfter).toUTCString()).toBe(
			new Date(new X509Certificate(der).validTo).toUTCString(),
		);
	});

	test("are the ones of the system, where it has them", () => {
		for (const name of ["X1", "X2"]) {
			const path = `/usr/share/ca-certificates/mozilla/ISRG_Root_${name}.crt`;
			if (!existsSync(path)) continue;
			const { raw } = new X509Certificate(readFileSync(path));
			expect(raw.equals(brought(`isrg-root-${name.toLowerCase()}`))).toBe(true);
		}
	});
});

describe("the two slots", () => {
	test("keep the largest root", () => {
		const long = issue({ subject: "Long", keys: keys.longRsa, extensions: authorityExtensions() }).der;
		expect(keepAuthority(store, 0, long)).toBeNull();
		expect(keepAuthority(store, 1, x1)).toBeNull();
		expect(readSlot(store, 0)).toEqual(long);
		expect(collectAuthorities([], { store })).toEqual([long, x1]);
	});

	test("refuse what is no certificate, and what the store does not keep, and stay as they were", () => {
		keepAuthority(store, 0, other);
		expect(keepAuthority(store, 0, Uint8Array.of(0x30, 0))).toBe("a certificate is malformed");
		store.cut = { at: store.writes + 1, leaves: "old" };
		expect(keepAuthority(store, 0, x1)).toContain("cut");
		expect(readSlot(store, 0)).toEqual(other);
	});

	test("a damaged one, and a name that did not come with the program, are complaints and not fewer authorities", () => {
		keepAuthority(store, 1, other);
		expect(collectAuthorities(["authority"], { store })).toEqual([other]);
		expect(collectAuthorities(["isrg-root-x9"], { store })).toBe("no authority isrg-root-x9 came with this program");
		store.write(authoritySlots[0]!, "AAA");
		expect(collectAuthorities([], { store })).toBe("the authority in slot 1 is damaged; add it again");
	});
});

describe("the console", () => {
	test("takes a certificate as PEM, with other text around it, and lists it", () => {
		expect(type("authority begin")).toEqual([
			"paste the certificate for slot 1 as PEM, then: authority end (or authority cancel)",
		]);
		expect(type("subject=CN = Root", "", ...pemLines(root.der), "status")).toEqual([]);
		expect(type("authority end")).toEqual(["authority 1 is kept: Root, until 2026-11-23; restart to use it"]);
		expect(type("AUTHORITY List")).toEqual([
			"1 Root, until 2026-11-23",
			"2 empty",
			"isrg-root-x1 (built in) ISRG Root X1, until 2035-06-04",
		]);
		expect(type("status")).toEqual(["all well"]);
	});

	test("puts the next one into the other slot, replaces on request, and removes", () => {
		const add = (der: Uint8Array, slot = "") =>
			type(`authority begin ${slot}`, ...pemLines(der), "authority end").at(-1);
		add(root.der);
		expect(add(other)).toContain("authority 2 is kept: Other root");
		expect(type("authority begin")).toEqual(["both slots are in use: authority begin 1 replaces the one in slot 1"]);
		expect(add(x1, "1")).toContain("authority 1 is kept: ISRG Root X1");
		expect(type("authority remove 2")).toEqual(["authority 2 is removed; restart to use the others"]);
		expect(type("authority remove 2")).toEqual(["slot 2 is empty"]);
		expect(readSlot(store, 1)).toBeNull();
		expect(readSlot(store, 0)).toEqual(x1);
	});

	test.each([
		["a private key", ["-----BEGIN PRIVATE KEY-----", "AAAA"], /^line 1 begins a private key: only certificates/],
		["nothing", [], /^there is no line -----BEGIN CERTIFICATE-----; nothing was kept$/],
		["a cut one", pemLines(x1).slice(0, -1), /^the last certificate has no line/],
		["a damaged one", pemLines(x1).map((line, at) => (at === 3 ? "!" : line)), /is not base64; nothing was kept$/],
		["a missing line", pemLines(x1).filter((_, at) => at !== 3), /^a certificate is malformed; nothing was kept$/],
		["two", [...pemLines(x1), ...pemLines(other)], /^there are several certificates; nothing was kept/],
	])("refuses %s and keeps what was there", (_, lines, complaint) => {
		keepAuthority(store, 0, other);
		const { writes } = store;
		expect(type("authority begin 1", ...lines)).toHaveLength(1);
		expect(type("authority end").join()).toMatch(complaint);
		expect(store.writes).toBe(writes);
		expect(type("status")).toEqual(["all well"]);
	});

	test("does not wait for ever, nor without an end", () => {
		expect(type("authority begin", "show", "authority cancel").at(-1)).toBe("nothing was kept");
		expect(type("status")).toEqual(["all well"]);
		const flood = type("authority begin", ...new Array(100).fill("x".repeat(100)));
		expect(flood[1]).toBe("that is too long for one certificate; nothing was kept");
		expect(store.writes).toBe(0);
	});

	test.each([
		["authority dance", "unknown command: authority list"],
		["authority remove", "which one? authority list"],
		["authority remove 3", "there are slots 1 and 2"],
		["authority begin x", "there are slots 1 and 2"],
	])("%s: %s", (line, answer) => {
		expect(type(line).join()).toContain(answer);
	});

	test("says that nobody is trusted", () => {
		context.built = readConfiguration({ authorities: "none-such" });
		store.write(authoritySlots[1]!, "?");
		expect(type("authority")).toEqual([
			"1 empty",
			"2 the authority in slot 2 is damaged; add it again",
			"no broker is trusted: no authority none-such came with this program",
		]);
	});

	test("keeps a certificate of a broker that signed itself", () => {
		const own = server();
		expect(type("authority begin", ...pemLines(own), "authority end").at(-1)).toContain("authority 1 is kept: Broker");
	});
});

test("a name without a common name shows its organization, and nothing that is not printable", () => {
	const set = (type: string, text: string) =>
		element(0x31, sequence(identifier(type), element(0x0c, Buffer.from(text))));
	const read = (...sets: Buffer[]) => readCommonName(new Uint8Array(sequence(...sets)));
	expect(read(set("2.5.4.10", "House"), set("2.5.4.11", "Cellar"))).toBe("House");
	expect(read(set("2.5.4.10", "House"), set("2.5.4.3", "a\u001b[31mb"))).toBe("a?[31mb");
	expect(read(set("2.5.4.11", "Cellar"))).toBeNull();
	expect(read(set("2.5.4.3", "x".repeat(200)))).toHaveLength(64);
	expect(readCommonName(Uint8Array.of(0x30, 0x80))).toBeNull();
});
