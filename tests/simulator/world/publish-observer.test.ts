import { expect, test } from "vitest";
import {
	createWitness,
	noteAcknowledgement,
	noteWrite,
	type Witness,
} from "../../../simulator/world/check/publish-observer.js";

const bytes = (text: string) => new TextEncoder().encode(text);

function create(): { witness: Witness; heard: [topic: string, payload: string, quality: number, sentAt: number][] } {
	const heard: [string, string, number, number][] = [];
	const witness = createWitness(({ topic, payload, quality, sentAt }) => heard.push([topic, payload, quality, sentAt]));
	return { witness, heard };
}

test("a message of quality 0 is with the broker when it is written, one of quality 1 when it is acknowledged", () => {
	const { witness, heard } = create();
	noteWrite(witness, { topic: "a", QoS: 1, retain: true, id: 7 }, bytes("one"), 10);
	noteWrite(witness, { topic: "b", id: 8 }, bytes("nought"), 20);
	expect(heard).toEqual([["b", "nought", 0, 20]]);
	noteAcknowledgement(witness, 9);
	noteAcknowledgement(witness, undefined);
	expect(heard).toHaveLength(1);
	noteAcknowledgement(witness, 7);
	noteAcknowledgement(witness, 7);
	expect(heard.slice(1)).toEqual([["a", "one", 1, 10]]);
});

test("parts are put together, also where one ends within a character", () => {
	const { witness, heard } = create();
	const [first, second] = [bytes("42 €").subarray(0, 4), bytes("42 €").subarray(4)];
	noteWrite(witness, { topic: "a", QoS: 1, id: 1, byteLength: 6 }, first, 1);
	noteAcknowledgement(witness, 1);
	expect(heard).toEqual([]);
	noteWrite(witness, null, second, 2);
	noteAcknowledgement(witness, 1);
	expect(heard).toEqual([["a", "42 €", 1, 2]]);
});

test("what is no message, and bytes that belong to none, are none", () => {
	const { witness, heard } = create();
	noteWrite(witness, { operation: 8, id: 3, items: [] }, bytes(""), 1);
	noteWrite(witness, { operation: 14 }, bytes(""), 1);
	noteWrite(witness, null, bytes("lost"), 1);
	noteAcknowledgement(witness, 3);
	expect(heard).toEqual([]);
});
