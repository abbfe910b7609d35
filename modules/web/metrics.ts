/** `/metrics`: what is measured and counted, as text for Prometheus. */

import { reportQuarter } from "../meter/account.js";
import { freshReadings, type Latest, type LoraFigure, type Surroundings } from "../meter/latest.js";
import { faultNames } from "../p1/faults.js";
import { readingAt } from "../p1/readings.js";
import { nameMeters } from "./meters.js";
import { counterFamilies, type Family, familyAt, familyCount, type MeterValues } from "./metric-families.js";

/**
 * The page (`docs/integrations.md`) a line or three at a time: OpenMetrics 1.0 where it is to be modern, else the
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

/** No generator: one has as much as a page's piece on XS's heap for what is local in it. */
class Page implements Iterator<string, void> {
	private readonly meters: readonly MeterValues[];
	private readonly surroundings: Surroundings;
	private readonly isModern: boolean;
	/** Which sample comes next: of the family, of the meter and in it; after the families what there is once. */
	private family = 0;
	private current: Family | null = null;
	private meter = 0;
	private item = 0;
	/** The family has begun. */
	private isBegun = false;
	/** A sample that comes after its family's beginning, which was just told. */
	private line = "";

	constructor(meters: readonly MeterValues[], surroundings: Surroundings, isModern: boolean) {
		this.meters = meters;
		this.surroundings = surroundings;
		this.isModern = isModern;
	}

	next(): IteratorResult<string, void> {
		let value = this.line;
		this.line = "";
		while (value === "" && this.family < familyCount) {
			this.current ??= familyAt(this.family, this.meters);
			value = this.current === null ? this.endFamily() : this.makeSample(this.current);
		}
		if (value === "") value = this.makeRest();
		return value === "" ? { done: true, value: undefined } : { done: false, value };
	}

	/** The family's next line, or its beginning; empty where it has no more. */
	private makeSample(family: Family): string {
		const { meters } = this;
		let { item } = this;
		for (let meter = this.meter; meter < meters.length; meter += 1) {
			const values = meters[meter];
			const count = countSamples(family, values);
			for (; item < count; item += 1) {
				const line = formatItem(family, values, item);
				if (line === "") continue;
				this.meter = meter;
				this.item = item + 1;
				if (this.isBegun) return line;
				this.isBegun = true;
				this.line = line;
				return formatHead(family, this.isModern);
			}
			item = 0;
		}
		return this.endFamily();
	}

	private endFamily(): string {
		this.family += 1;
		this.current = null;
		this.meter = 0;
		this.item = 0;
		this.isBegun = false;
		return "";
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

/** The line of one of them; empty where nothing is known. */
function formatItem(family: Family, meter: MeterValues, item: number): string {
	const name = sampleName(family);
	const { label, countLabel } = meter;
	switch (family.of) {
		case "registers": {
			const { start, isPhase, factor, divisor } = family;
			const value = meter.readings === null ? null : readingAt(meter.readings, start + item);
			const labels = isPhase ? `${label},phase="l${item + 1}"` : label;
			return value === null ? "" : formatSample(name, labels, (value * factor) / divisor);
		}
		case "devices": {
			const device = meter.devices[item];
			const value = family.read(device);
			if (value === null) return "";
			const { type, id, channel } = device;
			const source = formatLabel("device", id ?? `channel ${channel}`);
			return formatSample(name, `${label},${formatLabel("type", type)},${source}`, value);
		}
		case "meter": {
			const value = family.read(meter);
			return value === null ? "" : formatSample(name, family.counted ? countLabel : label, value);
		}
		case "counts": {
			const word = `${family.label}="${family.names[item]}"`;
			const labels = countLabel === "" ? word : `${countLabel},${word}`;
			return formatSample(name, labels, family.read(meter)[item]);
		}
	}
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
