/** The store port: NVS. */
import Preference from "preference";
import type { Store } from "../ports/ports.js";

/** NVS namespace; at most 15 characters. */
const domain = "smarty-xs";

/** Preference erases a key before it writes it: a cut in between leaves none. The settings keep two generations for that. */
export const store: Store = Object.freeze({
	read(name: string): string | null {
		try {
			const value = Preference.get(domain, name);
			return typeof value === "string" ? value : null;
		} catch {
			return null;
		}
	},
	write(name: string, value: string): void {
		Preference.set(domain, name, value);
	},
	remove(name: string): void {
		Preference.delete(domain, name);
	},
});
