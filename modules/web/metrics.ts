import { reportQuarter } from "../meter/account.js";
import { freshReadings, type Latest, type Surroundings } from "../meter/latest.js";
import { registers, type Unit } from "../p1/obis.js";
import { type MbusDevice, type Readings, readingAt } from "../p1/readings.js";

/** Prometheus' base unit as it appears in names, and what thousandths of ours are multiplied with and divided by. */
const units: readonly (readonly [Unit, string, number, number])[] = Object.freeze(
	[
		["kWh", "joules", 3600, 1],
		["kvarh", "var_seconds", 3600, 1],
		["kW", "watts", 1, 1],
		["kvar", "vars", 1, 1],
		["kVA", "volt_amperes", 1, 1],
		["V", "volts", 1, 1000],
		["A", "amperes", 1, 1000],
		["kVAh", "volt_ampere_seconds", 3600, 1],
		["Hz", "hertz", 1, 1000],
		["°", "degrees", 1, 1000],
		["1", "ratio", 1, 1000],
		["time", "seconds", 1, 1000],
	],
	true,
);

interface Sample {
	labels: string;
	value: number;
}

/** Text of one format: OpenMetrics 1.0, or the Prometheus text format 0.0.4. */
interface Page {
	readonly modern: boolean;
	readonly lines: string[];
}

/** All metrics (`docs/integrations.md`). Readings that are not of now are left out: a gap is not to be filled. */
export function formatMetrics(snapshot: Latest, surroundings: Surroundings, modern: boolean): string {
	const page: Page = { modern, lines: [] };
	const readings = freshReadings(snapshot, surroundings.now);
	if (readings !== null && snapshot.meter !== null) putMeter(page, readings, snapshot.meter, snapshot);
	putReader(page, snapshot, surroundings);
	// With the last line's end: put behind the whole, it would be a second copy of it.
	page.lines.push(modern ? "# EOF\n" : "");
	return page.lines.join("\n");
}

type Kind = "counter" | "gauge";

/** One family with its samples. `name` ends in the unit, where there is one. */
function putFamily(page: Page, name: string, kind: Kind, unit: string, help: string, samples: readonly Sample[]): void {
	if (samples.length === 0) return;
	const { modern, lines } = page;
	const sampleName = kind === "counter" ? `${name}_total` : name;
	const family = modern ? name : sampleName;
	lines.push(`# TYPE ${family} ${kind}`);
	if (modern && unit !== "") lines.push(`# UNIT ${family} ${unit}`);
	lines.push(`# HELP ${family} ${help}`);
	for (const { labels, value } of samples) lines.push(`${sampleName}${labels === "" ? "" : `{${labels}}`} ${value}`);
}

function label(name: string, value: string): string {
	return `${name}="${value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n")}"`;
}

function putMeter(page: Page, readings: Readings, meter: string, snapshot: Latest): void {
	const meterLabel = label("meter", meter);
	putRegisters(page, readings, meterLabel);
	putDevices(page, readings.devices, meterLabel);
	if (readings.time !== null) {
		const sample = { labels: meterLabel, value: readings.time / 1000 };
		putFamily(page, "smarty_meter_time_seconds", "gauge", "seconds", "The meter's clock.", [sample]);
	}
	putPower(page, snapshot, meterLabel);
}

/** The registers of three phases make one family with a label each; they stand side by side in the table. */
function putRegisters(page: Page, readings: Readings, meterLabel: string): void {
	for (let at = 0; at < registers.length; at += 1) {
		const { name, code, unit } = registers[at];
		const base = name.replace(/_l[123]$/, "");
		if (at > 0 && registers[at - 1].name.replace(/_l[123]$/, "") === base) continue;
		const [, word, factor, divisor] = units.find(([known]) => known === unit) ?? ["", "", 1, 1];
		const samples: Sample[] = [];
		for (let other = at; other < registers.length; other += 1) {
			const sibling = registers[other].name;
			if (sibling.replace(/_l[123]$/, "") !== base) break;
			const value = readingAt(readings, other);
			if (value === null) continue;
			const phase = sibling === base ? "" : `,${label("phase", sibling.slice(-2))}`;
			samples.push({ labels: meterLabel + phase, value: (value * factor) / divisor });
		}
		const isEnergy = (unit === "kWh" || unit === "kvarh" || unit === "kVAh") && !name.endsWith("_net");
		const counts = isEnergy || (unit === "" && !name.endsWith("_state") && name !== "tariff");
		const family = `smarty_${base}${word === "" ? "" : `_${word}`}`;
		// Three phases of the power are another family than their sum, with which a query must not mix them.
		const own = base !== name && registers.some(register => register.name === base);
		const full = own ? family.replace("smarty_", "smarty_phase_") : family;
		putFamily(page, full, counts ? "counter" : "gauge", word, `The meter's ${code}.`, samples);
	}
}

function putDevices(page: Page, devices: readonly MbusDevice[], meterLabel: string): void {
	const volumes: Sample[] = [];
	const energies: Sample[] = [];
	const times: Sample[] = [];
	for (const { type, id, channel, value, unit, time } of devices) {
		const labels = `${meterLabel},${label("type", type)},${label("device", id ?? `channel ${channel}`)}`;
		if (time !== null) times.push({ labels, value: time / 1000 });
		if (value === null) continue;
		if (unit === "m³") volumes.push({ labels, value: value / 1000 });
		else if (unit === "GJ") energies.push({ labels, value: value * 1_000_000 });
		else if (unit === "kWh") energies.push({ labels, value: value * 3_600 });
	}
	putFamily(page, "smarty_mbus_cubic_meters", "counter", "cubic_meters", "Index of a meter on the M-Bus.", volumes);
	putFamily(page, "smarty_mbus_joules", "counter", "joules", "Index of a meter on the M-Bus.", energies);
	putFamily(page, "smarty_mbus_time_seconds", "gauge", "seconds", "When the index was captured.", times);
}

function putPower(page: Page, { account }: Latest, labels: string): void {
	if (account === null || account.last === null) return;
	const { power, forecast } = reportQuarter(account);
	const put = (name: string, unit: string, help: string, value: number | null) => {
		if (value !== null) putFamily(page, `smarty_${name}_${unit}`, "gauge", unit, help, [{ labels, value }]);
	};
	put("quarter_power", "watts", "Mean since the quarter hour began.", power);
	put("quarter_forecast", "watts", "Mean of the quarter hour if the power stays.", forecast);
	put("exceeded_today", "joules", "Energy above the power class since midnight.", account.today.exceeded * 3600);
	put("exceeded_month", "joules", "Energy above the power class this month.", account.month.exceeded * 3600);
	put("peak_month", "watts", "Highest mean of a quarter hour this month.", account.peak);
}

function putReader(page: Page, snapshot: Latest, surroundings: Surroundings): void {
	const { counters, faults } = snapshot;
	const verdicts = [
		{ labels: label("verdict", "authenticated"), value: counters.authenticated },
		{ labels: label("verdict", "crc-only"), value: counters.crcOnly },
		{ labels: label("verdict", "plain"), value: counters.plain },
	];
	putFamily(page, "smarty_telegrams", "counter", "", "Accepted telegrams.", verdicts);
	const found = Object.entries(faults).map(([name, value]) => ({ labels: label("fault", name), value }));
	putFamily(page, "smarty_faults", "counter", "", "Refused bytes, frames and lines by reason.", found);
	const put = (name: string, kind: Kind, unit: string, help: string, value: number) =>
		putFamily(page, `smarty_${name}`, kind, unit, help, [{ labels: "", value }]);
	put("received_bytes", "counter", "bytes", "Bytes from the meter.", counters.bytes);
	put("discarded_bytes", "counter", "bytes", "Bytes that belonged to no frame.", counters.discarded);
	put("uptime_seconds", "gauge", "seconds", "Time since the boot.", surroundings.now / 1000);
	if (snapshot.readings !== null) {
		const age = (surroundings.now - snapshot.time) / 1000;
		put("telegram_age_seconds", "gauge", "seconds", "Time since the last telegram.", age);
	}
	const { signalStrength } = surroundings;
	if (signalStrength !== null) put("wifi_signal_dbm", "gauge", "dbm", "Received signal strength.", signalStrength);
}
