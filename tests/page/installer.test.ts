/** The installer's page of a release, in a real browser. What it does with a board was never tried. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createImage } from "../../simulator/world/board/slots.js";
import { createSite } from "../../tools/release/site.js";
import { createUpdate } from "../update/updates.js";
import { findViolations } from "./axe.js";
import { startBrowser, visit } from "./browser.js";

const types: Record<string, string> = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript" };
/** Stands for esp-web-tools: what it shows where a browser can install. */
const tool = `customElements.define("esp-web-install-button", class extends HTMLElement {
	connectedCallback() {
		this.attachShadow({ mode: "open" }).innerHTML = '<slot name="activate"></slot>';
	}
});`;

let browser: Browser;
let folder: string;
let server: Server;
let address: string;

beforeAll(async () => {
	browser = await startBrowser();
	folder = mkdtempSync(join(tmpdir(), "smarty-installer-"));
	const image = createImage(new Uint8Array(500));
	for (const name of ["bootloader.bin", "partition-table.bin", "ota_data_initial.bin"])
		writeFileSync(join(folder, name), "part");
	writeFileSync(join(folder, "xs_esp32.bin"), image);
	writeFileSync(join(folder, "update.bin"), createUpdate(image));
	mkdirSync(join(folder, "tool"));
	writeFileSync(join(folder, "tool/install-button.js"), tool);
	const out = join(folder, "site");
	createSite({
		images: folder,
		update: join(folder, "update.bin"),
		tools: join(folder, "tool"),
		out,
		target: "lolin_d32",
	});
	server = createServer((request, response) => {
		const path = request.url === "/" ? "/index.html" : request.url!;
		response.setHeader("Content-Type", types[extname(path)] ?? "application/octet-stream");
		try {
			response.end(readFileSync(join(out, path)));
		} catch {
			response.writeHead(404).end();
		}
	});
	await new Promise<void>(done => server.listen(0, "127.0.0.1", done));
	address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterAll(async () => {
	await browser.close();
	server.close();
	rmSync(folder, { recursive: true });
});

describe.each([
	["en-GB", "light", "Unplug the meter's cable"],
	["de-LU", "dark", "Zuerst das Kabel des Zählers"],
	["fr-LU", "light", "Débranchez d'abord le câble"],
	["lb-LU", "dark", "Fir d'éischt de Kabel"],
] as const)("%s, %s", (locale, colorScheme, warning) => {
	test("says to unplug the meter before the button, breaks no rule of accessibility, and loads nothing from outside", async () => {
		const options = { locale, colorScheme, viewport: { width: 390, height: 844 } };
		const { page, errors, requests, close } = await visit(browser, address, options);
		await page.locator("nav button").nth(3).waitFor();
		const shown = page.locator(".warning:visible");
		expect(await shown.count()).toBe(1);
		expect(await shown.textContent()).toContain(warning);
		const [above, below] = [await shown.boundingBox(), await page.locator("#install").boundingBox()];
		expect(above!.y + above!.height).toBeLessThan(below!.y);
		expect(await page.locator("html").getAttribute("lang")).toBe(locale.slice(0, 2));
		expect(await findViolations(page)).toEqual([]);
		expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
		expect(errors).toEqual([]);
		expect(requests.some(({ url }) => url.endsWith("esp-web-tools/install-button.js"))).toBe(true);
		await close();
	});
});

test("another language is a press away, and without a script all of them are there", async () => {
	const { page, close } = await visit(browser, address);
	await page.locator("nav button", { hasText: "Français" }).click();
	expect(await page.locator("#install").textContent()).toBe("Installer");
	await close();
	const plain = await visit(browser, address, { javaScriptEnabled: false });
	expect(await plain.page.locator(".warning:visible").count()).toBe(4);
	await plain.close();
});
