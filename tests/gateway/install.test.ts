/** The gateway on a machine that has its own packages only: what is installed there, and that it runs. */
import { execFileSync } from "node:child_process";
import {
	cpSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatLicences } from "../../tools/licences.js";
import { type Broker, startMosquitto } from "../support/brokers.js";
import { listSources, parseImports, projectRoot } from "../support/imports.js";
import { hexOf, realFrame } from "../support/vectors.js";
import { type Child, startChild } from "./process.js";
import { subscribeToAll } from "./subscriber.js";

const mostBytes = 60 * 1024 * 1024;
const environment = { SMARTY_KEY: hexOf(realFrame.key) };
const state = "smarty/SAG1030700114004/state";

interface Manifest {
	dependencies: Record<string, string>;
	devDependencies?: Record<string, string>;
}

function readText(path: string): string {
	return readFileSync(join(projectRoot, path), "utf8");
}

const manifest: Manifest = JSON.parse(readText("package.json"));

describe.each(["", "tools/bench/", "recorder/"])("the packages of %spackage.json", folder => {
	test("have exact versions, and each in the lock file has its checksum", () => {
		const { dependencies, devDependencies = {} }: Manifest = JSON.parse(readText(`${folder}package.json`));
		for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
			expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
		}
		const lock: { packages: Record<string, { integrity?: string }> } = JSON.parse(
			readText(`${folder}package-lock.json`),
		);
		const installed = Object.entries(lock.packages).filter(([path]) => path !== "");
		expect(installed.length).toBeGreaterThan(50);
		for (const [path, { integrity }] of installed) expect(integrity, path).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
		expect(readText(`${folder}.npmrc`)).toMatch(/^ignore-scripts=true$/m);
	});
});

test("what the bench is compared with is on no other machine", () => {
	const { dependencies }: Manifest = JSON.parse(readText("tools/bench/package.json"));
	const { packages }: { packages: object } = JSON.parse(readText("package-lock.json"));
	for (const name of [...Object.keys(dependencies), "request", "har-validator"]) {
		expect(packages).not.toHaveProperty([`node_modules/${name}`]);
	}
});

test("docs/licences.md is what npm run licences writes, and each package tells its licence", () => {
	const plain = (text: string) => text.replace(/-{3,}/g, "---").replace(/\s+/g, " ");
	expect(plain(readText("docs/licences.md"))).toBe(plain(formatLicences()));
	expect(formatLicences()).not.toContain("not told");
});

test("the container's Node is one that is maintained, and the README's is the oldest that runs", () => {
	const version = Number(/^FROM node:(\d+)-/m.exec(readText("contrib/Dockerfile"))?.[1]);
	expect(version % 2).toBe(0);
	expect(version).toBeGreaterThanOrEqual(24);
	expect(readText("tools/newer-nodes.sh")).toContain(`${version}; do`);
});

test("the gateway and the firmware import what is a dependency, and each dependency is imported", () => {
	const sources = listSources().filter(({ path }) => /^(gateway|modules)\//.test(path) && !path.includes("/device/"));
	const names = sources
		.flatMap(source => parseImports(source))
		.flatMap(({ specifier }) => (specifier === null || /^(\.|node:)/.test(specifier) ? [] : [specifier]));
	// Nothing imports tsx: it is what Node loads them with.
	expect([...new Set([...names, "tsx"])].sort()).toEqual(Object.keys(manifest.dependencies).sort());
});

/** The words of a line of a file in `contrib/`, without what stands before them. */
function wordsOf(file: string, start: RegExp): string[][] {
	const lines = readText(`contrib/${file}`).split("\n");
	return lines.filter(line => start.test(line)).map(line => line.replace(start, "").trim().split(/\s+/));
}

describe("after npm ci --omit=dev in a fresh clone", () => {
	let folder: string;
	let clone: string;
	let broker: Broker;

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "smarty-install-"));
		clone = join(folder, "clone");
		const listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
		const paths = execFileSync("git", listing, { cwd: projectRoot, encoding: "utf8" }).split("\0");
		for (const path of paths) {
			const file = lstatSync(join(projectRoot, path), { throwIfNoEntry: false });
			if (path !== "" && file !== undefined) cpSync(join(projectRoot, path), join(clone, path));
		}
		execFileSync("npm", ["ci", "--omit=dev", "--prefer-offline"], { cwd: clone, stdio: "pipe" });
		writeFileSync(join(clone, "capture.bin"), realFrame.frame);
		broker = await startMosquitto();
	});

	afterAll(async () => {
		await broker?.stop();
		rmSync(folder, { recursive: true, force: true });
	});

	function measure(path: string): number {
		const file = lstatSync(path);
		if (!file.isDirectory()) return file.blocks * 512;
		return readdirSync(path).reduce((sum, name) => sum + measure(join(path, name)), file.blocks * 512);
	}

	async function finish(child: Child): Promise<{ code: number | null; text: string }> {
		const code = await child.exit;
		return { code, text: child.output.join("") };
	}

	/** Runs something with `--replay`, and expects the reading of the capture at the broker. */
	async function expectReading(command: string, words: readonly string[], where: string): Promise<void> {
		const subscriber = await subscribeToAll(broker.port);
		const count = subscriber.of(state).length;
		const own = ["--replay", join(clone, "capture.bin"), "--broker", `mqtt://127.0.0.1:${broker.port}`];
		const { code, text } = await finish(startChild(command, [...words, ...own], environment, where));
		expect(text).toContain("end of the capture: telegrams authenticated 1; no faults\n");
		expect(code).toBe(0);
		expect(JSON.parse(subscriber.of(state).slice(count).at(-1)!.payload)).toMatchObject({
			active_energy_import: 6.695,
		});
		subscriber.close();
	}

	test("the packages take at most 60 MB", () => {
		expect(measure(join(clone, "node_modules"))).toBeLessThan(mostBytes);
	});

	test("npm start -- --replay brings the reading to the broker", () =>
		expectReading("npm", ["start", "--silent", "--"], clone));

	test("npm start without a meter says what is missing, and --help helps", async () => {
		const { code, text } = await finish(startChild("npm", ["start", "--silent"], {}, clone));
		expect(code).toBe(2);
		expect(text).toMatch(
			/^npm start: the simulated meter needs the package aedes, which is not installed: `npm ci`[^\n]+\n$/,
		);
		const help = await finish(startChild("npm", ["start", "--silent", "--", "--help"], {}, clone));
		expect(help.code).toBe(0);
		expect(help.text).toContain("--port PATH");
	});

	test("decode reads a capture", async () => {
		const words = ["run", "--silent", "decode", "--", "capture.bin"];
		const { code, text } = await finish(startChild("npm", words, environment, clone));
		expect(text).toContain('"authenticated":1');
		expect(code).toBe(0);
	});

	test("the service runs as a user of its own, with what is there", async () => {
		const [[node, ...words]] = wordsOf("smarty-xs.service", /^ExecStart=/) as [string[]];
		expect(node).toBe("/usr/bin/node");
		expect(words.slice(-2)).toEqual(["--config", "/etc/smarty-xs/smarty.json"]);
		expect(readText("contrib/smarty-xs.service")).toMatch(/^DynamicUser=yes$/m);
		await expectReading(process.execPath, words.slice(0, -2), clone);
	});

	test("the container runs as an ordinary user, with what is copied into it", async () => {
		const text = readText("contrib/Dockerfile");
		expect(text).toMatch(/^RUN npm ci --omit=dev\b/m);
		expect(text.indexOf("\nUSER node\n")).toBeLessThan(text.indexOf("\nENTRYPOINT "));
		const image = join(folder, "image");
		for (const words of wordsOf("Dockerfile", /^COPY /)) {
			const target = words.at(-1)!;
			for (const path of words.slice(0, -1)) {
				const to = join(image, target.endsWith("/") ? join(target, path) : target);
				mkdirSync(dirname(to), { recursive: true });
				cpSync(join(clone, path), to, { recursive: true });
			}
		}
		symlinkSync(join(clone, "node_modules"), join(image, "node_modules"));
		const entry: string[] = JSON.parse(/^ENTRYPOINT (.+)$/m.exec(text)![1]!);
		expect(entry[0]).toBe("node");
		await expectReading(process.execPath, entry.slice(1), image);
	});
});
