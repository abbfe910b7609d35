/** Runs an event's handler; what it throws is counted, never let out into the SDK, where it would end the program. */
export type Guard = (handle: () => void) => void;

export function createGuard(onException: (error: unknown) => void): Guard {
	return handle => {
		try {
			handle();
		} catch (error) {
			onException(error);
		}
	};
}
