/** The last frame counter of a meter, and what its tags have shown, as they are kept over restarts. */

export interface KeptCounter {
	/** Of the keys (`p1/fingerprint.ts`): a counter of other keys says nothing. */
	keys: string;
	/** Upper-case hexadecimal. */
	systemTitle: string;
	/** Up to this frame a recording is known as one. */
	frameCounter: number;
	/** The meter's clock then, UTC in milliseconds; null where it has none. */
	clock: number | null;
	/** The policy under which the meter's tag was found good; empty when its owner has set keys or policy since. */
	policy: string;
	/** The policy `automatic` asks for a tag of this meter. */
	isRequired: boolean;
}

/** In at most 120 characters, for the store. Holds no key. */
export function packCounter({ keys, systemTitle, frameCounter, clock, policy, isRequired }: KeptCounter): string {
	return JSON.stringify([1, keys, systemTitle, frameCounter, clock, policy, isRequired]);
}

/** What `packCounter` made; null for anything else. */
export function unpackCounter(text: string): KeptCounter | null {
	let fields: unknown;
	try {
		fields = JSON.parse(text);
	} catch {
		return null;
	}
	if (!Array.isArray(fields) || fields.length !== 7 || fields[0] !== 1) return null;
	const keys: unknown = fields[1];
	const systemTitle: unknown = fields[2];
	const frameCounter: unknown = fields[3];
	const clock: unknown = fields[4];
	const policy: unknown = fields[5];
	if (typeof keys !== "string" || typeof systemTitle !== "string" || typeof policy !== "string") return null;
	if (!isWhole(frameCounter) || !(clock === null || isWhole(clock))) return null;
	return { keys, systemTitle, frameCounter, clock, policy, isRequired: fields[6] === true };
}

function isWhole(value: unknown): value is number {
	return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
