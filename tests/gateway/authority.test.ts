/** The gateway's argument for authorities. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { type GatewayArguments, readGatewayArguments } from "../../gateway/arguments.js";
import { toPem } from "../../tools/tls/certificates.js";
import { root, server } from "../tls/chains.js";

const folder = mkdtempSync(join(tmpdir(), "smarty-authority-"));
afterAll(() => rmSync(folder, { recursive: true }));

function read(content: string | Uint8Array): GatewayArguments | string {
	const file = join(folder, "authority");
	writeFileSync(file, content);
	return readGatewayArguments(["--port", "/dev/ttyUSB0", "--authority", file], {});
}

it.each([
	["DER", root.der, [root.der]],
	["PEM", toPem(root.der), [root.der]],
	["two as PEM", `old\n${toPem(root.der)}new\n${toPem(server())}`, 2],
])("reads %s", (_, content, expected) => {
	const found = read(content) as GatewayArguments;
	if (typeof expected === "number") expect(found.authority).toHaveLength(expected);
	else expect(found.authority).toEqual(expected);
	expect(found.settings).toEqual({});
});

it.each([
	["nothing", "", "there is no line -----BEGIN CERTIFICATE-----"],
	["a key", "-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----\n", "line 1 begins a private key"],
	["damaged DER", root.der.slice(0, 100), "a certificate is malformed"],
])("refuses %s", (_, content, complaint) => {
	const found = read(content);
	expect(found).toContain(complaint);
	expect(found).not.toContain("SECRET");
});

it("refuses a file that is not there, and has none without the argument", () => {
	const words = ["--port", "/dev/ttyUSB0"];
	expect(readGatewayArguments([...words, "--authority", join(folder, "none")], {})).toContain("ENOENT");
	expect(readGatewayArguments(words, { SMARTY_AUTHORITY: join(folder, "none") })).toContain("ENOENT");
	expect(readGatewayArguments(words, {})).toMatchObject({ authority: [] });
});
