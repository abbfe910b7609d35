/** Where exceptions end: XS restarts the device after one that nobody caught, and the SDK's classes do not survive one either. */

/** Runs `work` on its subject; true when it threw nothing. What it throws goes to `onException` and no further. */
export function attempt<Subject>(
	work: (subject: Subject) => void,
	onException: (error: unknown) => void,
	subject?: Subject,
): boolean {
	try {
		work(subject as Subject);
		return true;
	} catch (error) {
		onException(error);
		return false;
	}
}

/** Runs the handler of an event on its subject. What comes often is a function of a module: one that is made for the call takes memory. */
export type Guard = <Subject>(handle: (subject: Subject) => void, subject?: Subject) => boolean;

export function createGuard(onException: (error: unknown) => void): Guard {
	return (handle, subject) => attempt(handle, onException, subject);
}
