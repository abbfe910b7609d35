import { parseArgs } from "node:util";
import { measureHeap } from "../simulator/world/heap.js";

/** `npm run --silent heap -- [--telegrams N]`: what lives in XS's heap after ten shares of N telegrams, one JSON line each. */
const telegrams = readCount();
if (!Number.isInteger(telegrams) || telegrams < 10) {
	console.error("usage: npm run --silent heap -- [--telegrams N], a whole number from 10");
	process.exit(2);
}
const counts = Array.from({ length: 10 }, (_, at) => Math.round((telegrams * (at + 1)) / 10));
for (const heap of await measureHeap(counts)) console.log(JSON.stringify(heap));

function readCount(): number {
	try {
		return Number(parseArgs({ options: { telegrams: { type: "string", default: "5000" } } }).values.telegrams);
	} catch {
		return Number.NaN;
	}
}
