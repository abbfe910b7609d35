import { countPieces, makePiece, type Payload } from "../../modules/messages/chunks.js";

/** The whole text. */
export function joinPieces(payload: Payload): string {
	return Array.from({ length: countPieces(payload) }, (_, at) => makePiece(payload, at)).join("");
}
