/** Releases: what is put where, what an image must not have in it, the installer's page, and the workflow as a text. Nothing of it was run at GitHub. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createImage } from "../../simulator/world/board/slots.js";
import { listParts, readPartitions } from "../../tools/release/partitions.js";
import { findSecrets, findSettings } from "../../tools/release/secrets.js";
import { createSite } from "../../tools/release/site.js";
import { fetchTools, packageName } from "../../tools/release/vendor.js";
import { root } from "../../tools/sdk/modules.js";
import { createChance } from "../support/chance.js";
import { createUpdate } from "../update/updates.js";

const chance = createChance(1);
const read = (path: string) => readFileSync(join(root, path), "utf8");
const table = readPartitions(read("targets/lolin_d32/partitions.csv"));

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "smarty-release-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("the four parts", () => {
	test("lie where boot loader and table of partitions look for them", () => {
		// As ESP-IDF v6.0 writes them into `flasher_args.json` for this table.
		expect(listParts(table)).toEqual([
			{ path: "bootloader.bin", offset: 0x1000 },
			{ path: "partition-table.bin", offset: 0x8000 },
			{ path: "ota_data_initial.bin", offset: 0x19000 },
			{ path: "xs_esp32.bin", offset: 0x20000 },
		]);
	});

	test("follow the table, and fit into their rooms", () => {
		const moved = read("targets/lolin_d32/partitions.csv").replace("0x19000,  0x2000", "0x1a000,  0x2000");
		expect(listParts(readPartitions(moved))[2]).toEqual({ path: "ota_data_initial.bin", offset: 0x1a000 });
		expect(() => listParts(table, { "bootloader.bin": 0x7001 })).toThrow("bootloader.bin has 28673 bytes");
		const room = table.find(({ name }) => name === "ota_0")!.size;
		expect(() => listParts(table, { "xs_esp32.bin": room + 1 })).toThrow(`room for ${room}`);
		expect(listParts(table, { "xs_esp32.bin": room })).toHaveLength(4);
		expect(() => listParts(table.filter(({ name }) => name !== "otadata"))).toThrow("no partition otadata");
		expect(() => readPartitions("nvs, data, nvs, none, 0x1000")).toThrow("no partition");
		// The target leaves the table where ESP-IDF has it.
		expect(read("targets/lolin_d32/sdkconfig/sdkconfig.defaults")).not.toMatch(
			/PARTITION_TABLE_OFFSET|BOOTLOADER_OFFSET/,
		);
	});
});

const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");

/** The texts of all modules, as an image has them, between bytes of all kinds. */
function createTextImage(...texts: string[]): Uint8Array {
	const list = (path: string): string[] =>
		readdirSync(join(root, path), { withFileTypes: true }).flatMap(entry => {
			if (entry.isDirectory()) return list(join(path, entry.name));
			return entry.name.endsWith(".ts") ? [join(path, entry.name)] : [];
		});
	const literals = list("modules").flatMap(path => withoutComments(read(path)).match(/"[^"\n]*"|`[^`]*`/g) ?? []);
	const parts = [...literals.map(text => text.slice(1, -1)), ...texts].map(text => Buffer.from(`${text}\0`));
	return Uint8Array.from(Buffer.concat([chance.bytes(20_000), ...parts, chance.bytes(20_000)]));
}

describe("an image for others", () => {
	test("has none of the firmware's own texts that looks like a secret", () => {
		expect(findSecrets(createTextImage("5dfc".repeat(32)), [["a key", "not-there-at-all"]])).toEqual([]);
	});

	test.each([
		["a meter's key", "0123456789abcdef0123456789ABCDEF", "32 hexadecimal digits"],
		["a key of a WiFi network", "ab".repeat(32), "64 hexadecimal digits"],
		["a broker", "mqtt://192.168.1.11", "an address of a broker"],
		["a broker with TLS", "mqtts://broker.home:8883", "an address of a broker"],
		["a private key", "-----BEGIN EC PRIVATE KEY-----\nMHc", "a private key"],
		["what its owner names", "my password of WiFi", "own.txt is in the image"],
	])("with %s is refused, without its being said", (_, text, reason) => {
		const found = findSecrets(createTextImage(text), [["own.txt", "my password of WiFi"]]);
		expect(found).toHaveLength(1);
		expect(found[0]).toContain(reason);
		expect(found[0]).not.toContain(text);
	});

	const usual = ["board", "receivePin", "requestPin", "version", "sequence"];
	const config = (more: string) =>
		`/* WARNING: generated */\n\nexport default Object.freeze({\n\t"board": "lolin_d32",\n\t"receivePin": "16",\n${more}\t"tls": {\n\t"DHE_RSA": true\n},\n}, true);\n`;

	test("was built without settings", () => {
		expect(findSettings(config(""), usual)).toEqual([]);
		expect(findSettings(config('\t"wifi": "home",\n\t"KEY": "00",\n'), usual)).toEqual([
			"the setting wifi was given to the build",
			"the setting KEY was given to the build",
		]);
		expect(() => findSettings("", usual)).toThrow("no mc.config.js");
	});

	test("is checked by the command, which also wants a key for updates", () => {
		const image = join(folder, "image.bin");
		const file = join(folder, "mc.config.js");
		const run = () => {
			const words = ["--import", "tsx", join(root, "tools/release.ts"), "check", "--image", image, "--config", file];
			return spawnSync(process.execPath, words, { cwd: root, encoding: "utf8" });
		};
		writeFileSync(image, createTextImage());
		writeFileSync(file, config(`\t"updateKey": "${"5dfc".repeat(32)}",\n`));
		expect(run()).toMatchObject({ status: 0, stdout: `${image}: no settings and no keys found\n` });
		writeFileSync(file, config('\t"password": "secret-of-mine",\n'));
		const { status, stdout } = run();
		expect(status).toBe(1);
		expect(stdout).toContain("the setting password was given to the build");
		expect(stdout).toContain("no updateKey");
		expect(stdout).not.toContain("secret-of-mine");
	});
});

describe("the site", () => {
	const image = createImage(chance.bytes(5_000));
	let images: string;
	let tools: string;
	let update: string;

	beforeAll(() => {
		images = join(folder, "images");
		tools = join(folder, "tools");
		update = join(folder, "update.bin");
		for (const path of [images, tools]) mkdirSync(path);
		for (const name of ["bootloader.bin", "partition-table.bin", "ota_data_initial.bin"])
			writeFileSync(join(images, name), chance.bytes(200));
		writeFileSync(join(images, "xs_esp32.bin"), image);
		writeFileSync(
			join(tools, "install-button.js"),
			"customElements.define('esp-web-install-button', class extends HTMLElement {});",
		);
		writeFileSync(update, createUpdate(image, { sequence: 7, version: "0.2.0" }));
	});

	const create = (out: string, changed = {}) =>
		createSite({ images, update, tools, out: join(folder, out), target: "lolin_d32", ...changed });

	test("has the parts, the update, and what says what they are", () => {
		create("site");
		const at = (name: string) => readFileSync(join(folder, "site", name));
		const manifest = JSON.parse(at("manifest.json").toString());
		expect(manifest).toEqual({
			name: "smarty-xs",
			version: "0.2.0",
			new_install_prompt_erase: true,
			new_install_improv_wait_time: 20,
			builds: [{ chipFamily: "ESP32", parts: listParts(table) }],
		});
		expect(JSON.parse(at("version.json").toString())).toEqual({ version: "0.2.0", sequence: 7 });
		expect(at("lolin_d32.bin").equals(readFileSync(update))).toBe(true);
		const sums = at("SHA256SUMS").toString().trim().split("\n");
		expect(sums).toHaveLength(7);
		for (const line of sums) {
			const [sum, name] = line.split("  ");
			expect(createHash("sha256").update(at(name!)).digest("hex"), name).toBe(sum);
		}
		execFileSync("sha256sum", ["--check", "--quiet", "SHA256SUMS"], { cwd: join(folder, "site") });
	});

	test("is not made of what does not fit together", () => {
		const other = join(folder, "other.bin");
		writeFileSync(other, createUpdate(createImage(chance.bytes(100))));
		expect(() => create("bad", { update: other })).toThrow("is not of this xs_esp32.bin");
		writeFileSync(other, createUpdate(image, { board: "lolin32" }));
		expect(() => create("bad", { update: other })).toThrow("is for lolin32");
		expect(() => create("bad", { update: join(images, "xs_esp32.bin") })).toThrow("is no update");
		expect(() => create("bad", { images: tools })).toThrow("there is no bootloader.bin");
		expect(existsSync(join(folder, "bad"))).toBe(false);
	});

	test("takes esp-web-tools in the version that was pinned, and nothing else", () => {
		const package_ = join(folder, "package");
		mkdirSync(join(package_, "dist/web"), { recursive: true });
		writeFileSync(join(package_, "dist/web/install-button.js"), "// the tool");
		writeFileSync(join(package_, "LICENSE"), "Apache-2.0");
		const archive = join(folder, "tool.tgz");
		execFileSync("tar", ["--create", "--gzip", "--file", archive, "package"], { cwd: folder });
		const pack = (into: string) => copyFileSync(archive, join(into, "tool.tgz"));
		const digest = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
		const web = fetchTools(pack, digest);
		expect(readFileSync(join(web, "install-button.js"), "utf8")).toBe("// the tool");
		expect(() => fetchTools(pack)).toThrow("is not what was pinned");
		expect(() => fetchTools(() => {}, digest)).toThrow("no archive");
		expect(packageName).toMatch(/^esp-web-tools@\d+\.\d+\.\d+$/);
	});
});

describe("the workflow", () => {
	const text = read("contrib/release/workflow.yml");

	test("names every action by its commit, and the container by its version", () => {
		const uses = [...text.matchAll(/uses: (\S+)(.*)/g)];
		expect(uses.length).toBeGreaterThan(8);
		for (const [line, action, comment] of uses) {
			expect(action, line).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40}$/);
			expect(comment, line).toMatch(/^ # v\d+\.\d+\.\d+$/);
		}
		expect(text.match(/container: .*/g)).toEqual(["container: node:20-bookworm", "container: espressif/idf:v6.0"]);
		// One commit for each version of an action.
		const pins = new Map(uses.map(([, action]) => action!.split("@") as [string, string]));
		for (const [, action] of uses) expect(action).toBe(`${action!.split("@")[0]}@${pins.get(action!.split("@")[0]!)}`);
	});

	test("runs after a tag only, and shows the key to one job", () => {
		expect(text).toContain('on:\n  push:\n    tags: ["v*"]\n\n');
		expect(text).not.toMatch(/pull_request|workflow_run|workflow_dispatch/);
		const jobs = Object.fromEntries(text.split(/^ {2}(?=\w+:$)/m).map(part => [part.split(":")[0]!, part]));
		expect(Object.keys(jobs)).toEqual(expect.arrayContaining(["test", "image", "sign", "pages"]));
		for (const [name, job] of Object.entries(jobs)) expect(job.includes("secrets."), name).toBe(name === "sign");
		expect(jobs.sign).toContain("environment: release");
		expect(jobs.sign!.match(/secrets\.\w+/g)).toEqual(["secrets.UPDATE_SIGNING_KEY"]);
		expect(text.match(/persist-credentials: false/g)).toHaveLength(text.match(/actions\/checkout@/g)!.length);
	});

	test("builds with the versions that the docs name, and calls only what is there", () => {
		expect(text).toContain("MODDABLE_TAG: 8.2.3");
		expect(read("docs/device.md")).toContain("8.2.3");
		const scripts = JSON.parse(read("package.json")).scripts;
		for (const [, script] of text.matchAll(/npm run (?:--silent )?([\w:]+)/g)) expect(scripts).toHaveProperty(script!);
		for (const part of listParts(table)) expect(text).toContain(part.path);
	});

	test("is YAML", () => {
		const script = "import sys, yaml; print(sorted(yaml.safe_load(sys.stdin)['jobs']))";
		const { stdout, status } = spawnSync("python3", ["-c", script], { input: text, encoding: "utf8" });
		expect({ stdout, status }).toEqual({ stdout: "['image', 'pages', 'sign', 'test']\n", status: 0 });
	});
});
