/** Files that the image brings: the web page, and the certificates of authorities, which are `certificates/NAME.der` at the time of the build. */
import Resource from "Resource";

/** Where it lies in flash: nothing is copied. */
export function readResource(name: string): Uint8Array | null {
	return Resource.exists(name) ? new Uint8Array(new Resource(name)) : null;
}

/** In DER; empty where the image has none of that name. */
export function readCertificates(name: string): readonly Uint8Array[] {
	const file = `${name}.der`;
	return Resource.exists(file) ? [new Uint8Array(new Resource(file).slice(0))] : [];
}
