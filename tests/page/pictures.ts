/** Takes the pictures of the page that README and `docs/` show: `npm run pictures`. */
import { fileURLToPath } from "node:url";
import { startBrowser, visit } from "./browser.js";
import { createLivingBoard, usualNow } from "./living-board.js";

const folder = new URL("../../docs/pictures/", import.meta.url);

const board = await createLivingBoard({ days: 12.4, hour: 3_540, settings: { powerClass: "3", powerPrice: "0.1139" } });
const browser = await startBrowser();
try {
	for (const [name, width, height, colorScheme, isWhole] of [
		["page", 1_100, 1_000, "light", true],
		["page-dark", 1_100, 1_000, "dark", true],
		["phone", 390, 844, "light", false],
		["phone-dark", 390, 844, "dark", true],
	] as const) {
		const options = { viewport: { width, height }, colorScheme };
		const { page, close } = await visit(browser, `${board.address}/`, options, usualNow);
		await page.locator(".phases").waitFor();
		await page.locator(".bar").nth(20).waitFor({ state: "attached" });
		await page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, folder)), fullPage: isWhole });
		await close();
	}
} finally {
	await browser.close();
	board.close();
}
