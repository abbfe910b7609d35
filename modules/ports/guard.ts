/** Where exceptions end: XS restarts the device after one that nobody caught, and the SDK's classes do not survive one either. */

/** Runs `work`; true when it threw nothing. What it throws goes to `onException` and no further. */
export function attempt(work: () => void, onException: (error: unknown) => void): boolean {
	try {
		work();
		return true;
	} catch (error) {
		onException(error);
		return false;
	}
}

/** Runs the handler of an event. */
export type Guard = (handle: () => void) => boolean;

export function createGuard(onException: (error: unknown) => void): Guard {
	return handle => attempt(handle, onException);
}
