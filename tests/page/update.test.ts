/** Updates on the page, in a real browser: from a file, and from where releases lie. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
	boot,
	createImage,
	createProgram,
	flashByCable,
	type Slots,
	sectors,
} from "../../simulator/world/board/slots.js";
import { packGzip } from "../../tools/page/pack.js";
import { buildPage } from "../../tools/page.js";
import { createChance } from "../support/chance.js";
import { createFakeFlash } from "../support/fake-flash.js";
import { createFakeStore, type FakeStore } from "../support/fake-ports.js";
import { createUpdate, key } from "../update/updates.js";
import { findViolations } from "./axe.js";
import { startBrowser, type Visit, visit } from "./browser.js";
import { type BoardOptions, createLivingBoard, type LivingBoard } from "./living-board.js";

const token = "correct-horse-battery";
const releases = "https://owner.example/smarty-xs";
const chance = createChance(1);
const update = createUpdate(createImage(chance.bytes(12_000)));

let browser: Browser;
let board: LivingBoard;
let slots: Slots;
let flashLog: string[];
let opened: Visit | null = null;
let store: FakeStore;

beforeEach(() => {
	store = createFakeStore();
});
beforeAll(async () => {
	browser = await startBrowser();
});
afterAll(() => browser.close());
afterEach(async () => {
	await opened?.close();
	board.close();
});

async function openBoard(options: BoardOptions & { keys?: string[]; sequence?: number } = {}): Promise<void> {
	slots = flashByCable(createFakeFlash(sectors, createChance(2)), createImage(chance.bytes(2_000)));
	boot(slots);
	flashLog = [];
	const program = createProgram(slots, options.keys ?? [key], options.sequence ?? 1, flashLog);
	board = await createLivingBoard({ settings: { webToken: token }, hour: 60, program, store, ...options });
}

async function openCard(options = {}): Promise<Page> {
	opened = await visit(browser, `${board.address}/`, options);
	const { page } = opened;
	await page.locator("summary", { hasText: /^(Update|Mise à jour)$/ }).click();
	return page;
}

const choose = (page: Page, bytes: Uint8Array) =>
	page.locator("#update").setInputFiles({ name: "update.bin", mimeType: "", buffer: Buffer.from(bytes) });
const install = (page: Page) => page.locator("button", { hasText: /^(Install|Installer)$/ });

describe("from a file", () => {
	test("an update is sent whole with the token, and after the restart the page says what runs", async () => {
		await openBoard();
		const page = await openCard();
		await page.locator("p", { hasText: "smarty-xs 0.1.0" }).waitFor();
		await page.locator("#update-token").fill(token);
		await choose(page, update);
		await install(page).click();
		await page.locator(".good", { hasText: "The reader restarts." }).waitFor();
		const post = opened!.requests.find(({ method }) => method === "POST")!;
		expect(post.headers.authorization).toBe(`Bearer ${token}`);
		expect(flashLog).toEqual(["open", "complete"]);
		expect(await page.locator("#update-token").isVisible()).toBe(false);
		const port = Number(new URL(board.address).port);
		board.close();
		await openBoard({ version: "0.2.0", port });
		await page.locator(".good", { hasText: "✓ 0.2.0" }).waitFor();
		await page.locator("p", { hasText: "smarty-xs 0.2.0" }).waitFor();
		expect(opened!.errors.filter(error => !error.includes("ERR_"))).toEqual([]);
	});

	test("…also that it did not come to stay", async () => {
		await openBoard();
		const page = await openCard({ locale: "fr-LU" });
		await page.locator("#update-token").fill(token);
		await choose(page, update);
		await install(page).click();
		await page.locator(".good", { hasText: "Le lecteur redémarre." }).waitFor();
		const port = Number(new URL(board.address).port);
		board.close();
		await openBoard({ port });
		await page.locator(".bad", { hasText: "0.2.0 a échoué : le précédent tourne." }).waitFor();
	});

	test("what is refused is said in the reader's words, and can be tried again", async () => {
		await openBoard();
		const page = await openCard();
		await page.locator("#update-token").fill("wrong-horse-battery");
		await choose(page, update);
		await install(page).click();
		await page.locator(".bad", { hasText: "This token is wrong" }).waitFor();
		await page.locator("#update-token").fill(token);
		await choose(page, createUpdate(createImage(chance.bytes(3_000)), { board: "other" }));
		await install(page).click();
		await page.locator(".bad", { hasText: "This update is for other, not for lolin_d32." }).waitFor();
		expect(await findViolations(page)).toEqual([]);
		const damaged = update.slice();
		damaged[5_000]! ^= 1;
		await choose(page, damaged);
		await install(page).click();
		await page.locator(".bad", { hasText: "This update was damaged on its way." }).waitFor();
		expect(board.world.restarts).toBe(0);
	});

	test("a program on trial says so, one without a key has no form, and a computer has no updates", async () => {
		await openBoard({ keys: [] });
		let page = await openCard();
		await page.locator("p", { hasText: "Built without a key: no updates." }).waitFor();
		expect(await install(page).isVisible()).toBe(false);
		await opened!.close();
		board.close();
		await openBoard();
		board.firmware.ports.program!.isOnTrial = () => true;
		page = await openCard({ viewport: { width: 390, height: 844 }, colorScheme: "dark" });
		await page.locator("p", { hasText: "smarty-xs 0.1.0 is tried; do not restart." }).waitFor();
		expect(await findViolations(page)).toEqual([]);
		await opened!.close();
		board.close();
		board = await createLivingBoard({ hour: 60, medium: "host" });
		opened = await visit(browser, `${board.address}/`);
		await opened.page.locator(".phases").waitFor();
		expect(await opened.page.locator("summary", { hasText: "Update" }).isVisible()).toBe(false);
	});
});

describe("from where releases lie", () => {
	const asked: string[] = [];

	async function openWith(release: object | number, sequence = 1): Promise<Page> {
		asked.length = 0;
		await openBoard({ page: packGzip(Buffer.from(await buildPage(releases))), sequence });
		opened = await visit(browser, "about:blank");
		const { page } = opened;
		await page.route(`${releases}/*`, (route, request) => {
			asked.push(`${request.method()} ${request.url()}`);
			const headers = { "Access-Control-Allow-Origin": "*" };
			if (typeof release === "number") return route.fulfill({ status: release, headers });
			if (request.url().endsWith(".bin")) return route.fulfill({ body: Buffer.from(update), headers });
			return route.fulfill({ json: release, headers });
		});
		await page.goto(`${board.address}/`);
		await page.locator(".phases").waitFor();
		await page.locator("summary", { hasText: "Update" }).click();
		expect(asked).toEqual([]);
		return page;
	}

	const look = (page: Page) => page.locator("button", { hasText: "Look for updates" });

	test("the browser asks only when it is told to, then fetches and relays what is newer", async () => {
		const page = await openWith({ version: "0.2.0", sequence: 2 });
		await page.locator("#update-token").fill(token);
		await look(page).click();
		await page.locator("button", { hasText: "Install 0.2.0" }).click();
		await page.locator(".good", { hasText: "The reader restarts." }).waitFor();
		expect(asked).toEqual([`GET ${releases}/version.json`, `GET ${releases}/lolin_d32.bin`]);
		expect(flashLog).toEqual(["open", "complete"]);
		// No word of the reader goes there.
		const outside = opened!.requests.filter(({ url }) => url.startsWith("https:"));
		for (const { headers } of outside) {
			expect(headers.authorization).toBeUndefined();
			expect(headers.referer).toBeUndefined();
		}
	});

	test("what is no newer, or not there, is said", async () => {
		let page = await openWith({ version: "0.1.0", sequence: 1 });
		await look(page).click();
		await page.locator(".good", { hasText: "All is well" }).waitFor();
		expect(asked).toHaveLength(1);
		await opened!.close();
		board.close();
		page = await openWith(404);
		await look(page).click();
		await page.locator(".bad", { hasText: "Nothing here yet" }).waitFor();
	});
});
