/**
 * Values that go out topic by topic: each is made when the broker has room for it, so that the seventy topics of a layout never wait in
 * memory. What was begun is finished, so that every topic has its turn; then comes the newest telegram.
 */
import { type Message, nextValue, type Payload, type Values } from "../messages/chunks.js";
import { encodeLayout, type Layout, type ValueLayout } from "../messages/formats.js";
import { encodeSgrimeeUnits } from "../messages/sgrimee.js";
import { meterRoot } from "../messages/topics.js";
import type { Telegram } from "../p1/reader.js";
import type { IntegrationSettings } from "../settings/integrations.js";
import { numberOfMeter } from "./plugs.js";
import type { Firmware, MeterLine } from "./state.js";

/** A meter's telegram waits for its turn in these layouts, and what waited before does not. */
export function offerValues(
	meter: MeterLine,
	{ verdict, readings }: Telegram,
	layouts: readonly (Layout | "json")[],
): void {
	const own = layouts.filter(isOfValues);
	meter.nextValues = own.length === 0 ? null : { source: { verdict, readings }, layouts: own, at: 0, values: null };
}

function isOfValues(layout: Layout | "json"): layout is ValueLayout {
	return layout !== "json" && layout !== "raw";
}

/** The broker is there: what does not change is for it, and of a telegram that was not finished the newer one counts. */
export function beginValues(firmware: Firmware): void {
	const { layouts, sgrimeeBases } = firmware.checked.settings.integrations;
	firmware.constants = layouts.includes("sgrimee") ? listUnits(sgrimeeBases) : null;
	for (const meter of firmware.meters) if (meter.nextValues !== null) meter.values = null;
}

function* listUnits(roots: readonly string[]): Values {
	for (const root of roots) yield* encodeSgrimeeUnits(root);
}

/** The next one, or null. Cost: some 50 000 instructions, 300 000 for one that has all others in it. */
export function takeValue(firmware: Firmware): Message<Payload> | null {
	const { valuesQuality: quality, valuesRetain: retain } = firmware.checked.settings.integrations;
	const constant = firmware.constants === null ? null : nextValue(firmware.constants);
	if (constant !== null) return { topic: constant[0], payload: constant[1], quality: 1, retain: true };
	firmware.constants = null;
	for (const meter of firmware.meters) {
		const value = takeFrom(firmware, meter);
		if (value !== null) return { topic: value[0], payload: value[1], quality, retain };
	}
	return null;
}

function takeFrom(firmware: Firmware, meter: MeterLine): readonly [string, Payload] | null {
	for (;;) {
		meter.values ??= meter.nextValues;
		const { values: pass } = meter;
		if (pass === null) return null;
		if (pass === meter.nextValues) meter.nextValues = null;
		const value = pass.values === null ? null : nextValue(pass.values);
		if (value !== null) return value;
		pass.values = null;
		if (pass.at === pass.layouts.length) {
			meter.values = null;
			continue;
		}
		const layout = pass.layouts[pass.at];
		pass.at += 1;
		const number = numberOfMeter(firmware, meter);
		const root = findRoot(firmware, layout, meter, number);
		if (root !== null) pass.values = encodeLayout(layout, pass.source, root, number);
	}
}

/** What the layout's topics of this meter begin with. Null where they do not name it, and another one has them: there is one root for the first meter, or one for each. */
function findRoot(
	{ meters, uplink, checked }: Firmware,
	layout: ValueLayout,
	meter: MeterLine,
	number: number,
): string | null {
	const { integrations } = checked.settings;
	if (layout === "smartmeter") return integrations.smartmeterBase;
	const roots = listRoots(integrations, layout);
	if (roots === null) return meterRoot(uplink.settings.base, meter.name);
	if (roots.length > 1) return roots[number] ?? null;
	return meter === meters[0] ? roots[0]! : null;
}

function listRoots(
	{ smartyreaderBases, sgrimeeBases, dsmrReaderBases }: IntegrationSettings,
	layout: ValueLayout,
): readonly string[] | null {
	if (layout === "smartyreader") return smartyreaderBases;
	if (layout === "sgrimee") return sgrimeeBases;
	return layout === "dsmr-reader" ? dsmrReaderBases : null;
}

/** Whether any are left. */
export function hasValues({ meters, constants }: Firmware): boolean {
	return constants !== null || meters.some(({ values, nextValues }) => values !== null || nextValues !== null);
}

/** Gives up what is left, and tells of how many telegrams. */
export function giveUpValues({ meters }: Firmware): number {
	let count = 0;
	for (const meter of meters) {
		if (meter.values !== null || meter.nextValues !== null) count += 1;
		meter.values = null;
		meter.nextValues = null;
	}
	return count;
}
