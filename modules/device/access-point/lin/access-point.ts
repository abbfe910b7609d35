/** The Linux build has no radio of its own. */
import type { AccessPointOptions, Closable } from "../../../ports/ports.js";

export const openAccessPoint: ((options: AccessPointOptions) => Closable) | undefined = undefined;
