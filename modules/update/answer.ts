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
	const status = /^HTTP\/1\.[01] ([0-9]{3})/.exec(head)?.[1];
	if (status === undefined) return "no answer that HTTP knows";
	if (status !== "200") return `the answer is ${status}`;
	const length = /\r\ncontent-length:[ \t]*([0-9]{1,8})[ \t]*\r\n/i.exec(head)?.[1];
	// In chunks, or packed, it would have to be read in another way; nobody was asked for that.
	if (length === undefined || /\r\n(transfer|content)-encoding:/i.test(head))
		return "the answer does not say its length";
	return Number(length);
}
