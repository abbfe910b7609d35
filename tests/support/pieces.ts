/** Joins a payload that is made in chunks. */

import { countChunks, makeChunk, type Payload } from "../../modules/messages/chunks.js";

/** The whole text. */
export function joinPieces(payload: Payload): string {
	return Array.from({ length: countChunks(payload) }, (_, at) => makeChunk(payload, at)).join("");
}
