/** A PC has no light to set. */
export function createLight(): (on: boolean) => void {
	return () => {};
}
