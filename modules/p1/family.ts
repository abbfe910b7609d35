/** The registers that meters of other countries send and Luxembourg's do not. */
import { phases, type Register, register } from "./register.js";

/** Registers of up to four tariffs: value group E counts them. */
function tariffs(code: string, name: string, unit: "kWh" | "kvarh"): Register[] {
	return [1, 2, 3, 4].map(tariff => register(`${code}.${tariff}`, `${name}_t${tariff}`, unit));
}

/** A demand and when it was: meters print the moment first, and some the value. */
function peak(code: string, name: string): Register[] {
	return [register(code, `${name}_time`, "time"), register(code, name, "kW", 1)];
}

/**
 * What meters with a P1 port send in the Netherlands (DSMR 2.2 to 5.0.2), Belgium (e-MUCS-P1), Sweden, Denmark, Hungary, Lithuania,
 * Switzerland, Austria and Slovenia, and Luxembourg's do not.
 */
export const familyRegisters: readonly Register[] = Object.freeze([
	...tariffs("1-0:1.8", "active_energy_import", "kWh"),
	...tariffs("1-0:2.8", "active_energy_export", "kWh"),
	...tariffs("1-0:3.8", "reactive_energy_import", "kvarh"),
	...tariffs("1-0:4.8", "reactive_energy_export", "kvarh"),
	register("0-0:96.14.0", "tariff", ""),
	// The quadrants: 1 inductive and 4 capacitive import, 2 and 3 export.
	register("1-0:5.8.0", "reactive_energy_q1", "kvarh"),
	register("1-0:6.8.0", "reactive_energy_q2", "kvarh"),
	register("1-0:7.8.0", "reactive_energy_q3", "kvarh"),
	register("1-0:8.8.0", "reactive_energy_q4", "kvarh"),
	register("1-0:9.8.0", "apparent_energy_import", "kVAh"),
	register("1-0:10.8.0", "apparent_energy_export", "kVAh"),
	register("1-0:15.8.0", "active_energy_sum", "kWh"),
	register("1-0:16.8.0", "active_energy_net", "kWh"),
	...phases(21, "8.0", "active_energy_import", "kWh"),
	...phases(22, "8.0", "active_energy_export", "kWh"),
	register("1-0:5.7.0", "reactive_power_q1", "kvar"),
	register("1-0:6.7.0", "reactive_power_q2", "kvar"),
	register("1-0:7.7.0", "reactive_power_q3", "kvar"),
	register("1-0:8.7.0", "reactive_power_q4", "kvar"),
	register("1-0:15.7.0", "active_power_sum", "kW"),
	register("1-0:16.7.0", "active_power_net", "kW"),
	...phases(29, "7.0", "apparent_power_import", "kVA"),
	...phases(30, "7.0", "apparent_power_export", "kVA"),
	// Phases do not stand beside their sum, which is a family of metrics of its own.
	register("1-0:13.7.0", "power_factor", "1"),
	register("1-0:14.7.0", "frequency", "Hz"),
	...phases(33, "7.0", "power_factor", "1"),
	register("1-0:91.7.0", "neutral_current", "A"),
	// Against the voltage of the first phase.
	register("1-0:81.7.1", "voltage_angle_l2", "°"),
	register("1-0:81.7.2", "voltage_angle_l3", "°"),
	// Of each phase's current against its own voltage.
	register("1-0:81.7.4", "current_angle_l1", "°"),
	register("1-0:81.7.15", "current_angle_l2", "°"),
	register("1-0:81.7.26", "current_angle_l3", "°"),
	register("1-0:1.4.0", "average_demand_import", "kW"),
	register("1-0:2.4.0", "average_demand_export", "kW"),
	register("1-0:1.5.0", "last_demand_import", "kW"),
	register("1-0:2.5.0", "last_demand_export", "kW"),
	...peak("1-0:1.6.0", "peak_demand_import"),
	...peak("1-0:2.6.0", "peak_demand_export"),
	// The limiter's threshold where it is not an apparent power.
	register("0-0:17.0.0", "active_threshold_power", "kW"),
	register("0-0:17.0.0", "active_threshold_current", "A"),
	register("1-0:31.4.0", "fuse_threshold", "A"),
	register("0-0:96.7.9", "long_power_failures", ""),
	register("0-3:96.3.10", "relay_3_state", ""),
	register("0-4:96.3.10", "relay_4_state", ""),
]);
