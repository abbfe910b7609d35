/** A computer has no pins. */
import type { PulseInput, PulseOptions, Retained } from "../../../ports/ports.js";

export const openPulses: ((options: PulseOptions) => PulseInput) | undefined = undefined;

export function openRetained(): Retained | undefined {
	return undefined;
}
