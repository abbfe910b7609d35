/** An update's header is judged alike in Node and in XS. */
import { expect, test } from "vitest";
import { createNodeEngine } from "../../../simulator/engines/node.js";
import { createXsEngine } from "../../../simulator/engines/xs.js";
import { createImage } from "../../../simulator/world/board/slots.js";
import { createChance } from "../../support/chance.js";
import { createUpdate, key } from "../../update/updates.js";

const guest = new URL("../guests/update.ts", import.meta.url);

test("a header is taken or refused with the same words in Node and in XS", async () => {
	const chance = createChance(5);
	const update = createUpdate(createImage(chance.bytes(500)));
	const headers = [update.slice(0, 256)];
	for (const at of [0, 9, 25, 51, 55, 60, 100, 192, 200, 224, 255]) {
		const changed = update.slice(0, 256);
		changed[at]! ^= 1 << chance.integer(0, 7);
		headers.push(changed);
	}
	for (const fill of [0, 0xff])
		headers.push(update.slice(0, 256).fill(fill, 224), update.slice(0, 256).fill(fill, 192));
	const replies: string[][] = [];
	for (const engine of [await createNodeEngine(guest), await createXsEngine(guest, { variant: "x32" })]) {
		const texts: string[] = [];
		for (const bytes of headers) {
			const order = { header: Buffer.from(bytes).toString("hex"), length: update.length, keys: [key] };
			texts.push(Buffer.from(await engine.call(Buffer.from(JSON.stringify(order)))).toString());
		}
		replies.push(texts);
		await engine.close();
	}
	expect(replies[1]).toEqual(replies[0]);
	expect(replies[0]![0]).toBe(`0.2.0 2 ${update.length - 256}`);
	expect(new Set(replies[0]).size).toBeGreaterThan(3);
	for (const text of replies[0]!.slice(1)) expect(text).toMatch(/^This |older/);
}, 60_000);
