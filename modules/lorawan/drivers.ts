/** Both drivers, where flash does not count: in the simulator and in tests. An image has that of its board. */
import type { OpenDriver } from "./open-radio.js";
import { createSx1262 } from "./sx1262.js";
import { createSx1276 } from "./sx1276.js";

export const openSx1276: OpenDriver = (bus, { radio }) => {
	if (radio !== "sx1276") throw new Error(`no driver for ${radio}`);
	return createSx1276(bus);
};

/** `radioTcxo`: volts of the oscillator at DIO3; 0 for a crystal. */
export const openAnyRadio: OpenDriver = (bus, config) => {
	const { radio, radioTcxo = "1.8" } = config;
	return radio === "sx1262" ? createSx1262(bus, Number(radioTcxo)) : openSx1276(bus, config);
};
