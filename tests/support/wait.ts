/** Waiting for what other processes do. */

/** Only ends what hangs. What is waited for takes seconds at most, and a minute where twenty programs share the processor. */
const hangMs = 300_000;
const lookMs = 20;

/** Looks again and again until `look` gives something. `describe` adds to the message what there is instead. */
export async function waitUntil<T>(
	what: string,
	look: () => Promise<T | null | false> | T | null | false,
	describe: () => string = () => "",
): Promise<T> {
	for (const end = performance.now() + hangMs; ; ) {
		const found = await look();
		if (found !== null && found !== false) return found;
		if (performance.now() > end) throw new Error(`never: ${what}${describe()}`);
		await pause(lookMs);
	}
}

/** Waits until `count` has been the same for a while: what was to happen has happened. */
export async function waitUntilQuiet(what: string, count: () => number): Promise<void> {
	let before = -1;
	await waitUntil(what, async () => {
		const now = count();
		if (now === before) return true;
		before = now;
		await pause(500);
		return false;
	});
}

function pause(milliseconds: number): Promise<void> {
	return new Promise(resolve => setTimeout(resolve, milliseconds));
}
