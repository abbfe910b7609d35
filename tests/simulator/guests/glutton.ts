/** A guest for the tests of the machine's limits: what it does is told by the first byte of the request. */
export function createGuest() {
	const eaten: unknown[] = [];

	function recurse(depth: number): number {
		return depth + recurse(depth + 1);
	}

	return {
		handle(request: ArrayBuffer): ArrayBuffer {
			switch (new Uint8Array(request)[0]) {
				case 0:
					eaten.push(new Uint8Array(8192));
					break;
				case 1:
					for (;;) eaten.push({ eaten: true });
				case 2:
					recurse(0);
					break;
				case 3:
					void Promise.reject(new Error("nobody listens"));
					break;
				case 4:
					return Float64Array.of(Date.now(), Math.random(), Math.random()).buffer;
				default:
			}
			return request;
		},
	};
}
