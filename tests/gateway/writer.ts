/** A program that is killed while it writes: values and entries in flash, as fast as it can. It prints what is kept. */

import { openFileFlash } from "../../gateway/flash.js";
import { createFileStore } from "../../gateway/store.js";
import { beginSector, hasRoom, openArchive, writeEntry } from "../../modules/history/archive.js";

const path = process.argv[2]!;
const complain = (text: string) => {
	throw new Error(text);
};
const store = createFileStore(path, complain);
const archive = openArchive(openFileFlash(`${path}.flash`, complain)!);
for (let count = Number(store.read("boots") ?? "0") + 1; ; count += 1) {
	store.write("boots", String(count));
	if (!hasRoom(archive, 4)) beginSector(archive);
	writeEntry(archive, 2, Uint8Array.of(count & 0xff, (count >> 8) & 0xff, (count >> 16) & 0xff, 0));
	process.stdout.write(`${count}\n`);
}
