/** On a PC the console only speaks: to standard output. */
export function openConsolePort(): null {
	return null;
}
