/** The access point port, over our own C beside the SDK's station. */
import FFI from "mc/ffi";
import type { AccessPointOptions, Closable } from "../../../ports/ports.js";

const accessPoint: Closable = Object.freeze({
	close(): void {
		new FFI().smarty_close_access_point();
	},
});

/** Undefined where the board has none. To be opened after the network, which starts the radio. */
export const openAccessPoint: ((options: AccessPointOptions) => Closable) | undefined = ({
	name,
	password,
	portal,
}) => {
	const error = new FFI().smarty_open_access_point(name, password, portal);
	if (error !== 0) throw new Error(`no access point: ESP-IDF's error ${error}`);
	return accessPoint;
};
