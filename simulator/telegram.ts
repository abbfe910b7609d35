/** Prints a meter's numbers as the text of a telegram. */

import { formatStamp } from "./calendar.js";

/** Everything a telegram tells, as numbers. Energies and indexes only rise. */
export interface MeterSnapshot {
	/** The meter's clock, UTC in milliseconds, whole seconds. */
	time: number;
	/** Logical device name, 16 ASCII characters. */
	serial: string;
	/** Wh. */
	activeEnergyImport: number;
	activeEnergyExport: number;
	/** varh. */
	reactiveEnergyImport: number;
	reactiveEnergyExport: number;
	/** One entry per phase. */
	phases: PhaseSnapshot[];
	powerFailures: number;
	/** Customer messages in clear, at most five; empty where there is none. */
	messages: string[];
	/** One entry per M-Bus channel, from channel 1. */
	devices: DeviceSnapshot[];
}

export interface PhaseSnapshot {
	/** W; import is positive. */
	active: number;
	/** var; import is positive. */
	reactive: number;
	/** V. */
	voltage: number;
	/** A. */
	current: number;
	sags: number;
	swells: number;
}

export interface DeviceSnapshot {
	type: number;
	/** Null: the device was never read. */
	id: string | null;
	/** Thousandths of the unit: litres, or MJ for heat. */
	index: number;
	/** When the index was captured, UTC in milliseconds. */
	time: number;
	valve: number;
}

/** Printed by every Sagemcom T210-D with this firmware: an article number, not the serial. */
export const identification = "Lux5\\253663653_B";

/** The maximum readout list of the E-Meter P1 Specification 1.1.3, table 3.1, as meters of 2023 and 2026 send it. */
export function formatTelegram(snapshot: MeterSnapshot): string {
	const lines = [
		`/${identification}`,
		"",
		"1-3:0.2.8(42)",
		`0-0:1.0.0(${formatStamp(snapshot.time)})`,
		`0-0:42.0.0(${formatHexText(snapshot.serial)})`,
		...formatTotals(snapshot),
		...formatEvents(snapshot),
		...formatMessages(snapshot.messages),
		...formatPhases(snapshot.phases),
	];
	snapshot.devices.forEach((device, at) => {
		lines.push(...formatDevice(device, at + 1));
	});
	const text = `${lines.join("\r\n")}\r\n!`;
	return `${text}${computeChecksum(text).toString(16).toUpperCase().padStart(4, "0")}\r\n`;
}

/** The meter nets the phases: at any moment it imports or exports. */
export function sumPhases(phases: readonly PhaseSnapshot[]): { active: number; reactive: number; apparent: number } {
	let active = 0;
	let reactive = 0;
	for (const phase of phases) {
		active += phase.active;
		reactive += phase.reactive;
	}
	return { active, reactive, apparent: Math.round(Math.hypot(active, reactive)) };
}

function formatTotals(snapshot: MeterSnapshot): string[] {
	const { active, reactive, apparent } = sumPhases(snapshot.phases);
	return [
		`1-0:1.8.0(${fixed(snapshot.activeEnergyImport, 10)}*kWh)`,
		`1-0:2.8.0(${fixed(snapshot.activeEnergyExport, 10)}*kWh)`,
		`1-0:3.8.0(${fixed(snapshot.reactiveEnergyImport, 10)}*kvarh)`,
		`1-0:4.8.0(${fixed(snapshot.reactiveEnergyExport, 10)}*kvarh)`,
		`1-0:1.7.0(${fixed(Math.max(active, 0), 6)}*kW)`,
		`1-0:2.7.0(${fixed(Math.max(-active, 0), 6)}*kW)`,
		`1-0:3.7.0(${fixed(Math.max(reactive, 0), 6)}*kvar)`,
		`1-0:4.7.0(${fixed(Math.max(-reactive, 0), 6)}*kvar)`,
		"0-0:17.0.0(027.6*kVA)",
		`1-0:9.7.0(${fixed(active >= 0 ? apparent : 0, 6)}*kVA)`,
		`1-0:10.7.0(${fixed(active < 0 ? apparent : 0, 6)}*kVA)`,
		"1-1:31.4.0(040*A)(-040*A)",
	];
}

function formatEvents(snapshot: MeterSnapshot): string[] {
	const lines = ["0-0:96.3.10(1)", "0-1:96.3.10(0)", "0-2:96.3.10(0)"];
	lines.push(`0-0:96.7.21(${count(snapshot.powerFailures)})`);
	snapshot.phases.forEach((phase, at) => {
		lines.push(`1-0:${32 + 20 * at}.32.0(${count(phase.sags)})`);
	});
	snapshot.phases.forEach((phase, at) => {
		lines.push(`1-0:${32 + 20 * at}.36.0(${count(phase.swells)})`);
	});
	return lines;
}

function formatMessages(messages: readonly string[]): string[] {
	return [0, 2, 3, 4, 5].map((number, at) => `0-0:96.13.${number}(${formatHexText(messages[at] ?? "")})`);
}

function formatPhases(phases: readonly PhaseSnapshot[]): string[] {
	const column = (format: (phase: PhaseSnapshot, first: number) => string) =>
		phases.map((phase, at) => format(phase, 20 * at));
	return [
		...column((phase, first) => `1-0:${first + 32}.7.0(${padded(phase.voltage, 3)}.0*V)`),
		...column((phase, first) => `1-0:${first + 31}.7.0(${padded(phase.current, 3)}*A)`),
		...column((phase, first) => `1-0:${first + 21}.7.0(${fixed(Math.max(phase.active, 0), 6)}*kW)`),
		...column((phase, first) => `1-0:${first + 22}.7.0(${fixed(Math.max(-phase.active, 0), 6)}*kW)`),
		...column((phase, first) => `1-0:${first + 23}.7.0(${fixed(Math.max(phase.reactive, 0), 6)}*kvar)`),
		...column((phase, first) => `1-0:${first + 24}.7.0(${fixed(Math.max(-phase.reactive, 0), 6)}*kvar)`),
	];
}

function formatDevice(device: DeviceSnapshot, channel: number): string[] {
	const value =
		device.id === null
			? "(632525252525S)(00000.000)"
			: `(${formatStamp(device.time)})(${fixed(device.index, 9)}*${device.type === 4 ? "GJ" : "m3"})`;
	return [
		`0-${channel}:24.1.0(${padded(device.type, 3)})`,
		`0-${channel}:96.1.0(${formatHexText(device.id ?? "")})`,
		`0-${channel}:24.2.1${value}`,
		`0-${channel}:24.4.0(${device.valve})`,
	];
}

/** Thousandths as a decimal number of `width` characters, three of them decimals. */
function fixed(value: number, width: number): string {
	return `${padded(Math.floor(value / 1000), width - 4)}.${padded(value % 1000, 3)}`;
}

function padded(value: number, width: number): string {
	return String(value).padStart(width, "0");
}

function count(value: number): string {
	return padded(value, 5);
}

function formatHexText(text: string): string {
	return Buffer.from(text, "utf8").toString("hex").toUpperCase();
}

/** CRC-16/ARC, bit by bit as the standard describes it: slow, and nothing like the firmware's. */
export function computeChecksum(text: string): number {
	let register = 0;
	for (const byte of Buffer.from(text, "latin1")) {
		register ^= byte;
		for (let bit = 0; bit < 8; bit++) register = register & 1 ? (register >> 1) ^ 0xa001 : register >> 1;
	}
	return register;
}
