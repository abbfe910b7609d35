/** `/metrics`: what is measured and counted, as text for Prometheus. */

import { reportQuarter } from "../meter/account.js";
import { freshReadings, type Latest, type Surroundings } from "../meter/latest.js";
import { readingAt } from "../p1/readings.js";
import { nameMeters } from "./meters.js";
import { type Family, faultNames, type MeterValues, meterFamilies } from "./metric-families.js";

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
	return makePage(shown, surroundings, modern);
}

function* makePage(
	meters: readonly MeterValues[],
	surroundings: Surroundings,
	modern: boolean,
): Generator<string, void> {
	for (let at = 0; at < meterFamilies.length; at += 1) {
		const family = meterFamilies[at];
		let isBegun = false;
		for (let place = 0; place < meters.length; place += 1) {
			const meter = meters[place];
			const count = countSamples(family, meter);
			for (let item = 0; item < count; item += 1) {
				const line = formatItem(family, meter, item);
				if (line === "") continue;
				if (!isBegun) yield formatHead(family, modern);
				isBegun = true;
				yield line;
			}
		}
	}
	yield formatReader("uptime", "seconds", "Time since the boot.", surroundings.now / 1000, modern);
	const { signalStrength } = surroundings;
	if (signalStrength !== null) {
		yield formatReader("wifi_signal", "dbm", "Received signal strength.", signalStrength, modern);
	}
	if (modern) yield "# EOF\n";
}

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
	return `${name}="${value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n")}"`;
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
