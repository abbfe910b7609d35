/** The head of an answer to `GET` (RFC 9112), of which only the length of its body matters. */

export interface Answer {
	head: string;
	/** Bytes of the body; null until the head is whole. */
	length: number | null;
}

/** A longer head is not read. */
const longestHead = 2_048;

export function createAnswer(): Answer {
	return { head: "", length: null };
}

/** Where the body begins in `bytes`, or `end` while the head goes on; a sentence where there will be none. */
export function readHead(answer: Answer, bytes: Uint8Array, start: number, end: number): number | string {
	for (let at = start; at < end; at += 1) {
		answer.head += String.fromCharCode(bytes[at]!);
		if (bytes[at] === 10 && answer.head.endsWith("\r\n\r\n")) {
			const length = judgeHead(answer.head);
			if (typeof length === "string") return length;
			answer.head = "";
			answer.length = length;
			return at + 1;
		}
		if (answer.head.length > longestHead) return "no answer that HTTP knows";
	}
	return end;
}

function judgeHead(head: string): number | string {
	const [first, ...fields] = head.toLowerCase().split("\r\n");
	const status = first.slice(9, 12);
	const isKnown = first.startsWith("http/1.0 ") || first.startsWith("http/1.1 ");
	if (!isKnown || status.length < 3 || !isCount(status)) return "no answer that HTTP knows";
	if (status !== "200") return `the answer is ${status}`;
	const read = (name: string) =>
		fields
			.find(field => field.startsWith(name))
			?.slice(name.length)
			.trim();
	const length = read("content-length:") ?? "";
	// In chunks, or packed, it would have to be read in another way; nobody was asked for that.
	const isCoded = read("transfer-encoding:") !== undefined || read("content-encoding:") !== undefined;
	if (length.length > 8 || !isCount(length) || isCoded) return "the answer does not say its length";
	return Number(length);
}

/** A whole number in digits. */
function isCount(text: string): boolean {
	for (let at = 0; at < text.length; at += 1) if (!"0123456789".includes(text.charAt(at))) return false;
	return text !== "";
}
