/** The numbers that a message about a telegram must have, from the meter's own registers. */

import { type MeterSnapshot, sumPhases } from "../../telegram.js";

/** What a message about a snapshot must say, made from the meter's own numbers, with nothing of the firmware's. */
export function expectValues(snapshot: MeterSnapshot): Map<string, number> {
	const { active, reactive, apparent } = sumPhases(snapshot.phases);
	const values = new Map<string, number>([
		["active_energy_import", snapshot.activeEnergyImport / 1000],
		["active_energy_export", snapshot.activeEnergyExport / 1000],
		["reactive_energy_import", snapshot.reactiveEnergyImport / 1000],
		["reactive_energy_export", snapshot.reactiveEnergyExport / 1000],
		["active_power_import", Math.max(active, 0) / 1000],
		["active_power_export", Math.max(-active, 0) / 1000],
		["active_power", active / 1000],
		["reactive_power_import", Math.max(reactive, 0) / 1000],
		["reactive_power_export", Math.max(-reactive, 0) / 1000],
		["apparent_power_import", (active >= 0 ? apparent : 0) / 1000],
		["apparent_power_export", (active < 0 ? apparent : 0) / 1000],
		["active_threshold", 27.6],
		["current_threshold_import", 40],
		["current_threshold_export", -40],
		["breaker_state", 1],
		["relay_1_state", 0],
		["relay_2_state", 0],
		["power_failures", snapshot.powerFailures],
	]);
	snapshot.phases.forEach((phase, at) => {
		const name = `l${at + 1}`;
		values.set(`voltage_sags_${name}`, phase.sags);
		values.set(`voltage_swells_${name}`, phase.swells);
		values.set(`voltage_${name}`, phase.voltage);
		values.set(`current_${name}`, phase.current);
		values.set(`active_power_import_${name}`, Math.max(phase.active, 0) / 1000);
		values.set(`active_power_export_${name}`, Math.max(-phase.active, 0) / 1000);
		values.set(`reactive_power_import_${name}`, Math.max(phase.reactive, 0) / 1000);
		values.set(`reactive_power_export_${name}`, Math.max(-phase.reactive, 0) / 1000);
	});
	return values;
}

/** How many numbers of a message are not the meter's, are missing, or are about nothing the meter has. */
export function countWrongValues(message: Record<string, unknown>, snapshot: MeterSnapshot): number {
	const expected = expectValues(snapshot);
	let wrong = 0;
	for (const [name, value] of expected) if (message[name] !== value) wrong += 1;
	for (const name of Object.keys(message)) {
		if (typeof message[name] === "number" && name !== "frame_counter" && !expected.has(name)) wrong += 1;
	}
	return wrong + countWrongDevices(message.devices, snapshot);
}

function countWrongDevices(devices: unknown, snapshot: MeterSnapshot): number {
	const present = snapshot.devices.filter(device => device.id !== null);
	const told = Array.isArray(devices) ? (devices as Record<string, unknown>[]) : [];
	let wrong = Math.abs(told.length - present.length);
	for (const device of present) {
		const found = told.find(candidate => candidate.id === device.id);
		if (found === undefined) continue;
		if (found.value !== device.index / 1000) wrong += 1;
		if (Date.parse(String(found.time)) !== Math.floor(device.time / 1000) * 1000) wrong += 1;
	}
	return wrong;
}
