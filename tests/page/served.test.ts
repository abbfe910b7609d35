/** The page from the programs that serve it: the try-out, with its firmware in the virtual world, and the gateway. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createChance } from "../../simulator/chance.js";
import { createMeter, readMeter } from "../../simulator/meter.js";
import { startGateway } from "../gateway/process.js";
import { findFreePort, startMosquitto } from "../support/brokers.js";
import { runProgram } from "../support/program.js";
import { waitUntil } from "../support/wait.js";
import { startBrowser, visit } from "./browser.js";

let browser: Browser;
beforeAll(async () => {
	browser = await startBrowser();
});
afterAll(() => browser.close());

describe.each(["node", "xs"])("npm start with the engine %s", engine => {
	test("prints the address first, and a browser shows there what the broker got", async test => {
		const program = runProgram("simulator/start.ts", ["--engine", engine, "--period", "1"]);
		test.onTestFinished(() => program.signal("SIGKILL"));
		const line = /^(http:\S+) shows/;
		await waitUntil("the address", () => line.test(program.output.stdout));
		await waitUntil("a simulated telegram", () => program.output.stdout.includes("Telegram 3:"));
		const { page, errors, close } = await visit(browser, line.exec(program.output.stdout)![1]!);
		const shown = async () => (await page.locator(".card", { hasText: "Meter readings" }).textContent())!;
		await page.locator(".phases").waitFor();
		await page.locator(".health h2", { hasText: "All is well" }).waitFor();
		const printed = () => [...program.output.stdout.matchAll(/energy import ([\d.]+) kWh, export ([\d.]+) kWh/g)];
		const isPrinted = async () => {
			// 12,345.6 kWh
			const text = (await shown()).replaceAll(",", "");
			return printed().some(([, taken]) => text.includes(`${Number(taken).toFixed(1)} kWh`));
		};
		await waitUntil("a value that was printed", isPrinted);
		await page.waitForFunction(() => document.querySelector("path.line")!.getAttribute("d")!.split(/[ML]/).length > 5);
		// Nothing can be changed: no token is set.
		await page.locator(".settings > details > summary").click();
		await page.locator(".settings .soft", { hasText: "webToken" }).first().waitFor();
		expect(errors).toEqual([]);
		await close();
		program.signal("SIGTERM");
		expect(await program.ended).toBe(0);
		expect(program.output.stdout).not.toContain("WRONG");
	});
});

describe("the gateway", () => {
	const key = "0123456789ABCDEF0123456789ABCDEF";
	const folder = mkdtempSync(join(tmpdir(), "smarty-page-"));
	afterAll(() => rmSync(folder, { recursive: true }));

	/** A telegram each quarter hour for so many days, as a capture. */
	function writeCapture(name: string, start: number, count: number, seconds: number) {
		const meter = createMeter(createChance(4), start, {
			key: Buffer.from(key, "hex"),
			frameCounter: Math.floor(start / 1_000_000),
		});
		const frames = Array.from({ length: count }, (_, at) => readMeter(meter, start + at * seconds * 1_000));
		const path = join(folder, name);
		writeFileSync(path, Buffer.concat(frames.map(({ bytes }) => bytes)));
		return { path, frames };
	}

	const read = (text: string | null) => Number(text!.replace(/,/g, "").match(/([\d.]+) kWh/)![1]);

	test("shows a meter's values and, with a memory, the days of the runs before; settings cannot be changed", async test => {
		const broker = await startMosquitto();
		test.onTestFinished(broker.stop);
		const memory = join(folder, "memory.json");
		const words = ["--memory", memory, "--broker", `mqtt://127.0.0.1:${broker.port}`, "--bind", "127.0.0.1"];
		const start = Date.UTC(2026, 4, 3, 22, 0, 4);
		const { path, frames } = writeCapture("days.bin", start, 3 * 96, 900);
		const first = startGateway([...words, "--replay", path], { SMARTY_KEY: key });
		// Whether the broker has them all in time depends on the computer; the history has them.
		await first.exit;
		expect(first.output.join("")).toContain("end of the capture: telegrams authenticated 288; no faults");
		// An adapter in the network that says nothing: all that is shown is remembered.
		const adapter = createServer(() => {});
		await new Promise<void>(resolve => adapter.listen(0, "127.0.0.1", resolve));
		test.onTestFinished(() => void adapter.close());
		const from = `tcp://127.0.0.1:${(adapter.address() as AddressInfo).port}`;
		const port = await findFreePort();
		const second = startGateway([...words, "--port", from, "--webPort", String(port)], { SMARTY_KEY: key });
		test.onTestFinished(() => second.stop("SIGKILL").then(() => {}));
		await second.waitFor(`HTTP at port ${port}`);
		const { page, close } = await visit(browser, `http://127.0.0.1:${port}/`);
		await page.locator(".now.old .alarm", { hasText: "No reading yet" }).waitFor();
		await page.locator(".bar").nth(5).waitFor({ state: "attached" });
		const label = (await page.locator("svg").last().getAttribute("aria-label"))!;
		const energy = frames.map(({ snapshot }) => snapshot.activeEnergyImport);
		for (const day of [0, 1]) {
			const told = new RegExp(`0${4 + day}/05 · ([\\d.]+) kWh`).exec(label)![1];
			expect(Number(told)).toBeCloseTo((energy[(day + 1) * 96]! - energy[day * 96]!) / 1_000, 1);
		}
		await page.locator(".settings > details > summary").click();
		await page.locator(".settings .soft", { hasText: "Set in a file" }).waitFor();
		await close();
		expect(await second.stop()).toBe(0);
	});

	test("plays a capture again and again, with the values of its last telegram", async test => {
		const broker = await startMosquitto();
		test.onTestFinished(broker.stop);
		const { path, frames } = writeCapture("hour.bin", Date.UTC(2026, 4, 3, 12), 30, 10);
		const port = await findFreePort();
		const words = ["--broker", `mqtt://127.0.0.1:${broker.port}`, "--bind", "127.0.0.1", "--webPort", String(port)];
		const gateway = startGateway([...words, "--replay", path, "--loop"], { SMARTY_KEY: key });
		test.onTestFinished(() => gateway.stop("SIGKILL").then(() => {}));
		const count = (text: string) => gateway.output.join("").split(text).length - 1;
		await waitUntil("the end of the capture, twice", () => count("end of the capture") >= 2);
		await waitUntil("a third beginning", () => count(`HTTP at port ${port}`) >= 3);
		const { page, close } = await visit(browser, `http://127.0.0.1:${port}/`);
		await page.locator(".phases").waitFor();
		const imports = frames.map(({ snapshot }) => Number((snapshot.activeEnergyImport / 1_000).toFixed(1)));
		const shown = read(await page.locator(".card", { hasText: "Meter readings" }).locator("td").first().textContent());
		expect(imports).toContain(shown);
		await close();
		expect(gateway.output.join("")).not.toContain("replay");
		expect(await gateway.stop()).toBe(0);
	});
});
