/** Joins a payload that is made in chunks. */

import { makeChunk, type Payload } from "../../modules/messages/chunks.js";

export function listPieces(payload: Payload): string[] {
	const pieces: string[] = [];
	for (let at = 0; ; at += 1) {
		const piece = makeChunk(payload, at);
		if (piece === null) return pieces;
		pieces.push(piece);
	}
}

/** The whole text. */
export function joinPieces(payload: Payload): string {
	return listPieces(payload).join("");
}
