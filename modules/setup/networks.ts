/** The networks in reach, for a person to choose from. */
import type { FoundNetwork } from "../ports/ports.js";

/** A house may have forty in reach, and its owner's is among the strongest. */
const most = 20;

/** Adds one that was found: each name once, as strong as it was found, the strongest first. Hidden ones have no name to choose. */
export function addNetwork(networks: FoundNetwork[], found: FoundNetwork): void {
	if (found.name === "") return;
	const known = networks.findIndex(({ name }) => name === found.name);
	if (known >= 0) {
		if (networks[known]!.strength >= found.strength) return;
		networks.splice(known, 1);
	}
	let at = networks.length;
	while (at > 0 && networks[at - 1]!.strength < found.strength) at -= 1;
	networks.splice(at, 0, found);
	if (networks.length > most) networks.length = most;
}
