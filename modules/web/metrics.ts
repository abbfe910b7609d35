/** `/metrics`: what is measured and counted, as text for Prometheus. */

import { reportQuarter } from "../meter/account.js";
import { freshReadings, type Latest, type LoraFigure, type Surroundings } from "../meter/latest.js";
import { faultNames } from "../p1/faults.js";
import { readingAt } from "../p1/readings.js";
import { nameMeters } from "./meters.js";
import {
	counterFamilies,
	type Family,
	familiesEnd,
	familyAt,
	findFamily,
	type MeterValues,
} from "./metric-families.js";

/**
 * The page (`docs/integrations.md`) a few lines at a time: OpenMetrics 1.0 where it is to be modern, else the
 * Prometheus text format 0.0.4. It shows what is known at the call, however long it takes until the last part is made. Readings
 * that are not of now are left out: a gap is not to be filled.
 */
export function makeMetrics(
	meters: readonly Latest[],
	surroundings: Surroundings,
	modern: boolean,
): Iterator<string, void> {
	const shown = nameMeters(meters).map((name, at) => readMeter(meters, name, at, surroundings.now));
	return new Page(shown, surroundings, modern);
}

/** Samples that are told at a time, once their family has begun: with its beginning one is. */
const fewSamples = 3;

/** No generator: one has as much as a page's piece on XS's heap for what is local in it. */
class Page implements Iterator<string, void> {
	private readonly meters: readonly MeterValues[];
	private readonly surroundings: Surroundings;
	private readonly isModern: boolean;
	/** Which samples come next: of the family, of the meter and from the one in it on; after the families what there is once. */
	private family = 0;
	private current: Family | null = null;
	private meter = 0;
	private item = 0;
	/** The family has begun. */
	private isBegun = false;

	constructor(meters: readonly MeterValues[], surroundings: Surroundings, isModern: boolean) {
		this.meters = meters;
		this.surroundings = surroundings;
		this.isModern = isModern;
	}

	next(): IteratorResult<string, void> {
		const value = this.makeSamples() || this.makeRest();
		return value === "" ? { done: true, value: undefined } : { done: false, value };
	}

	/** The next samples of a meter, with their family's beginning before the first; empty after the last family. */
	private makeSamples(): string {
		const { meters } = this;
		for (;;) {
			const family = this.current ?? this.beginFamily();
			if (family === null) return "";
			const { item } = this;
			const meter = meters[this.meter];
			const count = countSamples(family, meter);
			const end = Math.min(item + (this.isBegun ? fewSamples : 1), count);
			const lines = formatSamples(family, meter, item, end);
			const head = this.isBegun || lines === "" ? "" : formatHead(family, this.isModern);
			if (head !== "") this.isBegun = true;
			this.item = end < count ? end : 0;
			if (end === count) this.meter += 1;
			if (this.meter === meters.length) this.current = null;
			if (lines !== "") return head + lines;
		}
	}

	private beginFamily(): Family | null {
		const at = findFamily(this.family, this.meters);
		if (at >= familiesEnd || this.meters.length === 0) return null;
		const family = familyAt(at);
		this.family = family.of === "registers" ? family.end : at + 1;
		this.current = family;
		this.meter = 0;
		this.isBegun = false;
		return family;
	}

	private makeRest(): string {
		const { surroundings, isModern } = this;
		const { now, signalStrength, counters, lora = [] } = surroundings;
		this.item += 1;
		if (this.item === 1) return formatReader("uptime", "seconds", "Time since the boot.", now / 1000, isModern);
		let place = this.item - 2;
		if (signalStrength !== null) {
			if (place === 0) {
				return formatReader("wifi_signal", "dbm", "Received signal strength.", signalStrength, isModern);
			}
			place -= 1;
		}
		const count = counters.length * counterFamilies.length;
		if (place < count) return this.makeCounter(place) || this.makeRest();
		place -= count;
		if (place < lora.length) return formatLora(lora[place], isModern);
		return place === lora.length && isModern ? endOfPage : "";
	}

	/** A sample of a counter, for the first with its family's beginning. */
	private makeCounter(place: number): string {
		const { counters } = this.surroundings;
		const family = counterFamilies[Math.floor(place / counters.length)];
		const at = place % counters.length;
		const { name } = counters[at];
		const value = family.read(counters[at]);
		const head = at === 0 ? formatHead(family, this.isModern) : "";
		return head + (value === null ? "" : formatSample(sampleName(family), formatLabel("counter", name), value));
	}
}

const endOfPage = "# EOF\n";

type Head = Pick<Family, "name" | "kind" | "unit" | "help">;

function formatHead(family: Head, modern: boolean): string {
	const { kind, unit, help } = family;
	const name = modern ? family.name : sampleName(family);
	const unitLine = modern && unit !== "" ? `# UNIT ${name} ${unit}\n` : "";
	return `# TYPE ${name} ${kind}\n${unitLine}# HELP ${name} ${help}\n`;
}

function sampleName({ name, kind }: Head): string {
	return kind === "counter" ? `${name}_total` : name;
}

/** What there is once, however many meters there are. */
function formatReader(word: string, unit: string, help: string, value: number, modern: boolean): string {
	const head: Head = { name: `smarty_${word}_${unit}`, kind: "gauge", unit, help };
	return formatHead(head, modern) + formatSample(head.name, "", value);
}

function formatLora([kind, word, unit, help, value]: LoraFigure, modern: boolean): string {
	const head: Head = { name: `smarty_lora_${word}${unit === "" ? "" : `_${unit}`}`, kind, unit, help };
	return formatHead(head, modern) + formatSample(sampleName(head), "", value);
}

/** How many samples one meter may have. */
function countSamples(family: Family, meter: MeterValues): number {
	switch (family.of) {
		case "registers":
			return family.end - family.start;
		case "devices":
			return meter.devices.length;
		case "meter":
			return 1;
		case "counts":
			return family.read(meter).length;
	}
}

/** The lines of those from `start` to `end` of which something is known. */
function formatSamples(family: Family, meter: MeterValues, start: number, end: number): string {
	const name = sampleName(family);
	const { label, countLabel } = meter;
	let text = "";
	switch (family.of) {
		case "registers": {
			const { readings } = meter;
			if (readings === null) break;
			for (let item = start; item < end; item += 1) {
				const value = readingAt(readings, family.start + item);
				if (value === null) continue;
				const labels = family.phase > 0 ? `${label},phase="l${family.phase + item}"` : label;
				text += formatSample(name, labels, (value * family.factor) / family.divisor);
			}
			break;
		}
		case "devices":
			for (let item = start; item < end; item += 1) {
				const device = meter.devices[item];
				const value = family.read(device);
				if (value === null) continue;
				const { type, id, channel } = device;
				const source = formatLabel("device", id ?? `channel ${channel}`);
				text += formatSample(name, `${label},${formatLabel("type", type)},${source}`, value);
			}
			break;
		case "meter": {
			const value = family.read(meter);
			if (value !== null) text = formatSample(name, family.counted ? countLabel : label, value);
			break;
		}
		case "counts": {
			const counts = family.read(meter);
			const before = `${name}{${countLabel}${countLabel === "" ? "" : ","}${family.label}="`;
			for (let item = start; item < end; item += 1) text += `${before}${family.names[item]}"} ${counts[item]}\n`;
		}
	}
	return text;
}

/** A sample with its line end. */
function formatSample(name: string, labels: string, value: number): string {
	return labels === "" ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`;
}

function formatLabel(name: string, value: string): string {
	return `${name}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

/** Copies what changes with the next telegram, or with the next byte; the readings of a telegram are replaced and do not. */
function readMeter(meters: readonly Latest[], name: string, at: number, now: number): MeterValues {
	const latest = meters[at];
	const { counters, faults } = latest;
	// What a line's reader counts is told once, for the first of its meters, so that sums are right.
	const isFirst = meters.findIndex(other => other.counters === counters) === at;
	const readings = freshReadings(latest, now);
	const account = readings === null || latest.account === null || latest.account.last === null ? null : latest.account;
	const quarter = account === null ? null : reportQuarter(account);
	const label = formatLabel("meter", name);
	return {
		label,
		countLabel: meters.length > 1 ? label : "",
		readings,
		devices: readings?.devices ?? [],
		unproven: readings === null ? null : Number(latest.isUnproven),
		time: readings?.time ?? null,
		quarterPower: quarter?.power ?? null,
		quarterForecast: quarter?.forecast ?? null,
		exceededToday: account?.today.exceeded ?? null,
		exceededMonth: account?.month.exceeded ?? null,
		peakMonth: account?.peak ?? null,
		verdicts: isFirst ? [counters.authenticated, counters.crcOnly, counters.plain] : [],
		faults: isFirst ? faultNames.map(fault => faults[fault]) : [],
		bytes: isFirst ? counters.bytes : null,
		discarded: isFirst ? counters.discarded : null,
		age: latest.readings === null ? null : now - latest.time,
	};
}
