/** Tests of simulator: integrations. */
import { expect, it } from "vitest";
import { createChance } from "../../../simulator/chance.js";
import { createEngine } from "../../../simulator/engines/engine.js";
import { createXsEngine } from "../../../simulator/engines/xs.js";
import { createMeter, readMeter } from "../../../simulator/meter.js";
import { specificationTelegram } from "../../support/vectors.js";

const guest = new URL("../guests/integrations.ts", import.meta.url);

/** So many telegrams in clear of a meter that is new on the line are not read yet. */
const unread = 2;

/** The specification's telegram, then those of a house, the last two over the hour when summer ends. */
function drawTelegrams(): string[] {
	const start = Date.parse("2026-10-25T00:30:00Z");
	const devices = [
		{ type: 3, id: "7FLO2015000001" },
		{ type: 4, id: "HEAT-2" },
	];
	const meter = createMeter(createChance(7), start - 30_000, { key: null, security: "plain", devices });
	const telegrams = [-20, -10, 0, 1_800].map(seconds => readMeter(meter, start + seconds * 1_000).telegram);
	return [specificationTelegram, ...telegrams];
}

it("layouts, Home Assistant, power class and pages are the same bytes in Node, in XS and in XS with the sizes of an ESP32", async () => {
	const get = (path: string, accept = "*/*", host = "a") =>
		`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: ${accept}\r\n\r\n`;
	const paths = ["/state", "/api", "/api/v1/data", "/api/v1/telegram", "/metrics", "/healthz", "/none"];
	const layout = "json values smartyreader sgrimee dsmr-reader raw";
	const settings = {
		layout,
		powerClass: "3",
		powerPrice: "0.1139",
		webHost: "smarty.example",
		broker: "mqtt://a",
		// Of a board with Ethernet.
		receivePin: "35",
		requestPin: "4",
	};
	const requests = [...paths.map(path => get(path)), get("/metrics", "text/plain"), "garbage\r\n\r\n"];
	requests.push(...["Smarty.example:80", "smarty.LOCAL.", "rebound.example"].map(host => get("/api", "*/*", host)));
	const telegrams = drawTelegrams();
	const describe = (input: object) => new TextEncoder().encode(JSON.stringify(input));
	const inputs = [
		describe({ settings, telegrams, requests }),
		describe({
			settings: { ...settings, layout: "json", discovery: "entity" },
			telegrams: telegrams.slice(1 + unread, 2 + unread),
			requests: [],
		}),
	];
	const [node, ...others] = await Promise.all(
		[createEngine("node", guest), createEngine("xs", guest), createXsEngine(guest, { variant: "x32" })].map(
			async starting => {
				const engine = await starting;
				const replies: string[] = [];
				for (const input of inputs) replies.push(new TextDecoder().decode(await engine.call(input)));
				await engine.close();
				return replies;
			},
		),
	);
	const reply = JSON.parse(node![0]!);
	expect(reply.problems).toEqual([]);
	expect(reply.exceptions).toBe(0);
	expect(reply.messages.length).toBeGreaterThan(200);
	expect(reply.served).toBe([telegrams[0], ...telegrams.slice(1 + unread)].join(""));
	expect(reply.pages.map((page: string) => page.split(" ")[1])).toEqual([
		"200",
		"200",
		"200",
		"200",
		"200",
		"200",
		"404",
		"200",
		"400",
		"200",
		"200",
		"421",
	]);
	expect(reply.stored.power).toContain("3000");
	// The reader and the two meters of the telegrams, with the meters on their buses.
	expect(reply.announced.map(({ topic }: { topic: string }) => topic.split("/")[2]).length).toBeGreaterThan(5);
	for (const replies of others) expect(replies).toEqual(node);
});
