/** Tests of simulator: nights. */
import { describe, expect, test } from "vitest";
import { runScenario } from "../../../simulator/world/run.js";
import { scenarios } from "../../../simulator/world/scenarios.js";

const names = Object.keys(scenarios).filter(name => name !== "everything");

/** What each night is about must really have happened in it, or it proves nothing. */
const marks: Record<string, string[]> = {
	calm: ["session"],
	"broker-night": ["host-gone"],
	"picky-broker": ["broker-limits", "broker-retains-nothing", "broker-refuses"],
	"access-point": ["password-changed"],
	ethernet: ["ethernet-out", "ethernet-in", "link-flaps", "lease-lost", "lease-changed", "off: power cut"],
	"noisy-line": ["cable-out"],
	"six-meters": ["plugs-swapped", "plug-out", "off: power cut"],
	scraper: ["scraped", "broker-dies"],
	"set-up": [
		"set-up",
		"air-open",
		"not-joined",
		"forgotten",
		"plugged",
		"off: power cut in a write",
		"access-point-off",
	],
	standstill: ["stands-still"],
	pulses: ["pulses", "off: restart", "off: task watchdog", "off: power cut", "off: power cut in a write"],
	lorawan: [
		"lora",
		"downlink",
		"server",
		"gateway-away",
		"gateway-back",
		"off: power cut",
		"off: power cut in a write",
	],
	"lora-sealed": ["lora", "off: power cut", "off: power cut in a write"],
	"power-cuts": ["off: power cut", "off: power cut in a write", "key-typed"],
	"key-renewal": ["key-renewed"],
	"meter-replaced": ["meter-replaced"],
	"clock-change": ["leap"],
	"long-telegrams": ["session"],
	update: ["program: boots", "program: kept", "uploaded: 200", "uploaded: 422", "off: power cut"],
	forgeries: ["forgery", "off: power cut"],
	"forgeries-preferred": ["forgery", "off: power cut"],
	"old-recordings": ["unplugged", "replay", "boot"],
	"replay-attack": ["replay"],
};

describe.each(names)("six hours of %s", scenario => {
	// Of the hundred that `docs/reliability.md` tells how to run.
	const seed = 1;
	test(`seed ${seed} breaks no promise`, async () => {
		const kinds = new Set<string>();
		const onNote = (line: object) => {
			const { kind, reason } = line as { kind: string; reason?: string };
			kinds.add(kind).add(`${kind}: ${reason}`);
		};
		const summary = await runScenario({ scenario, seed, hours: 6, engine: "node", onNote });
		expect(summary.violations).toEqual([]);
		expect(summary).toMatchObject({ readingsLost: 0, outOfOrder: 0, wrongValues: 0 });
		expect([...kinds]).toEqual(expect.arrayContaining(marks[scenario]!));
		expect(summary.telegramsSent).toBeGreaterThan(2200);
		expect(summary.readingsDelivered).toBeGreaterThan(500);
	});
});
