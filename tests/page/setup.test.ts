/** Set-up's form in a real browser, with and without JavaScript. */
import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openTcpListener } from "../../gateway/listener.js";
import { createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import type { Firmware } from "../../modules/firmware/state.js";
import { findSetting } from "../../modules/settings/settings.js";
import { openSettingsStorage } from "../../modules/settings/storage.js";
import { createChance as createSimulatedChance } from "../../simulator/chance.js";
import { createMeter, readMeter } from "../../simulator/meter.js";
import { addAir } from "../setup/phones.js";
import { findFreePort } from "../support/brokers.js";
import { createChance } from "../support/chance.js";
import { createFakeWorld, type FakeWorld } from "../support/fake-ports.js";
import { bytesOf } from "../support/vectors.js";
import { waitUntil } from "../support/wait.js";
import { startBrowser, visit } from "./browser.js";

const axe = readFileSync(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const key = "000102030405060708090A0B0C0D0E0F";
const address = "http://192.168.4.1/";

interface Board {
	world: FakeWorld;
	firmware: Firmware;
	/** While it is true, nobody is let in: the radio is on another channel. */
	isAway: boolean;
	kept(name: string): string | null;
	close(): void;
}

let port: number;
let browser: Browser;
let board: Board;

beforeAll(async () => {
	port = await findFreePort();
	browser = await startBrowser(`--host-resolver-rules=MAP 192.168.4.1:80 127.0.0.1:${port}`);
});
afterEach(() => board.close());
afterAll(() => browser.close());

/** A new board in set-up at a real port; its clock runs twenty times as fast as ours, and its meter sends. */
async function openBoard(): Promise<Board> {
	const world = createFakeWorld(createChance(1));
	addAir(world);
	world.network.only = { name: "home", password: "correct horse" };
	world.network.inReach = [{ name: "home", strength: -60, isOpen: false }];
	const closables: { close(): void }[] = [];
	Object.assign(world.ports, {
		openListener(_port: number, admit: Parameters<typeof openTcpListener>[2]) {
			const listener = openTcpListener(
				port,
				"127.0.0.1",
				accept => (made.isAway ? null : admit(accept)),
				() => {},
			);
			closables.push(listener);
			return listener;
		},
	});
	const firmware = createFirmware({}, world.ports);
	startFirmware(firmware);
	let time = Date.parse("2026-06-01T10:00:00Z");
	const meter = createMeter(createSimulatedChance(1), time, { key: bytesOf(key) });
	let ticks = 0;
	const ticker = setInterval(() => {
		world.clock.pass(400);
		ticks += 1;
		if (ticks % 25 !== 0) return;
		time += 10_000;
		const { bytes } = readMeter(meter, time);
		world.receive(bytes, bytes.length, null);
	}, 20);
	const made: Board = {
		world,
		firmware,
		isAway: false,
		kept: name => openSettingsStorage(world.store).values[findSetting(name)] ?? null,
		close() {
			clearInterval(ticker);
			for (const closable of closables) closable.close();
		},
	};
	await waitUntil("the portal", () => closables.length > 0);
	return made;
}

async function findViolations(page: Page): Promise<string[]> {
	await page.evaluate(axe);
	return page.evaluate(async () => {
		const { axe } = globalThis as unknown as {
			axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
		};
		const { violations } = await axe.run();
		return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
	});
}

async function fill(page: Page): Promise<void> {
	await page.fill("#wifi", "home");
	await page.fill("#wifiPassword", "correct horse");
	await page.fill("#key", key);
	await page.fill("#broker", "mqtt://10.0.0.1");
}

const phone = { viewport: { width: 390, height: 780 } };

describe.each([
	["light", "en-GB", "Test", "Keep and finish", "Finish"],
	["dark", "de-LU", "Testen", "Behalten und fertig", "Fertig"],
] as const)("with JavaScript, %s, in %s", (colorScheme, locale, tryIt, keepIt, finishIt) => {
	test("the form becomes the result by itself, also where the network is away meanwhile", async () => {
		board = await openBoard();
		const { page, requests, errors, close } = await visit(browser, address, { ...phone, colorScheme, locale });
		await page.locator("#wifi").waitFor();
		expect(await findViolations(page)).toEqual([]);
		await fill(page);
		await page.locator("button", { hasText: tryIt }).click();
		await page.locator("body[data-wait]").waitFor();
		const loads = () => requests.filter(({ headers }) => headers["upgrade-insecure-requests"] !== undefined).length;
		const before = loads();
		board.isAway = true;
		await new Promise(done => setTimeout(done, 2_500));
		expect(await page.locator("h1").count()).toBe(1);
		board.isAway = false;
		await page.locator("button", { hasText: keepIt }).waitFor();
		expect(loads()).toBe(before);
		expect(await findViolations(page)).toEqual([]);
		const isWide = () =>
			page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
		expect(await isWide()).toBe(false);
		await page.locator("button", { hasText: keepIt }).click();
		const token = await page.locator("code").textContent();
		expect(token).toBe(board.kept("webToken"));
		expect(await page.locator("a").first().getAttribute("href")).toBe(`http://192.168.1.50/#token=${token}`);
		expect(await findViolations(page)).toEqual([]);
		expect(await isWide()).toBe(false);
		await page.locator("button", { hasText: finishIt }).click();
		await waitUntil("the restart", () => board.world.restarts > 0);
		expect([board.kept("wifi"), board.kept("key")]).toEqual(["home", key]);
		// But for connections that nobody took.
		expect(errors.filter(error => !/net::ERR_|Failed to load resource/.test(error))).toEqual([]);
		await close();
	});
});

test("without JavaScript the page asks anew by itself, and everything works", async () => {
	board = await openBoard();
	const { page, errors, close } = await visit(browser, address, {
		...phone,
		javaScriptEnabled: false,
		locale: "fr-FR",
	});
	await page.locator("#wifi").waitFor();
	await fill(page);
	await page.locator("button", { hasText: "Tester" }).click();
	await page.locator("button", { hasText: "Garder et terminer" }).waitFor();
	await page.locator("button", { hasText: "Garder et terminer" }).click();
	expect(await page.locator("code").textContent()).toBe(board.kept("webToken"));
	expect(board.kept("wifiPassword")).toBe("correct horse");
	expect(errors).toEqual([]);
	await close();
});
