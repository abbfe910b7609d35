/** Certificates of authorities that the image brings: the files `certificates/NAME.der` at the time of the build. */
import Resource from "Resource";

/** In DER; empty where the image has none of that name. */
export function readCertificates(name: string): readonly Uint8Array[] {
	const file = `${name}.der`;
	return Resource.exists(file) ? [new Uint8Array(new Resource(file).slice(0))] : [];
}
