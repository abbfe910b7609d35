/** What the message, the console and the page say of a line. */
import { recentFaults } from "../health/meter.js";
import { type Explanation, explain } from "../p1/explain.js";
import type { Tally } from "../p1/reader.js";
import type { Line } from "./state.js";

/** Why no telegram comes on the line, in one word; null while telegrams come, or before that can be told. */
export function explainLine(line: Line): Explanation | null {
	const { wire, tally, health } = line;
	// What came on the wire says nothing about one that is not asked.
	if (wire.current !== line) return null;
	if (health.state === "ok" || health.state === "notUnderstood" || health.state === "waiting") return null;
	const { search, decryptor } = wire.reader;
	const { counters, faults } = tally;
	const received = counters.bytes - health.bytesBefore;
	return explain(search.hints, recentFaults(health, faults), decryptor.notifications, received);
}

/** How many telegrams came, by how they were verified, and what was refused: `authenticated 8640; no faults`. */
export function describeTelegrams({ counters, faults }: Tally): string {
	const { authenticated, crcOnly, plain } = counters;
	const verdicts = { authenticated, "crc-only": crcOnly, plain };
	return `${listCounts(verdicts, "none")}; ${listCounts(faults, "no faults")}`;
}

/** Those above zero, or `none`. */
function listCounts(given: object, none: string): string {
	const counts = given as Readonly<Record<string, number>>;
	// Not by entries, each of which is an array.
	const found = Object.keys(counts).filter(name => counts[name]! > 0);
	return found.length === 0 ? none : found.map(name => `${name} ${counts[name]}`).join(", ");
}
