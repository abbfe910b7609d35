/** A guest that judges an update's header: the hash of what is signed, the header, and the length as text at the end. */
import { judgeHeader } from "../../../modules/update/header.js";
import { createSha256 } from "../../../simulator/sha256.js";

interface Order {
	header: string;
	length: number;
	keys: string[];
}

export function createGuest() {
	return {
		handle(request: ArrayBuffer): ArrayBuffer {
			const text = String.fromCharCode(...new Uint8Array(request));
			const { header, length, keys }: Order = JSON.parse(text);
			const bytes = Uint8Array.from(header.match(/../g) ?? [], pair => Number.parseInt(pair, 16));
			const program = {
				board: "lolin_d32",
				sequence: 1,
				keys,
				slotLength: 100_000,
				isOnTrial: () => false,
				keep() {},
				giveUp() {},
				openSlot(): never {
					throw new Error("no slot");
				},
				createDigest: createSha256,
			};
			const found = judgeHeader(bytes, length, program);
			const said = typeof found === "string" ? found : `${found.version} ${found.sequence} ${found.length}`;
			return Uint8Array.from(said, letter => letter.charCodeAt(0)).buffer;
		},
	};
}
