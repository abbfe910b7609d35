/** A cable between a meter and a gateway, made of two pseudo terminals. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { waitUntil } from "../support/wait.js";
import { type Child, startChild } from "./process.js";

/** One end is for the meter, the other for the gateway. */
export interface Cable {
	readonly cable: Child;
	readonly meterEnd: string;
	readonly readerEnd: string;
}

export async function layCable(folder: string, name: string): Promise<Cable> {
	const meterEnd = join(folder, `${name}-meter`);
	const readerEnd = join(folder, `${name}-reader`);
	const end = (path: string) => `pty,raw,echo=0,b115200,link=${path}`;
	const cable = startChild("socat", [end(meterEnd), end(readerEnd)]);
	await waitUntil("a cable", () => [meterEnd, readerEnd].every(path => statSync(path, { throwIfNoEntry: false })));
	return { cable, meterEnd, readerEnd };
}
