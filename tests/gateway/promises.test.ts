/** What the gateway promises beyond one run: quarter hours, one owner of a file and of a port, no orphan, doors that stay shut. */
import {
	createWriteStream,
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
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createChance } from "../../simulator/chance.js";
import { createMeter, readMeter } from "../../simulator/meter.js";
import { type Broker, findFreePort, startMosquitto } from "../support/brokers.js";
import { hexOf, realFrame, specificationTelegram } from "../support/vectors.js";
import { waitUntil, waitUntilQuiet } from "../support/wait.js";
import { type Cable, layCable } from "./cable.js";
import { type Child, startChild, startGateway } from "./process.js";
import { type Subscriber, subscribeToAll } from "./subscriber.js";

let folder: string;
let broker: Broker;
let subscriber: Subscriber;
const environment = { SMARTY_KEY: hexOf(realFrame.key) };
const children: Child[] = [];

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "smarty-promises-"));
	broker = await startMosquitto();
	subscriber = await subscribeToAll(broker.port);
});

afterEach(async () => {
	await Promise.all(children.splice(0).map(child => child.stop("SIGKILL")));
});

afterAll(async () => {
	subscriber?.close();
	await broker?.stop();
	rmSync(folder, { recursive: true, force: true });
});

function keep(child: Child): Child {
	children.push(child);
	return child;
}

async function openCable(name: string): Promise<Cable> {
	const laid = await layCable(folder, name);
	keep(laid.cable);
	return laid;
}

function url(): string {
	return `mqtt://127.0.0.1:${broker.port}`;
}

function textOf(child: Child): string {
	return child.output.join("");
}

test("quarter hours reach the broker after kill -9, and the lock of the dead is no obstacle", async () => {
	const { meterEnd, readerEnd } = await openCable("quarters");
	const memory = join(folder, "quarters", "memory.json");
	const words = ["--port", readerEnd, "--memory", memory, "--address", "0a0000000001"];
	const nobody = await findFreePort();
	const first = keep(startGateway([...words, "--broker", `mqtt://127.0.0.1:${nobody}`], environment));
	await first.waitFor("reading ");
	const begin = Math.floor(Date.now() / 900_000) * 900_000;
	const house = createMeter(createChance(5), begin, {
		key: realFrame.key,
		systemTitle: Buffer.from(realFrame.systemTitle, "hex"),
		frameCounter: 400_000,
	});
	const line = createWriteStream(meterEnd);
	const times = [1, 2, 3, 4, 5].map(quarter => begin + quarter * 900_000 + 5_000);
	for (const time of times) line.write(readMeter(house, time).bytes);
	const written = () => readFileSync(`${memory}.flash`).includes("SAG1030700114004");
	await waitUntil("a name in the flash", written);
	await waitUntil("a meter in the memory", () => readFileSync(memory, "utf8").includes("SAG1030700114004"));
	const countBytes = () => readFileSync(`${memory}.flash`).reduce((sum, byte) => sum + (byte === 0xff ? 0 : 1), 0);
	await waitUntilQuiet("all of them in the flash", countBytes);
	await first.stop("SIGKILL");
	expect(existsSync(`${memory}.lock`)).toBe(true);

	const second = keep(startGateway([...words, "--broker", url()], environment));
	const late = () =>
		subscriber.messages
			.filter(({ topic }) => topic.endsWith("SAG1030700114004/history"))
			.map(({ payload }) => Date.parse(JSON.parse(payload).time));
	await waitUntil(
		"all quarter hours",
		() => late().length >= times.length,
		() => textOf(second),
	);
	expect(late()).toEqual(times.map(time => expect.closeTo(time, -5)));
	expect(await second.stop("SIGTERM")).toBe(0);
	expect(readdirSync(join(folder, "quarters")).sort()).toEqual(["memory.json", "memory.json.flash", "memory.json.old"]);
	line.destroy();
});

test("a second gateway on the same memory file does not start; one on the same port waits until it is free", async () => {
	const { readerEnd } = await openCable("locks");
	const memory = join(folder, "locks", "memory.json");
	const words = ["--port", readerEnd, "--broker", url()];
	const first = keep(startGateway([...words, "--memory", memory]));
	await first.waitFor("reading ");
	const second = keep(startGateway([...words, "--memory", memory]));
	expect(await second.exit).toBe(2);
	expect(textOf(second)).toBe(`npm start: --memory ${memory} is in use by another gateway\n`);
	const third = keep(startGateway([...words, "--address", "0a0000000002"]));
	await third.waitFor("is in use by another program");
	expect(textOf(third)).not.toContain("reading ");
	await first.stop("SIGKILL");
	await third.waitFor("reading ");
	const fourth = keep(startGateway(["--port", "/nowhere/cable", "--broker", url(), "--memory", memory]));
	await fourth.waitFor("boot 2");
});

describe("a memory that cannot be used costs no reading, and is said once", () => {
	test.each([
		["a disk that takes nothing", () => "/proc/smarty/memory.json", "cannot be written: ENOENT"],
		[
			"somebody else's file",
			() => {
				const path = join(folder, "letter.json");
				writeFileSync(path, '{"dear": "friend"}');
				return path;
			},
			"is not a memory file of smarty-xs",
		],
		[
			"a folder",
			() => {
				mkdirSync(join(folder, "folder"));
				return join(folder, "folder");
			},
			"cannot be read: EISDIR",
		],
	])("%s", async (_, make, complaint) => {
		const memory = make();
		const file = join(folder, "plain.txt");
		writeFileSync(file, specificationTelegram);
		const words = ["--replay", file, "--broker", url(), "--powerClass", "3", "--memory", memory];
		const before = subscriber.of("smarty/SAG1030790002574/state").length;
		const gateway = keep(startGateway(words));
		expect(await gateway.exit).toBe(0);
		expect(textOf(gateway).split(complaint)).toHaveLength(2);
		expect(textOf(gateway)).not.toContain("exception");
		expect(subscriber.of("smarty/SAG1030790002574/state").length).toBeGreaterThan(before);
		if (memory.endsWith("letter.json")) expect(readFileSync(memory, "utf8")).toBe('{"dear": "friend"}');
	});
});

test("a bad token shuts HTTP until it is mended, and a bad policy is the strictest", async () => {
	const { readerEnd } = await openCable("guards");
	const webPort = await findFreePort();
	const words = ["--port", readerEnd, "--broker", url(), "--webPort", String(webPort), "--address", "0a0000000003"];
	const bad = { SMARTY_WEB_TOKEN: "Hidden-token!", SMARTY_AUTHENTICATION: "Requird" };
	const gateway = keep(startGateway(words, bad));
	await gateway.waitFor("broker: connected");
	expect(textOf(gateway)).toContain("Until that is mended, HTTP is shut.");
	expect(textOf(gateway)).toContain("Until that is mended, it is required.");
	expect(textOf(gateway)).not.toContain("Hidden");
	await expect(fetch(`http://127.0.0.1:${webPort}/state`)).rejects.toThrow();
	const diagnostics = () => subscriber.of("smarty/smarty-xs-0a0000000003/diagnostics").at(-1)?.payload ?? "{}";
	await waitUntil("diagnostics", () => diagnostics().includes("HTTP is shut"));
	expect(await gateway.stop("SIGTERM")).toBe(0);
	const good = { SMARTY_WEB_TOKEN: "Hidden-token", SMARTY_WEB_READ: "Token", SMARTY_AUTHENTICATION: "Required" };
	const mended = keep(startGateway(words, good));
	await mended.waitFor("HTTP at port");
	expect((await fetch(`http://127.0.0.1:${webPort}/state`)).status).toBe(401);
});

test("both servers listen where bind says, and nowhere else", async () => {
	const { readerEnd } = await openCable("bind");
	const [webPort, telegramPort] = [await findFreePort(), await findFreePort()];
	const words = [
		"--port",
		readerEnd,
		"--webPort",
		`${webPort}`,
		"--telegramPort",
		`${telegramPort}`,
		"--broker",
		url(),
	];
	const token = { SMARTY_WEB_TOKEN: "correct-horse", SMARTY_WEB_READ: "token", SMARTY_BIND: "127.0.0.1" };
	const gateway = keep(startGateway(words, token));
	await gateway.waitFor("HTTP at port");
	expect(textOf(gateway)).toContain(
		`telegrams in clear at port ${telegramPort}, also for who does not have the webToken`,
	);
	for (const port of [webPort, telegramPort]) {
		const open = (address: string) => keep(startChild("curl", ["-sS", "-m", "2", `http://${address}:${port}/healthz`]));
		expect(await open("127.0.0.2").exit).toBe(7);
		expect(await open("127.0.0.1").exit).not.toBe(7);
	}
});

describe("npm start that is ended by its process number leaves no orphan", () => {
	const readStat = (pid: string) =>
		readFileSync(`/proc/${pid}/stat`, "latin1")
			.replace(/^.*\) /s, "")
			.split(" ");
	/** Process numbers of all that npm started, itself included. */
	const listFamily = (root: number): number[] => {
		const found = [root];
		const all = readdirSync("/proc").filter(name => /^\d+$/.test(name));
		const parents = all.flatMap(pid => {
			try {
				return [[Number(pid), Number(readStat(pid)[1])] as const];
			} catch {
				return [];
			}
		});
		for (const pid of found) found.push(...parents.filter(([, parent]) => parent === pid).map(([child]) => child));
		return found;
	};
	const isThere = (pid: number) => {
		try {
			return readStat(String(pid))[0] !== "Z";
		} catch {
			return false;
		}
	};

	test.each([
		["the gateway", ["--port", "/nowhere/cable"], "No such file"],
		["the try-out", [], "paste this into another terminal"],
	])("%s", async (_, words, sign) => {
		for (const signal of ["SIGKILL", "SIGTERM"] as const) {
			const npm = keep(startChild("npm", ["start", "--silent", "--", ...words]));
			await npm.waitFor(sign);
			const family = listFamily(npm.process.pid!);
			expect(family.length).toBeGreaterThan(1);
			await npm.stop(signal);
			await waitUntil(
				"all of them gone",
				() => !family.some(isThere),
				() => String(family.filter(isThere)),
			);
		}
	});

	test("a gateway without npm above it goes on when its shell is gone", async () => {
		const pid = join(folder, "pid");
		const code = `${process.execPath} --import tsx gateway/main.ts --port /nowhere/cable & echo $! > ${pid}; sleep 100`;
		const shell = keep(startChild("bash", ["-c", code]));
		await shell.waitFor("No such file");
		await shell.stop("SIGKILL");
		await new Promise(resolve => setTimeout(resolve, 2_500));
		const number = Number(readFileSync(pid, "utf8"));
		expect(isThere(number)).toBe(true);
		process.kill(number, "SIGKILL");
	});
});
