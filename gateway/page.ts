/** The web page, as it is built into the board's image. */
import { readFileSync } from "node:fs";

/** Packed by gzip, whole. Null where it is not there. */
export function readPage(): Uint8Array | null {
	try {
		return new Uint8Array(readFileSync(new URL("../page/page.html.gz", import.meta.url)));
	} catch {
		return null;
	}
}
