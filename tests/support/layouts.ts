/** Topics of a layout as lists. */
import { nextValue } from "../../modules/messages/chunks.js";
import { encodeLayout, type LayoutSource, type ValueLayout } from "../../modules/messages/formats.js";
import { joinPieces } from "./pieces.js";

/** All topics of a telegram in a layout besides `raw`, in their order. */
export function listLayout(
	layout: ValueLayout,
	source: LayoutSource,
	root: string,
	number = 0,
): (readonly [topic: string, payload: string])[] {
	const values = encodeLayout(layout, source, root, number);
	const found: (readonly [string, string])[] = [];
	for (let value = nextValue(values); value !== null; value = nextValue(values))
		found.push([value[0], joinPieces(value[1])]);
	return found;
}
