/** A PC has no light to set. */
const light = Object.freeze({ set(): void {} });

export function openLight(): { set(on: boolean): void } {
	return light;
}
