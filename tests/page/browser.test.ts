/** The page in a real browser, from the firmware with a house that has been lived in. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFakeStore } from "../support/fake-ports.js";
import { waitUntil } from "../support/wait.js";
import { findViolations } from "./axe.js";
import { startBrowser, visit } from "./browser.js";
import { createLivingBoard, type LivingBoard, usualNow } from "./living-board.js";

const token = "correct-horse-battery";

let browser: Browser;
beforeAll(async () => {
	browser = await startBrowser();
});
afterAll(() => browser.close());

const isWide = (page: Page) =>
	page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

async function openBoard(options: Parameters<typeof createLivingBoard>[0] = {}): Promise<LivingBoard> {
	return createLivingBoard({ settings: { webToken: token, powerClass: "3", powerPrice: "0.1139" }, ...options });
}

describe("set-up leads here", () => {
	test("with the token after a sign that is not sent: it is kept for this tab, and the address is clear of it", async () => {
		const board = await openBoard({ hour: 60 });
		const { page, requests, errors, close } = await visit(browser, `${board.address}/#token=${token}`, {}, usualNow);
		const card = page.locator("section.settings");
		await card.locator("input#key").waitFor();
		expect(page.url()).toBe(`${board.address}/`);
		expect(await page.evaluate(() => history.length)).toBe(2);
		expect(await card.locator("input#token").isVisible()).toBe(false);
		for (const { url } of requests) expect(url).not.toContain(token);
		await card.locator("summary", { hasText: "MQTT broker" }).click();
		await card.locator("input#broker").fill("mqtt://10.0.0.2");
		await card.locator("button", { hasText: "Save" }).click();
		await card.locator(".good").waitFor();
		expect(requests.find(({ method }) => method === "POST")?.headers.authorization).toBe(`Bearer ${token}`);
		await page.reload();
		await page.locator("section.settings summary").first().waitFor();
		expect(await page.locator("section.settings > details").getAttribute("open")).toBeNull();
		expect(errors).toEqual([]);
		await close();
		board.close();
	});

	test("without a token to the settings", async () => {
		const board = await openBoard({ hour: 60 });
		const { page, errors, close } = await visit(browser, `${board.address}/#settings`, {}, usualNow);
		await page.locator("section.settings input#key").waitFor();
		expect(page.url()).toBe(`${board.address}/`);
		expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
		expect(errors).toEqual([]);
		await close();
		board.close();
	});
});

test("the broker's key is shown, and by what it is trusted", async () => {
	const fingerprint = `sha256/${"A".repeat(43)}=`;
	const settings = { broker: "mqtts://10.0.0.1", brokerKey: fingerprint, webToken: token };
	const board = await openBoard({ hour: 60, settings });
	const { page, errors, close } = await visit(browser, `${board.address}/`, {}, usualNow);
	const row = page.locator("section.card.health li", { hasText: "TLS" });
	await row.waitFor();
	expect(await row.getAttribute("class")).toBe("yes");
	expect(await row.textContent()).toContain(`trusted, brokerKey: ${fingerprint}`);
	expect(await isWide(page)).toBe(false);
	expect(errors).toEqual([]);
	await close();
	board.close();
});

describe("counters of pulses", () => {
	test("stand beside the meter", async () => {
		const board = await openBoard({ hour: 120, settings: { pulses: "34/16667/led 33/1000/pump/5kwh" }, pulse: 432 });
		const { page, errors, close } = await visit(browser, `${board.address}/`, {}, usualNow);
		const card = page.locator("section", { has: page.locator("h2", { hasText: "Pulses" }) });
		await card.waitFor();
		expect(await card.textContent()).toMatch(/led0\.50.kW · 0\.0.kWhpump–.kW · 5\.0.kWh/);
		expect(await findViolations(page)).toEqual([]);
		expect(errors).toEqual([]);
		await close();
		board.close();
	});

	test("are all that a reader without a meter shows, and all is well", async () => {
		const settings = { meters: "none", pulses: "34/16667/led", webToken: token };
		const board = await openBoard({ settings, pulse: 432, hour: 120 });
		const { page, errors, close } = await visit(browser, `${board.address}/`, {}, usualNow);
		await page.locator("h2", { hasText: "Pulses" }).waitFor();
		const text = await page.locator("main").textContent();
		expect(text).toContain("All is well");
		expect(text).not.toContain("No reading yet");
		expect(await findViolations(page)).toEqual([]);
		expect(errors).toEqual([]);
		await close();
		board.close();
	});
});

describe("a house that has been lived in", () => {
	let board: LivingBoard;
	beforeAll(async () => {
		board = await openBoard({ days: 12.4, hour: 3_540, messages: ["Meter exchange on 3 July.", "<b>not bold</b>"] });
	});
	afterAll(() => board.close());
	const open = (options = {}) => visit(browser, `${board.address}/`, options, usualNow);

	describe.each([
		[1_100, "light", "en-GB"],
		[1_100, "dark", "de-LU"],
		[390, "light", "fr-LU"],
		[390, "dark", "lb-LU"],
	] as const)("%i px, %s, %s", (width, colorScheme, locale) => {
		test("has no violation of accessibility, no error, no sideways scroll, and nothing from outside", async () => {
			const options = { viewport: { width, height: 844 }, colorScheme, locale, reducedMotion: "reduce" };
			const { page, errors, requests, close } = await open(options);
			await page.locator(".phases").waitFor();
			await page.locator(".bar").nth(40).waitFor({ state: "attached" });
			await page.locator(".settings > details > summary").click();
			await page.locator("#webToken").waitFor({ state: "attached" });
			await page.evaluate(() => {
				for (const details of document.querySelectorAll("details")) details.open = true;
			});
			expect(await findViolations(page)).toEqual([]);
			expect(await isWide(page)).toBe(false);
			expect(await page.locator("html").getAttribute("lang")).toBe(locale.slice(0, 2));
			expect(errors).toEqual([]);
			expect(new Set(requests.map(({ url }) => new URL(url).host)).size).toBe(1);
			await close();
		});
	});

	test("says how much now and that all is well on a phone's first screen", async () => {
		const { page, close } = await open({ viewport: { width: 390, height: 844 } });
		const shown = async (selector: string) => {
			// The page draws itself anew with each answer.
			const find = () => page.locator(selector).first().boundingBox();
			let box = await find();
			while (box === null) box = await find();
			return box.y + box.height <= 844;
		};
		await page.locator(".big").waitFor();
		await page.locator(".health h2", { hasText: "All is well" }).waitFor();
		expect(await shown(".now")).toBe(true);
		expect(await shown(".health")).toBe(true);
		await close();
	});

	test("shows the meter's own values", async () => {
		const { page, close } = await open();
		await page.locator(".phases").waitFor();
		const { snapshot } = board.sent.at(-1)!;
		const net = snapshot.phases.reduce((sum, { active }) => sum + active, 0);
		expect(await page.locator(".big").textContent()).toBe(`${(Math.abs(net) / 1_000).toFixed(2)} kW`);
		expect(await page.locator(".direction").textContent()).toContain(net > 0 ? "From the grid" : "Into the grid");
		const cells = await page
			.locator(".phases tbody tr")
			.evaluateAll(rows => rows.map(row => [...row.querySelectorAll("td")].map(cell => cell.textContent)));
		expect(cells.map(row => row.map(text => Number(text!.replace("−", "-").replace(",", ""))))).toEqual(
			snapshot.phases.map(({ active, voltage, current, sags }) => [active, voltage, current, sags, 0]),
		);
		const counters = (await page.locator(".card", { hasText: "Meter readings" }).textContent())!.replace(/,/g, "");
		expect(counters).toContain(`${(snapshot.activeEnergyImport / 1_000).toFixed(1)} kWh`);
		expect(counters).toContain(`${(snapshot.devices[0]!.index / 1_000).toFixed(2)} m³`);
		// Texts of the operator are text.
		expect(await page.locator(".letter").allTextContents()).toEqual(["Meter exchange on 3 July.", "<b>not bold</b>"]);
		expect(await page.locator(".letter b").count()).toBe(0);
		await close();
	});

	test("draws the hour to the reading, the days to the register, and says so to who cannot see", async () => {
		const { page, close } = await open();
		await page.locator(".bar").nth(40).waitFor({ state: "attached" });
		const path = (await page.locator("path.line").first().getAttribute("d"))!;
		const points = path.split(/[ML]/).filter(part => part !== "");
		expect(points).toHaveLength(board.sent.length);
		// One line without a gap.
		expect(path.split("M")).toHaveLength(2);
		const nets = board.sent.map(({ snapshot }) => snapshot.phases.reduce((sum, { active }) => sum + active, 0));
		const heights = points.map(part => Number(part.split(" ")[1]));
		const scale = (heights[0]! - heights.at(-1)!) / (nets.at(-1)! - nets[0]!);
		for (const [at, net] of nets.entries())
			expect(Math.abs(heights[0]! - (net - nets[0]!) * scale - heights[at]!)).toBeLessThan(0.2);
		const label = (await page.locator("svg").first().getAttribute("aria-label"))!;
		expect(label).toBe(
			`Last hour: ${(Math.min(...nets) / 1_000).toFixed(2)} … ${(Math.max(...nets) / 1_000).toFixed(2)}`,
		);
		const days = (await page.locator("svg").last().getAttribute("aria-label"))!.split("; ");
		expect(days).toHaveLength(13);
		await page
			.locator("svg")
			.last()
			.hover({ position: { x: 52, y: 60 } });
		expect(await page.locator(".card", { hasText: "Days" }).locator(".aside").textContent()).toMatch(/^06\/06 · /);
		await close();
	});

	test("is asked one thing at a time, and no request and no answer carries a secret", async () => {
		const { page, requests, close } = await visit(browser, `${board.address}/`, {}, usualNow);
		let most = 0;
		let open = 0;
		page.on("request", () => {
			open += 1;
			most = Math.max(most, open);
		});
		page.on("requestfailed", () => {
			open -= 1;
		});
		const answers: Promise<string>[] = [];
		page.on("requestfinished", request => {
			open -= 1;
			const answer = request.response().then(response => response!.body());
			// The page was left, or its browser keeps the body no more: then nothing is in it.
			answers.push(answer.then(body => body.toString("latin1")).catch(() => ""));
		});
		await page.reload();
		await page.locator(".bar").nth(40).waitFor({ state: "attached" });
		await page.locator(".settings > details > summary").click();
		await page.locator("#webToken").waitFor({ state: "attached" });
		await page.locator("summary", { hasText: "Log" }).click();
		await page.locator("pre", { hasText: "broker" }).waitFor();
		expect(most).toBe(1);
		const texts = await Promise.all(answers);
		expect(texts.some(text => text.includes("uptime"))).toBe(true);
		const all = JSON.stringify(requests) + texts.join("");
		for (const secret of [token, "0123456789ABCDEF0123456789ABCDEF", '12345678"', "correct"])
			expect(all).not.toContain(secret);
		expect(requests.filter(({ method }) => method !== "GET")).toEqual([]);
		await close();
	});
});

test("a gap is a gap, and what is old says so in red", async () => {
	const board = await openBoard({ hour: 600 });
	board.live(300, false);
	board.live(100);
	const { page, close } = await visit(browser, `${board.address}/`);
	await page.locator("path.line").first().waitFor({ state: "attached" });
	await page.waitForFunction(() => document.querySelector("path.line")!.getAttribute("d")!.split("M").length === 3);
	board.live(90, false);
	await page.locator(".now.old .alarm", { hasText: "No reading for" }).waitFor();
	expect(await page.locator(".health h2").textContent()).toBe("Needs attention");
	board.live(20);
	await page.locator(".now.old").waitFor({ state: "detached" });
	// The reader is gone: stale numbers would be worse than none.
	board.close();
	await page.locator(".alarm", { hasText: "The reader does not answer" }).waitFor();
	await close();
});

test("nothing is asked while nobody looks, and less and less of a reader that does not answer", async () => {
	const board = await openBoard({ hour: 60 });
	const { page, requests, close } = await visit(browser, "about:blank");
	await page.clock.install({ time: usualNow });
	await page.goto(`${board.address}/`);
	await page.locator(".phases").waitFor();
	await page.evaluate(() => {
		Object.defineProperty(document, "hidden", { configurable: true, value: true });
		document.dispatchEvent(new Event("visibilitychange"));
	});
	const before = requests.length;
	await page.clock.runFor(600_000);
	expect(requests.length).toBe(before);
	await page.evaluate(() => {
		Object.defineProperty(document, "hidden", { configurable: true, value: false });
		document.dispatchEvent(new Event("visibilitychange"));
	});
	await page.clock.runFor(1_000);
	// What was missed is asked for again.
	const hours = () => requests.filter(({ url }) => url.includes("/recent")).length;
	await waitUntil("the hour, twice", () => hours() === 2);
	board.close();
	for (let at = 0; at < 8; at += 1) await page.clock.runFor(30_000);
	const late = requests.length;
	for (let at = 0; at < 10; at += 1) await page.clock.runFor(30_000);
	expect(requests.length - late).toBeGreaterThan(2);
	expect(requests.length - late).toBeLessThan(8);
	await close();
});

test("several meters have a switch", async () => {
	const board = await openBoard({ hour: 300, meters: 2 });
	const { page, close } = await visit(browser, `${board.address}/`, {}, usualNow);
	const buttons = page.locator("nav button");
	await buttons.nth(1).waitFor();
	const names = await buttons.allTextContents();
	expect(names).toEqual(["SAG1030700114004", "SAG1030700114005"]);
	const value = async () => page.locator(".big").textContent();
	const [first, second] = board.sent
		.slice(-2)
		.map(({ snapshot }) => snapshot.phases.reduce((sum, { active }) => sum + active, 0));
	await page.locator(".phases").waitFor();
	expect(await value()).toBe(`${(Math.abs(first!) / 1_000).toFixed(2)} kW`);
	await buttons.nth(1).click();
	await page.locator(".card .aside", { hasText: names[1]! }).waitFor();
	expect(await value()).toBe(`${(Math.abs(second!) / 1_000).toFixed(2)} kW`);
	expect(await buttons.nth(1).getAttribute("aria-pressed")).toBe("true");
	expect(await findViolations(page)).toEqual([]);
	await close();
	board.close();
});

describe("settings", () => {
	async function openForm(board: LivingBoard) {
		const visited = await visit(browser, `${board.address}/`);
		await visited.page.locator(".settings > details > summary").click();
		await visited.page.locator("#key").waitFor({ state: "attached" });
		await visited.page.evaluate(() => {
			for (const details of document.querySelectorAll("details")) details.open = true;
		});
		return visited;
	}

	test("a wrong value shows its complaint at its field, and nothing is kept", async () => {
		const board = await openBoard({ hour: 60 });
		const before = new Map(board.store.values);
		const { page, close } = await openForm(board);
		await page.locator("#key").fill("0123");
		await page.locator("#base").fill("house/#");
		await page.locator("#powerPrice").fill("0.2");
		await page.locator("#token").fill(token);
		await page.locator("form button").click();
		await page.locator("#key-bad", { hasText: "needs 32" }).waitFor();
		expect(await page.locator("#base-bad").textContent()).toContain("no topic may have");
		expect(await page.locator("#key").getAttribute("aria-invalid")).toBe("true");
		expect(await page.locator("#powerPrice-bad").textContent()).toBe("");
		expect(await page.evaluate(() => document.activeElement?.id)).toBe("key");
		expect(await findViolations(page)).toEqual([]);
		expect(board.store.values.get("settings0")).toBe(before.get("settings0"));
		expect(board.world.restarts).toBe(0);
		await close();
		board.close();
	});

	test("a change survives a restart, in one write, and empty secrets stay", async () => {
		const store = createFakeStore();
		const board = await openBoard({ hour: 60, store });
		const { page, requests, close } = await openForm(board);
		const writes = store.writes;
		await page.locator("#powerPrice").fill("0.25");
		await page.locator("#user").fill("élise ☀");
		await page.locator("#discovery").selectOption("off");
		await page.locator("#token").fill(token);
		await page.locator("form button").click();
		await page.locator(".good", { hasText: "Saved" }).waitFor();
		const posts = requests.filter(({ method }) => method === "POST");
		expect(posts.map(({ body }) => JSON.parse(body!))).toEqual([
			{ powerPrice: "0.25", user: "élise ☀", discovery: "off" },
		]);
		expect(posts[0]!.headers.authorization).toBe(`Bearer ${token}`);
		expect(store.writes - writes).toBe(1);
		board.world.clock.pass(10_000);
		expect(board.world.restarts).toBe(1);
		await close();
		board.close();
		const again = await openBoard({ hour: 60, store });
		expect(again.firmware.checked.settings.user).toBe("élise ☀");
		expect(again.firmware.checked.settings.integrations).toMatchObject({ powerPrice: 0.25, discovery: "off" });
		expect(again.firmware.checked.settings.keys).toHaveLength(1);
		again.close();
	});

	test("a wrong token changes nothing and is asked for again", async () => {
		const board = await openBoard({ hour: 60 });
		const { page, close } = await openForm(board);
		await page.locator("#powerPrice").fill("0.25");
		await page.locator("#token").fill("wrong-horse");
		await page.locator("form button").click();
		await page.locator(".message .bad", { hasText: "This token is wrong" }).waitFor();
		expect(board.world.restarts).toBe(0);
		await page.locator("#token").fill(token);
		await page.locator("form button").click();
		await page.locator(".good").waitFor();
		await close();
		board.close();
	});

	test.each([
		["no token is set", { settings: {} }, "To change settings here, set webToken"],
		["the reader is a computer", { medium: "host" as const }, "Set in a file"],
	])("can be seen and not changed where %s", async (_, options, words) => {
		const board = await openBoard({ hour: 60, ...options });
		const { page, close } = await openForm(board);
		await page.locator(".settings .soft", { hasText: words }).waitFor();
		expect(await page.locator(".settings input:enabled, .settings select:enabled, .settings button").count()).toBe(0);
		await close();
		board.close();
	});

	test("where reading is guarded, too, the page asks for the token first", async () => {
		const board = await openBoard({ hour: 60, settings: { webToken: token, webRead: "token" } });
		const { page, close } = await visit(browser, `${board.address}/`);
		await page.locator("#login").fill("wrong-horse");
		await page.locator("button").click();
		await page.locator(".bad", { hasText: "This token is wrong" }).waitFor();
		expect(await page.locator(".big").count()).toBe(0);
		expect(await findViolations(page)).toEqual([]);
		await page.locator("#login").fill(token);
		await page.locator("button").click();
		await page.locator(".phases").waitFor();
		// In this tab only, and in no cookie.
		expect(await page.evaluate(() => [document.cookie, localStorage.length])).toEqual(["", 0]);
		await close();
		board.close();
	});
});
