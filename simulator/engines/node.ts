/** The engine that runs a guest in this Node process. */

import type { Engine, GuestModule } from "./contract.js";

/** Runs the guest in this process. A guest that never returns cannot be ended here: there is no time-out. */
export async function createNodeEngine(guest: URL): Promise<Engine> {
	// What `import()` of a computed address gives has no type; a module without createGuest fails on the next line.
	const { createGuest } = (await import(guest.href)) as GuestModule;
	const { handle } = createGuest();
	let closed = false;
	return {
		async call(request) {
			if (closed) throw new Error("the engine is closed");
			// A copy: in XS the guest owns its request too. (A Buffer's own `slice` would not copy.)
			return new Uint8Array(handle(new Uint8Array(request).buffer));
		},
		async close() {
			closed = true;
		},
	};
}
