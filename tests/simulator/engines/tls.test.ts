/** Tests of simulator: tls. */
import { describe, expect, it } from "vitest";
import { createNodeEngine } from "../../../simulator/engines/node.js";
import { createXsEngine } from "../../../simulator/engines/xs.js";
import { describeScene } from "../../../tools/tls/input.js";
import { host, keys, makeChain } from "../../tls/chains.js";

const guest = new URL("../../../tools/bench/guests/tls.ts", import.meta.url);

/** A broker with an authority of its own; a cloud's chain with RSA keys; one with keys on curves. */
const scenes = {
	"RSA-2048 under RSA-2048": { keys: keys.rsa, chain: makeChain(keys.rsa, [], keys.otherRsa) },
	"P-256 under P-256": { keys: keys.p256, chain: makeChain(keys.p256, [], keys.otherP256) },
	"P-256 under P-384 under P-384": { keys: keys.p256, chain: makeChain(keys.p256, [keys.p384], keys.otherP384) },
};

describe("a handshake's check in XS, preloaded as on the board", () => {
	it.each(Object.entries(scenes))(
		"%s: says the same as in Node, and has a limit",
		async (_name, { keys: own, chain }) => {
			const certificates = [chain.own, ...chain.between].map(issued => issued.der);
			const scene = { keys: own, certificates, authorities: [chain.root.der], host };
			const replies: string[][] = [];
			const engines = [await createNodeEngine(guest), await createXsEngine(guest, { variant: "x32" })];
			const wrong = { ...scene, authorities: [makeChain(own, [], own).root.der] };
			const inputs = [describeScene(scene), describeScene(wrong), { ...describeScene(scene), host: "x.example" }];
			for (const engine of engines) {
				const texts: string[] = [];
				for (const input of inputs) {
					await engine.call(Buffer.concat([Uint8Array.of(0), Buffer.from(JSON.stringify(input))]));
					texts.push(Buffer.from(await engine.call(Uint8Array.of(1))).toString());
					texts.push(Buffer.from(await engine.call(Uint8Array.of(2))).toString("hex"));
				}
				replies.push(texts);
				await engine.close();
			}
			expect(replies[1]).toEqual(replies[0]);
			expect(replies[0]![0]).toMatch(/^ change trusted /);
			expect(replies[0]![1]).toBe("01");
			expect(replies[0]![2]).toMatch(/^a certificate's signature is wrong /);
			expect(replies[0]![4]).toMatch(/^the certificate is for another name /);
		},
		60_000,
	);
});
