/** What the recorder answers over HTTP: sums by registers, months, CSV, and no to everything else. */
import { request } from "node:http";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { addReading, createAccount } from "../../modules/meter/account.js";
import { countAbove, sumBars } from "../../recorder/bars.js";
import { openDatabase } from "../../recorder/database.js";
import type { Reading } from "../../recorder/entry.js";
import { readMessage } from "../../recorder/message.js";
import { createQueries } from "../../recorder/queries.js";
import { answer } from "../../recorder/routes.js";
import { startServer } from "../../recorder/server.js";
import { createHouse, readHouse } from "../../simulator/fleet/house.js";
import { makeFolder, sample } from "./samples.js";

/** Midnight in Luxembourg, winter. */
const day = Date.UTC(2026, 0, 9, 23) / 1000;

const nothing = () => ({});

function ask(queries: ReturnType<typeof createQueries>, address: string): unknown {
	const { pathname, searchParams } = new URL(address, "http://recorder");
	const found = answer(queries, pathname, searchParams, nothing);
	if (found === null) throw new Error("no such path");
	if (found.status !== 200) return found.status;
	const text = typeof found.body === "string" ? found.body : [...found.body].join("");
	return found.type === "application/json" ? JSON.parse(text) : text;
}

describe("two houses over three days", () => {
	const queries: { all: ReturnType<typeof createQueries> } = { all: undefined! };
	const readings: { meter: string; time: number; imported: number; exported: number }[] = [];
	let names: string[] = [];
	const period = 60;
	beforeAll(async () => {
		const file = openDatabase(":memory:");
		const houses = [0, 1].map(at => createHouse(7, at, (day - period) * 1000));
		names = houses.map(({ meter }) => meter.serial);
		const entries: Reading[] = [];
		for (let time = day; time <= day + 3 * 86_400; time += period) {
			for (const house of houses) {
				const reading = readHouse(house, time + 3);
				readings.push(reading);
				entries.push(readMessage("smarty", `smarty/${reading.meter}/state`, Buffer.from(reading.state), 0) as Reading);
			}
		}
		await file.write(entries);
		queries.all = createQueries(file);
	});
	/** The register at the first reading from `time` on: the ground truth of each border. */
	const at = (meter: string, time: number) => readings.find(one => one.meter === meter && one.time >= time)!;
	const borders = (step: number, count: number) => Array.from({ length: count + 1 }, (_, place) => day + place * step);

	test.each([
		["days", 86_400, 3],
		["quarter hours", 900, 96],
	])("bars of %s are what the registers say at their borders", (_, step, count) => {
		const times = borders(step, count);
		const query = names.map(name => `meter=${name}`).join("&");
		const found = ask(queries.all, `/bars?${query}&borders=${times.join(",")}`) as {
			meters: { name: string; bars: [number, number, boolean][] }[];
			shared: [number, number][];
		};
		for (const { name, bars } of found.meters) {
			const expected = times.slice(1).map((end, place) => {
				const [first, last] = [at(name, times[place]!), at(name, end)];
				return [last.imported - first.imported, last.exported - first.exported, false];
			});
			expect(bars).toEqual(expected);
		}
		// What one delivered while the other drew it, quarter hour by quarter hour.
		const quarters = (step / 900) * count;
		let shared = 0;
		for (let place = 0; place < quarters; place += 1) {
			const [from, to] = [day + place * 900, day + (place + 1) * 900];
			const sum = (what: "imported" | "exported") =>
				names.reduce((total, name) => total + at(name, to)[what] - at(name, from)[what], 0);
			shared += Math.min(sum("imported"), sum("exported"));
		}
		expect(found.shared.reduce((total, [energy]) => total + energy, 0)).toBe(shared);
		expect(found.shared.every(([, missing]) => missing === 0)).toBe(true);
		expect(shared).toBeGreaterThan(0);
	});

	test("energy above the class is what the firmware's own account of every telegram says, to a hundredth", () => {
		const account = createAccount(1_000);
		for (const { meter, time, imported } of readings) {
			if (meter === names[0]) addReading(account, { time: time * 1000, register: imported, power: 0 });
		}
		const quarters = borders(900, 3 * 96);
		const bars = sumBars(queries.all.readQuarters(queries.all.findMeter(names[0]!)!, day, quarters.at(-1)!), quarters);
		const { exceeded, peak } = countAbove(bars, 1_000);
		expect(exceeded).toBeGreaterThan(500);
		expect(Math.abs(exceeded / account.month.exceeded - 1)).toBeLessThan(0.01);
		expect(Math.abs(peak / account.peak! - 1)).toBeLessThan(0.01);
		const [month] = ask(queries.all, `/months?meter=${names[0]}`) as [
			{ imported: number; told: null; counted: object },
		];
		expect(month).toMatchObject({ told: null, counted: { class: null, exceeded: null } });
		expect(month.imported).toBe(at(names[0]!, day + 3 * 86_400).imported - at(names[0]!, day).imported);
	});

	test("CSV has every reading, in the units of the state message", () => {
		const text = ask(queries.all, `/csv?meter=${names[1]}&from=${day}&to=${day + 86_400}&by=reading`) as string;
		const [head = "", ...rows] = text.trimEnd().split("\r\n");
		const columns = head.split(",");
		const own = readings.filter(({ meter, time }) => meter === names[1] && time < day + 86_400);
		expect(rows).toHaveLength(own.length);
		const place = columns.indexOf("active_energy_import kWh");
		rows.forEach((row, index) => {
			const cells = row.split(",");
			const reading = own[index]!;
			expect(cells).toHaveLength(columns.length);
			expect(cells.slice(0, 5)).toEqual([
				names[1],
				`${new Date(reading.time * 1000).toISOString().slice(0, 19)}Z`,
				"authenticated",
				"meter",
				"0",
			]);
			expect(Number(cells[place]) * 1000).toBeCloseTo(reading.imported, 6);
		});
		const quarters = ask(queries.all, `/csv?meter=${names[1]}&from=${day}&to=${day + 86_400}`) as string;
		expect(quarters.trimEnd().split("\r\n")).toHaveLength(97);
	});

	test.each([
		["/bars?borders=1,2", 400],
		["/bars?meter=nobody&borders=1,2", 404],
		["/bars?meter=a%2Fb&borders=1,2", 404],
		["/bars?meter=X&borders=2,1", 400],
		["/bars?meter=X&borders=1,2,x", 400],
		[`/bars?meter=X&borders=${Array(3_002).fill(1).join(",")}`, 400],
		["/bars?meter=X&borders=0,9999999999", 400],
		[`/bars?${Array(51).fill("meter=X").join("&")}&borders=1,2`, 400],
		["/points?meter=X&from=1&to=900000", 400],
		["/points?meter=X&from=1&to=2", 404],
		["/csv?meter=X&from=2&to=1", 400],
		["/csv?meter=X&from=1&to=2&by=hour", 400],
		["/months?meter=", 404],
		["/falls?meter='", 404],
	])("%s is refused", (address, status) => {
		expect(ask(queries.all, address)).toBe(status);
	});
});

describe("bars", () => {
	const point = (time: number, imported: number) => ({ time, imported, exported: 0 });
	const series = (times: number[]) => times.map(time => point(time, time));

	test("a gap within a bar loses nothing; one across a border is in none, and makes both partial", () => {
		const points = series([0, 900, 8_100, 9_000, 9_900, 10_800, 15_300, 18_000].map(time => time + 5));
		expect(sumBars(points, [0, 9_000, 12_600, 18_000])).toEqual([
			{ start: 0, end: 9_000, imported: 9_000, exported: 0, partial: false },
			{ start: 9_000, end: 12_600, imported: 1_800, exported: 0, partial: true },
			{ start: 12_600, end: 18_000, imported: 2_700, exported: 0, partial: true },
		]);
	});

	test("a register that fell counts nothing, and never below", () => {
		expect(sumBars([point(0, 50), point(900, 10), point(1_800, 30)], [0, 900, 1_800]).map(bar => bar.imported)).toEqual(
			[0, 20],
		);
	});

	test("without readings all is partial", () => {
		expect(sumBars([], [0, 900])).toEqual([{ start: 0, end: 900, imported: 0, exported: 0, partial: true }]);
	});
});

test("a month is the reader's account, or else counted from quarter hours", async () => {
	const file = openDatabase(":memory:");
	const month = Date.UTC(2026, 0, 31, 23) / 1000;
	const series = (start: number) => Array.from({ length: 9 }, (_, at) => sample(start + at * 900, at * 1_000));
	const before = Date.UTC(2026, 0, 20) / 1000;
	const all = [
		...series(before),
		...series(month + 86_400).map(one => ({ ...one, numbers: [one.numbers[0]! + 8_000, 0, 0, 0] })),
	];
	const account = {
		kind: "account" as const,
		...{
			meter: sample(0, 0).meter,
			time: month + 90_000,
			limit: 3_000,
			missing: 3,
			exceeded: 1_234,
			cost: 0.14,
			peak: 4_000,
		},
		...{ peakTime: month + 86_400, text: "{}" },
	};
	await file.write([...all, account]);
	const found = ask(createQueries(file), `/months?meter=${account.meter}`) as {
		imported: number;
		told: object | null;
		counted: Record<string, number>;
	}[];
	expect(found.map(({ imported }) => imported)).toEqual([8_000, 8_000]);
	expect(found[0]!.told).toBeNull();
	// Eight quarter hours of 4 kW with a class of 3 kW: 250 Wh each above it.
	expect(found[0]!.counted).toMatchObject({ class: 3, exceeded: 2, peak: 4, peakTime: before });
	expect(found[1]!.told).toMatchObject({ class: 3, exceeded: 1.234, missing: 3, cost: 0.14, peak: 4 });
});

test("is for this computer's names, only to read, and says nothing that a browser may run", async () => {
	const file = openDatabase(join(makeFolder(), "a.db"));
	await file.write([sample(day, 1)]);
	const server = await startServer({ file, port: 0, bind: "127.0.0.1", hosts: ["recorder.example"], report: nothing });
	const get = (path: string, options: { method?: string; host?: string } = {}) =>
		new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
			const { method = "GET", host = "localhost" } = options;
			const port = Number(new URL(server.address).port);
			const outgoing = request({ port, host: "127.0.0.1", path, method, headers: { host } }, response => {
				let text = "";
				response.on("data", chunk => (text += chunk));
				response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, text }));
			});
			outgoing.on("error", reject).end();
		});
	for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
		expect((await get("/meters", { method })).status).toBe(405);
	expect((await get("/meters", { host: "evil.example" })).status).toBe(421);
	expect((await get("/meters", { host: "recorder.example:8090" })).status).toBe(200);
	expect((await get("/../../etc/passwd")).status).toBe(404);
	expect((await get("/page.html.gz")).status).toBe(404);
	expect((await get(`/${"x".repeat(9_000)}`)).status).toBe(404);
	const page = await get("/");
	expect(page.text).toContain("<!doctype html>");
	const policy = String(page.headers["content-security-policy"]);
	expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-\S+'; style-src 'sha256-\S+'; /);
	expect(policy).not.toContain("unsafe");
	for (const path of ["/", "/meters", "/csv?meter=SAG1030700114004&from=1&to=2000000000", "/nothing"]) {
		const { headers } = await get(path);
		expect(headers["x-content-type-options"]).toBe("nosniff");
		expect(headers["access-control-allow-origin"]).toBeUndefined();
	}
	expect((await get("/", { method: "HEAD" })).text).toBe("");
	expect((await get("/healthz")).text).toBe("ok\n");
	await server.close();
	await file.close();
});
