/** A board with a cable has no radio. */
import type { AccessPointOptions, Closable } from "../../../ports/ports.js";

export const openAccessPoint: ((options: AccessPointOptions) => Closable) | undefined = undefined;
