/** A look at the meter's line on a computer, where bytes come by themselves. */
import type { OnReceive } from "../modules/ports/ports.js";

/** How long what the system holds may take to be handed over. */
const handOverMs = 100;
/** A look that took so long was none: the program stood still. */
const standstillMs = 1_000;

/** What `Uart.look` is: says that nothing came, once what came before it was handed over. */
export function createLook(onReceive: OnReceive): () => void {
	const nothing = new Uint8Array(0);
	const look = () => {
		const asked = performance.now();
		setTimeout(() => {
			if (performance.now() - asked > standstillMs) look();
			else onReceive(nothing, 0, null);
		}, handOverMs);
	};
	return look;
}
