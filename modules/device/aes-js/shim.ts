/**
 * What `import aes from "aes-js"` finds on XS: npm's aes-js 3.1.2 is a CommonJS file, which this makes a module. The import
 * of `scope` comes first. All of it happens while the image is linked. Only what the firmware uses is kept, so that the
 * rest, nine tables of 4 KiB among it, stays out of the flash.
 */
import "aes-js/scope";
import "aes-js/index";
import { type Encrypt, expandKey } from "aes-js/expansion";

interface Cipher {
	readonly key: Uint8Array;
	_Ke: number[][];
}

interface Package {
	AES: { prototype: { encrypt: Encrypt; decrypt?: unknown; _prepare(this: Cipher): void } };
}

const scope = globalThis as { module?: { exports: Package }; exports?: object };
const { AES } = scope.module!.exports;
delete scope.module;
delete scope.exports;
delete AES.prototype.decrypt;
AES.prototype._prepare = function () {
	this._Ke = expandKey(this.key, AES.prototype.encrypt);
};

export default Object.freeze({ AES });
