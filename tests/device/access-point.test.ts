/** The C of the access point, compiled for this computer over an ESP-IDF of its own that writes down what it is told. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const source = new URL("../../modules/device/access-point/esp32/", import.meta.url).pathname;
const harness = new URL("access-point/harness.c", import.meta.url).pathname;
let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "smarty-air-"));
	// Each header that it includes is the harness.
	for (const name of ["esp_event.h", "esp_netif.h", "esp_wifi.h"]) writeFileSync(join(folder, name), "");
	const words = ["-g", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined", "-I", folder, "-I", source];
	execFileSync("gcc", [...words, "-o", join(folder, "air"), harness], { stdio: "pipe" });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...words: string[]): string[] {
	const env = { ASAN_OPTIONS: "detect_leaks=0" };
	return execFileSync(join(folder, "air"), words, { encoding: "utf8", env, stdio: "pipe" }).trim().split("\n");
}

const name = "smarty-xs e5f6 192.168.4.1";
const portal = "http://192.168.4.1/captive-portal/api";
const config = `${name}, smarty-xs, WPA2 and WPA3, PMF 1, 1 client, channel 1, hidden 0`;

test("it is configured while the radio is off, so that none with the driver's own name is ever open", () => {
	expect(run("open", name, "smarty-xs", portal)).toEqual([
		...["create", "stop", "mode both", config, "config", "start"],
		...["option 114, 37 bytes", "addresses", `kept: ${portal}`, "error 0", "mode station"],
	]);
});

test.each([
	["no name", "", "smarty-xs"],
	["too long a name", "n".repeat(33), "smarty-xs"],
	["no password", name, ""],
	["too short a password", name, "1234567"],
	["too long a password", name, "p".repeat(64)],
])("it is never open, and never of another kind: %s", (_case, ssid, password) => {
	expect(run("open", ssid, password, portal)).toEqual(["error 258"]);
});

test("a name and a password of the full length fit", () => {
	const words = run("open", "n".repeat(32), "p".repeat(63), portal);
	expect(words).toContain(`${"n".repeat(32)}, ${"p".repeat(63)}, WPA2 and WPA3, PMF 1, 1 client, channel 1, hidden 0`);
});

test("a portal's address that is too long is left out", () => {
	expect(run("open", name, "smarty-xs", `http://${"a".repeat(64)}/`)).toEqual([
		...["create", "stop", "mode both", config, "config", "start", "error 0", "mode station"],
	]);
});

test.each([
	["create", ["create", "error 257"]],
	["stop", ["create", "stop", "mode station", "start", "error 12289"]],
	["mode both", ["create", "stop", "mode both", "mode station", "start", "error 12289"]],
	["config", ["create", "stop", "mode both", config, "config", "mode station", "start", "error 12289"]],
	["start", ["create", "stop", "mode both", config, "config", "start", "mode station", "start", "error 12289"]],
])("where %s fails, the station goes on alone", (failing, calls) => {
	expect(run("open", name, "smarty-xs", portal, failing)).toEqual(calls);
});

test("the last reason counts, and each try begins without one", () => {
	expect(run("reasons")).toEqual(["watch: 0", "nothing: 0", "lost: 15", "again: 0, 1 handler", "the last: 202"]);
});
