/** A guest that throws while it loads. */
export function createGuest(): never {
	throw new RangeError("not today");
}
