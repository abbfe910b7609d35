/** Answers every question for a name with the reader's own address (RFC 1035): that is how a phone finds the portal. */

const headerLength = 12;
/** Without EDNS, which is left out of the answer, no message is longer. */
const mostBytes = 512;
const longestLabel = 63;
const longestName = 255;
/** Type and class after the name. */
const questionRest = 4;
const addressType = 1;
const internetClass = 1;
/** So that the phone forgets our answers when it is back in its own network. */
const lifeSeconds = 30;

/**
 * The answer to a query; null for what is none, or has another than one question. Other types than A exist and have nothing, so that
 * nobody asks elsewhere. `address`: four numbers.
 */
export function answerName(query: Uint8Array, address: readonly number[]): Uint8Array | null {
	if (query.length < headerLength || query.length > mostBytes) return null;
	const read = (at: number) => (query[at]! << 8) | query[at + 1]!;
	// A query with the usual operation code.
	if ((query[2]! & 0xf8) !== 0 || read(4) !== 1 || read(6) !== 0 || read(8) !== 0) return null;
	const nameEnd = skipName(query, headerLength);
	const end = nameEnd + questionRest;
	if (nameEnd < 0 || end > query.length) return null;
	const hasAddress = read(nameEnd) === addressType && read(nameEnd + 2) === internetClass;
	const answer = new Uint8Array(end + (hasAddress ? 16 : 0));
	// What comes after the question, such as EDNS, is not repeated.
	answer.set(query.subarray(0, end));
	// A response of the authority; recursion is desired if it was.
	answer[2] = 0x84 | (query[2]! & 1);
	answer[3] = 0;
	answer.fill(0, 6, headerLength);
	if (!hasAddress) return answer;
	answer[7] = 1;
	// The name is that of the question, at 12.
	answer.set([0xc0, headerLength, 0, addressType, 0, internetClass, 0, 0, 0, lifeSeconds, 0, 4, ...address], end);
	return answer;
}

/** Where the name ends that begins at `start`, or -1. A question has no pointers. */
function skipName(bytes: Uint8Array, start: number): number {
	let at = start;
	for (;;) {
		const length = bytes[at];
		if (length === undefined || length > longestLabel || at - start >= longestName) return -1;
		at += 1 + length;
		if (length === 0) return at;
	}
}
