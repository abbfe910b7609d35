/** The access point port, over our own C beside the SDK's station. */
import type FFI from "mc/ffi";
import type { AccessPointOptions, Closable } from "../../../ports/ports.js";

type OpenAccessPoint = (this: { readonly system: FFI }, options: AccessPointOptions) => Closable;

/** A method by its form, which has no prototype in flash, unlike a function with a `this`. */
const form: { readonly open: OpenAccessPoint } = Object.freeze({
	open(this: { readonly system: FFI }, { name, password, portal }: AccessPointOptions): Closable {
		const { system } = this;
		const error = system.smarty_open_access_point(name, password, portal);
		if (error !== 0) throw new Error(`no access point: ESP-IDF's error ${error}`);
		return { close: () => system.smarty_close_access_point() };
	},
});

/** A method of the ports; undefined where the board has none. To be opened after the network, which starts the radio. */
export const openAccessPoint: OpenAccessPoint | undefined = form.open;
