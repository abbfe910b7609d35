/** The page of `npm start`: a house that has been lived in, from the first telegram on. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, type TestContext, test } from "vitest";
import { decodeRecent, decodeSector, type Point, sortPoints, startOfDay } from "../../page/history.js";
import { expectReadings, openCapture } from "../support/capture.js";
import { runProgram } from "../support/program.js";
import { realFrame } from "../support/vectors.js";
import { waitUntil } from "../support/wait.js";
import { startBrowser, visit } from "./browser.js";

interface Started {
	address: string;
	/** What the only telegram says: Wh, and when. */
	live: { imported: number; exported: number; time: number };
}

/** Runs until its first telegram is at the broker; there is no second one. */
async function start({ onTestFinished }: TestContext, engine: string): Promise<Started> {
	const folder = mkdtempSync(join(tmpdir(), "smarty-start-"));
	const capture = join(folder, "capture.bin");
	const program = runProgram("simulator/start.ts", ["--engine", engine, "--period", "3600", "--capture", capture]);
	onTestFinished(async () => {
		program.signal("SIGKILL");
		await program.ended;
		rmSync(folder, { recursive: true });
	});
	await waitUntil("the telegram", () => program.output.stdout.includes("Telegram 1:"));
	const { telegram } = openCapture(readFileSync(capture), realFrame.key)[0]!;
	const readings = expectReadings(telegram);
	const register = (name: string) => Math.round(Number(readings[name]) * 1_000);
	return {
		address: /^(http:\S+)\/ /.exec(program.output.stdout)![1]!,
		live: {
			imported: register("active_energy_import"),
			exported: register("active_energy_export"),
			time: Date.parse(String(readings.time)) / 1_000,
		},
	};
}

async function read(url: string): Promise<Uint8Array> {
	return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

async function readQuarters(address: string): Promise<Point[]> {
	const points: Point[] = [];
	for (let after = 0, more = true; more; ) {
		const bytes = await read(`${address}/quarters?after=${after}`);
		more = bytes.length >= 4_096;
		for (let at = 0; at < bytes.length; at += 4_096) {
			const sector = bytes.subarray(at, at + 4_096);
			points.push(...decodeSector(sector).map(([, point]) => point));
			after = new DataView(sector.buffer, sector.byteOffset).getUint32(4, true);
		}
	}
	return sortPoints(points);
}

describe.each(["node", "xs"])("npm start with the engine %s", engine => {
	test("has an hour and two weeks of the meter, which goes on from there", async context => {
		const { address, live } = await start(context, engine);
		const hour = decodeRecent(await read(`${address}/recent`));
		// The last one is the telegram itself.
		expect(hour.at(-1)).toMatchObject(live);
		const past = hour.slice(0, -1);
		expect(live.time - past.at(-1)!.time).toBeLessThan(120);
		expect(hour.length).toBeGreaterThan(355);
		for (const [at, { time, net, imported, exported }] of past.entries()) {
			const before = past[at - 1];
			if (before === undefined) continue;
			expect(time - before.time).toBe(10);
			// The registers are what the power that is shown has added up to, but for their last digits.
			const energy = ((net ?? 0) * 10) / 3_600;
			const grown = imported! - before.imported! - (exported! - before.exported!);
			expect(Math.abs(grown - energy)).toBeLessThanOrEqual(2.1);
		}
		const quarters = await readQuarters(address);
		expect(quarters.length).toBeGreaterThan(12 * 96);
		for (const [at, { time, imported, exported }] of quarters.slice(0, -1).entries()) {
			const after = quarters[at + 1]!;
			expect(after.time - time).toBeLessThanOrEqual(910);
			expect(after.imported).toBeGreaterThanOrEqual(imported!);
			expect(after.exported).toBeGreaterThanOrEqual(exported!);
		}
		const newest = quarters.at(-1)!;
		expect(live.time - newest.time).toBeLessThan(1_100);
		expect(live.imported).toBeGreaterThanOrEqual(newest.imported!);
	});
});

test("in a browser its days are there at once, and today's energy is the meter's", async context => {
	const { address, live } = await start(context, "node");
	const browser = await startBrowser();
	context.onTestFinished(() => browser.close());
	const { page, errors } = await visit(browser, `${address}/`);
	const days = page.locator("section", { has: page.locator("h2", { hasText: "Days" }) });
	await days.locator(".bar").nth(12).waitFor({ state: "attached", timeout: 60_000 });
	const quarters = await readQuarters(address);
	const since = await page.evaluate(time => {
		const day = new Date(time * 1_000);
		return day.setHours(0, 0, 0, 0) / 1_000;
	}, live.time);
	const midnight = quarters.find(({ time }) => time >= since - 60)!;
	const bought = Math.round((live.imported - midnight.imported!) / 100) / 10;
	const text = await page.locator("h3 .aside", { hasText: "↓" }).first().textContent();
	expect(Math.abs(Number.parseFloat(text!) - bought)).toBeLessThanOrEqual(0.11);
	expect(startOfDay(live.time)).toBeLessThanOrEqual(live.time);
	expect(await page.locator("main").textContent()).not.toContain("Nothing yet");
	expect(errors).toEqual([]);
});
