/** Globals of XS, the JavaScript engine of the Moddable SDK, beyond ECMAScript. */

/** Writes to the debugger; on Linux to standard output. A release on the ESP32 says nothing. */
declare function trace(...values: unknown[]): void;

/** The C function that frees the object of a native class. */
// biome-ignore lint/suspicious/noExplicitAny: a base class whose constructor takes what its C function takes
declare function Native(destructor: string): new (...options: any[]) => object;

/** A C function; xsc binds it when the call is the whole body of a method. */
declare function native(name: string): {
	// biome-ignore lint/suspicious/noExplicitAny: a C function returns what its TypeScript method says
	call(self: unknown, ...values: unknown[]): any;
};

interface ArrayBufferConstructor {
	/** UTF-8. */
	fromString(text: string): ArrayBuffer;
}

interface StringConstructor {
	/** Throws on bytes that are not UTF-8. Takes no view. */
	fromArrayBuffer(bytes: ArrayBuffer): string;
}

/** Only on Linux: the window of the simulator, which the headless host has not; `exit:0` ends the run. */
declare var screen: { postMessage(text: string): void } | undefined;

/** Called before XS gives up, with `defines.xs.abortHook`. `false` goes on where that can be. */
declare var abort: ((reason: string, error?: unknown) => boolean | undefined) | undefined;
