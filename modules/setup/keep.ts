/** Keeps what was tried, and opens the page: set-up's last step, and Improv's. */
import { applyValues, type Change } from "../settings/apply.js";
import { makeToken } from "../settings/token.js";
import { proveNetwork } from "./entry.js";
import { readSettings, readValue, type SetUpHost } from "./host.js";
import type { Kept } from "./state.js";
import type { TestRun } from "./test-run.js";

/** The port of the page on a reader that was set up; without it a browser would have to be told one. */
const pagePort = "80";

/**
 * Keeps the values in one write; with them the page's port and a token, where the owner has none or wants a new one. `run` tried them.
 * Complaints where they cannot be kept, and then nothing is.
 */
export function keepValues(
	host: SetUpHost,
	changes: readonly Change[],
	wantsToken: boolean,
	run: TestRun,
): Kept | readonly (readonly [name: string, text: string])[] {
	const { place, ports } = host;
	const all: Change[] = changes.slice();
	const port = readValue(place, "webPort");
	if (port === null || port === "off") all.push(["webPort", pagePort]);
	const token = wantsToken || readValue(place, "webToken") === null ? makeToken(ports.random) : null;
	if (token !== null) all.push(["webToken", token]);
	const { complaints } = applyValues(place, all, true);
	if (complaints.length > 0) return complaints;
	const settings = readSettings(place);
	if (run.wifi === "joined") proveNetwork(ports.store, settings);
	const { webPort } = settings.integrations;
	const suffix = webPort === null || webPort === Number(pagePort) ? "/" : `:${webPort}/`;
	const nameUrl = `http://${host.readName() ?? "smarty-xs"}.local${suffix}`;
	return { url: run.address === null ? nameUrl : `http://${run.address}${suffix}`, nameUrl, token };
}
