/** What other web sites, slow browsers and guessers do to the page's server: the firmware with a house that has been lived in. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startBrowser, visit } from "./browser.js";
import { createLivingBoard, type LivingBoard } from "./living-board.js";

const token = "correct-horse-battery";
const settings = { webToken: token, powerClass: "3" };

/** The answer to a request as it is written here, or what came of it until the reader closed. */
function sendRaw(board: LivingBoard, text: string): Promise<string> {
	return new Promise((resolve, reject) => {
		const socket = connect(Number(new URL(board.address).port), "127.0.0.1", () => socket.write(text));
		let answer = "";
		socket.on("data", bytes => {
			answer += bytes.toString("latin1");
		});
		socket.on("close", () => resolve(answer));
		socket.on("error", reject);
	});
}

function post(board: LivingBoard, fields: Record<string, string>, body = '{"powerPrice":"9"}'): Promise<string> {
	const { host } = new URL(board.address);
	const all = { Host: host, "Content-Type": "application/json", Authorization: `Bearer ${token}`, ...fields };
	const header = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
	return sendRaw(board, `POST /settings HTTP/1.1\r\n${header.join("")}Content-Length: ${body.length}\r\n\r\n${body}`);
}

/**
 * As often as it takes, as somebody who waits for a page does: ten seconds of the board's time pass at once here, and a browser that has
 * not asked yet by then finds its connection closed.
 */
async function load(page: Page, board: LivingBoard): Promise<void> {
	for (;;) {
		try {
			await page.goto(`${board.address}/`);
			break;
		} catch (error) {
			if (!/ERR_EMPTY_RESPONSE|ERR_CONNECTION_(CLOSED|RESET)/.test(String(error))) throw error;
		}
	}
	await page.locator(".phases").waitFor();
}

const statusOf = (answer: string) => Number(answer.split(" ")[1]);

describe("settings", () => {
	let board: LivingBoard;
	beforeAll(async () => {
		board = await createLivingBoard({ hour: 60, settings });
	});
	afterAll(() => board.close());

	test.each([
		["another Origin", { Origin: "http://evil.example" }, 403],
		["an opaque Origin", { Origin: "null" }, 403],
		["another site in the browser's own words", { "Sec-Fetch-Site": "cross-site" }, 403],
		["a name that was rebound", { Host: "evil.example", Origin: "http://evil.example" }, 421],
		["a form's content type", { "Content-Type": "text/plain" }, 415],
		["no content type", { "Content-Type": "" }, 415],
		["no token", { Authorization: "" }, 401],
		["a wrong token", { Authorization: "Bearer wrong-horse" }, 401],
		["a token in another scheme", { Authorization: `Basic ${token}` }, 401],
	])("are not changed with %s", async (_, fields, status) => {
		const writes = board.store.writes;
		const answer = await post(board, fields);
		expect(statusOf(answer)).toBe(status);
		expect(answer).not.toMatch(/access-control/i);
		expect(board.store.writes).toBe(writes);
	});

	test.each([
		["no JSON", "powerPrice=9", 400],
		["a list", '["powerPrice"]', 400],
		["null", "null", 400],
		["a number for a text", '{"powerPrice":9}', 400],
		["bytes that are no UTF-8", '{"user":"\xff\xfe"}', 400],
		["a name that is none", '{"__proto__":"x","nothing":"1"}', 422],
		["a value with a line end", '{"user":"a\\nkey=00"}', 422],
		["too long a value", `{"user":"${"x".repeat(300)}"}`, 422],
		["a value that does not go with another", '{"requestPin":"16"}', 422],
		["a right value beside a wrong one", '{"powerPrice":"0.5","key":"12"}', 422],
	])("are not changed by %s", async (_, body, status) => {
		const writes = board.store.writes;
		expect(statusOf(await post(board, {}, body))).toBe(status);
		expect(board.store.writes).toBe(writes);
		expect(board.world.restarts).toBe(0);
	});

	test("are not taken where they are too long, or longer than they say", async () => {
		expect(statusOf(await post(board, {}, `{"user":"${"x".repeat(5_000)}"}`))).toBe(413);
		const { host } = new URL(board.address);
		const head = `POST /settings HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nAuthorization: Bearer ${token}\r\n`;
		expect(statusOf(await sendRaw(board, `${head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`))).toBe(411);
	});
});

test("are never changed on a computer, whose settings come from elsewhere", async () => {
	const board = await createLivingBoard({ hour: 60, settings, medium: "host" });
	const { writes } = board.store;
	expect(statusOf(await post(board, {}))).toBe(403);
	expect(board.store.writes).toBe(writes);
	board.close();
});

test("who guesses tokens waits, the owner does not, and the log says so once", async () => {
	const board = await createLivingBoard({ hour: 60, settings });
	for (let at = 0; at < 5; at += 1)
		expect(statusOf(await post(board, { Authorization: `Bearer guess-${at}-x` }))).toBe(401);
	let isAnswered = false;
	const guess = post(board, { Authorization: "Bearer guess-six" }).then(answer => {
		isAnswered = true;
		return answer;
	});
	expect(statusOf(await post(board, {}, "{}"))).toBe(200);
	expect(isAnswered).toBe(false);
	board.world.clock.pass(3_000);
	expect(statusOf(await guess)).toBe(401);
	const lines = board.firmware.log.lines.filter(({ text }) => text.includes("wrong token"));
	expect(lines.map(({ count }) => count)).toEqual([6]);
	expect(JSON.stringify(board.firmware.log.lines)).not.toContain("guess");
	// After a quiet minute the first ones are free again.
	board.world.clock.pass(61_000);
	expect(statusOf(await post(board, { Authorization: "Bearer guess-ten" }))).toBe(401);
	board.close();
});

describe("in a browser", () => {
	let browser: Browser;
	let board: LivingBoard;
	let evil: Server;
	let site: string;
	beforeAll(async () => {
		browser = await startBrowser();
		board = await createLivingBoard({ days: 3, hour: 600, settings });
		evil = createServer((_, response) =>
			response.setHeader("Content-Type", "text/html").end("<!doctype html><title>evil</title>"),
		);
		await new Promise<void>(resolve => evil.listen(0, "127.0.0.1", resolve));
		// Another site for the browser: another host.
		site = `http://localhost:${(evil.address() as AddressInfo).port}/`;
	});
	afterAll(async () => {
		await browser.close();
		evil.close();
		board.close();
	});

	test("another web site reads nothing, changes nothing and frames nothing", async () => {
		const { page, close } = await visit(browser, site);
		const writes = board.store.writes;
		const outcome = await page.evaluate(
			async ({ address, word }) => {
				const attempt = async (path: string, options: RequestInit) => {
					try {
						return (await fetch(address + path, options)).type;
					} catch {
						return "refused";
					}
				};
				const body = '{"powerPrice":"9"}';
				return {
					read: await attempt("/state", {}),
					blind: await attempt("/settings", { method: "POST", mode: "no-cors", body }),
					json: await attempt("/settings", { method: "POST", headers: { "Content-Type": "application/json" }, body }),
					token: await attempt("/settings", { method: "POST", headers: { Authorization: `Bearer ${word}` }, body }),
				};
			},
			{ address: board.address, word: token },
		);
		// A blind request has no answer that the site could read; it changed nothing, as the store says.
		expect(outcome).toEqual({ read: "refused", blind: "opaque", json: "refused", token: "refused" });
		await page.evaluate(address => {
			const frame = document.createElement("iframe");
			frame.src = address;
			document.body.append(frame);
		}, `${board.address}/`);
		await page.waitForTimeout(1_000);
		const framed = page.frames().find(frame => frame !== page.mainFrame())!;
		expect(await framed.locator(".big").count()).toBe(0);
		board.world.clock.pass(5_000);
		expect(board.store.writes).toBe(writes);
		expect(board.world.restarts).toBe(0);
		await close();
	});

	test("four slow browsers cost no telegram, and /healthz is answered meanwhile", async () => {
		board.world.clock.pass(2_000);
		const before = board.world.broker.received.filter(({ topic }) => topic.endsWith("/state")).length;
		const sent = board.sent.length;
		const visits = await Promise.all(
			Array.from({ length: 4 }, async () => {
				const context = await browser.newContext({ locale: "en-GB" });
				context.setDefaultTimeout(300_000);
				const page = await context.newPage();
				const session = await context.newCDPSession(page);
				await session.send("Network.enable");
				const slow = { offline: false, latency: 50, downloadThroughput: 8_000, uploadThroughput: 8_000 };
				await session.send("Network.emulateNetworkConditions", slow);
				return { context, page };
			}),
		);
		let isOver = false;
		const all = Promise.all(visits.map(({ page }) => load(page, board))).finally(() => {
			isOver = true;
		});
		// Awaited below.
		all.catch(() => {});
		let asked = 0;
		let healthy = 0;
		while (!isOver) {
			if (asked % 10 === 0) board.live(10);
			asked += 1;
			const answer = await sendRaw(board, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").catch(() => "");
			if (statusOf(answer) === 200) healthy += 1;
			await new Promise(resolve => setTimeout(resolve, 100));
		}
		await all;
		board.world.clock.pass(2_000);
		expect(asked).toBeGreaterThan(10);
		// A place may be taken at the moment of asking; whoever looks after the reader asks again.
		expect(healthy).toBeGreaterThan(asked / 2);
		const states = board.world.broker.received.filter(({ topic }) => topic.endsWith("/state"));
		expect(board.sent.length).toBeGreaterThan(sent);
		expect(states.length - before).toBe(board.sent.length - sent);
		expect(board.firmware.exceptions).toBe(0);
		for (const { context } of visits) await context.close();
	});
});
