/** A key out of a file, so that it is in no argument list. */
import { readFileSync } from "node:fs";

/** What to say, once, where a secret stands in the arguments. */
export const exposedSecret =
	"a secret in the arguments is seen by everyone on this computer, and npm keeps it in a log; better: SMARTY_KEY=…, or --key-file FILE";

/** The file's only line, without what is around it. A complaint names the file and repeats nothing of it. */
export function readKeyFile(path: string): { key: string } | string {
	let text: string;
	try {
		text = readFileSync(path, "utf8").trim();
	} catch (error) {
		return `--key-file ${path}: ${(error as NodeJS.ErrnoException).code}`;
	}
	if (text === "") return `--key-file ${path} is empty`;
	if (text.includes("\n")) return `--key-file ${path} has more than one line; the key alone is to be in it`;
	return { key: text };
}
