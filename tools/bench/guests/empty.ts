/** Guest: nothing, to know what the machine itself costs. */

export function createGuest() {
	return { handle: (request: ArrayBuffer) => request };
}
