/** Tests of simulator: publish observer. */
import { expect, test } from "vitest";
import {
	createPublishObserver,
	noteAcknowledgement,
	noteWrite,
	type PublishObserver,
} from "../../../simulator/world/check/publish-observer.js";

const bytes = (text: string) => new TextEncoder().encode(text);

function create(): {
	observer: PublishObserver;
	heard: [topic: string, payload: string, quality: number, sentAt: number][];
} {
	const heard: [string, string, number, number][] = [];
	const observer = createPublishObserver(({ topic, payload, quality, sentAt }) =>
		heard.push([topic, payload, quality, sentAt]),
	);
	return { observer, heard };
}

test("a message of quality 0 is with the broker when it is written, one of quality 1 when it is acknowledged", () => {
	const { observer, heard } = create();
	noteWrite(observer, { topic: "a", QoS: 1, retain: true, id: 7 }, bytes("one"), 10);
	noteWrite(observer, { topic: "b", id: 8 }, bytes("nought"), 20);
	expect(heard).toEqual([["b", "nought", 0, 20]]);
	noteAcknowledgement(observer, 9);
	noteAcknowledgement(observer, undefined);
	expect(heard).toHaveLength(1);
	noteAcknowledgement(observer, 7);
	noteAcknowledgement(observer, 7);
	expect(heard.slice(1)).toEqual([["a", "one", 1, 10]]);
});

test("parts are put together, also where one ends within a character", () => {
	const { observer, heard } = create();
	const [first, second] = [bytes("42 €").subarray(0, 4), bytes("42 €").subarray(4)];
	noteWrite(observer, { topic: "a", QoS: 1, id: 1, byteLength: 6 }, first, 1);
	noteAcknowledgement(observer, 1);
	expect(heard).toEqual([]);
	noteWrite(observer, null, second, 2);
	noteAcknowledgement(observer, 1);
	expect(heard).toEqual([["a", "42 €", 1, 2]]);
});

test("what is no message, and bytes that belong to none, are none", () => {
	const { observer, heard } = create();
	noteWrite(observer, { operation: 8, id: 3, items: [] }, bytes(""), 1);
	noteWrite(observer, { operation: 14 }, bytes(""), 1);
	noteWrite(observer, null, bytes("lost"), 1);
	noteAcknowledgement(observer, 3);
	expect(heard).toEqual([]);
});
