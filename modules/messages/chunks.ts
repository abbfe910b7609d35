/** A long text that is made piece by piece when it is written, so that it is never in memory as a whole. */
export interface Chunks {
	/** Bytes that are in memory for it as long as it may have to be made again. */
	readonly held: number;
	/** The piece at this place, some hundred characters, and null after the last; the same each time. Made in their order they cost least. */
	make(at: number): string | null;
}

/** What a message says: short texts as they are. */
export type Payload = string | Chunks;

/** A text that is there, in pieces: joined, it would be there twice. */
export class Pieces implements Chunks {
	private readonly pieces: readonly string[];

	constructor(pieces: readonly string[]) {
		this.pieces = pieces;
	}

	get held(): number {
		let held = 0;
		for (const { length } of this.pieces) held += length;
		return held;
	}

	make(at: number): string | null {
		return this.pieces[at] ?? null;
	}
}

/** A text of no more characters is one piece, as a state message without messages to the customer is; a longer one has pieces of so many. */
export const longestWhole = 2_048;
export const pieceLength = 512;

export function countHeld(payload: Payload): number {
	return typeof payload === "string" ? payload.length : payload.held;
}

/** The pieces, one after the other up to null, are the payload; none begins within a character. */
export function makeChunk(payload: Payload, at: number): string | null {
	if (typeof payload !== "string") return payload.make(at);
	if (payload.length <= longestWhole) return at === 0 && payload !== "" ? payload : null;
	if (at * pieceLength >= payload.length) return null;
	return payload.slice(cutText(payload, at * pieceLength), cutText(payload, (at + 1) * pieceLength));
}

/** `at`, moved so that a character of two UTF-16 units stays whole: in the piece in which it begins. */
export function cutText(text: string, at: number): number {
	const unit = at > 0 && at < text.length ? text.charCodeAt(at) : 0;
	return unit >= 0xdc00 && unit <= 0xdfff ? at + 1 : at;
}

/** One MQTT message to be sent. */
export interface Message<Text = string> {
	topic: string;
	payload: Text;
	/** MQTT's quality of service. */
	quality: 0 | 1;
	retain: boolean;
}

/** Topics and what is said on them, made one at a time; null for what a telegram does not have. */
export type Values = Generator<readonly [topic: string, payload: Payload | null], undefined>;

/** The next that there is; null at the end. */
export function nextValue(values: Values): readonly [topic: string, payload: Payload] | null {
	for (;;) {
		const { value } = values.next();
		if (value === undefined) return null;
		if (value[1] !== null) return value as readonly [string, Payload];
	}
}

/** Where messages come from that are the same for each connection. They are made one at a time, when nothing else waits. */
export interface Announcer {
	takeAnnouncement(): Message<Payload> | null;
	/** What is of now, and goes out before announcements; unlike them it waits again when a connection ends under it. */
	takeValue?(): Message<Payload> | null;
}
