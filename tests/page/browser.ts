/** Debian's Chromium, driven by Playwright. */
import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Debian's package, and where other systems have it. */
const paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const hangMs = 300_000;

/** `more`: further words for its command line. */
export async function startBrowser(...more: string[]): Promise<Browser> {
	const executablePath = paths.find(path => existsSync(path));
	if (executablePath === undefined) throw new Error("no Chromium: `npm run setup` installs it");
	// No sandbox: tests run as root, in containers too. The other words keep it from asking its maker's servers.
	const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
	return chromium.launch({
		executablePath,
		timeout: hangMs,
		args: [...args, "--disable-component-update", "--disable-sync", ...more],
	});
}

/** What went on while a page was open. */
export interface Visit {
	readonly page: Page;
	/** Requests: method, path and headers. */
	readonly requests: { method: string; url: string; headers: Record<string, string>; body: string | null }[];
	/** Whatever the browser complained of. */
	readonly errors: string[];
	close(): Promise<void>;
}

/** `now`: what the browser's clock says, if not the computer's. */
export async function visit(
	browser: Browser,
	url: string,
	options: BrowserContextOptions = {},
	now: number | null = null,
): Promise<Visit> {
	const context = await browser.newContext({
		locale: "en-GB",
		timezoneId: "Europe/Luxembourg",
		viewport: { width: 1_100, height: 900 },
		...options,
	});
	// A limit says how busy the computer is: this one only ends what hangs.
	context.setDefaultTimeout(hangMs);
	const page = await context.newPage();
	if (now !== null) await page.clock.setFixedTime(now);
	const requests: Visit["requests"] = [];
	const errors: string[] = [];
	page.on("request", request => {
		const { host } = new URL(request.url());
		if (!request.url().startsWith("http")) return;
		requests.push({
			method: request.method(),
			url: request.url(),
			headers: request.headers(),
			body: request.postData(),
		});
		if (host !== new URL(url).host) errors.push(`from outside: ${request.url()}`);
	});
	page.on("pageerror", error => errors.push(error.message));
	page.on("console", message => {
		if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
	});
	await page.goto(url);
	return { page, requests, errors, close: () => context.close() };
}
