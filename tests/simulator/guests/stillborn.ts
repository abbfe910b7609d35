export function createGuest(): never {
	throw new RangeError("not today");
}
