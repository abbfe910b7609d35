/** The recorder's page in a real browser, from a file with a year of quarter hours. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type FileSink, openDatabase } from "../../recorder/database.js";
import type { Reading } from "../../recorder/entry.js";
import { type PageServer, startServer } from "../../recorder/server.js";
import { buildRecorderPage, recorderPageFile } from "../../tools/page.js";
import { startBrowser, visit } from "../page/browser.js";
import { sample } from "./samples.js";

const axe = readFileSync(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
/** A Wednesday at noon in Luxembourg. */
const now = Date.UTC(2026, 5, 17, 10, 7) / 1000;
const first = Date.UTC(2025, 4, 31, 22) / 1000;

let browser: Browser;
let file: FileSink;
let server: PageServer;
let names: string[] = [];
/** Of the first meter, by time. */
const registers = new Map<number, { imported: number; exported: number }>();

beforeAll(async () => {
	file = openDatabase(":memory:");
	names = ["SAG1030701000000", "SAG1030701000001"];
	for (const [at, meter] of names.entries()) {
		const entries: Reading[] = [];
		let [imported, exported] = [1_000_000, 500_000];
		const add = (time: number, seconds: number) => {
			// The sun from six to six, and a house that draws more in the evening.
			const sun = Math.max(0, Math.sin((((time / 3_600) % 24) - 6) * (Math.PI / 12))) * (at === 0 ? 4_000 : 0);
			const load = 300 + ((time / 900) % 7) * 50 + (Math.floor(time / 3_600) % 24 > 16 ? 2_900 : 0);
			const energy = Math.round(((load - sun) * seconds) / 3_600);
			imported += Math.max(0, energy);
			exported += Math.max(0, -energy);
			const power = Math.round(load - sun);
			const numbers = [imported, exported, Math.max(0, power), Math.max(0, -power)];
			if (at === 0) registers.set(time, { imported, exported });
			entries.push(sample(time, 0, { meter, numbers }));
		};
		// Quarter hours, and the last hours with every telegram.
		for (let time = first; time < now - 8_000; time += 900) add(time, 900);
		for (let time = Math.ceil((now - 7_900) / 10) * 10; time <= now; time += 10) add(time, 10);
		await file.write(entries);
	}
	const month = (time: number, exceeded: number) => ({
		...({ kind: "account", meter: names[0]!, time, limit: 3_000, missing: 2, exceeded, cost: 1.5 } as const),
		...{ peak: 5_600, peakTime: time - 86_400, text: "{}" },
	});
	await file.write([month(Date.UTC(2026, 4, 31) / 1000, 12_340), month(now, 4_560)]);
	server = await startServer({ file, port: 0, bind: "127.0.0.1", hosts: [], report: () => ({}) });
	browser = await startBrowser();
});
afterAll(async () => {
	await browser.close();
	await server.close();
	await file.close();
});

async function findViolations(page: Page): Promise<string[]> {
	// Through the debugger, to which the page's policy does not apply.
	await page.evaluate(axe);
	return page.evaluate(async () => {
		const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
		const { violations } = await axe.run();
		return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
	});
}

interface Violation {
	id: string;
	nodes: { html: string }[];
}

const open = (options = {}) => visit(browser, server.address, options, now * 1000);
const choose = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const graph = (page: Page, name: string) => page.locator(`svg[aria-label^="${name}"]`);
const at = (time: number) => registers.get(time)!;

describe.each([
	[1_100, "light", "en-GB"],
	[390, "dark", "de-LU"],
	[390, "light", "fr-LU"],
	[1_100, "dark", "lb-LU"],
] as const)("%i px, %s, %s", (width, colorScheme, locale) => {
	test("has no violation of accessibility, no error and no sideways scroll, in any range", async () => {
		const options = { viewport: { width, height: 844 }, colorScheme, locale, reducedMotion: "reduce" };
		const { page, errors, requests, close } = await open(options);
		await page.locator(".months tbody tr").first().waitFor();
		for (const place of [1, 5]) {
			await page.locator(".ranges button").nth(place).click();
			await page.waitForFunction(
				wanted => document.querySelectorAll(".ranges button")[wanted]!.getAttribute("aria-pressed") === "true",
				place,
			);
			await page.waitForFunction(() => document.querySelector("main svg") !== null);
			expect(await findViolations(page)).toEqual([]);
			expect(
				await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth),
			).toBe(false);
		}
		expect(await page.locator("html").getAttribute("lang")).toBe(locale.slice(0, 2));
		expect(errors).toEqual([]);
		expect(requests.every(({ method }) => method === "GET")).toBe(true);
		await close();
	});
});

test("day, week, month and year are what the registers say", async () => {
	const { page, close } = await open();
	const [meter = ""] = names;
	const told = async () =>
		/([\d.,]+) kWh ↓ ([\d.,]+) kWh ↑/.exec((await page.locator(".card .aside").first().textContent())!)!;
	const expectEnergy = async (from: number, to: number, when: string) => {
		await page.locator(".when", { hasText: when }).waitFor();
		await page.waitForFunction(
			text => document.querySelector("main svg")!.getAttribute("aria-label")!.includes(text),
			when,
		);
		const [, imported, exported] = await told();
		const number = (text: string) => Number(text.replaceAll(",", ""));
		expect(Math.abs(number(imported!) - (at(to).imported - at(from).imported) / 1000)).toBeLessThan(0.051);
		expect(Math.abs(number(exported!) - (at(to).exported - at(from).exported) / 1000)).toBeLessThan(0.051);
	};
	const midnight = (month: number, day: number) => Date.UTC(2026, month, day - 1, 22) / 1000;
	await page.locator(".bar").first().waitFor({ state: "attached" });
	await choose(page, "← Earlier");
	await expectEnergy(midnight(5, 16), midnight(5, 17), "16 June 2026");
	expect(await page.locator(".bar").count()).toBeGreaterThan(90);
	await choose(page, "Week");
	await choose(page, "← Earlier");
	await expectEnergy(midnight(5, 8), midnight(5, 15), "8 June 2026 – 14 June 2026");
	await choose(page, "Month");
	await choose(page, "← Earlier");
	await expectEnergy(midnight(4, 1), midnight(5, 1), "May 2026");
	await choose(page, "Year");
	await choose(page, "← Earlier");
	await page.locator(".when", { hasText: "2025" }).waitFor();
	await page.waitForFunction(() => document.querySelector("main svg")!.getAttribute("aria-label")!.includes(", 2025"));
	const [, imported] = await told();
	const until = Date.UTC(2025, 11, 31, 23) / 1000;
	expect(
		Math.abs(Number(imported!.replaceAll(",", "")) - (at(until).imported - at(first).imported) / 1000),
	).toBeLessThan(0.051);
	expect(await graph(page, meter).locator("text[text-anchor=middle]").allTextContents()).toContain("Dec");
	await close();
});

test("an hour has every telegram, and meters stand side by side with their sum", async () => {
	const { page, errors, close } = await open();
	await page.locator(".months").waitFor();
	await choose(page, "Hour");
	await choose(page, "← Earlier");
	await page.locator("path.line").first().waitFor({ state: "attached" });
	await page.waitForFunction(
		() => document.querySelector("path.line")!.getAttribute("d")!.split(/[ML]/).length === 361,
	);
	await choose(page, names[1]!);
	await page.locator("h2", { hasText: "Together" }).waitFor();
	await choose(page, "Day");
	await choose(page, "← Earlier");
	await page.waitForFunction(() => document.querySelectorAll("main svg").length === 3);
	const [shared, balance] = await page.locator(".pairs dd").allTextContents();
	expect(shared).toMatch(/^[\d.]+ kWh$/);
	expect(balance).toMatch(/^−?[\d.]+ kWh$/);
	// No two of the page's elements have the same name.
	const ids = await page.evaluate(() => [...document.querySelectorAll("[id]")].map(({ id }) => id));
	expect(new Set(ids).size).toBe(ids.length);
	expect(await findViolations(page)).toEqual([]);
	expect(errors).toEqual([]);
	await close();
});

test("months have the account that the reader told, and else the recorder's own", async () => {
	const { page, close } = await open();
	const rows = page.locator(".months tbody tr");
	await rows.first().waitFor();
	const texts = await rows.evaluateAll(list => list.map(row => [...row.children].map(cell => cell.textContent)));
	expect(texts).toHaveLength(13);
	expect(texts[0]!.slice(0, 1)).toEqual(["Jun 2026"]);
	expect(texts[0]!.slice(3)).toEqual(["3", "4.56", "1.50", "5.60 · 16/06", "2"]);
	expect(texts[1]!.slice(3, 6)).toEqual(["3", "12.34", "1.50"]);
	expect(texts[2]![4]).toMatch(/^≈ [\d.,]+$/);
	await close();
});

test("CSV can be had where it is looked at", async () => {
	const { page, close } = await open();
	await page.locator(".links a").first().waitFor();
	const waits = page.waitForEvent("download");
	await page.locator(".links a").first().click();
	const download = await waits;
	expect(download.suggestedFilename()).toBe(`${names[0]}.csv`);
	const path = await download.path();
	const lines = readFileSync(path, "utf8").trimEnd().split("\r\n");
	expect(lines[0]).toMatch(/^meter,time,verdict,clock,fallen,active_energy_import kWh,/);
	// From midnight to now.
	expect(lines.length).toBeGreaterThan(40);
	await close();
});

test("a year is drawn; how long that takes is told, not judged", async () => {
	const { page, close } = await open();
	await page.locator(".months").waitFor();
	const began = performance.now();
	await choose(page, "Year");
	await page.waitForFunction(() => document.querySelector("main svg")!.getAttribute("aria-label")!.includes(", 2026"));
	console.log(`a year of one meter, with its table of months: ${Math.round(performance.now() - began)} ms`);
	await close();
});

describe("as it is built", () => {
	const html = gunzipSync(readFileSync(recorderPageFile)).toString();

	test("what is committed is what the sources make: else `npm run page`", async () => {
		expect(html).toBe(await buildRecorderPage());
	});

	test("runs its own script and style, asks the recorder, and nothing else", () => {
		const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)![1]!;
		const hash = (tag: string) => {
			const text = new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`).exec(html)![1]!;
			return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
		};
		expect(policy).toContain(`script-src ${hash("script")}; style-src ${hash("style")};`);
		expect(policy).not.toContain("unsafe");
		expect(html).not.toMatch(/innerHTML|insertAdjacent|document\.write|eval\(/);
	});

	test("has its words in four languages", async () => {
		vi.stubGlobal("navigator", { languages: ["en"] });
		const { recorderWords } = await import("../../recorder/page/words.js");
		for (const [name, text] of Object.entries(recorderWords)) {
			expect(
				text.split("|").map(part => part.trim().length > 0),
				name,
			).toEqual([true, true, true, true]);
		}
	});
});
