/** The accessibility rules of axe-core, in the browser. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";

const axe = readFileSync(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

interface Violation {
	id: string;
	nodes: { html: string }[];
}

/** What the rules have against the page as it is now, texts and colours included. */
export async function findViolations(page: Page): Promise<string[]> {
	// Through the debugger, to which the page's policy does not apply.
	await page.evaluate(axe);
	return page.evaluate(async () => {
		const { violations } = await (
			globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }
		).axe.run();
		return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
	});
}
