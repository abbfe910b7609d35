import { countPieces, makePiece, type Payload } from "../../modules/publish/pieces.js";

/** The whole text. */
export function joinPieces(payload: Payload): string {
	return Array.from({ length: countPieces(payload) }, (_, at) => makePiece(payload, at)).join("");
}
