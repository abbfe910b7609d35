/** Reads the words of a command line. */
import { type ParseArgsConfig, parseArgs } from "node:util";
/** The values of options by name, or one line that says what is wrong and repeats no word that stands alone. */
export function parseWords(
	words: readonly string[],
	options: NonNullable<ParseArgsConfig["options"]>,
): Record<string, string | boolean | undefined> | string {
	try {
		const { values, tokens } = parseArgs({ args: [...words], options, allowPositionals: true, tokens: true });
		const alone = tokens.find(({ kind }) => kind === "positional");
		// Node's own message would repeat it: it may be a part of a key or a password.
		if (alone !== undefined) {
			return `word ${alone.index + 1} stands without an option before it; a value with spaces needs quotes`;
		}
		// No option here may come more than once, so that no value is a list.
		return values as Record<string, string | boolean | undefined>;
	} catch (error) {
		// The first sentence of Node's complaint.
		return (error as Error).message.split(/\.(?:\s|$)|\n/)[0]!;
	}
}
