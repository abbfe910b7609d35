/**
 * What `import aes from "aes-js"` finds on XS: npm's aes-js 3.1.2 is a CommonJS file, which this makes a module. The import
 * of `scope` comes first. All of it happens while the image is linked. Only what the firmware uses is kept, so that the
 * rest, five tables of 4 KiB among it, stays out of the flash.
 */
import "aes-js/scope";
import "aes-js/index";

interface Package {
	AES: { prototype: { decrypt?: unknown } };
}

const scope = globalThis as { module?: { exports: Package }; exports?: object };
const { AES } = scope.module!.exports;
delete scope.module;
delete scope.exports;
delete AES.prototype.decrypt;

export default Object.freeze({ AES });
