export function createGuest() {
	return { handle: (request: ArrayBuffer) => request };
}
