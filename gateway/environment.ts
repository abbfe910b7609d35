/** The gateway's names in the environment: `webPort` is `SMARTY_WEB_PORT`. */

export function environmentName(name: string): string {
	return `SMARTY_${name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`;
}

/**
 * The values of these names, those that are set. A name that begins with `SMARTY_` and is none of them is a mistake, which may leave a
 * door open: it is the complaint.
 */
export function readEnvironment(
	environment: Readonly<Record<string, string | undefined>>,
	names: readonly string[],
): Record<string, string> | string {
	const known = new Map(names.map(name => [environmentName(name), name]));
	const found: Record<string, string> = {};
	for (const [variable, value] of Object.entries(environment)) {
		if (value === undefined || !/^SMARTY_/i.test(variable)) continue;
		const name = known.get(variable);
		if (name === undefined) return `there is no setting ${variable}${suggest(variable, [...known.keys()])}`;
		found[name] = value;
	}
	return found;
}

function suggest(variable: string, known: readonly string[]): string {
	const bare = (text: string) => text.replaceAll("_", "").toUpperCase();
	const meant = known.find(name => bare(name) === bare(variable));
	if (meant !== undefined) return `; it is ${meant}`;
	const near = known
		.filter(name => name.slice(0, 15) === variable.toUpperCase().slice(0, 15))
		.sort((one, other) => one.length - other.length)[0];
	return near === undefined ? "; docs/settings.md has all names" : `; is ${near} meant?`;
}
