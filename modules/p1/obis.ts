/**
 * The objects of Luxembourg's maximum readout list (E-Meter P1 Specification 1.1.3, table 3.1) that are numbers.
 *
 * A unit other than "" means that the value is kept in thousandths of it: Wh, W, varh, var, VA, mV, mA, litres, MJ.
 */
export type Unit = "" | "kWh" | "kvarh" | "kW" | "kvar" | "kVA" | "V" | "A" | "m³" | "GJ";

export interface Register {
	/** Reduced OBIS code as printed by the meter. */
	readonly code: string;
	/** Which of the line's values, from 0. Only the current thresholds have two. */
	readonly position: number;
	/** Name in messages. */
	readonly name: string;
	readonly unit: Unit;
}

function register(code: string, name: string, unit: Unit, position = 0): Register {
	return Object.freeze({ code, position, name, unit });
}

/** Values of a telegram are an array with one entry per register, in this order. */
export const registers: readonly Register[] = Object.freeze([
	register("1-0:1.8.0", "active_energy_import", "kWh"),
	register("1-0:2.8.0", "active_energy_export", "kWh"),
	register("1-0:3.8.0", "reactive_energy_import", "kvarh"),
	register("1-0:4.8.0", "reactive_energy_export", "kvarh"),
	register("1-0:1.7.0", "active_power_import", "kW"),
	register("1-0:2.7.0", "active_power_export", "kW"),
	register("1-0:3.7.0", "reactive_power_import", "kvar"),
	register("1-0:4.7.0", "reactive_power_export", "kvar"),
	register("1-0:9.7.0", "apparent_power_import", "kVA"),
	register("1-0:10.7.0", "apparent_power_export", "kVA"),
	register("0-0:17.0.0", "active_threshold", "kVA"),
	register("1-1:31.4.0", "current_threshold_import", "A"),
	register("1-1:31.4.0", "current_threshold_export", "A", 1),
	register("0-0:96.3.10", "breaker_state", ""),
	register("0-1:96.3.10", "relay_1_state", ""),
	register("0-2:96.3.10", "relay_2_state", ""),
	register("0-0:96.7.21", "power_failures", ""),
	register("1-0:32.32.0", "voltage_sags_l1", ""),
	register("1-0:52.32.0", "voltage_sags_l2", ""),
	register("1-0:72.32.0", "voltage_sags_l3", ""),
	register("1-0:32.36.0", "voltage_swells_l1", ""),
	register("1-0:52.36.0", "voltage_swells_l2", ""),
	register("1-0:72.36.0", "voltage_swells_l3", ""),
	register("1-0:32.7.0", "voltage_l1", "V"),
	register("1-0:52.7.0", "voltage_l2", "V"),
	register("1-0:72.7.0", "voltage_l3", "V"),
	register("1-0:31.7.0", "current_l1", "A"),
	register("1-0:51.7.0", "current_l2", "A"),
	register("1-0:71.7.0", "current_l3", "A"),
	register("1-0:21.7.0", "active_power_import_l1", "kW"),
	register("1-0:41.7.0", "active_power_import_l2", "kW"),
	register("1-0:61.7.0", "active_power_import_l3", "kW"),
	register("1-0:22.7.0", "active_power_export_l1", "kW"),
	register("1-0:42.7.0", "active_power_export_l2", "kW"),
	register("1-0:62.7.0", "active_power_export_l3", "kW"),
	register("1-0:23.7.0", "reactive_power_import_l1", "kvar"),
	register("1-0:43.7.0", "reactive_power_import_l2", "kvar"),
	register("1-0:63.7.0", "reactive_power_import_l3", "kvar"),
	register("1-0:24.7.0", "reactive_power_export_l1", "kvar"),
	register("1-0:44.7.0", "reactive_power_export_l2", "kvar"),
	register("1-0:64.7.0", "reactive_power_export_l3", "kvar"),
]);

/** Where the register with this name stands in `registers`; throws on a name that is none, which is our mistake. */
export function registerIndex(name: string): number {
	const at = registers.findIndex(register => register.name === name);
	if (at < 0) throw new Error(`no register is called ${name}`);
	return at;
}

/**
 * A reduced OBIS code in 31 bits, so that codes compare as integers: A up to 7, B up to 15, C, D and E up to 255. -1 for a
 * code outside of that, which no table here holds.
 */
export function packCode(a: number, b: number, c: number, d: number, e: number): number {
	return a > 7 || b > 15 ? -1 : (a << 28) | (b << 24) | (c << 16) | (d << 8) | e;
}
