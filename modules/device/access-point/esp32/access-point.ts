/** The access point port, over our own C beside the SDK's station. */
import type FFI from "mc/ffi";
import type { AccessPointOptions, Closable } from "../../../ports/ports.js";

type OpenAccessPoint = (this: { readonly system: FFI }, options: AccessPointOptions) => Closable;

/** A method of the ports; undefined where the board has none. To be opened after the network, which starts the radio. */
export const openAccessPoint: OpenAccessPoint | undefined = function ({ name, password, portal }) {
	const { system } = this;
	const error = system.smarty_open_access_point(name, password, portal);
	if (error !== 0) throw new Error(`no access point: ESP-IDF's error ${error}`);
	return { close: () => system.smarty_close_access_point() };
};
